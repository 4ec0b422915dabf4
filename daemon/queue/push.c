// SPDX-License-Identifier: MIT
/* push.c: see push.h. */
#include "daemon/queue/push.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/inside.h"
#include "daemon/spaces/rows.h"
#include "engine/reason.h"

int pushes_add(struct pushes *p, const struct event_new *e)
{
    struct event_new new = *e;

    if (new.due_ms <= p->all->loop->wall_ns / 1000000u)
        new.due_ms = 0;
    struct event_row *row = event_row_new(&new);
    if (row == NULL)
        return -ENOMEM;
    if (p->n == p->cap) {
        p->cap = p->cap == 0 ? 1 : 2 * p->cap;
        p->items = xresize(p->items, p->cap, sizeof(*p->items));
    }
    struct queue *q = queue_get(p->all, e->space, e->queue);
    queue_use(q);
    /* What was borrowed is now the row's, or the queue's. */
    new.space = q->space;
    new.queue = q->name;
    new.head = row->head;
    new.body = row->body;
    new.call_id = row->call_id;
    char *key = e->key != NULL ? xcopy(e->key) : NULL;
    new.key = key;
    const struct consumer *c = q->consumer;
    new.is_wanted = c != NULL && (c->fn != NULL || c->is_callback);
    p->items[p->n++] = (struct push_item){.queue = q, .row = row, .event = new, .key = key};
    return 0;
}

void pushes_free(struct pushes *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->items[i].key);
        free(p->items[i].row);
        queue_put(p->items[i].queue);
    }
    free(p->items);
    *p = (struct pushes){.all = p->all};
}

/* ---- on the store thread --------------------------------------------------------------------- */

static int by_queue(const void *a, const void *b)
{
    const struct push_item *const *x = a;
    const struct push_item *const *y = b;
    uintptr_t p = (uintptr_t)(*x)->queue;
    uintptr_t q = (uintptr_t)(*y)->queue;

    return p < q ? -1 : p > q;
}

/* Of so many for one queue, which has no room for all, those count that it has not. */
static int check_new(const struct push_item **items, size_t n, struct db *db, unsigned *nnew,
                     struct uf_err *err)
{
    size_t known = 0;

    for (size_t i = 0; i < n; i++) {
        int r = events_is_known(db, &items[i]->event, err);

        if (r < 0)
            return r;
        known += r > 0;
    }
    return known == n ? 0 : events_check(db, &items[0]->event, n - known, nnew, err);
}

static int check_sorted(const struct push_item **items, size_t n, struct db *db, struct uf_err *err)
{
    unsigned nnew = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < n;) {
        const struct event_new *e = &items[i]->event;
        size_t same = 1;

        while (i + same < n && items[i + same]->queue == items[i]->queue)
            same++;
        r = events_check(db, e, same, &nnew, err);
        if (r == -ENOBUFS || r == -E2BIG)
            r = check_new(items + i, same, db, &nnew, err);
        i += same;
    }
    return r;
}

int pushes_check(const struct pushes *p, struct db *db, struct uf_err *err)
{
    const struct push_item *few[16];
    const struct push_item **sorted = few;

    if (p->n > sizeof(few) / sizeof(few[0]))
        sorted = malloc(p->n * sizeof(const struct push_item *));
    if (sorted == NULL)
        return uf_fail(err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
    for (size_t i = 0; i < p->n; i++)
        sorted[i] = &p->items[i];
    qsort(sorted, p->n, sizeof(const struct push_item *), by_queue);
    int r = check_sorted(sorted, p->n, db, err);
    if (sorted != few)
        free(sorted);
    return r;
}

int pushes_apply(struct pushes *p, struct db *db, struct uf_err *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < p->n; i++)
        r = events_push(db, &p->items[i].event, err);
    return r;
}

/* ---- on the loop, before ----------------------------------------------------------------------- */

int pushes_can_fit(const struct pushes *p, struct uf_err *err)
{
    uint64_t max = p->all->depth_max;

    if (max == 0 || p->n <= max)
        return 0;
    for (size_t i = 0; i < p->n; i++)
        p->items[i].queue->npushed = 0;
    for (size_t i = 0; i < p->n; i++)
        p->items[i].queue->npushed++;
    for (size_t i = 0; i < p->n; i++) {
        const struct queue *q = p->items[i].queue;

        if (q->npushed > max)
            return uf_fail(err, -E2BIG, EVENTS_TOO_MANY, q->name, (unsigned long long)q->npushed,
                           (unsigned long long)max);
    }
    return 0;
}

/* ---- on the loop --------------------------------------------------------------------------------- */

void pushes_tell(struct pushes *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct push_item *item = &p->items[i];
        struct event_row *row = item->row;

        item->row = NULL;
        row->queue_id = item->event.queue_id;
        row->id = item->event.id;
        row->pushed_ms = item->event.pushed_ms;
        if (item->event.is_known)
            free(row);
        else
            queue_pushed(item->queue, row);
    }
}

/* All of a push go to one namespace, which may have been removed just before. */
static int apply_push(struct store_job *j, struct db *db)
{
    struct push *p = UF_OWNER(j, struct push, job);
    int r = space_rows_want(db, p->events.items[0].event.space, &j->err);

    if (r == 0)
        r = pushes_check(&p->events, db, &j->err);
    return r < 0 ? r : pushes_apply(&p->events, db, &j->err);
}

static void on_pushed(struct store_job *j)
{
    struct push *p = UF_OWNER(j, struct push, job);

    if (j->code == 0)
        pushes_tell(&p->events);
    p->done(p);
}

void push_submit(struct push *p)
{
    p->job.apply = apply_push;
    p->job.done = on_pushed;
    worker_submit(p->events.all->worker, &p->job);
}

/* ---- in a commit ---------------------------------------------------------------------------------- */

struct push_step {
    struct commit_step step;
    const struct commit *commit;
    struct pushes events;
    bool is_applied; /* and durable, unless the commit's job failed */
};

static int check_step(struct commit_step *s, struct db *db, struct uf_err *err)
{
    return pushes_check(&UF_OWNER(s, struct push_step, step)->events, db, err);
}

static int apply_step(struct commit_step *s, struct db *db, struct uf_err *err)
{
    struct push_step *p = UF_OWNER(s, struct push_step, step);

    p->is_applied = true;
    return pushes_apply(&p->events, db, err);
}

/* The commit is over, one way or the other. */
static void free_step(struct commit_step *s)
{
    struct push_step *p = UF_OWNER(s, struct push_step, step);

    if (p->is_applied && p->commit->job.code == 0)
        pushes_tell(&p->events);
    pushes_free(&p->events);
    free(p);
}

void pushes_move(struct pushes *p, struct commit *c)
{
    if (p->n == 0)
        return;
    struct push_step *s = xnew(sizeof(*s));
    *s = (struct push_step){.step = {.check = check_step, .apply = apply_step, .free = free_step},
                            .commit = c,
                            .events = *p};
    commit_add_step(c, &s->step);
    *p = (struct pushes){.all = p->all};
}
