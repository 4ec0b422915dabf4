// SPDX-License-Identifier: MIT
/* query.h: parameters of a query string. Pure. */
#ifndef DAEMON_HTTP_QUERY_H
#define DAEMON_HTTP_QUERY_H

#include <stddef.h>

/*
 * Find a parameter and decode it (%41 and +).
 *
 * out      cap bytes; "" when the parameter is there without a value.
 * Returns  1, 0 when it is not there (out is ""), or -EINVAL when it is longer
 *          than cap allows, badly encoded, or has a NUL.
 */
int query_get(const char *query, const char *name, char *out, size_t cap);

#endif
