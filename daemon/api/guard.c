// SPDX-License-Identifier: MIT
/* guard.c: what tells a web page's request from others; see check.c. Pure. */
#include <arpa/inet.h>
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
