// SPDX-License-Identifier: MIT
/* admit.h: a request and its credential: let it go on, or answer it. */
#ifndef DAEMON_AUTH_ADMIT_H
#define DAEMON_AUTH_ADMIT_H

#include "daemon/auth/auth.h"
#include "daemon/http/http.h"

/*
 * Only the administrator gets further: go(r) follows, perhaps at once, or the
 * request is answered 401, or 429 while too many wrong passwords come.
 *
 * From a route's serve. go() must not rely on anything but r.
 */
void admit(struct auth *a, struct http_request *r, void (*go)(struct http_request *r));

/* The same from a route's check; what goes on is the request. */
void admit_check(struct auth *a, struct http_request *r);

#endif
