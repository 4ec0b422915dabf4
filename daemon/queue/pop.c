// SPDX-License-Identifier: MIT
/* pop.c: see pop.h. */
#include "daemon/queue/pop.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/inside.h"

/* The first that nobody has given up. */
static struct event_row *take(struct queue *q)
{
    struct event_row *e;

    while ((e = TAILQ_FIRST(&q->ready)) != NULL && e->is_cancelled)
        queue_drop(q, e);
    return e == NULL ? NULL : queue_next(q);
}

static void leave(struct pop *p)
{
    if (p->is_waiting)
        TAILQ_REMOVE(&p->queue->pops, p, link);
    p->is_waiting = false;
}

static void finish(struct pop *p, struct event_row *row, int code, const struct uf_err *err)
{
    struct queue *q = p->queue;

    leave(p);
    p->row = row;
    if (row == NULL) {
        p->queue = NULL;
        queue_put(q);
    }
    p->done(p, code, err);
}

/* Whoever waits has a use of the queue, which ends with that. */
void pops_serve(struct queue *q)
{
    struct pop *p;

    queue_use(q);
    while ((p = TAILQ_FIRST(&q->pops)) != NULL) {
        struct event_row *e = take(q);

        if (e == NULL) {
            queue_refill(q);
            /* It tells us when it is back, or when it may be tried again. */
            if (q->refill != NULL || q->not_before_ns > q->all->loop->now_ns || q->is_stale)
                break;
        }
        finish(p, e, 0, NULL);
    }
    queue_arm(q);
    queue_put(q);
}

void pops_fail(struct queue *q, int code, const struct uf_err *err)
{
    struct pop *p;

    queue_use(q);
    while ((p = TAILQ_FIRST(&q->pops)) != NULL)
        finish(p, NULL, code, err);
    queue_put(q);
}

void pops_refuse(struct queue *q)
{
    struct uf_err err;

    pops_fail(q, uf_fail(&err, -EPERM, "queue %.64s triggers a function", q->name), &err);
}

void pop_begin(struct queues *all, struct pop *p, const char *space, const char *name)
{
    struct queue *q = queue_get(all, space, name);

    queue_use(q);
    p->queue = q;
    p->row = NULL;
    p->is_waiting = true;
    TAILQ_INSERT_TAIL(&q->pops, p, link);
    if (q->consumer != NULL)
        pops_refuse(q);
    else
        pops_serve(q);
}

static void put_back(struct queue *q, struct event_row *e)
{
    if (e->is_cancelled)
        queue_close(q, e);
    else
        queue_back(q, e);
    queue_touch(q);
}

void pop_release(struct pop *p)
{
    struct queue *q = p->queue;

    if (q == NULL)
        return;
    leave(p);
    if (p->row != NULL)
        put_back(q, p->row);
    *p = (struct pop){.done = p->done};
    queue_put(q);
}

/* ---- in a commit --------------------------------------------------------------------------------- */

struct pop_step {
    struct commit_step step;
    const struct commit *commit;
    struct queue *queue;
    struct event_row *row;
    bool is_applied; /* and durable, unless the commit's job failed */
};

/* Somebody may have purged or cancelled it while the function ran, which then runs again. */
static int check_step(struct commit_step *s, struct db *db, struct uf_err *err)
{
    const struct pop_step *p = UF_OWNER(s, struct pop_step, step);

    return events_want(db, p->queue->id, p->row->id, err);
}

static int apply_step(struct commit_step *s, struct db *db, struct uf_err *err)
{
    struct pop_step *p = UF_OWNER(s, struct pop_step, step);

    p->is_applied = true;
    return events_remove(db, p->queue->id, p->row->id, p->row->due_ms > 0, err);
}

static void free_step(struct commit_step *s)
{
    struct pop_step *p = UF_OWNER(s, struct pop_step, step);
    struct queue *q = p->queue;

    if (p->is_applied && p->commit->job.code == 0)
        queue_leave(q, p->row);
    else
        put_back(q, p->row);
    queue_put(q);
    free(p);
}

void pop_move(struct pop *p, struct commit *c)
{
    if (p->row == NULL)
        return;
    struct pop_step *s = xnew(sizeof(*s));
    *s = (struct pop_step){.step = {.check = check_step, .apply = apply_step, .free = free_step},
                           .commit = c,
                           .queue = p->queue,
                           .row = p->row};
    commit_add_step(c, &s->step);
    *p = (struct pop){.done = p->done};
}
