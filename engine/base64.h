// SPDX-License-Identifier: MIT
/* base64.h: base64 from strangers (RFC 4648, 4), read strictly. */
#ifndef ENGINE_BASE64_H
#define ENGINE_BASE64_H

#include <stddef.h>

/*
 * Decode len characters: those of the alphabet, padded, and nothing else. libsodium
 * alone would take some bytes above 127 for others.
 *
 * Returns  0 and *size, at most cap; or -EINVAL, and out holds nothing that means
 *          anything.
 */
int base64_decode(const char *text, size_t len, unsigned char *out, size_t cap, size_t *size);

#endif
