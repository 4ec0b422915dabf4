// SPDX-License-Identifier: MIT
/*
 * check.c: who gets to /system.
 *
 * A browser connects on behalf of any page it shows, and adds the password once its
 * user has typed it; where there is none, whoever can connect may deploy. Two things
 * give such a request away: an Origin that is not the host it was sent to; and, when a
 * page's own host name was pointed at 127.0.0.1, a Host that is no name of this
 * machine's loopback.
 */
#include "daemon/api/api.h"
#include "daemon/http/query.h"

static bool is_from_a_page(struct http_request *r)
{
    const struct api *a = api_of(r);
    const char *host = http_header(r, "Host");
    const char *origin = http_header(r, "Origin");

    if (a->is_local && host != NULL && !guard_host_is_local(host))
        http_text(r, 403, "this daemon is for this machine: ask for localhost, not %.100s\n", host);
    else if (origin != NULL && (host == NULL || !guard_same_origin(origin, host)))
        http_text(r, 403, "requests on behalf of another web site (%.100s) are refused\n", origin);
    else
        return false;
    return true;
}

/* One that is misspelt would be as if it were not there. */
static bool has_unknown(struct http_request *r)
{
    const char *known = r->route->query;
    size_t size = 0;
    const char *it = known == NULL ? NULL : query_unknown(r->query, known, &size);

    if (it != NULL)
        http_text(r, 400, "unknown parameter \"%.*s\"; this knows: %s\n",
                  size < 64 ? (int)size : 64, it, known);
    return it != NULL;
}

void api_check(struct http_request *r)
{
    if (is_from_a_page(r) || has_unknown(r))
        http_refuse(r);
    else
        admit_check(api_of(r)->auth, r);
}

void api_check_password(struct http_request *r)
{
    admit_check(api_of(r)->auth, r);
}
