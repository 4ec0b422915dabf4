// SPDX-License-Identifier: MIT
/*
 * event.c: an HTTP request as an event.
 *
 * The client's headers pass, but for those about its connection; what a
 * function may rely on is added where the client did not send it: the id of
 * the call, where it came from, and the attributes of a CloudEvent (binary
 * mode: each is a header "ce-NAME").
 */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/units.h"
#include "daemon/gateway/gateway.h"
#include "daemon/gateway/name.h"

#define CE_TYPE   "com.unifaas.http.request"
#define CE_SOURCE "/function/"

_Static_assert(sizeof(CE_SOURCE) + FUNCTION_LABEL <= sizeof(((struct gateway *)0)->ce_source),
               "every name fits");

static void add(struct gateway *g, struct event *e, const char *name, const char *value)
{
    /* One too many is counted and refused where the event is written. */
    if (e->nheaders < UF_EVENT_HEADERS_MAX)
        g->headers[e->nheaders] = (struct event_header){.name = name, .value = value};
    e->nheaders++;
}

struct adder {
    const struct invocation *invocation;
    struct event *event;
};

/* Ours take the place of some; what belongs to a trace that we do not go on with is
 * left out. */
static bool passes(const struct invocation *i, const char *name, const char *value)
{
    static const char *const ours[] = {"X-Call-Id", "X-Start-Time", "X-Attempt",
                                       "X-Queue",   "Expect",       "traceparent"};

    for (size_t k = 0; k < sizeof(ours) / sizeof(ours[0]); k++)
        if (strcasecmp(name, ours[k]) == 0)
            return false;
    /* A function's code is hostile: the password is not for it, whoever sent it. */
    if (strcasecmp(name, "Authorization") == 0 && auth_may_be_right(i->gateway->auth, value))
        return false;
    if (strcasecmp(name, "tracestate") == 0)
        return i->invoke.parent_span[0] != '\0' && trace_state_ok(value);
    return !headers_is_hop_by_hop(name);
}

static enum MHD_Result add_clients(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct adder *a = ctx;

    (void)kind;
    if (value == NULL)
        value = "";
    if (passes(a->invocation, name, value))
        add(a->invocation->gateway, a->event, name, value);
    return MHD_YES;
}

static void add_missing(const struct invocation *i, struct event *e, const char *name,
                        const char *value)
{
    if (value != NULL && http_header(i->request, name) == NULL)
        add(i->gateway, e, name, value);
}

const char *gateway_peer(const struct http_request *r, char *out, size_t cap)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info == NULL ? NULL : info->client_addr;

    if (a != NULL && a->sa_family == AF_INET)
        return inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, out,
                         (socklen_t)cap);
    if (a != NULL && a->sa_family == AF_INET6)
        return inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, out,
                         (socklen_t)cap);
    return NULL;
}

/* All but the fraction stays from one event to the next, for a second. */
static void format_time(struct gateway *g, uint64_t wall_ns)
{
    const size_t whole = sizeof("2026-01-01T00:00:00") - 1;
    time_t s = (time_t)(wall_ns / 1000000000u);

    if (s != g->ce_second) {
        struct tm tm;

        (void)gmtime_r(&s, &tm);
        (void)strftime(g->ce_time, sizeof(g->ce_time), "%Y-%m-%dT%H:%M:%S", &tm);
        g->ce_second = s;
    }
    g->ce_time[whole] = '.';
    char *end = units_put(g->ce_time + whole + 1, wall_ns % 1000000000u / 1000, 6);
    memcpy(end, "Z", sizeof("Z"));
}

static void add_cloud_event(struct invocation *i, struct event *e)
{
    struct gateway *g = i->gateway;

    memcpy(g->ce_source, CE_SOURCE, sizeof(CE_SOURCE) - 1);
    memcpy(g->ce_source + sizeof(CE_SOURCE) - 1, i->invoke.call.fn->label,
           sizeof(i->invoke.call.fn->label));
    format_time(g, i->request->wall_ns);
    add_missing(i, e, "ce-specversion", "1.0");
    add_missing(i, e, "ce-id", i->id);
    add_missing(i, e, "ce-source", g->ce_source);
    add_missing(i, e, "ce-type", CE_TYPE);
    add_missing(i, e, "ce-time", g->ce_time);
}

void gateway_event(struct invocation *i, struct event *e)
{
    const struct http_request *r = i->request;
    struct gateway *g = i->gateway;
    struct adder a = {.invocation = i, .event = e};
    struct name name;

    (void)name_parse(&name, r->rest);
    e->id = i->id;
    e->method = r->method;
    e->path = name.path;
    e->query = r->query;
    e->headers = g->headers;
    e->body = r->body;
    e->body_size = r->size;
    if (i->sequence != NULL && i->sequence->nth > 0) {
        e->id = i->invoke.id;
        sequence_event(i, e);
        if (i->sequence->type[0] != '\0')
            add(g, e, "content-type", i->sequence->type);
    } else {
        (void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, add_clients, &a);
    }
    (void)units_put(g->start_time, r->wall_ns, 1);
    add(g, e, "x-call-id", i->id);
    add(g, e, "x-start-time", g->start_time);
    add(g, e, "traceparent", i->invoke.traceparent);
    add_missing(i, e, "x-forwarded-for",
                gateway_peer(r, g->forwarded_for, sizeof(g->forwarded_for)));
    add_missing(i, e, "x-forwarded-host", http_header(r, "Host"));
    add_cloud_event(i, e);
}
