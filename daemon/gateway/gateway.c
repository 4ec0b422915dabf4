// SPDX-License-Identifier: MIT
/* gateway.c: see gateway.h. */
#include "daemon/gateway/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/owner.h"
#include "daemon/auth/admit.h"
#include "daemon/gateway/name.h"
#include "daemon/gateway/uuid.h"
#include "engine/reason.h"

/* What the log says of an answer that nobody waited for. */
#define CLIENT_CLOSED 499

static void on_event(struct invoke *v, struct event *e)
{
    struct invocation *i = UF_OWNER(v, struct invocation, invoke);

    loop_disarm(i->request->http->loop, &i->patience);
    gateway_event(i, e);
}

static void on_done(struct invoke *run, const struct verdict *v)
{
    struct invocation *i = UF_OWNER(run, struct invocation, invoke);

    loop_disarm(i->request->http->loop, &i->patience);
    if (!sequence_go_on(i, v))
        gateway_reply(i, v);
}

static bool on_settle(struct invoke *run, const struct verdict *v, struct commit *c)
{
    return sequence_settle(UF_OWNER(run, struct invocation, invoke), v, c);
}

static void on_gone(struct http_request *r)
{
    struct invocation *i = r->own;

    if (!i->invoke.call.is_waiting)
        return;
    stats_record(&i->invoke.call.fn->stats, CLIENT_CLOSED, r->http->loop->now_ns - r->start_ns);
    (void)invoke_withdraw(&i->invoke);
    http_text(r, 503, "the client closed the connection\n");
    http_send(r);
}

static void on_patience(struct loop_timer *t)
{
    http_watch_peer(UF_OWNER(t, struct invocation, patience)->request, on_gone);
}

/* Only while it waits: what runs is finished anyway. And not at once: most waits
 * are shorter than what it takes to tell the kernel, twice. */
static void on_waits(struct invoke *v)
{
    struct invocation *i = UF_OWNER(v, struct invocation, invoke);
    struct loop *l = i->request->http->loop;

    i->patience.on_fire = on_patience;
    loop_arm(l, &i->patience, l->now_ns + GATEWAY_PATIENCE_NS);
}

static const struct invoke_ops ops = {
    .event = on_event, .waits = on_waits, .settle = on_settle, .done = on_done};

const struct invoke_ops *gateway_ops(void)
{
    return &ops;
}

static bool is_method_passed(const char *method)
{
    static const char *const list[] = {"GET",    "POST", "PUT",     "PATCH",
                                       "DELETE", "HEAD", "OPTIONS", NULL};

    for (const char *const *m = list; *m != NULL; m++)
        if (strcmp(*m, method) == 0)
            return true;
    return false;
}

static enum MHD_Result count_one(void *ctx, enum MHD_ValueKind kind, const char *name,
                                 const char *value)
{
    (void)kind;
    (void)value;
    *(unsigned *)ctx += strcasecmp(name, "traceparent") == 0;
    return MHD_YES;
}

/* Two are none: nobody could say which one is right. */
static const char *parent_of(const struct http_request *r)
{
    const char *parent = http_header(r, "traceparent");
    unsigned n = 0;

    if (parent != NULL)
        (void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, count_one, &n);
    return n == 1 ? parent : NULL;
}

struct fn *gateway_find(struct http_request *r)
{
    const struct gateway *g = r->route->ctx;
    struct name name;
    struct fn *fn =
        name_parse(&name, r->rest) ? fleet_find(g->fleet, name.space, name.function) : NULL;

    if (fn == NULL)
        gateway_refuse_unknown(r, &name);
    return fn;
}

static void submit(struct http_request *r, struct fn *fn)
{
    struct gateway *g = r->route->ctx;
    struct invocation *i = calloc(1, sizeof(*i));

    if (i == NULL) {
        gateway_refuse(r, 503, reason_words(REASON_MEMORY));
        return;
    }
    const char *id = http_header(r, "X-Call-Id");

    r->own = i;
    i->gateway = g;
    i->request = r;
    if (id != NULL && headers_call_id_ok(id))
        (void)snprintf(i->id, sizeof(i->id), "%s", id);
    else
        uuid_make(i->id);
    i->invoke.ops = &ops;
    i->invoke.id = i->id;
    i->invoke.parent = parent_of(r);
    i->invoke.call.is_awaited = true;
    if (function_is_sequence(&fn->conf))
        sequence_begin(i, fn);
    else
        invoke_submit(g->invoker, fn, &i->invoke);
}

/* The password was right; the function may be another one by now, or none. */
static void on_admitted(struct http_request *r)
{
    struct fn *fn = gateway_find(r);

    if (fn != NULL)
        submit(r, fn);
}

void gateway_admit(struct http_request *r, const struct fn *fn, void (*go)(struct http_request *r))
{
    const struct gateway *g = r->route->ctx;

    switch (fn->conf.access) {
    case ACCESS_PUBLIC:
        go(r);
        break;
    case ACCESS_PASSWORD:
        admit(g->auth, r, go);
        break;
    case ACCESS_INTERNAL:
        gateway_refuse(r, 403,
                       "this function is not called over HTTP, but by queues, topics and other "
                       "functions (access: internal)");
        break;
    }
}

void gateway_serve(struct http_request *r)
{
    const struct fn *fn = gateway_find(r);

    if (fn == NULL)
        return;
    if (is_method_passed(r->method))
        gateway_admit(r, fn, on_admitted);
    else
        gateway_refuse(r, 405,
                       "functions are called with GET, POST, PUT, PATCH, DELETE, HEAD "
                       "or OPTIONS");
}

void gateway_forget(struct http_request *r)
{
    struct invocation *i = r->own;

    if (i != NULL) {
        loop_disarm(r->http->loop, &i->patience);
        sequence_end(i);
    }
    free(i);
    r->own = NULL;
}
