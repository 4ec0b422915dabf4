// SPDX-License-Identifier: MIT
/* text.c: see text.h. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_over(char *buf, size_t cap)
{
    buf[0] = '\0';
    return (struct text){.buf = buf, .cap = cap};
}

void text_add(struct text *t, const char *fmt, ...)
{
    va_list ap;
    size_t left = t->cap - t->len;

    va_start(ap, fmt);
    int n = vsnprintf(t->buf + t->len, left, fmt, ap);
    va_end(ap);
    if (n > 0)
        t->len += (size_t)n < left ? (size_t)n : left - 1;
}
