// SPDX-License-Identifier: MIT
/* query.h: what is encoded in a URL: parameters of its query, parts of its path. Pure. */
#ifndef DAEMON_HTTP_QUERY_H
#define DAEMON_HTTP_QUERY_H

#include <stddef.h>

/*
 * Find a parameter and decode it (%41 and +).
 *
 * out      cap bytes; "" when the parameter is there without a value.
 * Returns  1, 0 when it is not there (out is ""), or -EINVAL when it is longer
 *          than cap allows, badly encoded, or has a NUL (out is "" as well).
 */
int query_get(const char *query, const char *name, char *out, size_t cap);

/* The first parameter whose name is none of `known`, which has blanks between them: it
 * begins there and has *size bytes. NULL: there is none. */
const char *query_unknown(const char *query, const char *known, size_t *size);

/*
 * Decode a part of a path (%41; a plus is a plus).
 *
 * Returns  1 and out, or -EINVAL as query_get().
 */
int query_decode_path(const char *part, char *out, size_t cap);

#endif
