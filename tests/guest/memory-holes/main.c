// SPDX-License-Identifier: MIT
/* memory-holes: an event gets what lies above init()'s blocks, then what init() freed
 * among them; and these grow. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <unifaas.h>

#define EACH  20000u
#define COUNT 50u

static char *block[COUNT];

int init(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        block[i] = malloc(EACH);
        if (block[i] == NULL)
            return 1;
        memset(block[i], 'i', EACH);
    }
    for (unsigned i = 1; i < COUNT; i += 2)
        free(block[i]);
    return 0;
}

static bool is_filled(const char *p, size_t n, char c)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != c)
            return false;
    return true;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    char *low = block[0];
    unsigned above = 0;
    unsigned holes = 0;
    char *p;

    (void)event;
    /* It would fit among them. */
    p = malloc(EACH / 2);
    if (p < block[COUNT - 2])
        return 5;
    free(p);
    block[0] = realloc(block[0], 3 * EACH);
    if (block[0] == NULL || !is_filled(block[0], EACH, 'i') || block[0] == low)
        return 1;
    block[0][3 * EACH - 1] = 'h';
    while ((p = calloc(1, EACH - 100)) != NULL) {
        if (!is_filled(p, EACH - 100, 0))
            return 2;
        memset(p, 'h', EACH - 100);
        *(p < block[COUNT - 2] ? &holes : &above) += 1;
    }
    for (unsigned i = 2; i < COUNT; i += 2)
        if (!is_filled(block[i], EACH, 'i'))
            return 3;
    block[2] = realloc(block[2], 10);
    if (block[2] == NULL || !is_filled(block[2], 10, 'i'))
        return 4;
    return uf_respond_printf(response, "%u holes, %s above", holes, above > 10 ? "many" : "few");
}
