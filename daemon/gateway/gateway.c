// SPDX-License-Identifier: MIT
/* gateway.c: see gateway.h. */
#include "daemon/gateway/gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/gateway/name.h"
#include "daemon/gateway/uuid.h"

/* What the log says of an answer that nobody waited for. */
#define CLIENT_CLOSED 499

static void on_event(struct call *c, struct event *e)
{
    gateway_event(UF_OWNER(c, struct invocation, call), e);
}

static void on_done(struct call *c, const struct verdict *v)
{
    gateway_reply(UF_OWNER(c, struct invocation, call), v);
}

static void on_gone(struct http_request *r)
{
    struct invocation *i = r->own;

    if (!i->call.is_waiting)
        return;
    fleet_withdraw(&i->call);
    stats_record(&i->call.fn->stats, CLIENT_CLOSED, r->http->loop->now_ns - r->start_ns);
    http_text(r, 503, "the client closed the connection\n");
    http_send(r);
}

/* Only while it waits: what runs is finished anyway. */
static void on_waits(struct call *c)
{
    struct invocation *i = UF_OWNER(c, struct invocation, call);

    http_watch_peer(i->request, on_gone);
}

static const struct call_ops ops = {.event = on_event, .waits = on_waits, .done = on_done};

static bool is_method_passed(const char *method)
{
    static const char *const list[] = {"GET",    "POST", "PUT",     "PATCH",
                                       "DELETE", "HEAD", "OPTIONS", NULL};

    for (const char *const *m = list; *m != NULL; m++)
        if (strcmp(*m, method) == 0)
            return true;
    return false;
}

void gateway_serve(struct http_request *r)
{
    struct gateway *g = r->route->ctx;
    struct name name;
    struct fn *fn = name_parse(&name, r->rest) ? fleet_find(g->fleet, name.function) : NULL;

    if (fn == NULL) {
        char text[2 * NAME_MAX_TEXT + 64];

        (void)snprintf(text, sizeof(text), "error finding function %s.%s: it is not deployed",
                       name.function, name.space);
        gateway_refuse(r, 404, text);
        return;
    }
    if (!is_method_passed(r->method)) {
        gateway_refuse(r, 405,
                       "functions are called with GET, POST, PUT, PATCH, DELETE, HEAD "
                       "or OPTIONS");
        return;
    }
    struct invocation *i = xnew(sizeof(*i));
    const char *id = http_header(r, "X-Call-Id");

    r->own = i;
    i->gateway = g;
    i->request = r;
    if (id != NULL && headers_call_id_ok(id))
        (void)snprintf(i->id, sizeof(i->id), "%s", id);
    else
        uuid_make(i->id);
    i->call.ops = &ops;
    i->call.id = i->id;
    fleet_submit(fn, &i->call);
}

void gateway_forget(struct http_request *r)
{
    free(r->own);
    r->own = NULL;
}
