// SPDX-License-Identifier: MIT
/*
 * queue.h: queued events on their way to functions.
 *
 *	pushes (push.h)      one durable job; then
 *	queues_run()         each consumer hands over what its queues have:
 *	  refill.c             events come from the store in chunks, before they are
 *	                       needed, and never more than a little of them
 *	  deliver.c            an event, or a batch, becomes an invocation
 *	  settle.c             what becomes of it is part of the invocation's commit
 *
 * Nothing is written when an event is handed over: what is in flight is known here
 * only, and delivered again after a crash, which is right because its effects are
 * committed together with its removal or not at all.
 *
 * A consumer is a function as its queues see it: its own queue "@NAME", and those
 * that its manifest names. It stays while the function is away; events wait.
 *
 * One thread. Time is the loop's; nothing ticks: a timer is armed for what is due
 * later, and for nothing else.
 */
#ifndef DAEMON_QUEUE_QUEUE_H
#define DAEMON_QUEUE_QUEUE_H

#include "abi/door.h"
#include "abi/event.h"
#include "daemon/fetch/fetch.h"
#include "daemon/fleet/fleet.h"
#include "daemon/record/metrics.h"
#include "daemon/store/events.h"
#include "daemon/store/worker.h"

struct consumer;
struct invoker;
struct queue;

/* Events that are kept in memory for one queue: at most so many, and so many bytes of
 * heads and bodies, but for one that is larger. Half of it is when more are fetched. */
#define QUEUE_READY_MAX   512u
#define QUEUE_READY_BYTES (512u << 10)
/* Of one without a consumer. */
#define QUEUE_POP_MAX 16u

/* Of the event that is being described; used by one at a time. */
struct queues_scratch {
    struct event_header headers[UF_EVENT_HEADERS_MAX];
    char *text; /* a copy of its head */
    size_t cap;
    char attempt[24];
    char source[UF_NAME_MAX + 16];
    char type[64];
    char time[32];
};

struct queues {
    struct loop *loop;
    struct worker *worker;
    struct fleet *fleet;
    struct invoker *invoker;
    struct fetcher *fetcher;              /* NULL: callbacks wait                        */
    const struct fetch_policy *callbacks; /* where they may go             */
    uint64_t depth_max;                   /* events in one queue; 0: no limit             */
    size_t body_max;                      /* bytes of an event's body, a batch's included */
    uint64_t salt;                        /* of the database: callid.h                    */

    void *by_name;        /* search tree of struct queue             */
    struct queue **by_id; /* those that exist in the store           */
    size_t nby_id;
    void *consumers;                /* search tree of struct consumer */
    TAILQ_HEAD(, consumer) touched; /* that may have something to do  */
    TAILQ_HEAD(, queue) popping;    /* likewise, without a consumer   */
    LIST_HEAD(, sending) sendings;  /* callbacks on their way         */
    bool is_draining;
    uint64_t clock_ns; /* the wall clock's distance from the loop's             */
    uint64_t aged_ms;  /* ages count from here, if not from later: since when
                           * the wall clock goes as it does                        */
    struct queues_scratch scratch;
    /* Since the start. */
    uint64_t delivered;
    uint64_t failed;
    uint64_t buried;
    struct metrics_source metrics;
};

struct queues_options {
    struct loop *loop;
    struct worker *worker;
    struct fleet *fleet;
    struct invoker *invoker;
    struct fetcher *fetcher;
    const struct fetch_policy *callbacks;
    uint64_t depth_max;
    size_t body_max;
};

void queues_init(struct queues *all, const struct queues_options *o);
/* See what the store has: its queues, and no event. Before the store thread starts. */
int queues_load(struct queues *all, struct db *db, struct uf_err *err);
/* Hand over no more; what runs may finish. */
void queues_drain(struct queues *all);
/* After the fleet and the worker have ended. Tolerates a zeroed one. */
void queues_fini(struct queues *all);

/* The system's time was set: look again at all that waits for a time. */
void queues_reckon(struct queues *all);

/* Hand over what can be; for the loop's hook. Whether anything was done. */
bool queues_run(struct queues *all);

/* metrics.c: what is told at /metrics; and the part that has to be asked of the store
 * first: done() follows. */
void queues_metrics(struct queues *all, struct metrics *m);
void queues_measure(struct queues *all, void (*done)(void *ctx), void *ctx);

/* A function was put in place, for the first time or again; or was removed: then its
 * events wait. */
void queues_deployed(struct queues *all, struct fn *fn);
void queues_removed(struct queues *all, struct fn *fn);

/* May a function have these queues? -EEXIST when another has one of them. */
int queues_check(const struct queues *all, const struct function *f, struct uf_err *err);

/* The function that a queue triggers, "" when it is none; NULL: there is no such
 * queue in memory. Lives until the next deployment. */
const char *queues_consumer(const struct queues *all, const char *space, const char *name);

#endif
