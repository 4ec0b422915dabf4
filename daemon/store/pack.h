// SPDX-License-Identifier: MIT
/*
 * pack.h: names that are mostly digits, as columns of fewer bytes. Pure but for the
 * statement.
 *
 *	0190a1b2-....-............    16 bytes   a UUID in lower case
 *	00-TRACE-SPAN-FLAGS           25 bytes   a traceparent
 *	HEX                           half       lower case, an even number of digits
 *
 * What has another form is kept as text, "" as NULL; reading gives the same text
 * again.
 */
#ifndef DAEMON_STORE_PACK_H
#define DAEMON_STORE_PACK_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#define PACK_UUID  16u /* bytes */
#define PACK_TRACE 25u /* bytes */

void pack_bind_uuid(sqlite3_stmt *st, int at, const char *text);
void pack_bind_trace(sqlite3_stmt *st, int at, const char *text);
void pack_bind_hex(sqlite3_stmt *st, int at, const char *text);

/* cap: bytes of out, which is always a string; what does not fit is cut. */
void pack_read_uuid(sqlite3_stmt *st, int at, char *out, size_t cap);
void pack_read_trace(sqlite3_stmt *st, int at, char *out, size_t cap);
void pack_read_hex(sqlite3_stmt *st, int at, char *out, size_t cap);
/* A column that is text or NULL. */
void pack_read_text(sqlite3_stmt *st, int at, char *out, size_t cap);

#endif
