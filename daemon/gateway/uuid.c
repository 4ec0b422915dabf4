// SPDX-License-Identifier: MIT
/* uuid.c: see uuid.h. */
#include "daemon/gateway/uuid.h"

#include <string.h>

#include <sodium.h>

void uuid_format(char out[static UUID_TEXT], const uint8_t random[static 16])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t b[16];
    char *p = out;

    memcpy(b, random, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40); /* version 4 */
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80); /* variant 10 */
    for (unsigned i = 0; i < sizeof(b); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = digits[b[i] >> 4];
        *p++ = digits[b[i] & 15];
    }
    *p = '\0';
}

void uuid_make(char out[static UUID_TEXT])
{
    uint8_t random[16];

    randombytes_buf(random, sizeof(random));
    uuid_format(out, random);
}
