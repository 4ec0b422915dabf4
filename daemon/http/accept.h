// SPDX-License-Identifier: MIT
/*
 * accept.h: new connections, for http.c only.
 *
 * Accepted here and not by libmicrohttpd: when no descriptor is left it would
 * ask again without end, and after it once had as many connections as it may,
 * it would hear of new ones only with the next event on an old one. Here the
 * listener leaves the loop meanwhile; clients wait in the kernel's queue.
 */
#ifndef DAEMON_HTTP_ACCEPT_H
#define DAEMON_HTTP_ACCEPT_H

#include "daemon/http/http.h"

/* Needs h->mhd and h->loop. Owns the listener from here on, also on failure. */
int accept_start(struct http *h, const struct http_options *o, struct uf_err *err);

/*
 * A connection owes us a request until it is complete, and again after its answer.
 * Where there are as many as there may be and another one waits, the one that has
 * owed for longest is closed, if it has for OWED_NS: so neither idle clients nor
 * those that send a request byte by byte keep others out.
 */
void accept_request_is_complete(struct http *h, struct MHD_Connection *conn);
void accept_request_is_over(struct http *h, struct MHD_Connection *conn);

/* For libmicrohttpd: a connection has come or gone. */
void accept_count(void *ctx, struct MHD_Connection *conn, void **own,
                  enum MHD_ConnectionNotificationCode code);

/* Close the listener. Twice does no harm. */
void accept_stop(struct http *h);

#endif
