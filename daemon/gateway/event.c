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
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "daemon/gateway/gateway.h"
#include "daemon/gateway/name.h"

#define CE_TYPE "com.unifaas.http.request"

static void add(struct gateway *g, struct event *e, const char *name, const char *value)
{
    /* One too many is counted and refused where the event is written. */
    if (e->nheaders < UF_EVENT_HEADERS_MAX)
        g->headers[e->nheaders] = (struct event_header){.name = name, .value = value};
    e->nheaders++;
}

struct adder {
    struct gateway *gateway;
    struct event *event;
};

static enum MHD_Result add_clients(void *ctx, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct adder *a = ctx;

    (void)kind;
    if (!headers_is_hop_by_hop(name) && strcasecmp(name, "X-Call-Id") != 0 &&
        strcasecmp(name, "X-Start-Time") != 0 && strcasecmp(name, "Expect") != 0)
        add(a->gateway, a->event, name, value != NULL ? value : "");
    return MHD_YES;
}

static void add_missing(const struct invocation *i, struct event *e, const char *name,
                        const char *value)
{
    if (value != NULL && http_header(i->request, name) == NULL)
        add(i->gateway, e, name, value);
}

static const char *peer_address(const struct http_request *r, char *out, size_t cap)
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

static void format_time(char *out, size_t cap, uint64_t wall_ns)
{
    time_t s = (time_t)(wall_ns / 1000000000u);
    struct tm tm;

    (void)gmtime_r(&s, &tm);
    size_t n = strftime(out, cap, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + n, cap - n, ".%06" PRIu64 "Z", wall_ns % 1000000000u / 1000);
}

static void add_cloud_event(struct invocation *i, struct event *e)
{
    struct gateway *g = i->gateway;

    (void)snprintf(g->ce_source, sizeof(g->ce_source), "/function/%s", i->call.fn->conf.name);
    format_time(g->ce_time, sizeof(g->ce_time), i->request->wall_ns);
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
    struct adder a = {.gateway = g, .event = e};
    struct name name;

    (void)name_parse(&name, r->rest);
    e->id = i->id;
    e->method = r->method;
    e->path = name.path;
    e->query = r->query;
    e->headers = g->headers;
    e->body = r->body;
    e->body_size = r->size;
    (void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, add_clients, &a);
    (void)snprintf(g->start_time, sizeof(g->start_time), "%" PRIu64, r->wall_ns);
    add(g, e, "x-call-id", i->id);
    add(g, e, "x-start-time", g->start_time);
    add_missing(i, e, "x-forwarded-for",
                peer_address(r, g->forwarded_for, sizeof(g->forwarded_for)));
    add_missing(i, e, "x-forwarded-host", http_header(r, "Host"));
    add_cloud_event(i, e);
}
