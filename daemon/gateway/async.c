// SPDX-License-Identifier: MIT
/*
 * async.c: calls that nobody waits for; see gateway.h.
 *
 *	POST   /async-function/NAME[.NAMESPACE][/PATH]   202 when it is durable
 *	DELETE /async-function/CALL-ID                   200: it will have no effect
 *
 * A call becomes an event in the function's own queue, with the request's path, query,
 * headers and body; one that is repeated with its key is the same event.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "base/units.h"
#include "daemon/fetch/reach.h"
#include "daemon/gateway/gateway.h"
#include "daemon/gateway/name.h"
#include "daemon/queue/head.h"
#include "daemon/queue/incoming.h"
#include "daemon/queue/push.h"
#include "daemon/queue/remove.h"
#include "daemon/store/callid.h"
#include "daemon/store/store.h"
#include "engine/reason.h"

struct async_call {
    struct push push;
    struct http_request *request;
    const char *call_id; /* the client's own, or NULL */
};

static void end(struct async_call *a)
{
    pushes_free(&a->push.events);
    free(a);
}

static void refuse(struct async_call *a, unsigned status, const char *why)
{
    gateway_refuse_later(a->request, status, status == 404 || status == 400 ? 0 : 1, why);
    end(a);
}

static void on_pushed(struct push *p)
{
    struct async_call *a = UF_OWNER(p, struct async_call, push);
    const struct push_item *i = &p->events.items[0];
    struct http_request *r = a->request;
    char id[CALLID_TEXT];
    char start[24];

    if (p->job.code < 0) {
        refuse(a, store_http(p->job.code), p->job.err.msg);
        return;
    }
    callid_format(id, p->events.all->salt, i->event.queue_id, i->event.id);
    (void)units_put(start, r->wall_ns, 1);
    http_bytes(r, 202, NULL, NULL, 0);
    http_add(r, "X-Call-Id", a->call_id != NULL ? a->call_id : id);
    http_add(r, "X-Start-Time", start);
    http_send(r);
    end(a);
}

/* ---- the event ----------------------------------------------------------------------------------- */

struct adder {
    const struct gateway *gateway;
    struct head_text *head;
};

static bool passes(const struct gateway *g, const char *name, const char *value)
{
    static const char *const ours[] = {"X-Call-Id", "X-Start-Time",   "X-Attempt",     "X-Queue",
                                       "Expect",    "Content-Length", "X-Callback-Url"};

    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (strcasecmp(name, ours[i]) == 0)
            return false;
    /* The password is neither for a function nor for the disk. */
    if (strcasecmp(name, "Authorization") == 0 && auth_may_be_right(g->auth, value))
        return false;
    return !headers_is_hop_by_hop(name);
}

static enum MHD_Result add_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    struct adder *a = ctx;

    (void)kind;
    if (value == NULL)
        value = "";
    if (passes(a->gateway, name, value))
        head_add(a->head, name, value);
    return MHD_YES;
}

static void add_missing(struct head_text *t, const struct http_request *r, const char *name,
                        const char *value)
{
    if (value != NULL && http_header(r, name) == NULL)
        head_add(t, name, value);
}

static int add_event(struct async_call *a, const struct fn *fn, const char *path, const char *key)
{
    const struct http_request *r = a->request;
    struct head_text t = {.text = NULL};
    char queue[FUNCTION_NAME_MAX + 2];
    char peer[64];
    char start[24];

    (void)snprintf(queue, sizeof(queue), "@%s", fn->conf.name);
    (void)units_put(start, r->wall_ns, 1);
    head_add_member(&t, "trigger", "async");
    head_add_member(&t, "path", path);
    head_add_member(&t, "query", r->query);
    head_add_member(&t, "callback", http_header(r, "X-Callback-Url"));
    (void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, add_header,
                                    &(struct adder){.gateway = r->route->ctx, .head = &t});
    head_add(&t, "X-Start-Time", start);
    add_missing(&t, r, "X-Forwarded-For", gateway_peer(r, peer, sizeof(peer)));
    add_missing(&t, r, "X-Forwarded-Host", http_header(r, "Host"));
    const struct event_new e = {.space = fn->conf.space,
                                .queue = queue,
                                .head = head_string(&t),
                                .body = r->body,
                                .size = r->size,
                                .call_id = a->call_id,
                                .key = key};
    int code = t.is_lost ? -ENOMEM : pushes_add(&a->push.events, &e);
    head_text_free(&t);
    return code;
}

/* Whether it is one that callbacks may go to. Of a name that is known when it is sent. */
static int check_callback(const struct fetch_policy *p, const char *text, struct uf_err *err)
{
    struct url url;
    enum address_kind kind;

    if (url_parse(text, &url, err) < 0)
        return uf_fail(err, -EINVAL,
                       "X-Callback-Url: must be a URL that begins with http:// or https://");
    if (reach_excludes(p->reach(p, &url), &url, &kind))
        return uf_fail(err, -EACCES, "X-Callback-Url: %s is %s, to which no callbacks go%s",
                       url.host, address_words(kind),
                       kind == ADDRESS_NEVER ? ""
                                             : " unless the daemon's --callback-allow names it");
    return 0;
}

static void push(struct http_request *r, const struct fn *fn)
{
    struct gateway *g = r->route->ctx;
    struct async_call *a = xnew(sizeof(*a));
    struct name name;
    const char *id = http_header(r, "X-Call-Id");
    const char *callback = http_header(r, "X-Callback-Url");
    const char *key;
    char buf[INCOMING_KEY];
    struct uf_err err;

    (void)name_parse(&name, r->rest);
    a->request = r;
    a->push.events.all = g->queues;
    a->push.done = on_pushed;
    if (id != NULL && headers_call_id_ok(id))
        a->call_id = id;
    if ((callback != NULL && check_callback(g->queues->callbacks, callback, &err) < 0) ||
        incoming_request_key(http_header(r, "Idempotency-Key"), http_header(r, "ce-source"),
                             http_header(r, "ce-id"), buf, &key, &err) < 0)
        refuse(a, 400, err.msg);
    else if (add_event(a, fn, name.path, key) < 0)
        refuse(a, 503, reason_words(REASON_MEMORY));
    else
        push_submit(&a->push);
}

/* ---- requests ---------------------------------------------------------------------------------------- */

static void on_cancelled(void *ctx, int code, uint64_t n, const struct uf_err *err)
{
    struct http_request *r = ctx;

    (void)n;
    if (code < 0) {
        gateway_refuse(r, store_http(code), err->msg);
        return;
    }
    http_text(r, 200, "the call is cancelled\n");
    http_send(r);
}

static void on_admitted(struct http_request *r)
{
    const struct fn *fn = gateway_find(r);

    if (fn != NULL)
        push(r, fn);
}

void gateway_serve_async(struct http_request *r)
{
    struct gateway *g = r->route->ctx;

    if (strcmp(r->method, "POST") == 0) {
        const struct fn *fn = gateway_find(r);

        if (fn != NULL)
            gateway_admit(r, fn, on_admitted);
    } else if (headers_call_id_ok(r->rest)) {
        queues_cancel(g->queues, r->rest, on_cancelled, r);
    } else {
        gateway_refuse(r, 404, "no event has such an id");
    }
}
