// SPDX-License-Identifier: MIT
/*
 * exchange.h: one request to one server, and its answer.
 *
 * Everything that libcurl would do by itself is turned off: it follows nothing,
 * looks up nothing, reads no configuration, environment or cookie, and connects to
 * the given addresses only. Each address is judged once more when the socket is
 * made, and when a kept connection is used again.
 */
#ifndef DAEMON_FETCH_EXCHANGE_H
#define DAEMON_FETCH_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/fetch/address.h"
#include "daemon/fetch/intake.h"
#include "daemon/fetch/multi.h"
#include "daemon/fetch/outgoing.h"
#include "daemon/fetch/reach.h"
#include "daemon/fetch/resolve.h"
#include "daemon/fetch/url.h"

/* All of it lives until exchange_close(). */
struct exchange_request {
    const char *method;
    const struct url *url;
    const struct outgoing *head;
    const char *key;         /* of Idempotency-Key, unless head has one; NULL: none */
    const char *traceparent; /* likewise */
    const void *body;
    size_t size;
    const struct sockaddr_storage *address; /* of the host, judged already             */
    size_t naddresses;                      /* 0: the host is an address               */
    enum fetch_reach reach;
    const char *ca_path; /* directory of the system's authorities; NULL: libcurl's */
    const char *ca_file; /* authorities besides the system's; NULL: none        */
    bool is_fresh;       /* use no connection that was kept                     */
    bool is_followed;    /* a redirect's body is of no interest                 */
};

struct exchange {
    struct multi *multi;
    CURL *easy; /* NULL: not open */
    bool is_added;
    CURLSH *names;
    struct curl_slist *headers;
    struct curl_slist *addresses;
    enum fetch_reach reach;
    struct intake intake;
    bool is_followed;
    char refused[ADDRESS_TEXT];  /* an address that reach does not include, or "" */
    bool has_connected;          /* a socket was made                             */
    char words[CURL_ERROR_SIZE]; /* why it failed, or ""                          */
};

/*
 * Begin; the multi's on_end() follows with ctx, never from within.
 *
 * x        zeroed, but for intake, whose limits and budget are set.
 * Returns  0, or -ENOMEM or -EIO.
 */
int exchange_open(struct exchange *x, struct multi *m, void *ctx, const struct exchange_request *q,
                  struct uf_err *err);
/* At any time; tolerates one that is not open. What came in is dropped. */
void exchange_close(struct exchange *x);

/* Of an answer that has come. */
unsigned exchange_status(const struct exchange *x);
/* Where it redirects to, absolute, once it has ended; valid until closed. NULL: it
 * does not, or is not followed. */
const char *exchange_redirect(const struct exchange *x);

#endif
