// SPDX-License-Identifier: MIT
/* stats.c: see stats.h. */
#include "cli/stats.h"

#include <stdlib.h>

#include "base/alloc.h"

void series_add(struct series *s, uint64_t v)
{
    /* Grown by doubling: full exactly when n is 0 or a power of two. */
    if ((s->n & (s->n - 1)) == 0)
        s->at = xresize(s->at, s->n == 0 ? 1 : 2 * s->n, sizeof(s->at[0]));
    s->at[s->n++] = v;
}

static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

uint64_t series_permille(struct series *s, unsigned permille)
{
    if (s->n == 0)
        return 0;
    qsort(s->at, s->n, sizeof(s->at[0]), ascending);
    size_t i = (s->n * permille + 999) / 1000;
    return s->at[i > 0 ? i - 1 : 0];
}

void series_fini(struct series *s)
{
    free(s->at);
    *s = (struct series){0};
}
