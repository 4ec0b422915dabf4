// SPDX-License-Identifier: MIT
/* utf8.h: what is text and what is not (RFC 3629). Pure. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at p, of which `left` can be read: 1 to 4, or
 * 0 when there is none. */
size_t utf8_length(const char *p, size_t left);

/* Nothing but well-formed characters: what JSON can carry. */
bool utf8_is_well_formed(const char *text, size_t size);

/* Well-formed, and without control characters: C0, DEL and C1. */
bool utf8_is_plain(const char *text, size_t size);

/* Replace by '?' every byte of what is not plain, but the control characters in `but`. */
void utf8_mend(char *text, size_t size, const char *but);

/* Of text that was cut after size bytes: how many of them are whole characters, when the
 * last one was cut as well. */
size_t utf8_whole(const char *text, size_t size);

#endif
