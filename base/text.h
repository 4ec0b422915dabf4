// SPDX-License-Identifier: MIT
/*
 * text.h: build a string in a fixed buffer. What doesn't fit is cut; nothing
 * is allocated.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>

struct text {
    char *buf; /* always NUL-terminated */
    size_t cap;
    size_t len; /* without the NUL; len < cap */
};

/* cap is at least 1. */
struct text text_over(char *buf, size_t cap);

void text_add(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
