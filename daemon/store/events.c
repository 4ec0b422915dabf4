// SPDX-License-Identifier: MIT
/* events.c: what changes events; see events.h. events_read.c reads them. */
#include "daemon/store/events.h"

#include <errno.h>
#include <string.h>

#include "daemon/store/qrow.h"

/* Old keys that one push removes: more than it adds, so there are never many. */
#define SWEEP 16

static int full(const struct db *db, const char *queue, uint64_t depth, uint64_t n,
                struct uf_err *err)
{
    return uf_fail(err, -ENOBUFS,
                   "queue %.64s has no room for %llu more: %llu events wait, and at most %llu may "
                   "(--queue-depth)",
                   queue, (unsigned long long)n, (unsigned long long)depth,
                   (unsigned long long)db->depth_max);
}

static int never_fits(const struct db *db, const char *queue, uint64_t n, struct uf_err *err)
{
    return uf_fail(err, -E2BIG, EVENTS_TOO_MANY, queue, (unsigned long long)n,
                   (unsigned long long)db->depth_max);
}

static bool has_room(const struct db *db, uint64_t depth, uint64_t n)
{
    return db->depth_max == 0 || (n <= db->depth_max && depth <= db->depth_max - n);
}

/* q: the queue, or NULL when there is none yet. */
static int check_room(struct db *db, const struct event_new *e, const struct qrow *q, uint64_t n,
                      unsigned *nnew, struct uf_err *err)
{
    uint64_t depth = q == NULL ? 0 : q->now.depth;

    if (db->depth_max > 0 && n > db->depth_max)
        return never_fits(db, e->queue, n, err);
    if (!has_room(db, depth, n))
        return full(db, e->queue, depth, n, err);
    return q != NULL || e->is_wanted ? 0 : qrow_check(db, e->space, e->queue, ++*nnew, err);
}

int events_check(struct db *db, const struct event_new *e, uint64_t n, unsigned *nnew,
                 struct uf_err *err)
{
    const struct qrow *q = qrow_find(db, e->space, e->queue, err);

    return q == NULL && err->code < 0 ? err->code : check_room(db, e, q, n, nnew, err);
}

/* ---- keys ------------------------------------------------------------------------------ */

/* The event that was pushed with this key: 1 and its id, or 0. */
static int find_key(struct db *db, const struct qrow *q, const char *key, uint64_t *id,
                    struct uf_err *err)
{
    sqlite3_stmt *st =
        db_prepare(db, "SELECT id, at_ms FROM seen WHERE queue = ? AND key = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->id);
    (void)sqlite3_bind_text(st, 2, key, -1, SQLITE_STATIC);
    int r = db_step(db, st, err);
    if (r <= 0)
        return r;
    uint64_t at_ms = (uint64_t)sqlite3_column_int64(st, 1);
    *id = (uint64_t)sqlite3_column_int64(st, 0);
    db_done(st);
    return at_ms + EVENTS_KEYS_MS > db->now_ms;
}

static int keep_key(struct db *db, const struct qrow *q, const char *key, uint64_t id,
                    struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(
        db, "INSERT OR REPLACE INTO seen (queue, key, id, at_ms) VALUES (?, ?, ?, ?)", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->id);
    (void)sqlite3_bind_text(st, 2, key, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)id);
    (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)db->now_ms);
    return db_run(db, st, err);
}

/* Ids ascend with time, so the oldest keys are those of the smallest ids. */
static int sweep_keys(struct db *db, const struct qrow *q, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = 0;

    for (int i = 0; i < SWEEP && r == 0; i++) {
        uint64_t id = 0;
        uint64_t at_ms = 0;

        r = qrow_key(db, q, KEY_OLDEST, &id, &at_ms, err);
        if (r <= 0)
            return r;
        if (q->now.next - id <= EVENTS_KEYS_MAX && at_ms + EVENTS_KEYS_MS > db->now_ms)
            return 0;
        st = db_prepare(db, "DELETE FROM seen WHERE queue = ? AND id = ?", err);
        if (st == NULL)
            return err->code;
        (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->id);
        (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)id);
        r = db_run(db, st, err);
    }
    return r;
}

/* ---- pushing --------------------------------------------------------------------------- */

static int insert(struct db *db, const struct qrow *q, const struct event_new *e,
                  struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(
        db,
        "INSERT INTO events (queue, id, pushed_ms, due_ms, attempts, call_id, head, body)"
        " VALUES (?, ?, ?, ?, 0, ?, ?, ?)",
        err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)q->now.next);
    (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)e->pushed_ms);
    (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)e->due_ms);
    if (e->call_id != NULL)
        (void)sqlite3_bind_text(st, 5, e->call_id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 6, e->head, -1, SQLITE_STATIC);
    /* A NULL pointer would bind NULL, which is no empty body. */
    (void)sqlite3_bind_blob64(st, 7, e->size > 0 ? e->body : "", e->size, SQLITE_STATIC);
    return db_run(db, st, err);
}

/* The queue, which is made when it is not there. Nothing has been written when it
 * fails for a limit. */
static struct qrow *target(struct db *db, const struct event_new *e, struct uf_err *err)
{
    struct qrow *q = qrow_find(db, e->space, e->queue, err);
    unsigned nnew = 0;

    if ((q == NULL && err->code < 0) || check_room(db, e, q, 1, &nnew, err) < 0)
        return NULL;
    return q != NULL ? q : qrow_make(db, e->space, e->queue, err);
}

/* 1: such an event was pushed already. */
static int look_up(struct db *db, struct event_new *e, struct uf_err *err)
{
    const struct qrow *q = e->key == NULL ? NULL : qrow_find(db, e->space, e->queue, err);

    if (q == NULL)
        return e->key == NULL ? 0 : err->code;
    e->queue_id = q->id;
    return find_key(db, q, e->key, &e->id, err);
}

int events_is_known(struct db *db, const struct event_new *e, struct uf_err *err)
{
    struct event_new copy = *e;

    return look_up(db, &copy, err);
}

int events_push(struct db *db, struct event_new *e, struct uf_err *err)
{
    int r = look_up(db, e, err);

    e->is_known = r > 0;
    if (r != 0)
        return r < 0 ? r : 0;
    struct qrow *q = target(db, e, err);
    if (q == NULL)
        return err->code;
    e->pushed_ms = e->due_ms > db->now_ms ? e->due_ms : db->now_ms;
    r = insert(db, q, e, err);
    if (r < 0)
        return r;
    e->queue_id = q->id;
    e->id = q->now.next;
    qrow_touch(db, q);
    q->now.next++;
    q->now.depth++;
    q->now.timed += e->due_ms > 0;
    if (e->key == NULL)
        return 0;
    r = keep_key(db, q, e->key, e->id, err);
    return r == 0 ? sweep_keys(db, q, err) : r;
}

/* ---- what became of them ----------------------------------------------------------------- */

static int gone(uint64_t queue_id, uint64_t id, struct uf_err *err)
{
    return uf_fail(err, -ESTALE, "event %llu of queue %llu is not there any more",
                   (unsigned long long)id, (unsigned long long)queue_id);
}

static struct qrow *owner(struct db *db, uint64_t queue_id, uint64_t id, struct uf_err *err)
{
    struct qrow *q = qrow_by_id(db, queue_id, err);

    if (q == NULL && err->code == 0)
        (void)gone(queue_id, id, err);
    return q;
}

int events_remove(struct db *db, uint64_t queue_id, uint64_t id, bool is_timed, struct uf_err *err)
{
    struct qrow *q = owner(db, queue_id, id, err);
    sqlite3_stmt *st =
        q == NULL ? NULL : db_prepare(db, "DELETE FROM events WHERE queue = ? AND id = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)id);
    int r = db_run(db, st, err);
    if (r < 0)
        return r;
    if (sqlite3_changes(db->sql) != 1)
        return gone(queue_id, id, err);
    qrow_touch(db, q);
    q->now.depth--;
    q->now.timed -= is_timed;
    return 0;
}

int events_remove_range(struct db *db, uint64_t queue_id, uint64_t first, uint64_t last, uint64_t n,
                        struct uf_err *err)
{
    struct qrow *q = owner(db, queue_id, first, err);
    sqlite3_stmt *st =
        q == NULL
            ? NULL
            : db_prepare(db,
                         "DELETE FROM events WHERE queue = ? AND id BETWEEN ? AND ? AND due_ms = 0",
                         err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)first);
    (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)last);
    int r = db_run(db, st, err);
    if (r < 0)
        return r;
    if ((uint64_t)sqlite3_changes(db->sql) != n)
        return gone(queue_id, first, err);
    qrow_touch(db, q);
    q->now.depth -= n;
    return 0;
}

/* 1, or 0 when it is not there. */
static int find(struct db *db, uint64_t queue_id, uint64_t id, bool *is_timed, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, "SELECT due_ms FROM events WHERE queue = ? AND id = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)id);
    int r = db_step(db, st, err);
    if (r > 0) {
        *is_timed = sqlite3_column_int64(st, 0) > 0;
        db_done(st);
    }
    return r;
}

int events_want(struct db *db, uint64_t queue_id, uint64_t id, struct uf_err *err)
{
    bool is_timed;
    int r = find(db, queue_id, id, &is_timed, err);

    return r < 0 ? r : r > 0 ? 0 : uf_fail(err, -EAGAIN, "a message was removed meanwhile");
}

int events_cancel(struct db *db, uint64_t queue_id, uint64_t id, struct uf_err *err)
{
    bool is_timed = false;
    int r = find(db, queue_id, id, &is_timed, err);

    if (r == 0)
        return uf_fail(err, -ENOENT, "it was handled already");
    return r < 0 ? r : events_remove(db, queue_id, id, is_timed, err);
}

int events_retry(struct db *db, const struct event_again *a, struct uf_err *err)
{
    struct qrow *q = owner(db, a->queue_id, a->id, err);
    sqlite3_stmt *st =
        q == NULL
            ? NULL
            : db_prepare(
                  db, "UPDATE events SET attempts = ?, due_ms = ? WHERE queue = ? AND id = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, a->attempts);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)a->due_ms);
    (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)a->queue_id);
    (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)a->id);
    int r = db_run(db, st, err);
    if (r < 0)
        return r;
    if (sqlite3_changes(db->sql) != 1)
        return gone(a->queue_id, a->id, err);
    qrow_touch(db, q);
    q->now.timed += !a->is_timed;
    return 0;
}

int events_purge(struct db *db, uint64_t queue_id, uint64_t last, int most, struct uf_err *err)
{
    struct qrow *q = owner(db, queue_id, last, err);
    sqlite3_stmt *st =
        q == NULL ? NULL
                  : db_prepare(db,
                               "SELECT count(*), max(id), coalesce(sum(due_ms > 0), 0) FROM"
                               " (SELECT id, due_ms FROM events WHERE queue = ? AND id <= ?"
                               "  ORDER BY id LIMIT ?)",
                               err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)last);
    (void)sqlite3_bind_int(st, 3, most);
    int r = db_step(db, st, err);
    if (r < 0)
        return r;
    int n = sqlite3_column_int(st, 0);
    sqlite3_int64 end = sqlite3_column_int64(st, 1);
    uint64_t timed = (uint64_t)sqlite3_column_int64(st, 2);
    db_done(st);
    if (n == 0)
        return 0;
    st = db_prepare(db, "DELETE FROM events WHERE queue = ? AND id <= ?", err);
    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, end);
    r = db_run(db, st, err);
    if (r < 0)
        return r;
    qrow_touch(db, q);
    q->now.depth -= (uint64_t)n;
    q->now.timed -= timed;
    return n;
}
