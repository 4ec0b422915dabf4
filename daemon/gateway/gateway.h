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

#include <time.h>

#include "abi/event.h"
#include "daemon/auth/auth.h"
#include "daemon/fleet/fleet.h"
#include "daemon/gateway/headers.h"
#include "daemon/http/http.h"
#include "daemon/invoke/invoke.h"

#define GATEWAY_CALL_ID 65

/* How long a call waits before its client is watched for going away. */
#define GATEWAY_PATIENCE_NS UINT64_C(20000000)

struct gateway {
    struct fleet *fleet;
    struct queues *queues;
    struct invoker *invoker;
    struct auth *auth;
    /* Of the event that is being described; used by one at a time. */
    struct event_header headers[UF_EVENT_HEADERS_MAX];
    char forwarded_for[64];
    char start_time[24];
    char ce_source[160];
    char ce_time[40];
    time_t ce_second; /* that ce_time is of        */
};

/* One that is for several functions, one after the other: sequence.c. */
struct sequence {
    struct fn *fn; /* the sequence; held */
    uint32_t nth;  /* step, from 0       */
    /* From the second step on: */
    char id[GATEWAY_CALL_ID]; /* of its invocation              */
    void *input;              /* the result of the step before  */
    size_t size;
    char type[256]; /* of input; "": the function did not say */
    char cause[GATEWAY_CALL_ID];
    char parent[TRACE_TEXT];
};

/* One request to a function: http_request.own. */
struct invocation {
    struct invoke invoke;
    struct sequence *sequence; /* NULL: it is for one function */
    struct gateway *gateway;
    struct http_request *request;
    struct loop_timer patience;
    char id[GATEWAY_CALL_ID];
};

/* For the table of routes; route.ctx is the gateway. */
void gateway_serve(struct http_request *r);
void gateway_forget(struct http_request *r);
void gateway_serve_async(struct http_request *r); /* async.c: POST and DELETE */

/* The function that a request names; NULL after a 404. */
struct fn *gateway_find(struct http_request *r);
/* May it be called by whoever sent the request? go(r) follows, perhaps at once, or the
 * request is answered. */
void gateway_admit(struct http_request *r, const struct fn *fn, void (*go)(struct http_request *r));

const struct invoke_ops *gateway_ops(void);

/* sequence.c: begin; go on with the next step, or say that v is the end; the last step's
 * part of the commit; the event of a step that is not the first. */
void sequence_begin(struct invocation *i, struct fn *fn);
void sequence_step(struct invocation *i);
bool sequence_go_on(struct invocation *i, const struct verdict *v);
bool sequence_settle(struct invocation *i, const struct verdict *v, struct commit *c);
void sequence_event(struct invocation *i, struct event *e);
/* Tolerates one that is none. */
void sequence_end(struct invocation *i);

/* reply.c: answer for a verdict, and count it. */
void gateway_reply(struct invocation *i, const struct verdict *v);
/* Answer with a status of ours although the fleet was never asked. */
void gateway_refuse(struct http_request *r, unsigned status, const char *text);
/* after_s: seconds after which it may be tried again; 0: nothing is said of that. */
void gateway_refuse_later(struct http_request *r, unsigned status, unsigned after_s,
                          const char *text);
struct name;
void gateway_refuse_unknown(struct http_request *r, const struct name *name);

/* event.c: the event of an invocation, in the gateway's own space. */
void gateway_event(struct invocation *i, struct event *e);
/* The client's address in out, cap bytes; or NULL. */
const char *gateway_peer(const struct http_request *r, char *out, size_t cap);

#endif
