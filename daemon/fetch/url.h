// SPDX-License-Identifier: MIT
/*
 * url.h: the URL of another service, read once and strictly. Pure.
 *
 * What a function asks for, or a server redirects to, is compared with what is
 * allowed and then given to libcurl. Both see the text that is made here, in which
 * nothing is left to read in two ways: scheme and host in lower case, no user,
 * fragment, default port or dot segment, addresses as they are usually written.
 * Text that servers and clients are known to take differently is refused.
 */
#ifndef DAEMON_FETCH_URL_H
#define DAEMON_FETCH_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define URL_MAX      4096u /* bytes of a URL, with its NUL */
#define URL_HOST_MAX 254u  /* of its host, likewise        */

struct url {
    char text[URL_MAX];      /* "https://host:444/path?query"                */
    char host[URL_HOST_MAX]; /* "host", or an address without brackets       */
    size_t origin;           /* bytes of text up to the path                 */
    uint16_t port;
    bool is_https;
    bool is_address; /* host is an IP address             */
};

/*
 * Read a URL.
 *
 * Returns  0 and *out, or -EINVAL with what is wrong in err.
 */
int url_parse(const char *text, struct url *out, struct uf_err *err);

/* Scheme, host and port are the same. */
bool url_is_same_origin(const struct url *a, const struct url *b);

#endif
