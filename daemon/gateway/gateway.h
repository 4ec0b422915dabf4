// SPDX-License-Identifier: MIT
/*
 * gateway.h: a request becomes an event, its result becomes an answer.
 *
 *	gateway_serve()     finds the function, submits a call to the fleet
 *	on_event()          describes the event, when an instance takes it
 *	on_done()           turns the verdict into status, headers and body
 *	on_gone()           the client left while the event waited
 *
 * reply.c has the answers, and which HTTP status each end of an invocation has.
 */
#ifndef DAEMON_GATEWAY_GATEWAY_H
#define DAEMON_GATEWAY_GATEWAY_H

#include "abi/event.h"
#include "daemon/fleet/fleet.h"
#include "daemon/gateway/headers.h"
#include "daemon/http/http.h"

#define GATEWAY_CALL_ID 65

struct gateway {
    struct fleet *fleet;
    /* Of the event that is being described; used by one at a time. */
    struct event_header headers[UF_EVENT_HEADERS_MAX];
    char forwarded_for[64];
    char start_time[24];
    char ce_source[96];
    char ce_time[40];
};

/* One request to a function: http_request.own. */
struct invocation {
    struct call call;
    struct gateway *gateway;
    struct http_request *request;
    char id[GATEWAY_CALL_ID];
};

/* For the table of routes; route.ctx is the gateway. */
void gateway_serve(struct http_request *r);
void gateway_forget(struct http_request *r);

/* reply.c: answer for a verdict, and count it. */
void gateway_reply(struct invocation *i, const struct verdict *v);
/* Answer with a status of ours although the fleet was never asked. */
void gateway_refuse(struct http_request *r, unsigned status, const char *text);

/* event.c: the event of an invocation, in the gateway's own space. */
void gateway_event(struct invocation *i, struct event *e);

#endif
