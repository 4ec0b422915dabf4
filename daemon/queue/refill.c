// SPDX-License-Identifier: MIT
/*
 * refill.c: events come from the store into memory, a chunk at a time, before they
 * are needed and never more than a little of them; see inside.h.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/inside.h"
#include "daemon/store/qrow.h"

#define MS UINT64_C(1000000)

struct refill {
    struct store_job job;
    struct queue *queue;
    bool is_fresh; /* wanted */
    bool is_due;   /* wanted */
    struct events_want want;
    struct events_found fresh;
    struct events_found due;
    uint64_t next_due_ms;
    struct qrow_count count;
    bool is_gone; /* it has no row */
};

const struct qrow *queue_row(const struct queue *q, uint64_t id, struct db *db, struct uf_err *err)
{
    const struct qrow *row = qrow_find(db, q->space, q->name, err);

    return row != NULL && row->id == id ? row : NULL;
}

static int apply_refill(struct store_job *j, struct db *db)
{
    struct refill *r = UF_OWNER(j, struct refill, job);
    const struct qrow *row = queue_row(r->queue, r->want.queue_id, db, &j->err);
    int code = row == NULL ? j->err.code : 0;

    r->is_gone = row == NULL;
    if (row == NULL)
        return code;
    r->count = row->now;
    if (r->is_due) {
        r->want.is_due = true;
        code = events_fetch(db, &r->want, &r->due, &j->err);
        if (code == 0 && r->due.is_all)
            code = events_next_due(db, r->want.queue_id, r->want.is_ordered, r->want.upto_ms,
                                   &r->next_due_ms, &j->err);
        else
            r->next_due_ms = r->want.upto_ms;
    }
    if (code < 0 || !r->is_fresh)
        return code;
    r->want.is_due = false;
    return events_fetch(db, &r->want, &r->fresh, &j->err);
}

static void take_rows(struct queue *q, struct event_rows *rows, bool is_due)
{
    struct event_row *e;

    while ((e = TAILQ_FIRST(rows)) != NULL) {
        TAILQ_REMOVE(rows, e, link);
        if (is_due && queue_is_held(q, e)) {
            free(e);
            continue;
        }
        if (!is_due)
            q->cursor = e->id;
        queue_ready(q, e);
    }
}

static void on_refilled(struct store_job *j)
{
    struct refill *r = UF_OWNER(j, struct refill, job);
    struct queue *q = r->queue;

    q->refill = NULL;
    if (j->code < 0) {
        queue_pause(q, 0);
        pops_fail(q, j->code, &j->err);
    } else if (r->is_gone) {
        if (q->id == r->want.queue_id)
            queue_not_stored(q);
    } else {
        q->depth = r->count.depth;
        q->timed = r->count.timed;
        q->last_id = r->count.next - 1;
        if (!q->is_stale) {
            if (r->is_due)
                q->due_ms = r->next_due_ms;
            take_rows(q, &r->due.rows, true);
            take_rows(q, &r->fresh.rows, false);
            if (r->is_fresh && r->fresh.is_all)
                q->cursor = r->fresh.last_id;
        }
    }
    event_rows_free(&r->due.rows);
    event_rows_free(&r->fresh.rows);
    free(r);
    queue_touch(q);
    queue_put(q);
}

/* Fresh ones that are not in memory. */
static bool has_more(struct queue *q)
{
    uint64_t here = (uint64_t)q->nready + q->nopen - q->nheld;

    if (q->cursor >= q->last_id)
        return false;
    if (queue_is_ordered(q) || q->depth - q->timed > here)
        return true;
    q->cursor = q->last_id;
    return false;
}

void queue_refill(struct queue *q)
{
    const struct loop *l = q->all->loop;
    uint32_t room = queue_room(q);

    if (q->id == 0 || !queue_is_wanted(q) || q->refill != NULL || q->not_before_ns > l->now_ns ||
        !queue_is_known(q) || q->nready > room / 2 || q->ready_bytes > QUEUE_READY_BYTES / 2)
        return;
    bool is_due = q->due_ms > 0 && q->due_ms <= l->wall_ns / MS;
    bool is_more = has_more(q);
    if (!is_due && !is_more)
        return;
    struct refill *r = xnew(sizeof(*r));
    TAILQ_INIT(&r->due.rows);
    TAILQ_INIT(&r->fresh.rows);
    r->queue = q;
    r->is_due = is_due;
    r->is_fresh = is_more;
    r->want = (struct events_want){.queue_id = q->id,
                                   .is_ordered = queue_is_ordered(q),
                                   .after_id = q->cursor,
                                   .upto_ms = l->wall_ns / MS,
                                   .rows_max = room - q->nready + (is_due ? q->nheld : 0),
                                   .bytes_max = QUEUE_READY_BYTES - q->ready_bytes};
    r->job.apply = apply_refill;
    r->job.done = on_refilled;
    q->refill = r;
    queue_use(q);
    worker_submit(q->all->worker, &r->job);
}
