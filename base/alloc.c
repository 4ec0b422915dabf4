// SPDX-License-Identifier: MIT
/* alloc.c: see alloc.h. */
#include "base/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *must(void *p)
{
    if (p == NULL) {
        (void)fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

void *xnew(size_t size)
{
    return must(calloc(1, size));
}

void *xresize(void *p, size_t n, size_t size)
{
    return must(reallocarray(p, n, size));
}

char *xcopy(const char *s)
{
    return must(strdup(s));
}
