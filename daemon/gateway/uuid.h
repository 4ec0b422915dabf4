// SPDX-License-Identifier: MIT
/* uuid.h: random identifiers (RFC 9562, version 4). */
#ifndef DAEMON_GATEWAY_UUID_H
#define DAEMON_GATEWAY_UUID_H

#include <stdint.h>

#define UUID_TEXT 37 /* with its NUL */

/* 16 random bytes as a version 4 UUID. Pure. */
void uuid_format(char out[static UUID_TEXT], const uint8_t random[static 16]);

/* A new one. From the system's random numbers. */
void uuid_make(char out[static UUID_TEXT]);

#endif
