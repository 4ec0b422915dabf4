// SPDX-License-Identifier: MIT
/* memory-much: what a large event used is given back, and is as new for the next. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "../check.h"

#define MUCH (5u << 20) /* bytes; more than an instance keeps */
#define MADE (256u << 10)

static uint8_t zero[MUCH];
static uint32_t made[MADE / 4]; /* by init: it comes back from the snapshot */
static int data = 1;

int init(void)
{
    for (uint32_t i = 0; i < MADE / 4; i++)
        made[i] = i * 2654435761u;
    return 0;
}

static bool is_new(void)
{
    for (uint32_t i = 0; i < MUCH; i += 512)
        if (zero[i] != 0)
            return false;
    for (uint32_t i = 0; i < MADE / 4; i++)
        if (made[i] != i * 2654435761u)
            return false;
    return data == 1;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    /* What is only read may be restored as well, where the kernel can't tell. */
    if (strcmp(uf_event_body(event), "little") == 0)
        return finish(response);
    CHECK(response, is_new());
    if (strcmp(uf_event_body(event), "much") == 0) {
        memset(zero, 0xa5, sizeof(zero));
        memset(made, 0xa5, sizeof(made));
        data = 2;
    }
    return finish(response);
}
