// SPDX-License-Identifier: MIT
/* settle.c: what becomes of events that were handed over; see inside.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "base/utf8.h"
#include "daemon/queue/callback.h"
#include "daemon/queue/inside.h"
#include "daemon/queue/policy.h"
#include "daemon/queue/send.h"
#include "daemon/record/say.h"
#include "daemon/store/dead.h"
#include "engine/reason.h"

#define MS               UINT64_C(1000000)
#define COMPLAINT_NS     UINT64_C(60000000000)
#define STATUS_CANCELLED 499u /* as of a call whose client has gone */

/* What the function's retries follow: its own manifest, even when it is being removed. */
static const struct function *conf_of(const struct delivery *d)
{
    if (d->consumer->is_callback)
        return &callback_conf;
    return d->consumer->fn != NULL ? &d->consumer->fn->conf : &d->invoke.call.fn->conf;
}

/* As far as the clock can be trusted: from the push, but from no time before the daemon's
 * start or the clock's last jump. */
static uint64_t age_ms(const struct queue *q, const struct event_row *e)
{
    uint64_t now_ms = q->all->loop->wall_ns / MS;
    uint64_t from_ms = e->pushed_ms > q->all->aged_ms ? e->pushed_ms : q->all->aged_ms;

    return now_ms > from_ms ? now_ms - from_ms : 0;
}

bool delivery_is_too_old(const struct queue *q, const struct event_row *e)
{
    uint64_t max_ms = q->consumer->fn->conf.max_age_ns / MS;

    return max_ms > 0 && age_ms(q, e) > max_ms;
}

/* ---- on the store thread --------------------------------------------------------------------- */

static int check(struct commit_step *s, struct db *db, struct uf_err *err)
{
    const struct delivery *d = UF_OWNER(s, struct delivery, step);

    for (uint32_t i = 0; i < d->n; i++)
        if (d->rows[i]->fate == FATE_DEAD)
            return dead_check(db, d->consumer->space, d->consumer->name, err);
    return 0;
}

#define REASON_MAX (sizeof(((struct delivery_why *)0)->reason) + 64)

/* Why an event was given up; of a batch some may be too old for another attempt. */
static const char *reason_of(const struct delivery *d, const struct event_row *e,
                             char text[static REASON_MAX])
{
    if (!e->is_late)
        return d->why.reason;
    (void)snprintf(text, REASON_MAX, "%s; the next attempt would be later than max_age allows",
                   d->why.reason);
    return text;
}

static int bury(const struct delivery *d, const struct event_row *e, struct db *db,
                struct uf_err *err)
{
    char text[REASON_MAX];
    struct dead_new new = {.space = d->consumer->space,
                           .function = d->consumer->name,
                           .queue_id = d->queue->id,
                           .id = e->id,
                           .is_timed = e->due_ms > 0,
                           .attempts = e->attempts + d->why.is_run,
                           .reason = reason_of(d, e, text),
                           .status = d->why.status,
                           .output = d->why.output,
                           .output_size = d->why.output_size};

    return dead_bury(db, &new, err);
}

/* Neighbours that were handled together go together. Returns how many went. */
static uint32_t neighbours(const struct delivery *d, uint32_t at)
{
    uint32_t n = 1;

    while (at + n < d->n && d->rows[at + n]->fate == FATE_DONE && d->rows[at + n]->due_ms == 0 &&
           d->rows[at + n]->id == d->rows[at]->id + n)
        n++;
    return d->rows[at]->due_ms == 0 ? n : 1;
}

static int apply(struct commit_step *s, struct db *db, struct uf_err *err)
{
    const struct delivery *d = UF_OWNER(s, struct delivery, step);
    uint64_t queue_id = d->queue->id;
    uint32_t n = 1;
    int r = 0;

    for (uint32_t i = 0; r == 0 && i < d->n; i += n) {
        const struct event_row *e = d->rows[i];

        n = e->fate == FATE_DONE ? neighbours(d, i) : 1;
        if (n > 1)
            r = events_remove_range(db, queue_id, e->id, e->id + n - 1, n, err);
        else if (e->fate == FATE_DONE)
            r = events_remove(db, queue_id, e->id, e->due_ms > 0, err);
        else if (e->fate == FATE_AGAIN)
            r = events_retry(db,
                             &(struct event_again){.queue_id = queue_id,
                                                   .id = e->id,
                                                   .is_timed = e->due_ms > 0,
                                                   .attempts = e->attempts + 1,
                                                   .due_ms = e->next_ms},
                             err);
        else if (e->fate == FATE_DEAD)
            r = bury(d, e, db, err);
    }
    return r;
}

static void free_nothing(struct commit_step *s)
{
    (void)s; /* a part of the delivery */
}

void delivery_add_step(struct delivery *d, struct commit *c)
{
    d->step = (struct commit_step){.check = check, .apply = apply, .free = free_nothing};
    d->is_settled = true;
    commit_add_step(c, &d->step);
}

/* ---- the run has ended ---------------------------------------------------------------------------- */

static bool has_run(const struct verdict *v)
{
    return v->result != NULL || v->outcome != UF_OUTCOME_OK;
}

/* It will never fit. */
static bool is_refused(const struct verdict *v)
{
    return !has_run(v) && (v->http == 413 || v->http == 431);
}

static bool is_cancelled(const struct delivery *d)
{
    for (uint32_t i = 0; i < d->n; i++)
        if (d->rows[i]->is_cancelled)
            return true;
    return false;
}

/* The platform ended it: as if nothing had been. */
static bool is_void(const struct delivery *d, const struct verdict *v)
{
    if (is_refused(v))
        return false;
    return !has_run(v) || (d->queue->all->is_draining && v->outcome == UF_OUTCOME_TENDER_LOST);
}

static void keep_output(struct delivery_why *w, const struct result *res)
{
    size_t size = res->r.body_size;

    free(w->output);
    w->output_size = size < DEAD_OUTPUT_MAX ? size : DEAD_OUTPUT_MAX;
    w->output = w->output_size > 0 ? malloc(w->output_size) : NULL;
    if (w->output == NULL)
        w->output_size = 0;
    else
        memcpy(w->output, res->body, w->output_size);
}

/* Why it failed, in words: of the platform, of the function, or the status alone. */
static void keep_why(struct delivery *d, const struct verdict *v)
{
    struct delivery_why *w = &d->why;
    const struct result *res = v->result;
    const char *word = outcome_word(v->outcome);

    w->is_run = has_run(v);
    w->status = invoke_status(v);
    if (res == NULL && !w->is_run)
        (void)snprintf(w->reason, sizeof(w->reason), "%s", v->reason);
    else if (res == NULL)
        (void)snprintf(w->reason, sizeof(w->reason), "%s: %s", word, v->reason);
    else if (v->outcome == UF_OUTCOME_OK)
        (void)snprintf(w->reason, sizeof(w->reason), "the function answered with status %u",
                       w->status);
    else if (res->r.message[0] != '\0')
        (void)snprintf(w->reason, sizeof(w->reason), "%s: %.*s", word,
                       (int)utf8_whole(res->r.message, strnlen(res->r.message, 200)),
                       res->r.message);
    else
        (void)snprintf(w->reason, sizeof(w->reason), "%s: handle returned %d", word,
                       (int)res->r.status);
    if (res != NULL)
        keep_output(w, res);
}

void delivery_decide(struct delivery *d, struct event_row *e, bool can_retry)
{
    const struct function *f = conf_of(d);
    const struct queues *all = d->queue->all;
    uint32_t failed = e->attempts + 1;
    uint64_t wait_ms = policy_wait_ms(&f->retry, failed, randombytes_random());

    enum policy_next next = POLICY_ATTEMPTS;

    if (can_retry)
        next = policy_next(&f->retry, failed, age_ms(d->queue, e), wait_ms, f->max_age_ns / MS);
    e->is_late = next == POLICY_AGE;
    if (next == POLICY_AGAIN) {
        e->fate = FATE_AGAIN;
        e->next_ms = all->loop->wall_ns / MS + wait_ms;
    } else {
        e->fate = FATE_DEAD;
    }
}

/* News for who is told of those that are given up. */
static int add_failures(const struct delivery *d, struct pushes *p)
{
    const struct function *f = conf_of(d);
    int r = 0;

    for (uint32_t n = 0; r == 0 && n < d->n && f->on_failure[0] != '\0'; n++) {
        char text[REASON_MAX];
        struct failure failure = {.queue = d->queue,
                                  .event = d->rows[n],
                                  .function = f->name,
                                  .reason = reason_of(d, d->rows[n], text),
                                  .trace = d->invoke.traceparent};

        if (d->rows[n]->fate == FATE_DEAD)
            r = send_failure(p, &failure, f->on_failure);
    }
    return r;
}

/* What follows from the end of the events: the next step of a sequence, or the end of
 * the call; v is NULL when it did not run. */
static int add_events(struct delivery *d, const struct verdict *v, struct commit *c)
{
    struct pushes p = {.all = d->queue->all};
    int fate = d->rows[0]->fate;
    int r = fate == FATE_DONE ? steps_go_on(d, v, &p) : 0;
    bool goes_on = r > 0;

    if (r >= 0)
        r = add_failures(d, &p);
    if (r == 0 && d->n == 1 && fate != FATE_AGAIN && !goes_on)
        r = callback_add(d, v, &p);
    if (r == 0)
        pushes_move(&p, c);
    pushes_free(&p);
    return r;
}

static void end_run(struct delivery *d)
{
    if (d->is_running)
        d->consumer->running--;
    d->is_running = false;
    d->is_settled = false;
    consumer_touch(d->consumer);
}

bool delivery_settle(struct invoke *i, const struct verdict *v, struct commit *c)
{
    struct delivery *d = UF_OWNER(i, struct delivery, invoke);

    end_run(d);
    if (has_run(v))
        stats_record(&i->call.fn->stats, invoke_status(v),
                     i->invoker->loop->now_ns - i->arrived_ns);
    /* Nobody wants all of it any more. */
    if (is_cancelled(d)) {
        invoke_void(i, RECORD_CANCELLED, STATUS_CANCELLED,
                    "its event was cancelled, or removed, while it ran");
        return false;
    }
    if (is_void(d, v))
        return false;
    if (steps_are_gone(d)) {
        invoke_void(i, RECORD_UNCOMMITTED, 503,
                    "the sequence was removed, or became a function, while one of its steps ran");
        return false;
    }
    bool is_done =
        has_run(v) && !policy_is_failure(&conf_of(d)->retry, v->outcome, invoke_status(v));
    if (!is_done)
        keep_why(d, v);
    for (uint32_t n = 0; n < d->n; n++) {
        d->rows[n]->fate = FATE_DONE;
        if (!is_done)
            delivery_decide(d, d->rows[n], has_run(v));
    }
    /* Without memory for all of it, it is as if it had not run. */
    if (add_events(d, v, c) < 0) {
        invoke_void(i, RECORD_UNCOMMITTED, 503, reason_words(REASON_MEMORY));
        return false;
    }
    delivery_add_step(d, c);
    return is_done;
}

/* ---- the end -------------------------------------------------------------------------------------- */

static void try_again(struct queue *q, struct event_row *e)
{
    q->timed += e->due_ms == 0;
    if (!queue_is_ordered(q) || e->is_cancelled) {
        queue_due(q, e->next_ms);
        queue_close(q, e);
        return;
    }
    e->attempts++;
    e->due_ms = e->next_ms;
    queue_back(q, e);
}

static void end_row(struct delivery *d, struct event_row *e, bool is_durable)
{
    struct queue *q = d->queue;

    if (!is_durable && e->is_cancelled)
        queue_close(q, e);
    else if (!is_durable)
        queue_back(q, e);
    else if (e->fate == FATE_AGAIN)
        try_again(q, e);
    else
        queue_leave(q, e);
}

static void count(struct delivery *d)
{
    struct queues *all = d->queue->all;

    for (uint32_t i = 0; i < d->n; i++) {
        all->delivered += d->rows[i]->fate == FATE_DONE;
        all->failed += d->rows[i]->fate == FATE_AGAIN;
        all->buried += d->rows[i]->fate == FATE_DEAD;
    }
}

/* Once a minute at most, for each queue. */
static void complain(struct queue *q, const struct verdict *v)
{
    uint64_t now_ns = q->all->loop->now_ns;

    if (q->all->is_draining || v->reason == NULL || q->consumer == NULL ||
        (q->told_ns != 0 && now_ns < q->told_ns + COMPLAINT_NS))
        return;
    q->told_ns = now_ns;
    say("queue %s: an event was not handled yet, and stays: %s", q->name, v->reason);
}

void delivery_finish(struct delivery *d, bool is_durable, const struct verdict *v)
{
    struct queue *q = d->queue;

    is_durable = is_durable && d->is_settled;
    end_run(d);
    if (is_durable) {
        q->pauses = 0;
        count(d);
    } else if (!is_cancelled(d)) {
        complain(q, v);
        queue_pause(q, v->retry_after_s);
    }
    /* What is not there any more will not come back by itself. */
    if (!is_durable && d->invoke.commit.job.code == -ESTALE)
        queue_forget(q);
    d->consumer->open--;
    /* From the last to the first: each that is ready again becomes the first. */
    for (uint32_t i = d->n; i > 0; i--)
        end_row(d, d->rows[i - 1], is_durable);
    queue_touch(q);
    delivery_free(d);
}

/* ---- without a run ----------------------------------------------------------------------------------- */

static void on_buried(struct store_job *j)
{
    struct commit *c = UF_OWNER(j, struct commit, job);
    struct delivery *d = UF_OWNER(UF_OWNER(c, struct invoke, commit), struct delivery, invoke);
    struct verdict v = {.reason = j->err.msg};

    commit_reset(c);
    delivery_finish(d, j->code == 0, &v);
}

void delivery_bury(struct queue *q, const char *reason)
{
    struct delivery *d = xnew(sizeof(*d));
    struct commit *c = &d->invoke.commit;

    delivery_init(d, q, 1, 0);
    d->rows[0]->fate = FATE_DEAD;
    (void)snprintf(d->why.reason, sizeof(d->why.reason), "%s", reason);
    commit_init(c, q->space);
    c->job.done = on_buried;
    if (add_events(d, NULL, c) < 0) {
        commit_reset(c);
        delivery_finish(d, false, &(struct verdict){.reason = reason_words(REASON_MEMORY)});
        return;
    }
    delivery_add_step(d, c);
    worker_submit(q->all->worker, &c->job);
}
