// SPDX-License-Identifier: MIT
/* consumer.c: functions as their queues see them; see queue.h. */
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/queue/inside.h"
#include "daemon/queue/policy.h"
#include "daemon/store/qrow.h"

static int by_name(const void *a, const void *b)
{
    const struct consumer *x = a;
    const struct consumer *y = b;
    int r = strcmp(x->space, y->space);

    return r != 0 ? r : strcmp(x->name, y->name);
}

/* The consumer of that name, which is made if it is not there. */
static struct consumer *get(struct queues *all, const char *space, const char *name)
{
    struct consumer *c = xnew(sizeof(*c));

    c->all = all;
    (void)snprintf(c->space, sizeof(c->space), "%s", space);
    (void)snprintf(c->name, sizeof(c->name), "%s", name);
    struct consumer *const *node = tsearch(c, &all->consumers, by_name);
    if (node == NULL)
        abort(); /* out of memory, for three words */
    if (*node != c)
        free(c);
    return *node;
}

static void attach(struct consumer *c, struct queue *q, uint32_t batch, uint64_t window_ns)
{
    c->queue[c->nqueues++] = q;
    q->consumer = c;
    q->batch = batch > 0 ? batch : 1;
    q->batch_window_ns = window_ns;
    if (!TAILQ_EMPTY(&q->pops))
        pops_refuse(q);
    queue_touch(q);
}

/* Longer names are nobody's. */
void consumer_own(struct queue *q)
{
    const char *name = q->name + 1;

    if (strlen(name) > FUNCTION_NAME_MAX || name[0] == '\0')
        return;
    struct consumer *c = get(q->all, q->space, name);
    if (c->nqueues == 0)
        attach(c, q, 1, 0);
}

static void end(struct consumer *c)
{
    if (c->is_touched)
        TAILQ_REMOVE(&c->all->touched, c, link);
    (void)tdelete(c, &c->all->consumers, by_name);
    free(c);
}

bool consumer_leave(struct queue *q)
{
    struct consumer *c = q->consumer;

    if (c == NULL)
        return true;
    if (c->fn != NULL || c->is_callback || c->open > 0 || c->nqueues > 1)
        return false;
    end(c);
    return true;
}

void consumer_touch(struct consumer *c)
{
    if (!c->is_touched)
        TAILQ_INSERT_TAIL(&c->all->touched, c, link);
    c->is_touched = true;
}

/* ---- functions come and go -------------------------------------------------------------------- */

/* Its own queue stays. */
static void detach_named(struct consumer *c)
{
    for (uint32_t i = 1; i < c->nqueues; i++) {
        struct queue *q = c->queue[i];

        q->consumer = NULL;
        q->batch = 1;
        q->batch_window_ns = 0;
        queue_forget(q);
        queue_arm(q);
        queue_put(q);
    }
    c->nqueues = 1;
    c->turn = 0;
}

/* A step of a sequence may have come. */
static void unblock(const void *node, VISIT which, void *closure)
{
    struct consumer *const *c = node;

    (void)closure;
    if (which != postorder && which != leaf)
        return;
    for (uint32_t i = 0; i < (*c)->nqueues; i++)
        if ((*c)->queue[i]->blocked_id != 0) {
            (*c)->queue[i]->blocked_id = 0;
            consumer_touch(*c);
        }
}

static struct consumer *consumer_of(struct queues *all, const struct fn *fn)
{
    char own[FUNCTION_NAME_MAX + 2];

    (void)snprintf(own, sizeof(own), "@%s", fn->conf.name);
    return queue_get(all, fn->conf.space, own)->consumer;
}

void queues_deployed(struct queues *all, struct fn *fn)
{
    struct consumer *c = consumer_of(all, fn);
    const struct function *f = &fn->conf;
    bool was_ordered = c->is_ordered;

    detach_named(c);
    c->fn = fn;
    c->is_ordered = f->max_instances == 1;
    for (uint32_t i = 0; i < f->nqueues; i++) {
        struct queue *q = queue_get(all, f->space, f->queue[i].name);

        /* A deployment that came between has it: queues_check() was asked before. */
        if (q->consumer != NULL)
            continue;
        queue_use(q);
        attach(c, q, f->queue[i].batch, f->queue[i].batch_window_ns);
    }
    if (c->is_ordered != was_ordered)
        queue_forget(c->queue[0]);
    consumer_touch(c);
    twalk_r(all->consumers, unblock, NULL);
}

void queues_removed(struct queues *all, struct fn *fn)
{
    struct consumer *c = consumer_of(all, fn);

    detach_named(c);
    c->fn = NULL;
    queue_forget(c->queue[0]);
}

int queues_check(const struct queues *all, const struct function *f, struct uf_err *err)
{
    for (uint32_t i = 0; i < f->nqueues; i++) {
        const struct queue *q = queue_find(all, f->space, f->queue[i].name);

        if (q != NULL && q->consumer != NULL && strcmp(q->consumer->name, f->name) != 0)
            return uf_fail(err, -EEXIST,
                           "queue %.64s triggers %s, and a queue triggers one function only; a "
                           "topic can trigger many",
                           q->name, q->consumer->name);
    }
    return 0;
}

const char *queues_consumer(const struct queues *all, const char *space, const char *name)
{
    const struct queue *q = queue_find(all, space, name);

    if (q == NULL)
        return NULL;
    return q->consumer != NULL ? q->consumer->name : "";
}

/* ---- handing over -------------------------------------------------------------------------------- */

/* How many instances its events deserve. */
static uint32_t want(const struct consumer *c)
{
    const struct function *f = c->fn != NULL ? &c->fn->conf : &callback_conf;
    uint64_t depth = 0;
    bool is_ready = false;

    for (uint32_t i = 0; i < c->nqueues; i++) {
        depth += queue_waiting(c->queue[i]);
        is_ready = is_ready || c->queue[i]->nready > 0;
    }
    uint32_t n = policy_instances(depth, f->scale_threshold, f->max_instances);
    /* One whose turn it is may count as waiting for its time. */
    return n == 0 && is_ready ? 1 : n;
}

/* The queue whose turn it is, of those that can; or NULL. */
static struct queue *next(struct consumer *c)
{
    for (uint32_t i = 0; i < c->nqueues; i++) {
        uint32_t at = (c->turn + i) % c->nqueues;

        if (queue_ready_at(c->queue[at]) == 0) {
            c->turn = at + 1;
            return c->queue[at];
        }
    }
    return NULL;
}

static bool can_deliver(const struct consumer *c)
{
    if ((c->fn == NULL && !c->is_callback) || c->all->is_draining || c->open >= CONSUMER_OPEN_MAX)
        return false;
    return c->is_ordered ? c->open == 0 : c->running < c->wanted;
}

static void pump(struct consumer *c)
{
    struct queue *q;

    for (uint32_t i = 0; i < c->nqueues; i++)
        queue_refill(c->queue[i]);
    c->wanted = want(c);
    if (c->fn != NULL)
        c->fn->queued = c->wanted;
    while (can_deliver(c) && (q = next(c)) != NULL)
        queue_deliver(q);
    for (uint32_t i = 0; i < c->nqueues; i++) {
        queue_refill(c->queue[i]);
        queue_arm(c->queue[i]);
    }
}

bool queues_run(struct queues *all)
{
    struct consumer *c;
    struct queue *q;
    bool is_busy = false;

    while ((q = TAILQ_FIRST(&all->popping)) != NULL) {
        TAILQ_REMOVE(&all->popping, q, popping_link);
        q->is_popping = false;
        is_busy = true;
        pops_serve(q);
    }
    while ((c = TAILQ_FIRST(&all->touched)) != NULL) {
        TAILQ_REMOVE(&all->touched, c, link);
        c->is_touched = false;
        is_busy = true;
        pump(c);
    }
    return is_busy;
}

/* ---- the clock --------------------------------------------------------------------------------------- */

static uint64_t clock_of(const struct loop *l)
{
    return l->wall_ns - l->now_ns;
}

static void note_clock(struct queues *all)
{
    all->clock_ns = clock_of(all->loop);
    all->aged_ms = all->loop->wall_ns / 1000000u;
}

static void touch_all(const void *node, VISIT which, void *closure)
{
    struct consumer *const *c = node;

    (void)closure;
    if (which == postorder || which == leaf)
        consumer_touch(*c);
}

void queues_reckon(struct queues *all)
{
    uint64_t by_ns = clock_of(all->loop) - all->clock_ns;

    /* Either way. */
    if (by_ns > QUEUE_JUMP_NS && -by_ns > QUEUE_JUMP_NS)
        note_clock(all);
    twalk_r(all->consumers, touch_all, NULL);
}

/* ---- starting and ending --------------------------------------------------------------------------- */

void queues_init(struct queues *all, const struct queues_options *o)
{
    *all = (struct queues){.loop = o->loop,
                           .worker = o->worker,
                           .fleet = o->fleet,
                           .invoker = o->invoker,
                           .fetcher = o->fetcher,
                           .callbacks = o->callbacks,
                           .depth_max = o->depth_max,
                           .body_max = o->body_max};
    TAILQ_INIT(&all->touched);
    TAILQ_INIT(&all->popping);
    note_clock(all);
    struct consumer *c = get(all, CALLBACK_SPACE, "");
    c->is_callback = true;
    attach(c, queue_get(all, CALLBACK_SPACE, CALLBACK_QUEUE), 1, 0);
}

struct load {
    struct queues *all;
    struct db *db;
    struct uf_err *err;
};

static int load_one(void *ctx, const struct qrow *row)
{
    struct load *l = ctx;

    /* One that nobody has (qrow.h). */
    if (row->space[0] == '\0' && row->name[0] == '#')
        return 0;
    struct queue *q = queue_get(l->all, row->space, row->name);
    int r = 0;

    queue_is_stored(q, row->id);
    q->depth = row->now.depth;
    q->timed = row->now.timed;
    q->last_id = row->now.next - 1;
    q->cursor = q->depth == 0 ? q->last_id : 0;
    if (q->timed > 0)
        r = events_next_due(l->db, q->id, false, 0, &q->due_ms, l->err);
    queue_touch(q);
    return r;
}

int queues_load(struct queues *all, struct db *db, struct uf_err *err)
{
    struct load l = {.all = all, .db = db, .err = err};

    all->salt = db->salt;
    return qrow_each(db, load_one, &l, err);
}

void queues_drain(struct queues *all)
{
    if (all->loop == NULL)
        return;
    all->is_draining = true;
    callbacks_drop(all);
    /* Timers that nobody needs any more go. */
    twalk_r(all->consumers, touch_all, NULL);
}

void queues_fini(struct queues *all)
{
    while (all->by_name != NULL)
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): its removal changes all->by_name
        queue_end(*(struct queue **)all->by_name);
    while (all->consumers != NULL)
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): likewise
        end(*(struct consumer **)all->consumers);
    free(all->by_id);
    free(all->scratch.text);
    *all = (struct queues){.loop = NULL};
}
