// SPDX-License-Identifier: MIT
/* base64.c: see base64.h. */
#include "engine/base64.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

int base64_decode(const char *text, size_t len, unsigned char *out, size_t cap, size_t *size)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

    for (size_t i = 0; i < len; i++)
        if (memchr(allowed, text[i], sizeof(allowed) - 1) == NULL)
            return -EINVAL;
    return sodium_base642bin(out, cap, text, len, NULL, size, NULL,
                             sodium_base64_VARIANT_ORIGINAL) == 0
               ? 0
               : -EINVAL;
}
