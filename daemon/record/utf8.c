// SPDX-License-Identifier: MIT
/* utf8.c: see utf8.h. */
#include "daemon/record/utf8.h"

#include <stdbool.h>

#include "base/utf8.h"

static bool is_control(unsigned char c)
{
    return (c < ' ' && c != '\t') || c == 0x7f;
}

void utf8_mend(char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t n = is_control((unsigned char)text[i]) ? 0 : utf8_length(text + i, len - i);

        if (n == 0)
            text[i] = '?';
        i += n == 0 ? 1 : n;
    }
}
