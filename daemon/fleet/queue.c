// SPDX-License-Identifier: MIT
/*
 * queue.c: waiting calls meet instances.
 *
 * Order: first come, first served within a function. Across functions that
 * compete for memory likewise: while an older call of another function waits
 * for memory, younger ones do not take the instances whose memory it needs.
 */
#include <errno.h>
#include <stdio.h>

#include "base/owner.h"
#include "daemon/fleet/instance.h"
#include "daemon/fleet/scale.h"
#include "daemon/record/say.h"
#include "engine/reason.h"

/* A start takes processor time from what runs, so it is never reckoned free. */
#define START_MIN_NS UINT64_C(4000000)
#define START_MAX_NS UINT64_C(100000000)

/* A call may wait for as long as so many take, whatever the operator said: it is done
 * within three times the usual. */
#define PATIENT_RUNS 2u

/* Tenders lost in a row before starts are put off, and for how long. */
#define DEATHS_FREE    3u
#define BACKOFF_NS     UINT64_C(100000000)
#define BACKOFF_MAX_NS UINT64_C(30000000000)

void queue_finish(struct call *c, const struct verdict *v)
{
    c->fn->fleet->ncalls--;
    c->asking = NULL;
    c->ops->done(c, v);
}

static void leave(struct call *c)
{
    TAILQ_REMOVE(&c->fn->calls, c, link);
    c->fn->nwaiting--;
    c->is_waiting = false;
}

static void give_up(struct call *c)
{
    leave(c);
    if (c->is_awaited)
        line_leave(&c->fn->line);
}

void queue_refuse_all(struct fn *fn, unsigned http, unsigned retry_after_s, const char *why)
{
    struct verdict v = {.http = http, .retry_after_s = retry_after_s, .reason = why};
    struct call *c;

    while ((c = TAILQ_FIRST(&fn->calls)) != NULL) {
        give_up(c);
        queue_finish(c, &v);
    }
}

void queue_on_death(struct fn *fn, const char *why)
{
    uint32_t step = fn->deaths >= DEATHS_FREE ? fn->deaths - DEATHS_FREE : 0;
    uint64_t wait = BACKOFF_NS << (step < 10 ? step : 10);

    (void)snprintf(fn->reason, sizeof(fn->reason), "%s", why);
    say("%s: an instance was lost: %s", fn->label, why);
    fn->deaths++;
    if (fn->deaths >= DEATHS_FREE)
        fn->not_before_ns =
            fn->fleet->loop->now_ns + (wait < BACKOFF_MAX_NS ? wait : BACKOFF_MAX_NS);
}

static uint32_t starting(const struct fn *fn)
{
    return fn->count[INST_STARTING] + fn->count[INST_BLANK] + fn->count[INST_LOADING];
}

static uint32_t alive(const struct fn *fn)
{
    return fn->count[INST_IDLE] + fn->count[INST_BUSY] + starting(fn);
}

/* Does an older call of another function wait for memory? */
static bool is_held(const struct fn *fn)
{
    const struct fn *first = TAILQ_FIRST(&fn->fleet->starved);

    if (first == NULL || first == fn || TAILQ_EMPTY(&first->calls))
        return false;
    return TAILQ_EMPTY(&fn->calls) ||
           TAILQ_FIRST(&first->calls)->at_ns < TAILQ_FIRST(&fn->calls)->at_ns;
}

struct call *queue_take(struct fn *fn)
{
    struct call *c = TAILQ_FIRST(&fn->calls);

    leave(c);
    if (c->is_awaited)
        line_serve(&fn->line, fn->fleet->loop->now_ns);
    return c;
}

void queue_return(struct call *c)
{
    TAILQ_INSERT_HEAD(&c->fn->calls, c, link);
    c->fn->nwaiting++;
    c->is_waiting = true;
    if (c->is_awaited)
        line_return(&c->fn->line);
}

void queue_untake(struct call *c, int code, const struct uf_err *err)
{
    struct verdict v = {.http = code == -E2BIG ? 413 : 431, .reason = err->msg};

    if (code == -E2BIG || code == -EINVAL)
        queue_finish(c, &v);
    else
        queue_return(c);
}

bool queue_is_for_first(const struct fn *fn)
{
    return fn->nwaiting > 0 && alive(fn) == 1 && !is_held(fn);
}

static void run_waiting(struct fn *fn)
{
    while (fn->nwaiting > 0 && !TAILQ_EMPTY(&fn->idle) && !is_held(fn)) {
        struct call *c = queue_take(fn);
        struct uf_err err = {0};
        int r = instance_run(TAILQ_FIRST(&fn->idle), c, &err);

        if (r < 0)
            queue_untake(c, r, &err);
    }
}

static void starve(struct fn *fn)
{
    if (!fn->is_starved)
        TAILQ_INSERT_TAIL(&fn->fleet->starved, fn, starved_link);
    fn->is_starved = true;
}

void queue_unstarve(struct fn *fn)
{
    if (fn->is_starved)
        TAILQ_REMOVE(&fn->fleet->starved, fn, starved_link);
    fn->is_starved = false;
}

static bool start_one(struct fn *fn)
{
    struct fleet *f = fn->fleet;
    struct uf_err err = {0};

    if (!budget_make_room(f, fn->conf.memory + FLEET_TENDER_COST)) {
        starve(fn);
        return false;
    }
    struct instance *i = pool_take(f, fleet_backend(f, &fn->conf), &fn->instances, &err);
    if (i == NULL) {
        queue_on_death(fn, err.msg);
        return false;
    }
    instance_assign_fn(i, fn);
    return true;
}

static struct scale_in scale_input(const struct fn *fn)
{
    const struct fleet *f = fn->fleet;
    uint64_t start = 2 * f->start_ns;
    uint64_t cost = fn->conf.memory + FLEET_TENDER_COST;

    start = start > START_MIN_NS ? start : START_MIN_NS;
    return (struct scale_in){
        .busy = fn->count[INST_BUSY],
        .idle = fn->count[INST_IDLE],
        .starting = starting(fn),
        .waiting = fn->nwaiting,
        .queued = fn->queued,
        .max_instances = fn->conf.max_instances,
        .affordable = budget_affords(f, cost, fn->conf.max_instances),
        .processors = f->processors,
        .head_wait_ns = f->loop->now_ns - TAILQ_FIRST(&fn->calls)->at_ns,
        .run_ns = fn->run_ns,
        .start_ns = start < START_MAX_NS ? start : START_MAX_NS,
    };
}

static void start_by_policy(struct fn *fn)
{
    struct scale_in in = scale_input(fn);

    if (in.affordable == 0 && alive(fn) == 0) {
        starve(fn);
        return;
    }
    bool is_fine = true;
    for (uint32_t n = scale_start(&in); n > 0 && is_fine; n--)
        is_fine = start_one(fn);
    if (fn->nwaiting == 0)
        return;
    in = scale_input(fn);
    uint64_t patience = scale_patience_ns(&in);
    if (patience != UINT64_MAX)
        loop_arm(fn->fleet->loop, &fn->timer, fn->fleet->loop->now_ns + patience);
}

static unsigned seconds_of(uint64_t ns)
{
    return (unsigned)((ns + 999999999) / 1000000000);
}

/* Starts are put off: those that wait learn it, unless an instance is left. */
static void put_off(struct fn *fn)
{
    uint64_t left = fn->not_before_ns - fn->fleet->loop->now_ns;
    unsigned seconds = seconds_of(left);
    char why[2 * UF_ERR_MAX];

    (void)snprintf(why, sizeof(why),
                   "%u instances of %s were lost in a row, the next start is put off for %u s: %s",
                   fn->deaths, fn->label, seconds, fn->reason);
    if (alive(fn) == 0)
        queue_refuse_all(fn, 503, seconds, why);
}

static void grow(struct fn *fn)
{
    struct fleet *f = fn->fleet;
    struct uf_err err = {0};

    if (f->loop->now_ns < fn->not_before_ns) {
        put_off(fn);
        return;
    }
    int r = f->ops.prepare(f->ops.ctx, fn, &err);
    if (r == 0)
        start_by_policy(fn);
    else if (r != -EINPROGRESS && alive(fn) == 0)
        queue_refuse_all(fn, 503, reason_of_limit(r) != REASON_NONE, err.msg);
}

void queue_pump(struct fn *fn)
{
    if (fn->nwaiting == 0)
        return;
    /* What happens below may want to pump again: it does so here, not deeper.
     * Each round starts with fewer calls or one more death, so they end. */
    fn->is_touched = true;
    if (fn->is_pumping)
        return;
    fn->is_pumping = true;
    while (fn->is_touched) {
        fn->is_touched = false;
        run_waiting(fn);
        if (fn->nwaiting > 0)
            grow(fn);
    }
    fn->is_pumping = false;
    if (fn->nwaiting == 0) {
        queue_unstarve(fn);
        loop_disarm(fn->fleet->loop, &fn->timer);
    }
}

static void pump_one(struct fn *fn, void *ctx)
{
    (void)ctx;
    queue_pump(fn);
}

void queue_feed(struct fleet *f)
{
    struct fn *fn = TAILQ_FIRST(&f->starved);

    if (fn == NULL || budget_affords(f, fn->conf.memory + FLEET_TENDER_COST, 1) == 0)
        return;
    queue_unstarve(fn);
    queue_pump(fn);
    /* Others may have held back for it. */
    fleet_each(f, pump_one, NULL);
}

void queue_on_timer(struct loop_timer *t)
{
    queue_pump(UF_OWNER(t, struct fn, timer));
}

/* 0: c may wait. Otherwise the seconds after which to come again, and why. */
static unsigned refused_for(const struct fn *fn, const struct call *c, struct uf_err *err)
{
    const struct fleet_options *o = &fn->fleet->o;
    uint64_t wait = c->is_awaited && !c->is_again ? line_wait_ns(&fn->line) : 0;

    if (fn->nwaiting >= o->queue_max && (TAILQ_EMPTY(&fn->idle) || is_held(fn))) {
        (void)uf_fail(err, -EBUSY, "%s is busy: %u events wait, which is the limit (--queue)",
                      fn->label, fn->nwaiting);
        return 1;
    }
    if (wait <= o->wait_max_ns || wait <= PATIENT_RUNS * fn->run_ns)
        return 0;
    (void)uf_fail(err, -EBUSY, "%s is busy: it would wait for %llu ms, longer than --max-wait",
                  fn->label, (unsigned long long)(wait / 1000000));
    return seconds_of(wait);
}

void fleet_submit(struct fn *fn, struct call *c)
{
    struct fleet *f = fn->fleet;
    struct uf_err err = {0};
    struct verdict v = {.http = 503, .reason = err.msg};

    c->fn = fn;
    c->at_ns = f->loop->now_ns;
    c->is_waiting = false;
    c->asking = NULL;
    fn->stats.started += !c->is_again;
    f->ncalls++;
    if (fleet_check(f, &fn->conf, &err) < 0) {
        queue_finish(c, &v);
        return;
    }
    v.retry_after_s = refused_for(fn, c, &err);
    if (v.retry_after_s > 0) {
        v.http = 429;
        queue_finish(c, &v);
        return;
    }
    TAILQ_INSERT_TAIL(&fn->calls, c, link);
    fn->nwaiting++;
    c->is_waiting = true;
    if (c->is_awaited)
        line_join(&fn->line, c->at_ns, fn->count[INST_BUSY] > 0);
    queue_pump(fn);
    if (c->is_waiting && c->ops->waits != NULL)
        c->ops->waits(c);
}

void fleet_withdraw(struct call *c)
{
    struct fn *fn = c->fn;

    if (!c->is_waiting)
        return;
    give_up(c);
    fn->fleet->ncalls--;
    if (fn->nwaiting == 0) {
        queue_unstarve(fn);
        loop_disarm(fn->fleet->loop, &fn->timer);
    }
}

void fleet_retry(struct fn *fn)
{
    queue_pump(fn);
    warm_retry(fn);
}
