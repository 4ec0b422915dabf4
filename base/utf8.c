// SPDX-License-Identifier: MIT
/* utf8.c: see utf8.h. */
#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* Well-formed sequences by their first byte: what the second may be, and how
 * many follow it (The Unicode Standard, table 3-7). */
static const struct {
    uint8_t first_min, first_max, second_min, second_max, more;
} forms[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 0x80, 0xbf, 1}, {0xe0, 0xe0, 0xa0, 0xbf, 2},
    {0xe1, 0xec, 0x80, 0xbf, 2}, {0xed, 0xed, 0x80, 0x9f, 2}, {0xee, 0xef, 0x80, 0xbf, 2},
    {0xf0, 0xf0, 0x90, 0xbf, 3}, {0xf1, 0xf3, 0x80, 0xbf, 3}, {0xf4, 0xf4, 0x80, 0x8f, 3},
};

size_t utf8_length(const char *p, size_t left)
{
    const uint8_t *s = (const uint8_t *)p;

    for (size_t i = 0; left > 0 && i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t n = 1 + (size_t)forms[i].more;

        if (s[0] < forms[i].first_min || s[0] > forms[i].first_max)
            continue;
        if (n > left || (n > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max)))
            return 0;
        for (size_t k = 2; k < n; k++)
            if (s[k] < 0x80 || s[k] > 0xbf)
                return 0;
        return n;
    }
    return 0;
}

/* U+0080 to U+009F are C2 80 to C2 9F. */
static bool is_control(const char *p, size_t n)
{
    const uint8_t *s = (const uint8_t *)p;

    return n == 1 ? s[0] < ' ' || s[0] == 0x7f : s[0] == 0xc2 && s[1] < 0xa0;
}

bool utf8_is_well_formed(const char *text, size_t size)
{
    for (size_t i = 0, n; i < size; i += n) {
        n = utf8_length(text + i, size - i);
        if (n == 0)
            return false;
    }
    return true;
}

bool utf8_is_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size;) {
        size_t n = utf8_length(text + i, size - i);

        if (n == 0 || is_control(text + i, n))
            return false;
        i += n;
    }
    return true;
}

void utf8_mend(char *text, size_t size, const char *but)
{
    for (size_t i = 0, n; i < size; i += n) {
        n = utf8_length(text + i, size - i);
        bool is_kept =
            n > 0 && (!is_control(text + i, n) || memchr(but, text[i], strlen(but)) != NULL);
        n = n > 0 ? n : 1;
        if (!is_kept)
            memset(text + i, '?', n);
    }
}

size_t utf8_whole(const char *text, size_t size)
{
    size_t last = 1;

    while (last < 4 && last < size && ((uint8_t)text[size - last] & 0xc0) == 0x80)
        last++;
    if (size == 0 || (uint8_t)text[size - last] < 0xc0)
        return size;
    return utf8_length(text + size - last, last) > 0 ? size : size - last;
}
