// SPDX-License-Identifier: MIT
/* utf8.c: see utf8.h. */
#include "daemon/record/utf8.h"

#include <stdbool.h>
#include <stdint.h>

/* Well-formed sequences by their first byte: what the second may be, and how
 * many follow it (The Unicode Standard, table 3-7). */
static const struct {
    uint8_t first_min, first_max, second_min, second_max, more;
} forms[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1}, {0xe1, 0xec, 0x80, 0xbf, 1},
    {0xed, 0xed, 0x80, 0x9f, 1}, {0xee, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf0, 0x90, 0xbf, 2},
    {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2},
};

/* Bytes of the well-formed sequence of two or more at s, or 0. */
static size_t sequence(const uint8_t *s, size_t len)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t n = 2 + (size_t)forms[i].more;

        if (s[0] < forms[i].first_min || s[0] > forms[i].first_max)
            continue;
        if (n > len || s[1] < forms[i].second_min || s[1] > forms[i].second_max)
            return 0;
        for (size_t k = 2; k < n; k++)
            if (s[k] < 0x80 || s[k] > 0xbf)
                return 0;
        return n;
    }
    return 0;
}

static bool is_plain(uint8_t c)
{
    return (c >= ' ' && c < 0x7f) || c == '\t';
}

void utf8_mend(char *text, size_t len)
{
    uint8_t *s = (uint8_t *)text;

    for (size_t i = 0; i < len;) {
        size_t n = is_plain(s[i]) ? 1 : sequence(s + i, len - i);

        if (n == 0)
            s[i] = '?';
        i += n == 0 ? 1 : n;
    }
}
