// SPDX-License-Identifier: MIT
/* instance.c: see instance.h. frames.c serves what the tenders send. */
#include "daemon/fleet/instance.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/owner.h"
#include "daemon/fleet/frames.h"
#include "engine/reason.h"

/* How long a tender may take for what it does by itself. */
#define TENDER_PATIENCE_NS UINT64_C(10000000000)
/* How much longer than the time limit, which the tender enforces, a run may
 * take before the tender is ended. */
#define BACKSTOP_NS UINT64_C(1000000000)

static void set_state(struct instance *i, enum inst_state to)
{
    i->fleet->count[i->state]--;
    i->fleet->count[to]++;
    if (i->fn != NULL) {
        i->fn->count[i->state]--;
        i->fn->count[to]++;
    }
    i->state = to;
}

bool instance_move(struct instance *i, enum inst_event ev)
{
    int to = inst_next(i->state, ev);

    if (to < 0)
        return false;
    if (i->state == INST_IDLE && to != INST_IDLE) {
        TAILQ_REMOVE(&i->fn->idle, i, warm_link);
        TAILQ_REMOVE(&i->fleet->idle, i, idle_link);
    }
    set_state(i, (enum inst_state)to);
    return true;
}

static void on_overdue(struct loop_timer *t)
{
    struct instance *i = UF_OWNER(t, struct instance, timer);

    if (i->state == INST_IDLE)
        instance_stop(i); /* keep_warm is over */
    else if (i->state == INST_BUSY || i->state == INST_DRAINING)
        instance_lose(i, UF_OUTCOME_TIME_LIMIT,
                      "the tender did not end the invocation at its time limit and was killed");
    else
        instance_lose(i, UF_OUTCOME_TENDER_LOST, "the tender took too long and was killed");
}

unsigned instance_count_on(const struct instances *all, int cpu)
{
    const struct instance *i;
    unsigned n = 0;

    TAILQ_FOREACH(i, all, link)
    n += i->cpu == cpu;
    return n;
}

/* Of the processors that we may use ourselves the one that has the fewest of `others`;
 * in turn, when several have. */
static int choose_cpu(struct fleet *f, const struct instances *others)
{
    unsigned fewest = UINT_MAX;
    int best = 0;

    for (int k = 1; k <= CPU_SETSIZE && fewest > 0; k++) {
        int cpu = (f->last_cpu + k) % CPU_SETSIZE;
        unsigned n = CPU_ISSET((size_t)cpu, &f->cpus) ? instance_count_on(others, cpu) : UINT_MAX;

        if (n < fewest) {
            fewest = n;
            best = cpu;
        }
    }
    f->last_cpu = best;
    return best;
}

static int start_tender(struct instance *i, enum backend backend, const struct instances *others,
                        struct uf_err *err)
{
    struct fleet *f = i->fleet;
    struct tender_options o = {
        .path = f->o.tender_path, .backend = backend, .ns = &f->ns, .cpu = -1};

    /* Tender and guest take turns, so they share a processor; left to itself
     * each would choose the one that we run on. */
    if (backend == BACKEND_PROCESS)
        o.cpu = choose_cpu(f, others);
    i->cpu = o.cpu;
    if (geteuid() == 0) {
        i->uid_slot = slots_take(&f->uids);
        if (i->uid_slot < 0)
            return uf_fail(err, -EMFILE, "all %u user ids of tenders are in use", SLOTS_MAX);
        o.uid = f->o.uid_base + (uint32_t)i->uid_slot;
    }
    int r = tender_start(&i->tender, &o, err);
    if (r < 0)
        return r;
    i->watch = (struct loop_fd){.on_ready = frames_on_socket, .fd = i->tender.sock};
    return loop_watch(f->loop, &i->watch, EPOLLIN, err);
}

static void end_process(struct instance *i)
{
    loop_unwatch(i->fleet->loop, &i->watch);
    loop_disarm(i->fleet->loop, &i->timer);
    tender_stop(&i->tender);
    if (i->uid_slot >= 0)
        slots_give(&i->fleet->uids, (uint32_t)i->uid_slot);
}

struct instance *instance_start(struct fleet *f, enum backend backend,
                                const struct instances *others, struct uf_err *err)
{
    struct instance *i = calloc(1, sizeof(*i));

    if (i == NULL) {
        (void)reason_fail(err, -ENOMEM, reason_of_limit(-ENOMEM), "cannot keep an instance");
        return NULL;
    }
    i->fleet = f;
    i->uid_slot = -1;
    i->tender.sock = -1;
    i->tender.exchange = -1;
    i->timer.on_fire = on_overdue;
    if (start_tender(i, backend, others, err) < 0) {
        end_process(i);
        free(i);
        return NULL;
    }
    i->state = INST_STARTING;
    i->cost = FLEET_TENDER_COST;
    f->used += i->cost;
    f->count[INST_STARTING]++;
    TAILQ_INSERT_TAIL(&f->blanks, i, link);
    loop_arm(f->loop, &i->timer, f->loop->now_ns + TENDER_PATIENCE_NS);
    return i;
}

/* Free it; its state is DEAD. What it held is the caller's business. */
static void dispose(struct instance *i)
{
    struct fleet *f = i->fleet;

    if (i->fn != NULL) {
        TAILQ_REMOVE(&i->fn->instances, i, link);
        i->fn->count[INST_DEAD]--;
    } else if (i->boot == NULL) {
        TAILQ_REMOVE(&f->blanks, i, link);
    }
    f->count[INST_DEAD]--;
    f->used -= i->cost;
    end_process(i);
    free(i);
    pool_touch(f);
}

/* An event that was given along with the snapshot, and has not run. */
static void give_back(struct instance *i)
{
    if (i->call != NULL)
        queue_return(i->call);
    i->call = NULL;
}

/* It ended because we wanted it to. */
static void retire(struct instance *i)
{
    struct fleet *f = i->fleet;
    struct fn *fn = i->fn;

    give_back(i);
    dispose(i);
    if (fn != NULL)
        fleet_release(fn);
    queue_feed(f);
}

void instance_stop(struct instance *i)
{
    if (instance_move(i, INST_EV_STOP) && i->state == INST_DEAD)
        retire(i);
}

static void end_call(struct call *c, uint32_t outcome, enum backend backend, const char *why)
{
    struct verdict v = {
        .outcome = outcome, .http = outcome_http(outcome), .reason = why, .backend = backend};

    queue_finish(c, &v);
}

void instance_lose(struct instance *i, uint32_t outcome, const char *why)
{
    struct fleet *f = i->fleet;
    struct fn *fn = i->fn;
    struct boot *boot = i->boot;
    struct call *call = i->call;
    enum backend backend = i->tender.backend;
    int code = i->why[0] != '\0' ? i->why_code : -EPIPE;
    char reason[UF_ERR_MAX];

    /* why may lie in the instance. */
    (void)strncpy(reason, why, sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    enum inst_state before = i->state;

    if (!instance_move(i, INST_EV_EXIT))
        return;
    if (before == INST_LOADING) {
        give_back(i);
        call = NULL;
    }
    dispose(i);
    /* One that says why an image cannot be booted does what it is for. */
    f->tenders_lost += boot == NULL || code != -EINVAL;
    if (boot != NULL) {
        struct boot_end end = {.code = code, .reason = reason};

        boot->instance = NULL;
        boot->done(boot, &end);
    } else if (fn == NULL) {
        pool_on_death(f, reason);
    }
    if (fn != NULL) {
        /* The call may be the last that holds it. */
        fleet_hold(fn);
        queue_on_death(fn, reason);
        if (call != NULL)
            end_call(call, outcome, backend, reason);
        if (!fn->is_removed)
            queue_pump(fn);
        fleet_let_go(fn);
    }
    queue_feed(f);
}

static void take_from_blanks(struct instance *i, uint64_t memory)
{
    TAILQ_REMOVE(&i->fleet->blanks, i, link);
    i->cost += memory;
    i->fleet->used += memory;
    pool_touch(i->fleet);
}

void instance_assign_fn(struct instance *i, struct fn *fn)
{
    take_from_blanks(i, fn->conf.memory);
    i->fn = fn;
    i->revision = fn->revision;
    i->since_ns = i->fleet->loop->now_ns;
    fn->count[i->state]++;
    TAILQ_INSERT_TAIL(&fn->instances, i, link);
    if (i->state == INST_BLANK)
        instance_begin(i);
}

void instance_assign_boot(struct instance *i, struct boot *b)
{
    take_from_blanks(i, b->conf->memory);
    i->boot = b;
    b->instance = i;
    if (i->state == INST_BLANK)
        instance_begin(i);
}

static int hand_over(struct instance *i, struct call *c, struct uf_err *err)
{
    struct event e = {.trigger = "http",
                      .now_ns = i->fleet->loop->wall_ns,
                      .timeout_ns = i->fn->conf.timeout_ns,
                      .attempt = 1};

    c->ops->event(c, &e);
    int r = tender_run(&i->tender, &e, err);
    if (r == 0)
        i->call = c;
    return r;
}

/*
 * A function's only instance is given its first event along with the snapshot,
 * which saves waking each other up once more. Should it be lost before it says
 * LOADED, the event has not run. One that cannot take it is ending: its socket
 * will say why.
 */
static void give_first(struct instance *i)
{
    bool is_gone = false;

    while (!is_gone && i->call == NULL && queue_is_for_first(i->fn)) {
        struct call *c = queue_take(i->fn);
        struct uf_err err = {0};
        int r = hand_over(i, c, &err);

        if (r < 0)
            queue_untake(c, r, &err);
        is_gone = r < 0 && r != -E2BIG && r != -EINVAL;
    }
}

static int load(struct instance *i, struct uf_err *err)
{
    struct fleet *f = i->fleet;
    UF_AUTO_FD int snapshot = f->ops.open(f->ops.ctx, i->fn, err);

    if (snapshot < 0)
        return snapshot;
    (void)instance_move(i, INST_EV_LOAD);
    loop_arm(f->loop, &i->timer, f->loop->now_ns + TENDER_PATIENCE_NS);
    int r = tender_load(&i->tender, &i->fn->limits, snapshot, i->fn->working_set, err);
    if (r == 0)
        give_first(i);
    return r;
}

static int boot(struct instance *i, struct uf_err *err)
{
    struct fleet *f = i->fleet;
    const struct boot *b = i->boot;
    struct uf_limits l;

    function_limits(b->conf, f->o.event_max, &l);
    (void)instance_move(i, INST_EV_BOOT);
    loop_arm(f->loop, &i->timer, f->loop->now_ns + l.timeout_ns + TENDER_PATIENCE_NS);
    return tender_boot(&i->tender, &l,
                       &(struct tender_image){b->image, b->snapshot, b->conf->name, b->conf->env,
                                              b->conf->env_size},
                       err);
}

void instance_begin(struct instance *i)
{
    struct uf_err err = {0};
    int r = i->boot != NULL ? boot(i, &err) : load(i, &err);

    if (r < 0)
        instance_lose(i, UF_OUTCOME_TENDER_LOST, err.msg);
}

static void watch_run(struct instance *i)
{
    const struct loop *l = i->fleet->loop;

    (void)instance_move(i, INST_EV_RUN);
    i->since_ns = l->now_ns;
    i->call->started_ns = l->now_ns;
    i->call->init_ns = i->load_ns;
    i->load_ns = 0;
    loop_arm(i->fleet->loop, &i->timer, l->now_ns + i->fn->conf.timeout_ns + BACKSTOP_NS);
}

int instance_run(struct instance *i, struct call *c, struct uf_err *err)
{
    int r = hand_over(i, c, err);

    if (r == 0)
        watch_run(i);
    else if (r != -E2BIG && r != -EINVAL)
        instance_lose(i, UF_OUTCOME_TENDER_LOST, err->msg);
    return r;
}

void instance_loaded(struct instance *i)
{
    instance_rest(i); /* as the table has it, if only for this moment */
    if (i->call != NULL)
        watch_run(i);
}

void instance_rest(struct instance *i)
{
    struct fn *fn = i->fn;

    TAILQ_INSERT_HEAD(&fn->idle, i, warm_link);
    TAILQ_INSERT_TAIL(&i->fleet->idle, i, idle_link);
    loop_arm(i->fleet->loop, &i->timer, i->fleet->loop->now_ns + fn->conf.keep_warm_ns);
}

void instance_end(struct instance *i)
{
    retire(i);
}
