// SPDX-License-Identifier: MIT
/*
 * http.h: HTTP requests, from their headers to their answer.
 *
 * libmicrohttpd parses and writes; its epoll descriptor is one of our loop's.
 * A route says who serves a request. Its server either answers at once or
 * keeps the request and answers later; meanwhile the connection is suspended,
 * which costs nothing to keep up:
 *
 *	route.check   headers are there: may it go on? (optional; now or later)
 *	route.begin   it may (optional: refuse early, prepare)
 *	route.chunk   some of the body (optional: else it is collected in body)
 *	route.serve   the body is complete: reply now or later
 *	http_text(), http_bytes(), then http_add(), then http_send()
 *	route.forget  the request is over, answered or not
 *
 * Bounds: headers HTTP_HEADERS_MAX (431), URI likewise (414), body
 * route.body_max (413), large bodies together HTTP_BODIES_MAX (503) and each HTTP_BODY_S, a
 * silent peer HTTP_TIMEOUT_S, connections by option.
 */
#ifndef DAEMON_HTTP_HTTP_H
#define DAEMON_HTTP_HTTP_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/loop/loop.h"

#define HTTP_HEADERS_MAX 32768u /* bytes, request line and all headers   */
#define HTTP_TIMEOUT_S   30u    /* of silence, then the connection closes */
#define HTTP_BRIEF_MS    5u     /* a commit with many others, on flash that is quick */
/* Requests, for each is asked each time; and those whose connection ended meanwhile, for
 * which no other limit holds. */
#define HTTP_ASKED_MAX 128u
/* Bytes of memory for bodies that are larger than HTTP_BODY_SMALL, of all requests
 * together: else a thousand that wait are a gigabyte. Small ones always have some. */
#define HTTP_BODIES_MAX (UINT64_C(128) << 20)
#define HTTP_BODY_SMALL 65536u
/* Seconds in which such a body must have come, or its connection closes: who dribbles
 * would keep that memory from all others. */
#define HTTP_BODY_S 300u

struct http_request;

struct http_route {
    const char *method; /* NULL: any                                  */
    const char *path;   /* exactly; or, ending with "/", what it starts with */
    uint64_t body_max;  /* bytes ...                                  */
    const char *option; /* ... and what sets them, for people, " (--max-body)"; NULL: nothing */
    const char *query;  /* parameters that it knows, blanks between; NULL: others may be there */
    /* Returns when it may; else http_refuse(), or http_hold() and either later. */
    void (*check)(struct http_request *r);
    void (*begin)(struct http_request *r);
    /* 0, or a negative errno: the rest is thrown away, serve still comes. */
    int (*chunk)(struct http_request *r, const char *data, size_t size);
    void (*serve)(struct http_request *r);
    void (*forget)(struct http_request *r);
    void *ctx; /* the route's owner */
    /* Most answers come within HTTP_BRIEF_MS of serve, and once that has returned, its
     * server looks neither at the connection nor at what came with it but the URI and
     * the body: it may be gone. See http.c. */
    bool is_brief;
};

enum http_state {
    HTTP_NEW,       /* the request line only                     */
    HTTP_HELD,      /* headers are known; may it go on? suspended */
    HTTP_READING,   /* it may, or its answer is known            */
    HTTP_SERVING,   /* inside route.serve                        */
    HTTP_PENDING,   /* an answer will come; suspended, or asked  */
    HTTP_ANSWERED,  /* the answer is known                       */
    HTTP_STREAMING, /* the body of the answer comes piece by piece */
};

struct http_request {
    struct http *http;
    struct MHD_Connection *conn; /* NULL: it ended while the request was asked for */
    const struct http_route *route;
    enum http_state state;
    char *uri; /* as sent, cut at "?" */
    const char *path;
    const char *query; /* still encoded, without "?"; "" when there is none */
    const char *method;
    const char *rest;  /* of path, after the route's "path/"           */
    uint64_t start_ns; /* of its headers, monotonic                    */
    uint64_t wall_ns;  /* likewise, since 1970                         */
    char *body;        /* size bytes, no NUL; NULL when empty          */
    size_t size;
    size_t cap;
    uint64_t length;   /* of the body, as announced; else 0            */
    uint64_t received; /* bytes of body that came, kept or not         */
    bool is_refused;   /* the body is thrown away                      */
    bool is_suspended;
    bool is_asked; /* instead, since asked_ns */
    uint64_t asked_ns;
    struct MHD_Response *response;
    unsigned status;
    void *own; /* the route's; forget releases it */
    struct loop_fd peer;
    void (*on_gone)(struct http_request *r);
};

struct http_options {
    int listener; /* a bound, listening socket; http owns it */
    unsigned connections_max;
};

struct http {
    struct loop *loop;
    struct MHD_Daemon *mhd;
    struct loop_fd watch;
    const struct http_route *routes;
    size_t nroutes;
    bool is_due;     /* MHD wants to run whatever epoll says */
    uint64_t due_ns; /* ... or at this time */
    bool has_more;   /* has it at once, as far as we know: for while there are nasked */
    bool is_draining;
    unsigned nrequests; /* not yet over */
    unsigned nasked;    /* ... that are is_asked */
    unsigned ngone;     /* ... or were, and have no connection any more */
    uint64_t bodies;    /* bytes of memory of large ones */
    /* accept.c's */
    struct loop_fd listener;
    struct loop_timer accept_again;
    unsigned connections_max;
    unsigned nconnections;
    TAILQ_HEAD(, http_connection) owing; /* a request; longest first */
    uint64_t displaced;                  /* connections that made room */
    uint64_t told_ns;                    /* when a reached limit was last said; 0: never */
};

int http_start(struct http *h, struct loop *l, const struct http_options *o,
               const struct http_route *routes, size_t nroutes, struct uf_err *err);
/* Accept no more; what comes on open connections is answered 503. */
void http_drain(struct http *h);
/* No request may be pending any more. */
void http_stop(struct http *h);
/* Give MHD what it is due. Returns milliseconds until it wants to be called
 * again, or LOOP_NEVER. For the loop's hook. */
int64_t http_before_sleep(struct http *h);

/* A header of the request, or NULL. */
const char *http_header(const struct http_request *r, const char *name);

/* Make an answer; then add headers and send it. _bytes takes over data, which
 * was malloc'ed (NULL when size is 0). type NULL: no Content-Type. */
void http_text(struct http_request *r, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void http_bytes(struct http_request *r, unsigned status, const char *type, char *data, size_t size);
/* A header of the answer; one with control bytes is left out. */
void http_add(struct http_request *r, const char *name, const char *value);
/* Exactly once. */
void http_send(struct http_request *r);

/* From route.check: whether it may go on will be known later: http_release() then,
 * or http_refuse(). Until then nothing of its body is read. */
void http_hold(struct http_request *r);
void http_release(struct http_request *r);
/* The answer that was made is the end of it, wherever it is by now. */
void http_refuse(struct http_request *r);

/* Tell once when the peer closes while the answer is pending. */
void http_watch_peer(struct http_request *r, void (*on_gone)(struct http_request *r));
void http_unwatch_peer(struct http_request *r);

/* For answers in pieces: from within the content reader, when there is nothing
 * to give; and later, when there is. */
void http_pause(struct http_request *r);
void http_resume(struct http_request *r);

/* Between http.c and reply.c: an answer is known, or MHD shall not ask for it; and the
 * request is over. */
void http_ask_no_more(struct http_request *r);
void http_end(struct http_request *r);

#endif
