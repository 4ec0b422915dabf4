// SPDX-License-Identifier: MIT
/* events_read.c: what reads events; see events.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/callid.h"
#include "daemon/store/events.h"
#include "daemon/store/qrow.h"

static struct event_row *make(const char *call_id, const char *head, size_t head_size,
                              const void *body, size_t size)
{
    size_t id_size = call_id == NULL ? 0 : strlen(call_id) + 1;
    struct event_row *e = malloc(sizeof(*e) + size + 1 + head_size + 1 + id_size);

    if (e == NULL)
        return NULL;
    char *at = (char *)(e + 1);
    *e =
        (struct event_row){.body = at, .size = size, .head = at + size + 1, .head_size = head_size};
    if (size > 0)
        memcpy(at, body, size);
    at[size] = '\0';
    memcpy(at + size + 1, head, head_size);
    at[size + 1 + head_size] = '\0';
    if (call_id != NULL)
        e->call_id = memcpy(at + size + 1 + head_size + 1, call_id, id_size);
    return e;
}

struct event_row *event_row_new(const struct event_new *e)
{
    struct event_row *row = make(e->call_id, e->head, strlen(e->head), e->body, e->size);

    if (row != NULL)
        row->due_ms = e->due_ms;
    return row;
}

void event_rows_free(struct event_rows *rows)
{
    struct event_row *e;

    while ((e = TAILQ_FIRST(rows)) != NULL) {
        TAILQ_REMOVE(rows, e, link);
        free(e);
    }
}

#define COLUMNS "id, pushed_ms, due_ms, attempts, call_id, head, body"

/* Both kinds, each in an order that keeps the place of what waits for another
 * attempt, and in one that doesn't. */
static const char fresh[] = "SELECT " COLUMNS " FROM events WHERE queue = ? AND id > ?"
                            " AND due_ms = 0 ORDER BY id";
static const char fresh_ordered[] = "SELECT " COLUMNS " FROM events WHERE queue = ? AND id > ?"
                                    " AND (due_ms = 0 OR attempts > 0) ORDER BY id";
static const char timed[] = "SELECT " COLUMNS " FROM events WHERE queue = ? AND due_ms > 0"
                            " AND due_ms <= ? ORDER BY due_ms, id";
static const char timed_ordered[] = "SELECT " COLUMNS " FROM events WHERE queue = ? AND due_ms > 0"
                                    " AND due_ms <= ? AND attempts = 0 ORDER BY due_ms, id";

static const char all[] = "SELECT " COLUMNS " FROM events WHERE queue = ? AND id > ? ORDER BY id";

static sqlite3_stmt *choose(struct db *db, const struct events_want *w, struct uf_err *err)
{
    if (w->is_any)
        return db_prepare(db, all, err);
    if (w->is_due)
        return w->is_ordered ? db_prepare(db, timed_ordered, err) : db_prepare(db, timed, err);
    return w->is_ordered ? db_prepare(db, fresh_ordered, err) : db_prepare(db, fresh, err);
}

static struct event_row *copy_row(sqlite3_stmt *st, uint64_t queue_id)
{
    const char *head = (const char *)sqlite3_column_text(st, 5);
    const void *body = sqlite3_column_blob(st, 6);
    struct event_row *e =
        make((const char *)sqlite3_column_text(st, 4), head, (size_t)sqlite3_column_bytes(st, 5),
             body, (size_t)sqlite3_column_bytes(st, 6));

    if (e == NULL)
        return NULL;
    e->queue_id = queue_id;
    e->id = (uint64_t)sqlite3_column_int64(st, 0);
    e->pushed_ms = (uint64_t)sqlite3_column_int64(st, 1);
    e->due_ms = (uint64_t)sqlite3_column_int64(st, 2);
    e->attempts = (uint32_t)sqlite3_column_int64(st, 3);
    return e;
}

int events_fetch(struct db *db, const struct events_want *w, struct events_found *out,
                 struct uf_err *err)
{
    const struct qrow *q = qrow_by_id(db, w->queue_id, err);
    sqlite3_stmt *st = q == NULL ? NULL : choose(db, w, err);
    size_t bytes = 0;
    int r = 0;

    *out = (struct events_found){.is_all = true};
    TAILQ_INIT(&out->rows);
    if (st == NULL)
        return err->code;
    out->last_id = q->now.next - 1;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)w->queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)(w->is_due ? w->upto_ms : w->after_id));
    while ((r = db_step(db, st, err)) > 0) {
        if (out->n >= w->rows_max || (out->n > 0 && bytes >= w->bytes_max)) {
            out->is_all = false;
            break;
        }
        struct event_row *e = copy_row(st, w->queue_id);
        if (e == NULL) {
            r = uf_fail(err, -ENOMEM, "no memory for an event");
            break;
        }
        TAILQ_INSERT_TAIL(&out->rows, e, link);
        out->n++;
        bytes += e->size + e->head_size;
    }
    db_done(st);
    if (r < 0)
        event_rows_free(&out->rows);
    return r < 0 ? r : 0;
}

int events_next_due(struct db *db, uint64_t queue_id, bool is_ordered, uint64_t after_ms,
                    uint64_t *due_ms, struct uf_err *err)
{
    static const char any[] = "SELECT due_ms FROM events WHERE queue = ? AND due_ms > 0"
                              " AND due_ms > ? ORDER BY due_ms LIMIT 1";
    static const char delayed[] = "SELECT due_ms FROM events WHERE queue = ? AND due_ms > 0"
                                  " AND due_ms > ? AND attempts = 0 ORDER BY due_ms LIMIT 1";
    sqlite3_stmt *st = is_ordered ? db_prepare(db, delayed, err) : db_prepare(db, any, err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)after_ms);
    int r = db_step(db, st, err);
    if (r < 0)
        return r;
    *due_ms = r == 0 ? 0 : (uint64_t)sqlite3_column_int64(st, 0);
    if (r > 0)
        db_done(st);
    return 0;
}

/* 1 and *out, or 0. */
static int find_row(struct db *db, sqlite3_stmt *st, struct event_row *out, struct uf_err *err)
{
    int r = db_step(db, st, err);

    if (r <= 0)
        return r;
    *out = (struct event_row){.queue_id = (uint64_t)sqlite3_column_int64(st, 0),
                              .id = (uint64_t)sqlite3_column_int64(st, 1),
                              .due_ms = (uint64_t)sqlite3_column_int64(st, 2),
                              .attempts = (uint32_t)sqlite3_column_int64(st, 3)};
    db_done(st);
    return 1;
}

static int find_made(struct db *db, const char *call_id, struct event_row *out, struct uf_err *err)
{
    uint64_t queue_id;
    uint64_t id;

    if (!callid_parse(call_id, db->salt, &queue_id, &id))
        return 0;
    sqlite3_stmt *st = db_prepare(
        db, "SELECT queue, id, due_ms, attempts FROM events WHERE queue = ? AND id = ?", err);
    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)id);
    return find_row(db, st, out, err);
}

static int find_given(struct db *db, const char *call_id, struct event_row *out, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(
        db, "SELECT queue, id, due_ms, attempts FROM events WHERE call_id = ? LIMIT 1", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_text(st, 1, call_id, -1, SQLITE_STATIC);
    return find_row(db, st, out, err);
}

/* An id that was made may be given as well: by a dead letter that is retried. */
int events_find(struct db *db, const char *call_id, struct event_row *out, struct uf_err *err)
{
    int r = find_made(db, call_id, out, err);

    if (r == 0)
        r = find_given(db, call_id, out, err);
    if (r == 0)
        return uf_fail(err, -ENOENT, "no event with the id %.64s waits", call_id);
    return r < 0 ? r : 0;
}

int events_oldest(struct db *db, uint64_t queue_id, uint64_t *pushed_ms, struct uf_err *err)
{
    sqlite3_stmt *st =
        db_prepare(db,
                   "SELECT coalesce(min(pushed_ms), 0) FROM"
                   " (SELECT pushed_ms FROM events WHERE queue = ? ORDER BY id LIMIT 100)",
                   err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)queue_id);
    int r = db_step(db, st, err);
    if (r < 0)
        return r;
    *pushed_ms = (uint64_t)sqlite3_column_int64(st, 0);
    db_done(st);
    return 0;
}
