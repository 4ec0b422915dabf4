// SPDX-License-Identifier: MIT
/*
 * fleet.h: functions, their instances, and the events that wait for them.
 *
 * The one place where an event meets an instance:
 *
 *	fleet_submit(fn, call)
 *	     an instance is idle        -> it runs now (most recently used first,
 *	                                   so that the others can expire)
 *	     one more may be started    -> a blank tender loads the snapshot
 *	     else                       -> the call waits, first come first served,
 *	                                   or is refused when too many wait
 *	call->ops->done(verdict)           exactly once for each accepted call
 *
 * One thread; callbacks come from the loop, or from within fleet_submit().
 */
#ifndef DAEMON_FLEET_FLEET_H
#define DAEMON_FLEET_FLEET_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/fleet/inst_state.h"
#include "daemon/fleet/line.h"
#include "daemon/fleet/slots.h"
#include "daemon/loop/loop.h"
#include "daemon/record/logring.h"
#include "daemon/record/metrics.h"
#include "daemon/record/stats.h"
#include "engine/event.h"
#include "engine/function.h"
#include "engine/snapfile.h"
#include "engine/tender.h"

struct fleet;
struct fn;
struct call;
struct boot;

/* How a call ended. */
struct verdict {
    const struct result *result; /* NULL: it did not come to one             */
    uint32_t outcome;            /* enum uf_outcome; OK when it never ran    */
    unsigned http;               /* status to answer when result is NULL     */
    const char *reason;          /* why, when result is NULL                 */
    unsigned retry_after_s;      /* 0: say nothing                           */
    enum backend backend;        /* valid when it ran                        */
};

struct call_ops {
    /* Describe the event; what it borrows lives until the next return to the loop. */
    void (*event)(struct call *c, struct event *e);
    /* No instance was idle: it waits. May be NULL. */
    void (*waits)(struct call *c);
    /* The function asks something: fleet_answer() follows, perhaps at once. h->data
     * is the callee's. NULL: every question is answered "not available". */
    void (*asks)(struct call *c, const struct host_request *h);
    void (*done)(struct call *c, const struct verdict *v);
};

/* Embedded by whoever wants something run. */
struct call {
    const struct call_ops *ops;
    const char *id;       /* of the invocation; the owner's                    */
    const char *sequence; /* whose log gets its lines as well; NULL: of no one */
    struct fn *fn;
    uint64_t at_ns;      /* when it was submitted                      */
    uint64_t started_ns; /* when it ran last; 0: it has not            */
    uint64_t init_ns;    /* ... after a start that took so long; 0: on an instance
                          * that had one before                        */
    bool is_waiting;
    bool is_again;           /* submitted before: not one more request */
    bool is_awaited;         /* by a client, who rather hears no than waits for long */
    struct instance *asking; /* whose question has no answer yet; NULL */
    TAILQ_ENTRY(call) link;
};

TAILQ_HEAD(instances, instance);

/* A deployed function. */
struct fn {
    struct fleet *fleet;
    struct function conf;
    char label[FUNCTION_LABEL];  /* function_label()                        */
    char image[SNAPFILE_HEX];    /* SHA-256 of the image                    */
    char snapshot[SNAPFILE_HEX]; /* name of the snapshot                    */
    char *deployment;            /* JSON that came with it, for describe    */
    uint64_t created_s;          /* since 1970                              */
    uint32_t revision;           /* counts deployments                      */
    /* What its first event wrote, for the tenders that come; of no use to another revision. */
    struct uf_stretch working_set[UF_WORKING_SET];
    struct uf_limits limits;

    uint32_t holds;                 /* fleet_hold(): it stays, if only as a shell */
    bool is_removed;                /* gone from the registry; waits for its last instance */
    bool is_verified;               /* the snapshot's checksum was right in this run       */
    bool is_refused;                /* a tender would not map the snapshot  */
    bool is_verifying;              /* the checksum is being taken          */
    bool is_rebuilding;             /* its snapshot is being made again     */
    uint32_t leaving;               /* removals that are on their way       */
    uint64_t rebuild_not_before_ns; /* after a failure                      */
    char broken[UF_ERR_MAX];        /* why that failed                      */

    bool is_starved; /* in fleet->starved                                   */
    bool is_pumping; /* queue_pump() is at work on it ...                   */
    bool is_touched; /* ... and has to look again                           */

    struct instances instances; /* all of them                         */
    struct instances idle;      /* most recently used first            */
    TAILQ_HEAD(, call) calls;   /* waiting, oldest first               */
    uint32_t nwaiting;
    uint32_t queued; /* instances that its queued events deserve            */
    uint32_t count[INST_NSTATES];
    uint32_t warm; /* instances that fleet_scale() is still to start up to */

    struct line line;        /* calls that clients wait for                  */
    uint64_t run_ns;         /* moving average of an invocation              */
    uint32_t deaths;         /* tenders lost in a row                        */
    uint64_t not_before_ns;  /* no start before then                         */
    char reason[UF_ERR_MAX]; /* of the last death or refusal                 */
    struct loop_timer timer; /* asks the scale policy again                  */

    struct stats stats;
    struct logring *log;
    TAILQ_ENTRY(fn) starved_link;
    TAILQ_ENTRY(fn) removed_link;
};

struct fleet_options {
    const char *tender_path;
    enum backend backend;
    bool is_backend_forced; /* the operator asked for this one by name       */
    uint32_t pool;          /* blank tenders to keep                         */
    uint64_t memory_budget; /* bytes                                         */
    uint32_t queue_max;     /* waiting calls of one function                 */
    uint64_t wait_max_ns;   /* what one that is awaited may wait, at least   */
    uint32_t uid_base;      /* first user id for tenders, when we are root   */
    uint32_t event_max;     /* bytes of an exchange's event part             */
    const char *no_kvm;     /* why kvm cannot be had, "" when it can         */
};

struct fleet_ops {
    /* May an instance be started from fn's snapshot? 0; -EINPROGRESS: not yet,
     * fleet_retry() follows; another negative errno with the reason. */
    int (*prepare)(void *ctx, struct fn *fn, struct uf_err *err);
    /* The snapshot, opened for reading: a descriptor, the caller's. */
    int (*open)(void *ctx, struct fn *fn, struct uf_err *err);
    void *ctx;
};

struct fleet {
    struct loop *loop;
    struct fleet_options o;
    struct fleet_ops ops;
    void *fns; /* search tree by namespace and name  */
    uint32_t nfns;
    struct instances blanks;     /* STARTING and BLANK, nobody's       */
    TAILQ_HEAD(, instance) idle; /* all IDLE ones, longest idle first  */
    TAILQ_HEAD(, fn) starved;    /* would start one, had they memory   */
    TAILQ_HEAD(, fn) removed;    /* is_removed: not yet released       */
    struct loop_timer refill;
    uint32_t refill_failures; /* in a row                           */
    cpu_set_t cpus;           /* that we may use: never empty                    */
    uint32_t processors;
    int last_cpu;      /* that the last tender got which wanted one */
    uint64_t used;     /* bytes of the memory budget         */
    uint64_t start_ns; /* moving average of a start          */
    uint32_t count[INST_NSTATES];
    uint32_t ncalls; /* submitted and not done             */
    uint64_t tenders_lost;
    uint32_t degraded; /* enum uf_degraded bits seen         */
    struct slots uids;
    struct empty_ns ns; /* what tenders are started in    */
    bool is_draining;
    struct metrics_source metrics;
};

/* What a blank tender is reckoned to cost, and every instance on top of its
 * function's memory. */
#define FLEET_TENDER_COST (UINT64_C(1) << 20)

void fleet_init(struct fleet *f, struct loop *l, const struct fleet_options *o,
                const struct fleet_ops *ops);
/* Ends every tender. Calls still there get a verdict. */
void fleet_fini(struct fleet *f);

/* metrics.c: have what is counted here among m. */
void fleet_metrics(struct fleet *f, struct metrics *m);

struct fn *fleet_find(const struct fleet *f, const char *space, const char *name);
/* In the order of namespaces and names. */
void fleet_each(const struct fleet *f, void (*visit)(struct fn *fn, void *ctx), void *ctx);

/* Events that still run in this namespace, of functions that are removed or about to be. */
uint32_t fleet_still_runs(const struct fleet *f, const char *space);

/* What a function is to be from now on; conf and deployment are taken over. */
struct fleet_deployment {
    struct function conf;
    const char *image;
    const char *snapshot;
    char *deployment;
    uint64_t created_s;
    bool is_verified;
    bool is_rebuild; /* the same function; its averages and waits stay */
};

/* Put it in place. Instances of an earlier deployment get no further event. */
struct fn *fleet_deploy(struct fleet *f, struct fleet_deployment *d);
/* Forget it: waiting calls get a verdict, running ones may finish. */
void fleet_remove(struct fn *fn);

/* Keep fn's memory while somebody looks at it, removed or not. In pairs. */
void fleet_hold(struct fn *fn);
void fleet_let_go(struct fn *fn);

/* Can this machine run it? 0, or -ENOTSUP (isolation) or -ENOSPC (memory). */
int fleet_check(const struct fleet *f, const struct function *conf, struct uf_err *err);
/* Which backend its instances use. */
enum backend fleet_backend(const struct fleet *f, const struct function *conf);

/* Run a call, now or later; c->ops and c->id are set, and c lives at least
 * until this returns, even if done() came already. */
void fleet_submit(struct fn *fn, struct call *c);
/* Take back a call that waits: done() is not called. */
void fleet_withdraw(struct call *c);
/*
 * Answer the question of a call. One that is over by now (its time limit came
 * first) asks no longer: then nothing happens.
 */
void fleet_answer(struct call *c, const struct host_answer *a);
/* The run of a call that asks cannot go on: its tender is ended, done() follows at
 * once. Nothing when it asks no longer. */
void fleet_abort(struct call *c, const char *why);
/* The effects of the run under way, as far as a question says that they are there;
 * NULL when the call asks nothing. Copy before parsing. */
const uint8_t *fleet_effects(const struct call *c);
/* prepare() would answer differently now. */
void fleet_retry(struct fn *fn);

/*
 * Have n instances now: end idle ones, or start some, perhaps a little later. Events
 * may change that at once.
 *
 * Returns  0; -EINVAL for more than max_instances; -ENOSPC when the memory budget is
 *          in use: some may have been started; or another negative errno.
 */
int fleet_scale(struct fn *fn, uint32_t n, struct uf_err *err);

/* An image on its way to a snapshot. Embedded by whoever wants it. */
struct boot_end {
    int code;                    /* 0, -EINVAL when the tender refused the image,
                                  * or another negative errno                           */
    const char *reason;          /* words for code                                      */
    const struct result *result; /* how init went, when code is 0                       */
};
struct boot {
    const struct function *conf;
    int image;    /* readable                        */
    int snapshot; /* empty, writable                 */
    void (*done)(struct boot *b, const struct boot_end *end);
    struct instance *instance;
};
/* done() follows once, perhaps at once. */
void fleet_boot(struct fleet *f, struct boot *b);
/* End it; done() comes with a failure. Nothing when it is not under way. */
void fleet_boot_cancel(struct boot *b);

#endif
