// SPDX-License-Identifier: MIT
/*
 * fetch.h: asking other services over HTTP, for functions and for whoever gets a
 * callback.
 *
 *	fetch_start(f)
 *	     checked        URL, method, headers; is the URL within reach of the policy?
 *	     waiting        when too many are under way, or too many of this owner; the
 *	                    first ones, until libcurl has been loaded
 *	     resolving      addresses of the host; only those within reach are kept
 *	     asking         one request; a redirect goes back to "checked"
 *	f->done(answer)     exactly once, from the loop, unless cancelled before
 *
 * Redirects are followed here, each judged like the first URL: never from https to
 * http, and what says who asks stays behind when the origin changes. Names are
 * judged by the address that is connected to, so a name that changes its address
 * gains nothing.
 */
#ifndef DAEMON_FETCH_FETCH_H
#define DAEMON_FETCH_FETCH_H

#include "daemon/fetch/intake.h"
#include "daemon/fetch/library.h"
#include "daemon/fetch/multi.h"
#include "daemon/fetch/reach.h"
#include "daemon/fetch/resolve.h"
#include "daemon/record/metrics.h"

#define FETCH_RUNNING       64u /* under way, of all owners together    */
#define FETCH_RUNNING_OWNER 16u /* ... of one                           */
#define FETCH_WAITING       1024u
#define FETCH_REDIRECTS     5u
#define FETCH_BUFFERS       ((size_t)64 << 20) /* bytes of answers under way, together */

/* How it ended: X(NAME, word). */
#define FETCH_CODES(X)            \
    X(OK, "ok")                   \
    X(DENIED, "denied")           \
    X(INVALID, "invalid")         \
    X(TIMEOUT, "timeout")         \
    X(TOO_LARGE, "too-large")     \
    X(UNREACHABLE, "unreachable") \
    X(BUSY, "busy")

enum fetch_code {
#define X(name, word) FETCH_##name,
    FETCH_CODES(X)
#undef X
        FETCH_NCODES
};

const char *fetch_word(enum fetch_code code);

/* All but body and policy are copied; those two live until done() or a cancel. */
struct fetch_request {
    const char *method; /* NULL: "GET"                                             */
    const char *url;
    const char *headers; /* "Name: value\n" lines                                   */
    size_t headers_size;
    const void *body;
    size_t size;
    const char *key;         /* Idempotency-Key, unless headers have one; NULL: none */
    const char *traceparent; /* likewise                                             */
    uint64_t timeout_ns;     /* from start to done, waiting included                    */
    size_t headers_max;      /* of the answer, in bytes                                 */
    size_t answer_max;       /* of its headers and body together                        */
    unsigned redirects;      /* that are followed; 0: a redirect is an answer           */
    const struct fetch_policy *policy;
    const void *owner; /* only compared: shares of what is bounded go by owner    */
};

/* Lives until done() returns. */
struct fetch_answer {
    enum fetch_code code;
    const char *words;   /* why there is no answer; "" when there is               */
    unsigned status;     /* of HTTP, as the next four only when code is FETCH_OK   */
    const char *headers; /* "name: value\n" lines, names in lower case             */
    size_t headers_size;
    const void *body;
    size_t size;
};

/* Embedded by whoever asks. */
struct fetch {
    void (*done)(struct fetch *f, const struct fetch_answer *a);
    struct fetch_work *work; /* NULL: nothing is under way */
};

TAILQ_HEAD(fetch_works, fetch_work);

struct fetcher {
    struct loop *loop;
    const char *ca_file; /* authorities to trust besides the system's; NULL: none */
    struct library library;
    struct multi multi;
    struct resolver resolver;
    struct intake_budget buffers;
    struct fetch_works waiting;
    struct fetch_works running;
    struct fetch_works ending; /* done() is due */
    size_t nwaiting;
    size_t nrunning;
    uint64_t ended[FETCH_NCODES]; /* statistics */
    uint64_t bytes_out;           /* of bodies  */
    uint64_t bytes_in;            /* of headers and bodies */
    struct metrics_source metrics;
};

void fetcher_init(struct fetcher *r, struct loop *l);
/* What is under way is dropped; nobody is told. Tolerates a zeroed one. */
void fetcher_fini(struct fetcher *r);
/* f->done is set; it follows, never from within. */
void fetch_start(struct fetcher *r, struct fetch *f, const struct fetch_request *q);
/* Forget it: done() is not called. Nothing when none is under way. */
void fetch_cancel(struct fetch *f);

/* metrics.c: tell at /metrics. */
void fetcher_metrics(struct fetcher *r, struct metrics *m);

#endif
