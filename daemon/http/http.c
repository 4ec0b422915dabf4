// SPDX-License-Identifier: MIT
/*
 * http.c: libmicrohttpd inside our loop; see http.h. reply.c makes answers.
 *
 * MHD calls on_request once with the headers, once for each piece of body, and
 * once at the end; and once more after a suspended connection is resumed, also
 * when that was at the first call, before any of the body. An
 * answer that is queued at the first call makes MHD close the connection, so
 * only a body that nobody should send is refused there.
 *
 * A request that waits is suspended, unless its route is brief: to suspend and resume
 * are three of the five system calls of a push (epoll_ctl() twice, a recv() that finds
 * nothing). MHD then asks again, by another last call, each time that it runs, and
 * would have us run it without end, whatever MHD_get_timeout() should say of others. So
 * has_more says it while there are such requests, and HTTP_BRIEF_MS bounds both how long
 * one waits like that and what has_more does not know: a header in more than one piece.
 * And MHD may end the connection under them: see on_completed().
 */
#include "daemon/http/http.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/owner.h"
#include "base/units.h"
#include "daemon/http/accept.h"
#include "daemon/http/route.h"

/* A refused body is still read to its end, so that the client reads our answer
 * and not a reset connection; but no more than this beyond what may be sent. */
#define DISCARD_MAX (UINT64_C(16) << 20)
#define BODY_FIRST  512u
#define MS          UINT64_C(1000000) /* in nanoseconds */

static void *on_uri(void *ctx, const char *uri, struct MHD_Connection *conn)
{
    struct http *h = ctx;
    /* Checked, for peers decide how many there are. */
    struct http_request *r = calloc(1, sizeof(*r));
    char *copy = strdup(uri);

    if (r == NULL || copy == NULL) {
        free(r);
        free(copy);
        return NULL;
    }
    r->http = h;
    r->conn = conn;
    r->peer.fd = -1;
    r->uri = copy;
    char *mark = strchr(r->uri, '?');
    if (mark != NULL)
        *mark++ = '\0';
    r->path = r->uri;
    r->query = mark != NULL ? mark : "";
    h->nrequests++;
    return r;
}

/* What of cap bytes counts as a large body. */
static uint64_t large(size_t cap)
{
    return cap > HTTP_BODY_SMALL ? cap : 0;
}

static void free_body(struct http_request *r)
{
    r->http->bodies -= large(r->cap);
    free(r->body);
    r->body = NULL;
    r->size = 0;
    r->cap = 0;
}

void http_end(struct http_request *r)
{
    http_unwatch_peer(r);
    if (r->route != NULL && r->route->forget != NULL)
        r->route->forget(r);
    if (r->response != NULL)
        MHD_destroy_response(r->response);
    r->http->nrequests--;
    r->http->ngone -= r->conn == NULL;
    free_body(r);
    free(r->uri);
    free(r);
}

static void on_completed(void *ctx, struct MHD_Connection *conn, void **own,
                         enum MHD_RequestTerminationCode how)
{
    struct http_request *r = *own;

    (void)ctx;
    (void)how;
    if (r == NULL)
        return;
    *own = NULL;
    accept_request_is_over(r->http, conn);
    /* Whoever serves it does not know yet: it ends with the answer. */
    if (!r->is_asked) {
        http_end(r);
        return;
    }
    http_ask_no_more(r);
    r->http->ngone++;
    r->conn = NULL;
}

/* ---- the body -------------------------------------------------------------------- */

static void refuse_body(struct http_request *r)
{
    char limit[UNITS_TEXT];

    if (r->response == NULL)
        http_text(r, 413, "the body is larger than %s bytes, which is the limit%s\n",
                  units_format_size(r->route->body_max, limit),
                  r->route->option != NULL ? r->route->option : "");
    r->is_refused = true;
    free_body(r);
}

static bool grow(struct http_request *r, size_t want)
{
    size_t cap = r->cap == 0 ? BODY_FIRST : r->cap;

    while (cap < want)
        cap *= 2;
    if (cap == r->cap)
        return true;
    uint64_t bodies = r->http->bodies - large(r->cap) + large(cap);
    char *body = cap > HTTP_BODY_SMALL && bodies > HTTP_BODIES_MAX ? NULL : realloc(r->body, cap);
    if (body == NULL)
        return false;
    r->http->bodies = bodies;
    r->body = body;
    r->cap = cap;
    return true;
}

static void collect(struct http_request *r, const char *data, size_t size)
{
    r->received += size;
    r->http->has_more |= r->received != r->length;
    if (r->is_refused)
        return;
    if (r->received > r->route->body_max) {
        refuse_body(r);
        return;
    }
    if (r->route->chunk != NULL) {
        r->is_refused = r->route->chunk(r, data, size) < 0;
        return;
    }
    if (!grow(r, r->size + size)) {
        http_text(r, 503, "no memory for a body of this size now; try again\n");
        http_add(r, "Retry-After", "1");
        r->is_refused = true;
        free_body(r);
        return;
    }
    memcpy(r->body + r->size, data, size);
    r->size += size;
}

static bool is_too_slow(const struct http_request *r)
{
    return large(r->cap) > 0 &&
           r->http->loop->now_ns - r->start_ns > HTTP_BODY_S * UINT64_C(1000) * MS;
}

static uint64_t content_length(const struct http_request *r)
{
    const char *text = http_header(r, "Content-Length");

    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

static uint64_t read_max(const struct http_request *r)
{
    return DISCARD_MAX + (r->route != NULL ? r->route->body_max : 0);
}

/* Too large by its own account? Then it is refused before it is sent, when the
 * client waits for that. True: answer now. */
static bool is_refused_early(struct http_request *r)
{
    const char *expect = http_header(r, "Expect");

    r->length = content_length(r);
    if (r->route == NULL || r->length <= r->route->body_max)
        return false;
    refuse_body(r);
    return r->length > read_max(r) || (expect != NULL && strcasecmp(expect, "100-continue") == 0);
}

/* ---- one request ------------------------------------------------------------------- */

/* It may go on, or not: its answer is known then. */
static void go_on(struct http_request *r)
{
    r->state = HTTP_READING;
    if (!r->is_refused && r->route->begin != NULL)
        r->route->begin(r);
}

static void begin(struct http_request *r, const char *method)
{
    struct http *h = r->http;
    char allow[ROUTE_ALLOW_MAX];

    r->method = method;
    r->state = HTTP_READING;
    r->start_ns = h->loop->now_ns;
    r->wall_ns = h->loop->wall_ns;
    if (h->is_draining) {
        http_text(r, 503, "the daemon is stopping\n");
        http_add(r, "Retry-After", "1");
        r->is_refused = true;
        return;
    }
    r->route = route_find(h->routes, h->nroutes, method, r->path, allow);
    if (r->route == NULL) {
        r->is_refused = true;
        if (allow[0] != '\0') {
            http_text(r, 405, "%s is not possible here; possible: %s\n", method, allow);
            http_add(r, "Allow", allow);
        } else {
            http_text(r, 404, "there is nothing at %.200s\n", r->path);
        }
        return;
    }
    /* Who serves GET serves HEAD as well and need not know: the body is left out on its
     * way. */
    if (r->route->method != NULL)
        r->method = r->route->method;
    size_t len = strlen(r->route->path);
    r->rest = r->path[len - 1] == '/' ? r->path + len : "";
    if (r->route->check != NULL)
        r->route->check(r);
    if (r->state != HTTP_HELD)
        go_on(r);
}

void http_hold(struct http_request *r)
{
    r->state = HTTP_HELD;
    http_pause(r);
}

void http_release(struct http_request *r)
{
    http_resume(r);
}

void http_refuse(struct http_request *r)
{
    if (r->state == HTTP_SERVING || r->state == HTTP_PENDING) {
        http_send(r);
        return;
    }
    r->is_refused = true;
    http_resume(r);
}

static enum MHD_Result queue(struct http_request *r)
{
    if (r->state != HTTP_STREAMING)
        r->state = HTTP_ANSWERED;
    if (r->response == NULL)
        return MHD_NO; /* no memory for one */
    if (r->http->is_draining)
        http_add(r, "Connection", "close");
    r->http->has_more = true;
    return MHD_queue_response(r->conn, r->status, r->response);
}

struct lengths {
    unsigned n;
    bool is_unknown; /* a way to tell it that is not spoken here */
};

static enum MHD_Result count_length(void *ctx, enum MHD_ValueKind kind, const char *name,
                                    const char *value)
{
    struct lengths *l = ctx;
    bool is_encoding = strcasecmp(name, "Transfer-Encoding") == 0;

    (void)kind;
    l->n += is_encoding || strcasecmp(name, "Content-Length") == 0;
    l->is_unknown |= is_encoding && (value == NULL || strcasecmp(value, "chunked") != 0);
    return MHD_YES;
}

/* Two lengths: somebody in between may have gone by the other one, and taken for a request
 * what is a body here (RFC 9112, 6.1 and 6.3). */
static bool is_ambiguous(const struct http_request *r)
{
    struct lengths l = {.n = 0};

    (void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, count_length, &l);
    return l.n > 1 || l.is_unknown;
}

/* Answered at the first call, it is the connection's last. */
static enum MHD_Result refuse_ambiguous(struct http_request *r)
{
    http_text(r, 400,
              "a request has one Content-Length or Transfer-Encoding: chunked, "
              "not both\n");
    http_add(r, "Connection", "close");
    r->is_refused = true;
    return queue(r);
}

/* The body is complete. */
static enum MHD_Result finish(struct http_request *r)
{
    struct http *h = r->http;

    r->state = HTTP_SERVING;
    accept_request_is_complete(h, r->conn);
    if (r->response == NULL)
        r->route->serve(r);
    if (r->state != HTTP_SERVING || r->response != NULL)
        return queue(r);
    r->state = HTTP_PENDING;
    if (r->route->is_brief && h->nasked + h->ngone < HTTP_ASKED_MAX) {
        r->is_asked = true;
        r->asked_ns = h->loop->now_ns;
        h->nasked++;
    } else {
        http_pause(r);
    }
    return MHD_YES;
}

/* No answer yet. */
static enum MHD_Result wait_on(struct http_request *r)
{
    struct http *h = r->http;

    if (h->loop->now_ns >= r->asked_ns + HTTP_BRIEF_MS * MS) {
        http_ask_no_more(r);
        http_pause(r);
    }
    return MHD_YES;
}

/* The library decides how many parameters this has. */
// NOLINTNEXTLINE(readability-function-size)
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *conn, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **own)
{
    struct http_request *r = *own;

    (void)ctx;
    (void)conn;
    (void)url;
    (void)version;
    if (r == NULL)
        return MHD_NO; /* no memory to answer with: the connection ends */
    if (r->state == HTTP_NEW && is_ambiguous(r))
        return refuse_ambiguous(r);
    if (r->state == HTTP_NEW || r->state == HTTP_HELD) {
        if (r->state == HTTP_NEW)
            begin(r, method);
        else
            go_on(r);
        return r->state != HTTP_HELD && is_refused_early(r) ? queue(r) : MHD_YES;
    }
    if (*size > 0) {
        collect(r, data, *size);
        *size = 0;
        return is_too_slow(r) || (r->is_refused && r->received > read_max(r)) ? MHD_NO : MHD_YES;
    }
    if (r->state == HTTP_PENDING)
        return wait_on(r);
    return r->state == HTTP_READING ? finish(r) : queue(r);
}

/* ---- MHD in the loop --------------------------------------------------------------- */

static void run(struct http *h)
{
    h->is_due = false;
    h->has_more = false;
    (void)MHD_run(h->mhd);
}

static void on_readable(struct loop_fd *w, uint32_t events)
{
    (void)events;
    run(UF_OWNER(w, struct http, watch));
}

/* When MHD is to run, whatever epoll says; UINT64_MAX: never. */
static uint64_t next_run(struct http *h)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;

    if (h->nasked > 0)
        ms = h->has_more ? 0 : HTTP_BRIEF_MS;
    else if (MHD_get_timeout(h->mhd, &ms) != MHD_YES)
        return UINT64_MAX;
    return h->loop->now_ns + (ms > INT_MAX ? INT_MAX : ms) * MS;
}

int64_t http_before_sleep(struct http *h)
{
    if (h->mhd == NULL)
        return LOOP_NEVER;
    /* An answer that was waited for takes two. */
    for (int i = 0; i < 2; i++) {
        if (h->is_due || h->loop->now_ns >= h->due_ns) {
            run(h);
            h->due_ns = UINT64_MAX;
        }
        uint64_t at = next_run(h);
        if (at < h->due_ns)
            h->due_ns = at;
    }
    if (h->is_due)
        return 0;
    if (h->due_ns == UINT64_MAX)
        return LOOP_NEVER;
    return (int64_t)((h->due_ns - h->loop->now_ns + MS - 1) / MS);
}

/* Paths and queries go to functions as they came. */
static size_t keep_as_is(void *ctx, struct MHD_Connection *conn, char *s)
{
    (void)ctx;
    (void)conn;
    return strlen(s);
}

int http_start(struct http *h, struct loop *l, const struct http_options *o,
               const struct http_route *routes, size_t nroutes, struct uf_err *err)
{
    *h = (struct http){.loop = l, .routes = routes, .nroutes = nroutes, .due_ns = UINT64_MAX};
    TAILQ_INIT(&h->owing);
    h->listener.fd = -1;
    h->mhd = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
        on_request, h, MHD_OPTION_NOTIFY_CONNECTION, accept_count, h, MHD_OPTION_URI_LOG_CALLBACK,
        on_uri, h, MHD_OPTION_NOTIFY_COMPLETED, on_completed, h, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_as_is, NULL, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_HEADERS_MAX,
        MHD_OPTION_CONNECTION_LIMIT, o->connections_max, MHD_OPTION_CONNECTION_TIMEOUT,
        HTTP_TIMEOUT_S, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
    if (h->mhd == NULL)
        return uf_fail(err, errno != 0 ? -errno : -EIO, "the HTTP server does not start: %s",
                       strerror(errno));
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->mhd, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL)
        return uf_fail(err, -ENOTSUP, "this libmicrohttpd was built without epoll");
    h->watch = (struct loop_fd){.on_ready = on_readable, .fd = info->listen_fd};
    int r = loop_watch(l, &h->watch, EPOLLIN, err);
    return r < 0 ? r : accept_start(h, o, err);
}

void http_drain(struct http *h)
{
    if (h->is_draining)
        return;
    h->is_draining = true;
    accept_stop(h);
}

void http_stop(struct http *h)
{
    if (h->mhd == NULL)
        return;
    accept_stop(h);
    loop_unwatch(h->loop, &h->watch);
    MHD_stop_daemon(h->mhd);
    h->mhd = NULL;
}

void http_pause(struct http_request *r)
{
    r->is_suspended = true;
    MHD_suspend_connection(r->conn);
}

void http_ask_no_more(struct http_request *r)
{
    r->http->nasked -= r->is_asked;
    r->is_asked = false;
}

void http_resume(struct http_request *r)
{
    if (!r->is_suspended)
        return;
    r->is_suspended = false;
    r->http->is_due = true;
    MHD_resume_connection(r->conn);
}
