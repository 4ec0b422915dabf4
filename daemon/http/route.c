// SPDX-License-Identifier: MIT
/* route.c: see route.h. */
#include "daemon/http/route.h"

#include <string.h>

#include "base/text.h"

static bool fits_path(const struct http_route *r, const char *path)
{
    size_t len = strlen(r->path);

    if (len > 1 && r->path[len - 1] == '/')
        return strncmp(path, r->path, len) == 0;
    return strcmp(path, r->path) == 0;
}

/* HEAD is GET without the body, which is left out on the way. */
static bool fits_method(const struct http_route *r, const char *method)
{
    return r->method == NULL || strcmp(r->method, method) == 0 ||
           (strcmp(r->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

const struct http_route *route_find(const struct http_route *routes, size_t n, const char *method,
                                    const char *path, char allow[static ROUTE_ALLOW_MAX])
{
    struct text t = text_over(allow, ROUTE_ALLOW_MAX);

    for (size_t i = 0; i < n; i++) {
        if (!fits_path(&routes[i], path))
            continue;
        if (fits_method(&routes[i], method)) {
            allow[0] = '\0';
            return &routes[i];
        }
        text_add(&t, "%s%s", t.len > 0 ? ", " : "", routes[i].method);
    }
    return NULL;
}
