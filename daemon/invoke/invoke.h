// SPDX-License-Identifier: MIT
/*
 * invoke.h: one event handled once, with everything it does.
 *
 * Between who has an event (gateway, queues) and the fleet, which runs it. An
 * invocation runs in an instance; its host calls are served (txn.c); when it has
 * ended, its effects are committed together with what its owner adds; when that
 * conflicts with another's, it runs again. Only then is its owner told.
 *
 *	invoke_submit()
 *	  ops->event      describe the event (again for each run)
 *	  ops->settle     it ran: keep its effects? add your own part to the commit
 *	  ops->done       all of it is durable, or none; exactly once
 *
 * One thread; callbacks come from the loop, or from within invoke_submit().
 */
#ifndef DAEMON_INVOKE_INVOKE_H
#define DAEMON_INVOKE_INVOKE_H

#include "daemon/fleet/fleet.h"
#include "daemon/invoke/hold.h"
#include "daemon/invoke/txn.h"
#include "daemon/record/records.h"
#include "daemon/record/trace.h"
#include "daemon/store/commit.h"
#include "daemon/store/store.h"

#define INVOKE_RUNS 16u /* of one invocation, because of conflicts */

struct fetcher;
struct invoke;

/* What invocations have in common. */
struct invoker {
    struct loop *loop;
    struct worker *worker;
    struct secrets *secrets; /* NULL: there are none */
    struct records *records; /* NULL: none are kept */
    struct fetcher *fetcher; /* NULL: nobody is asked */
    struct queues *queues;   /* NULL: nothing can be pushed */
    struct holds holds;
    uint64_t version;   /* last one given out: invoke_next_version() */
    uint64_t conflicts; /* runs that had to be repeated */
    uint32_t nopen;     /* submitted and not done       */
};

struct invoke_ops {
    /* Describe the event; what it borrows lives until the next return to the loop. */
    void (*event)(struct invoke *i, struct event *e);
    /* No instance was idle: it waits. May be NULL. */
    void (*waits)(struct invoke *i);
    /* A run has ended, well or not, or there was none (a verdict without a result).
     * Add to c what becomes true with it, and say whether its effects do; when a run
     * that went well is as if it had not been, say why: invoke_void(). May be NULL:
     * effects are kept when the outcome is ok. */
    bool (*settle)(struct invoke *i, const struct verdict *v, struct commit *c);
    /* The end. v->result, if any, lives until this returns; i may be freed within. */
    void (*done)(struct invoke *i, const struct verdict *v);
};

/* Embedded by whoever has an event; zeroed, then ops and id are filled in, and what is
 * known of the others. Texts are the owner's. */
struct invoke {
    const struct invoke_ops *ops;
    const char *id;       /* of the invocation                             */
    const char *key;      /* of what it asks of others; NULL: its id       */
    const char *cause;    /* ... that it follows from; NULL: none          */
    const char *trigger;  /* "http" (or NULL), "queue", "next" ...         */
    const char *sequence; /* that it is a step of; NULL: of none          */
    const char *parent;   /* the event's traceparent, if it makes sense    */
    uint32_t attempt;     /* of the event, from 1 (or 0)                   */

    /* From invoke_submit() on: what the function's header and all that follows from
     * the invocation say. */
    char traceparent[TRACE_TEXT];
    char parent_span[TRACE_SPAN_TEXT]; /* "": it began the trace */

    struct invoker *invoker;
    struct call call;
    struct txn txn;
    struct holder holder;
    struct commit commit;
    char image[SNAPFILE_HEX]; /* that ran last                          */
    uint64_t arrived_ns;
    uint64_t bytes_in;
    uint32_t runs;
    bool is_open;             /* submitted and not done                 */
    bool is_durable;          /* what settle() added is in the database */
    int abort_code;           /* why the platform itself ended the run  */
    const char *lost;         /* outcome of a run that is void; or NULL */
    unsigned lost_http;       /* ... and its status                     */
    struct uf_err err;        /* words for verdict.reason               */
    struct verdict verdict;   /* while it commits                      */
    struct kept_result *kept; /* ... its result, with its parts      */
};

/* i lives at least until this returns, even if done() came already. */
void invoke_submit(struct invoker *v, struct fn *fn, struct invoke *i);
/* Take back one that waits for an instance: done() is not called. False: it runs. */
bool invoke_withdraw(struct invoke *i);

void invoker_init(struct invoker *v, struct loop *l, struct store *s);

/* A version for a value that the loop knows before the store thread does. Odd, so that
 * it is none of db_next_version(). */
uint64_t invoke_next_version(struct invoker *v);

/* The run cannot go on, for a reason of the platform's: a negative errno and words.
 * done() follows. For txn.c. */
void invoke_abort(struct invoke *i, int code, const char *why);

/* For ops->settle: nothing of the run is kept, and its record says so: an outcome of
 * daemon/record/records.h (not copied), a status of HTTP, and words. */
void invoke_void(struct invoke *i, const char *outcome, unsigned http, const char *why);

/* The HTTP status of an end. */
unsigned invoke_status(const struct verdict *v);

/* ---- inside daemon/invoke: record.c ----------------------------------------------- */

void invoke_begin_span(struct invoke *i);
/* Keep what is known of it, with its commit if there is something to commit. outcome:
 * a word of daemon/record/records.h; NULL: v's, and its effects are being kept. */
void invoke_record(struct invoke *i, const struct verdict *v, const char *outcome);

#endif
