// SPDX-License-Identifier: MIT
/* remove.c: see remove.h. */
#include "daemon/queue/remove.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/inside.h"
#include "daemon/store/dead.h"
#include "daemon/store/qrow.h"

#define CHUNK      5000  /* events that are removed in one job, so that others get their turn */
#define CANCEL_MAX 1000u /* events with one id that one cancellation removes */

struct caller {
    removal_done *done;
    void *ctx;
};

/* ---- from a queue ------------------------------------------------------------------------------ */

/* Events of a queue by their numbers, while they are being removed. */
struct removing {
    struct store_job job;
    struct removal range;
    struct queue *queue;
    uint64_t id;  /* of the queue      */
    bool is_gone; /* it has no row     */
    struct caller call;
    int last_n;     /* of the last job   */
    uint64_t n;     /* of all            */
    uint64_t depth; /* of the queue then */
    uint64_t timed;
};

static bool covers(const struct removal *r, const struct event_row *e)
{
    return e->id >= r->first && e->id <= r->last;
}

bool removal_covers(const struct queue *q, const struct event_row *e)
{
    const struct removal *r;

    for (r = LIST_FIRST(&q->removals); r != NULL; r = LIST_NEXT(r, link))
        if (covers(r, e))
            return true;
    return false;
}

/* When it begins, and when it came to nothing. One that was removed before stays marked
 * while it runs. */
static void mark(struct event_rows *rows, const struct queue *q, const struct removal *r)
{
    struct event_row *e;

    TAILQ_FOREACH(e, rows, link)
    if (covers(r, e))
        e->is_cancelled = removal_covers(q, e);
}

static void begin(struct removing *r, uint64_t first, uint64_t last)
{
    struct queue *q = r->queue;

    r->id = q->id;
    r->range = (struct removal){.first = first, .last = last};
    LIST_INSERT_HEAD(&q->removals, &r->range, link);
    queue_use(q);
    mark(&q->ready, q, &r->range);
    mark(&q->open, q, &r->range);
}

static void drop_marked(struct queue *q)
{
    struct event_row *e = TAILQ_FIRST(&q->ready);

    while (e != NULL) {
        struct event_row *after = TAILQ_NEXT(e, link);

        if (e->is_cancelled)
            queue_drop(q, e);
        e = after;
    }
}

static void end(struct removing *r, int code, const struct uf_err *err)
{
    struct queue *q = r->queue;

    if (code == 0)
        drop_marked(q);
    LIST_REMOVE(&r->range, link);
    /* What was marked and is still there is wanted again; some of it may have left the
     * memory meanwhile. What is not there stays marked: another removal took it. */
    if (code < 0 && code != -ENOENT) {
        mark(&q->ready, q, &r->range);
        mark(&q->open, q, &r->range);
        queue_forget(q);
    }
    queue_touch(q);
    r->call.done(r->call.ctx, code, r->n, err);
    queue_put(q);
    free(r);
}

static int note_counts(struct removing *r, struct db *db)
{
    const struct qrow *row = queue_row(r->queue, r->id, db, &r->job.err);

    r->is_gone = row == NULL;
    if (row == NULL)
        return r->job.err.code;
    r->depth = row->now.depth;
    r->timed = row->now.timed;
    return 0;
}

static int apply_purge(struct store_job *j, struct db *db)
{
    struct removing *r = UF_OWNER(j, struct removing, job);

    r->last_n = events_purge(db, r->id, r->range.last, CHUNK, &j->err);
    return r->last_n < 0 ? r->last_n : note_counts(r, db);
}

static void take_counts(struct removing *r)
{
    r->n += (uint64_t)r->last_n;
    if (r->is_gone)
        return;
    r->queue->depth = r->depth;
    r->queue->timed = r->timed;
}

static void on_purged(struct store_job *j)
{
    struct removing *r = UF_OWNER(j, struct removing, job);

    if (j->code == 0)
        take_counts(r);
    if (j->code == 0 && r->last_n == CHUNK)
        worker_submit(r->queue->all->worker, j);
    else
        end(r, j->code, &j->err);
}

void queues_purge(struct queues *all, const char *space, const char *name, removal_done *done,
                  void *ctx)
{
    struct queue *q = queue_find(all, space, name);
    struct uf_err err = {0};

    if (q == NULL || q->id == 0) {
        int code = q != NULL ? 0 : uf_fail(&err, -ENOENT, "there is no queue %.64s", name);

        done(ctx, code, 0, &err);
        return;
    }
    struct removing *r = xnew(sizeof(*r));
    *r = (struct removing){.job = {.apply = apply_purge, .done = on_purged},
                           .queue = q,
                           .call = {.done = done, .ctx = ctx}};
    begin(r, 0, q->last_id);
    worker_submit(all->worker, &r->job);
}

/* ---- one event ---------------------------------------------------------------------------------- */

static int apply_cancel(struct store_job *j, struct db *db)
{
    struct removing *r = UF_OWNER(j, struct removing, job);
    int code = events_cancel(db, r->id, r->range.first, &j->err);

    r->last_n = code == 0;
    return code < 0 ? code : note_counts(r, db);
}

static void on_cancelled(struct store_job *j)
{
    struct removing *r = UF_OWNER(j, struct removing, job);

    if (j->code == 0)
        take_counts(r);
    end(r, j->code, &j->err);
}

struct finding {
    struct store_job job;
    struct queues *all;
    struct caller call;
    struct event_row found;
    uint64_t n; /* that were removed */
    char call_id[DELIVERY_ID];
};

static int apply_find(struct store_job *j, struct db *db)
{
    struct finding *f = UF_OWNER(j, struct finding, job);

    return events_find(db, f->call_id, &f->found, &j->err);
}

static void end_finding(struct finding *f, int code, const struct uf_err *err)
{
    f->call.done(f->call.ctx, code == -ENOENT && f->n > 0 ? 0 : code, f->n, err);
    free(f);
}

/* An id that a caller chose may be another event's as well. */
static void on_one_less(void *ctx, int code, uint64_t n, const struct uf_err *err)
{
    struct finding *f = ctx;
    struct uf_err more;

    f->n += n;
    if (f->n == CANCEL_MAX)
        end_finding(f,
                    uf_fail(&more, -ENOBUFS,
                            "%u events with the id %.64s were cancelled, and there may be more; "
                            "ask again",
                            CANCEL_MAX, f->call_id),
                    &more);
    else if (code < 0 && code != -ENOENT)
        end_finding(f, code, err);
    else
        worker_submit(f->all->worker, &f->job);
}

/* Now that it is known, it is marked before it is removed: see remove.h. */
static void on_found(struct store_job *j)
{
    struct finding *f = UF_OWNER(j, struct finding, job);
    struct queue *q = j->code == 0 ? queue_at(f->all, f->found.queue_id) : NULL;

    if (q == NULL) {
        end_finding(f, j->code < 0 ? j->code : -ENOENT, &j->err);
        return;
    }
    struct removing *r = xnew(sizeof(*r));
    *r = (struct removing){.job = {.apply = apply_cancel, .done = on_cancelled},
                           .queue = q,
                           .call = {.done = on_one_less, .ctx = f}};
    begin(r, f->found.id, f->found.id);
    worker_submit(f->all->worker, &r->job);
}

void queues_cancel(struct queues *all, const char *call_id, removal_done *done, void *ctx)
{
    struct finding *f = xnew(sizeof(*f));

    *f = (struct finding){.job = {.apply = apply_find, .done = on_found},
                          .all = all,
                          .call = {.done = done, .ctx = ctx}};
    (void)snprintf(f->call_id, sizeof(f->call_id), "%s", call_id);
    worker_submit(all->worker, &f->job);
}

/* ---- dead letters -------------------------------------------------------------------------------- */

struct retrying {
    struct store_job job;
    struct queues *all;
    struct caller call;
    uint64_t id;
    struct dead_again again;
    char space[FUNCTION_NAME_MAX + 1];
};

static int apply_retry(struct store_job *j, struct db *db)
{
    struct retrying *r = UF_OWNER(j, struct retrying, job);

    return dead_retry(db, r->space, r->id, &r->again, &j->err);
}

static void on_retried(struct store_job *j)
{
    struct retrying *r = UF_OWNER(j, struct retrying, job);

    /* The transaction may have failed after the event was made. */
    if (j->code == 0)
        queue_pushed(queue_get(r->all, r->space, r->again.queue), r->again.event);
    else
        free(r->again.event);
    r->call.done(r->call.ctx, j->code, j->code == 0, &j->err);
    free(r);
}

void queues_retry_dead(struct queues *all, const char *space, uint64_t id, removal_done *done,
                       void *ctx)
{
    struct retrying *r = xnew(sizeof(*r));

    *r = (struct retrying){.job = {.apply = apply_retry, .done = on_retried},
                           .all = all,
                           .id = id,
                           .call = {.done = done, .ctx = ctx}};
    (void)snprintf(r->space, sizeof(r->space), "%s", space);
    worker_submit(all->worker, &r->job);
}
