// SPDX-License-Identifier: MIT
/* route.h: which route a method and a path belong to. Pure. */
#ifndef DAEMON_HTTP_ROUTE_H
#define DAEMON_HTTP_ROUTE_H

#include "daemon/http/http.h"

#define ROUTE_ALLOW_MAX 96

/*
 * Find the first route that fits.
 *
 * allow    when none fits but others have the path: their methods, "GET, PUT",
 *          for the Allow header; else "".
 * Returns  the route, or NULL: 405 when allow is not empty, else 404.
 */
const struct http_route *route_find(const struct http_route *routes, size_t n, const char *method,
                                    const char *path, char allow[static ROUTE_ALLOW_MAX]);

#endif
