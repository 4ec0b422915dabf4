// SPDX-License-Identifier: MIT
/*
 * allow.h: which URLs a function may fetch: the patterns under `allow` in its
 * manifest.
 *
 *	https://api.example.org/v1/STAR	what begins with /v1/
 *	http://10.0.0.7:8123/state	that path, whatever its query
 *	https://STAR.example.org/STAR	every host below example.org, not itself
 *
 * (STAR is an asterisk, which cannot stand after a slash here.) Everything that
 * matches none is denied. A URL that servers, proxies and libraries are known to
 * read in more than one way matches nothing: names of users, fragments,
 * backslashes, bytes that no URL has, `.` and `..` in a path, and escapes that
 * hide a slash, a dot, a percent sign or a control character. Pure.
 */
#ifndef ENGINE_ALLOW_H
#define ENGINE_ALLOW_H

#include <stdbool.h>

#include "base/err.h"

#define ALLOW_PATTERN_MAX 1024u /* bytes */

/* Is it a pattern? 0, or -EINVAL with what is wrong with it. */
int allow_check(const char *pattern, struct uf_err *err);

/*
 * May a URL be fetched, as far as this pattern goes?
 *
 * Scheme and port are equal (the port is the scheme's unless written), the host
 * is, whatever the case of its letters, and so is the path: up to the asterisk
 * if there is one. A pattern that allow_check() refuses matches nothing.
 */
bool allow_match(const char *pattern, const char *url);

#endif
