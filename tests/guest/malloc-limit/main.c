// SPDX-License-Identifier: MIT
/* malloc-limit: malloc gives NULL at the limit, and what was freed can be had again. */
#include <errno.h>
#include <stdlib.h>

#include "../check.h"

static void *all[200];

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    int n = 0;

    errno = 0;
    while (n < 200 && (all[n] = malloc(100000)) != NULL)
        n++;
    CHECK(response, n > 70 && n < 84);
    CHECK(response, errno == ENOMEM);
    CHECK(response, malloc(100000) == NULL);
    for (int i = 0; i < n; i += 2)
        free(all[i]);
    for (int i = 1; i < n; i += 2)
        free(all[i]);
    void *whole = malloc(7000000);
    CHECK(response, whole != NULL);
    free(whole);
    CHECK(response, malloc((size_t)-1) == NULL);
    CHECK(response, calloc((size_t)-1, 2) == NULL);
    CHECK(response, realloc(NULL, (size_t)1 << 40) == NULL);
    return finish(response);
}
