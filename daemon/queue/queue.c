// SPDX-License-Identifier: MIT
/* queue.c: one queue in memory; see queue.h and inside.h. */
#include "daemon/queue/queue.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/inside.h"

#define MS UINT64_C(1000000)

/* ---- by name and number ------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct queue *x = a;
    const struct queue *y = b;
    int r = strcmp(x->space, y->space);

    return r != 0 ? r : strcmp(x->name, y->name);
}

static int by_id(const void *a, const void *b)
{
    const struct event_row *x = a;
    const struct event_row *y = b;

    return x->id < y->id ? -1 : x->id > y->id;
}

static struct queue *make(struct queues *all, const char *space, const char *name)
{
    size_t len = strlen(name) + 1;
    struct queue *q = xnew(sizeof(*q) + len);

    q->all = all;
    q->batch = 1;
    memcpy(q->name, name, len);
    (void)strncpy(q->space, space, sizeof(q->space) - 1);
    TAILQ_INIT(&q->ready);
    TAILQ_INIT(&q->open);
    TAILQ_INIT(&q->pops);
    return q;
}

struct queue *queue_find(const struct queues *all, const char *space, const char *name)
{
    struct queue *key = make(NULL, space, name);
    struct queue *const *node = tfind(key, &all->by_name, by_name);

    free(key);
    return node == NULL ? NULL : *node;
}

static void on_timer(struct loop_timer *t)
{
    queue_touch(UF_OWNER(t, struct queue, timer));
}

struct queue *queue_get(struct queues *all, const char *space, const char *name)
{
    struct queue *q = make(all, space, name);
    struct queue *const *node = tsearch(q, &all->by_name, by_name);

    if (node == NULL)
        abort(); /* out of memory, for three words */
    if (*node != q) {
        free(q);
        return *node;
    }
    q->timer.on_fire = on_timer;
    if (name[0] == '@')
        consumer_own(q);
    return q;
}

struct queue *queue_at(const struct queues *all, uint64_t id)
{
    return id < all->nby_id ? all->by_id[id] : NULL;
}

void queue_not_stored(struct queue *q)
{
    if (q->id != 0)
        q->all->by_id[q->id] = NULL;
    q->id = q->depth = q->timed = q->last_id = q->due_ms = q->cursor = 0;
}

/* A name that nobody stands for, and that has no events, is forgotten. */
static void end_needless(struct queue *q)
{
    if (q->uses == 0 && q->id == 0 && q->nopen == 0 && consumer_leave(q))
        queue_end(q);
}

void queue_is_stored(struct queue *q, uint64_t id)
{
    struct queues *all = q->all;
    struct queue *before = queue_at(all, id);

    if (q->id == id)
        return;
    queue_not_stored(q);
    if (before != NULL) {
        queue_not_stored(before);
        end_needless(before);
    }
    if (id >= all->nby_id) {
        size_t n = id + 1 > 2 * all->nby_id ? id + 1 : 2 * all->nby_id;

        all->by_id = xresize(all->by_id, n, sizeof(struct queue *));
        memset(all->by_id + all->nby_id, 0, (n - all->nby_id) * sizeof(struct queue *));
        all->nby_id = n;
    }
    all->by_id[id] = q;
    q->id = id;
}

void queue_use(struct queue *q)
{
    q->uses++;
}

void queue_end(struct queue *q)
{
    if (q->is_popping)
        TAILQ_REMOVE(&q->all->popping, q, popping_link);
    loop_disarm(q->all->loop, &q->timer);
    (void)tdelete(q, &q->all->by_name, by_name);
    if (q->id != 0)
        q->all->by_id[q->id] = NULL;
    while (q->held != NULL)
        (void)tdelete(*(void **)q->held, &q->held, by_id);
    event_rows_free(&q->ready);
    event_rows_free(&q->open);
    free(q);
}

void queue_put(struct queue *q)
{
    q->uses--;
    end_needless(q);
}

/* ---- what is in memory ---------------------------------------------------------------------- */

bool queue_is_ordered(const struct queue *q)
{
    return q->consumer != NULL && q->consumer->is_ordered;
}

bool queue_is_held(const struct queue *q, const struct event_row *e)
{
    return tfind(e, &q->held, by_id) != NULL;
}

/* Timed ones are fetched by their time, so which are here must be known. Those that
 * keep their place in an ordered queue are fetched by their number. */
static void hold(struct queue *q, struct event_row *e)
{
    if (e->due_ms == 0 || (queue_is_ordered(q) && e->attempts > 0))
        return;
    if (tsearch(e, &q->held, by_id) == NULL)
        abort(); /* out of memory, for three words */
    q->nheld++;
}

static void let_go(struct queue *q, struct event_row *e)
{
    if (q->held == NULL || !queue_is_held(q, e))
        return;
    (void)tdelete(e, &q->held, by_id);
    q->nheld--;
}

static void count_ready(struct queue *q, const struct event_row *e)
{
    q->nready++;
    q->ready_bytes += e->size + e->head_size;
}

void queue_ready(struct queue *q, struct event_row *e)
{
    e->at_ns = q->all->loop->now_ns;
    e->is_cancelled = removal_covers(q, e);
    hold(q, e);
    TAILQ_INSERT_TAIL(&q->ready, e, link);
    count_ready(q, e);
}

static void leave_ready(struct queue *q, struct event_row *e)
{
    TAILQ_REMOVE(&q->ready, e, link);
    q->nready--;
    q->ready_bytes -= e->size + e->head_size;
}

struct event_row *queue_next(struct queue *q)
{
    struct event_row *e = TAILQ_FIRST(&q->ready);

    leave_ready(q, e);
    TAILQ_INSERT_TAIL(&q->open, e, link);
    q->nopen++;
    return e;
}

static void leave_open(struct queue *q, struct event_row *e)
{
    TAILQ_REMOVE(&q->open, e, link);
    q->nopen--;
}

void queue_close(struct queue *q, struct event_row *e)
{
    leave_open(q, e);
    let_go(q, e);
    free(e);
}

void queue_leave(struct queue *q, struct event_row *e)
{
    q->depth--;
    q->timed -= e->due_ms > 0;
    queue_close(q, e);
}

/* Those that wait for their time were fetched in the order of that, not of numbers;
 * between them any place is as good. */
void queue_back(struct queue *q, struct event_row *e)
{
    struct event_row *after = TAILQ_FIRST(&q->ready);

    /* It will be fetched with all that was forgotten. */
    if (q->is_stale) {
        queue_close(q, e);
        return;
    }
    leave_open(q, e);
    while (after != NULL && after->id < e->id)
        after = TAILQ_NEXT(after, link);
    if (after == NULL)
        TAILQ_INSERT_TAIL(&q->ready, e, link);
    else
        TAILQ_INSERT_BEFORE(after, e, link);
    count_ready(q, e);
}

void queue_drop(struct queue *q, struct event_row *e)
{
    leave_ready(q, e);
    let_go(q, e);
    free(e);
}

void queue_forget(struct queue *q)
{
    struct event_row *e = TAILQ_FIRST(&q->ready);

    while (e != NULL) {
        struct event_row *after = TAILQ_NEXT(e, link);

        queue_drop(q, e);
        e = after;
    }
    q->is_stale = true;
    queue_touch(q);
}

bool queue_is_known(struct queue *q)
{
    if (!q->is_stale)
        return true;
    if (q->nopen > 0 || q->refill != NULL)
        return false;
    q->is_stale = false;
    q->cursor = q->depth == 0 ? q->last_id : 0;
    q->due_ms = q->timed > 0;
    return true;
}

bool queue_is_wanted(const struct queue *q)
{
    const struct consumer *c = q->consumer;

    return !TAILQ_EMPTY(&q->pops) ||
           (c != NULL && (c->fn != NULL || c->is_callback) && !q->all->is_draining);
}

bool queue_has_room(const struct queue *q)
{
    return q->nready < queue_room(q) && q->ready_bytes < QUEUE_READY_BYTES;
}

uint32_t queue_room(const struct queue *q)
{
    if (q->consumer == NULL)
        return QUEUE_POP_MAX;
    return q->batch > QUEUE_READY_MAX / 2 ? 2 * q->batch : QUEUE_READY_MAX;
}

/* ---- what is in the store -------------------------------------------------------------------- */

void queue_due(struct queue *q, uint64_t due_ms)
{
    if (q->due_ms == 0 || due_ms < q->due_ms)
        q->due_ms = due_ms;
}

void queue_pushed(struct queue *q, struct event_row *e)
{
    queue_is_stored(q, e->queue_id);
    bool has_all = q->cursor == q->last_id && q->refill == NULL && !q->is_stale;
    bool is_kept = e->due_ms == 0 && has_all && queue_is_wanted(q) && queue_has_room(q);

    q->depth++;
    q->last_id = e->id;
    /* One for later is not among those that are taken in order. */
    if (is_kept || (e->due_ms > 0 && has_all))
        q->cursor = e->id;
    if (e->due_ms > 0) {
        q->timed++;
        queue_due(q, e->due_ms);
    }
    if (is_kept)
        queue_ready(q, e);
    else
        free(e);
    queue_touch(q);
}

uint64_t queue_waiting(const struct queue *q)
{
    return q->depth - q->timed + q->nheld;
}

/* ---- when --------------------------------------------------------------------------------------- */

void queue_touch(struct queue *q)
{
    if (q->consumer != NULL)
        consumer_touch(q->consumer);
    else if (!TAILQ_EMPTY(&q->pops) && !q->is_popping)
        TAILQ_INSERT_TAIL(&q->all->popping, q, popping_link);
    q->is_popping = q->is_popping || (q->consumer == NULL && !TAILQ_EMPTY(&q->pops));
}

void queue_pause(struct queue *q, unsigned at_least_s)
{
    uint64_t wait = QUEUE_PAUSE_NS << (q->pauses < 16 ? q->pauses : 16);
    uint64_t least = at_least_s * UINT64_C(1000) * MS;

    wait = wait < QUEUE_PAUSE_MAX_NS ? wait : QUEUE_PAUSE_MAX_NS;
    q->pauses++;
    q->not_before_ns = q->all->loop->now_ns + (wait > least ? wait : least);
}

uint64_t queue_ready_at(const struct queue *q)
{
    const struct event_row *e = TAILQ_FIRST(&q->ready);
    const struct loop *l = q->all->loop;
    uint64_t now_ms = l->wall_ns / MS;

    if (e == NULL || e->id == q->blocked_id)
        return UINT64_MAX;
    if (q->not_before_ns > l->now_ns)
        return q->not_before_ns;
    /* It keeps its place until its next attempt is due. */
    if (e->due_ms > now_ms)
        return l->now_ns + (e->due_ms - now_ms) * MS;
    /* More may come within the window, from the store or from outside. */
    if (e->attempts > 0 || q->nready >= q->batch)
        return 0;
    if (q->refill != NULL)
        return UINT64_MAX;
    return e->at_ns + q->batch_window_ns <= l->now_ns ? 0 : e->at_ns + q->batch_window_ns;
}

void queue_arm(struct queue *q)
{
    const struct loop *l = q->all->loop;
    uint64_t now_ms = l->wall_ns / MS;
    uint64_t at = queue_ready_at(q);

    loop_disarm(q->all->loop, &q->timer);
    if (!queue_is_wanted(q))
        return;
    if (q->not_before_ns > l->now_ns)
        at = q->not_before_ns;
    else if (q->due_ms > now_ms && l->now_ns + (q->due_ms - now_ms) * MS < at)
        at = l->now_ns + (q->due_ms - now_ms) * MS;
    /* What can be done now waits for an instance, which tells us. */
    if (at != UINT64_MAX && at > l->now_ns)
        loop_arm(q->all->loop, &q->timer, at);
}
