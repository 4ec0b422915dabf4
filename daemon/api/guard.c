// SPDX-License-Identifier: MIT
/*
 * guard.c: keeps web pages away from /system.
 *
 * There is no password in front of a daemon on a loopback address: whoever can
 * connect may deploy. But a browser connects on behalf of any page it shows.
 * Two things give such a request away: an Origin that is not the host it was
 * sent to; and, when a page's own host name was pointed at 127.0.0.1, a Host
 * that is no name of this machine's loopback.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/api/api.h"

/* The host of "host:port" or "[v6]:port". False: too long. */
static bool host_part(const char *host, char *out, size_t cap)
{
    bool is_bracketed = host[0] == '[';
    const char *from = is_bracketed ? host + 1 : host;
    size_t len = strcspn(from, is_bracketed ? "]" : ":");

    if (len >= cap)
        return false;
    memcpy(out, from, len);
    out[len] = '\0';
    return true;
}

bool guard_host_is_local(const char *host)
{
    char name[256];
    struct in_addr v4;
    struct in6_addr v6;

    if (!host_part(host, name, sizeof(name)))
        return false;
    if (strcasecmp(name, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool guard_same_origin(const char *origin, const char *host)
{
    const char *at = strstr(origin, "://");

    return at != NULL && strcasecmp(at + 3, host) == 0;
}

void api_guard(struct http_request *r)
{
    const struct api *a = api_of(r);
    const char *host = http_header(r, "Host");
    const char *origin = http_header(r, "Origin");

    if (a->is_local && host != NULL && !guard_host_is_local(host))
        http_text(r, 403, "this daemon is for this machine: ask for localhost, not %.100s\n", host);
    else if (origin != NULL && (host == NULL || !guard_same_origin(origin, host)))
        http_text(r, 403, "requests on behalf of another web site (%.100s) are refused\n", origin);
    else
        return;
    r->is_refused = true;
}
