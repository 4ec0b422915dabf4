// SPDX-License-Identifier: MIT
/*
 * instance.h: one tender process and what it is for. Private to the fleet.
 *
 * Every change of state goes through inst_move(), which asks the table. The
 * process of an instance that becomes DEAD is ended and waited for at once.
 */
#ifndef DAEMON_FLEET_INSTANCE_H
#define DAEMON_FLEET_INSTANCE_H

#include "daemon/fleet/fleet.h"

struct instance {
    struct fleet *fleet;
    struct fn *fn;     /* NULL: nobody's, or a boot's        */
    struct boot *boot; /* what it boots or will boot         */
    struct call *call; /* the one event inside; LOADING: the one to run first */
    enum inst_state state;
    struct tender tender;
    struct loop_fd watch;
    struct loop_timer timer;         /* something is overdue; IDLE: warm no longer */
    int uid_slot;                    /* -1: none */
    int cpu;                         /* that it stays on; -1: any */
    uint32_t revision;               /* of fn, when it was assigned */
    uint64_t cost;                   /* bytes of the memory budget */
    uint64_t since_ns;               /* LOADING: of the start; BUSY: of the run */
    uint64_t load_ns;                /* that the start took; 0 after the first event */
    uint32_t restores;               /* as the tender last said */
    char why[UF_ERR_MAX];            /* what the tender said before it ended */
    int why_code;                    /* ... and its negative errno */
    TAILQ_ENTRY(instance) link;      /* fn->instances or fleet->blanks */
    TAILQ_ENTRY(instance) warm_link; /* fn->idle                       */
    TAILQ_ENTRY(instance) idle_link; /* fleet->idle                    */
};

/* Start a blank one, if it stays on a processor then on one that has few of `others`;
 * it is in fleet->blanks. */
struct instance *instance_start(struct fleet *f, enum backend backend,
                                const struct instances *others, struct uf_err *err);
/* How many of them stay on this processor. */
unsigned instance_count_on(const struct instances *all, int cpu);

/* Make a blank one somebody's; it loads or boots as soon as it is READY. */
void instance_assign_fn(struct instance *i, struct fn *fn);
void instance_assign_boot(struct instance *i, struct boot *b);

/*
 * Hand a call to an IDLE one, or say why not:
 * -E2BIG, -EINVAL  the event cannot be handed over; the instance stays IDLE;
 * else             the instance was lost and is freed.
 */
int instance_run(struct instance *i, struct call *c, struct uf_err *err);

/* No further event: ends now, or after the event inside. */
void instance_stop(struct instance *i);
/* End it at once, as when its tender had ended by itself. */
void instance_lose(struct instance *i, uint32_t outcome, const char *why);

/* ---- budget.c: the memory budget -------------------------------------------- */

/* How many times bytes could be had, at most max. */
uint32_t budget_affords(const struct fleet *f, uint64_t bytes, uint32_t max);
/* Make room for bytes more, at the expense of those that are idle longest and
 * then of blank tenders. False: there is not enough to take. */
bool budget_make_room(struct fleet *f, uint64_t bytes);

/* ---- pool.c: blank tenders --------------------------------------------------- */

/* One for use now: blank if there is one, else on its way; on a processor of its own
 * beside `others`, as far as there are any. NULL: reason in err. */
struct instance *pool_take(struct fleet *f, enum backend backend, const struct instances *others,
                           struct uf_err *err);
/* Refill, a little later: outside of the path of a request. */
void pool_touch(struct fleet *f);
/* A blank one ended by itself. */
void pool_on_death(struct fleet *f, const char *why);
void pool_on_timer(struct loop_timer *t);

/* ---- queue.c: waiting calls meet instances ------------------------------------ */

/* Something changed for fn: run what can run, start what should start. */
void queue_pump(struct fn *fn);
/* Memory or an instance came free: those that starve go first. */
void queue_feed(struct fleet *f);
/* A tender of fn was lost: wait before the next start when that is a habit. */
void queue_on_death(struct fn *fn, const char *why);
/* The call that waits longest, for an instance; and back to its place when the
 * instance could not take it. */
struct call *queue_take(struct fn *fn);
void queue_return(struct call *c);
/* The same for a negative errno of handing it over; what makes no event is
 * refused instead. */
void queue_untake(struct call *c, int code, const struct uf_err *err);
/* Does something wait that fn's only instance, which is not ready, will run? */
bool queue_is_for_first(const struct fn *fn);
/* Answer a call and forget it. */
void queue_finish(struct call *c, const struct verdict *v);
/* Answer everything that waits. */
void queue_refuse_all(struct fn *fn, unsigned http, unsigned retry_after_s, const char *why);
/* It no longer waits for memory. */
void queue_unstarve(struct fn *fn);
void queue_on_timer(struct loop_timer *t);

/* ---- warm.c: instances that somebody asked for ---------------------------------- */

/* prepare() would answer differently now. */
void warm_retry(struct fn *fn);

/* ---- fleet.c ------------------------------------------------------------------ */

/* Free a removed function when its last instance has gone. */
void fleet_release(struct fn *fn);

#endif
