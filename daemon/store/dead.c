// SPDX-License-Identifier: MIT
/* dead.c: see dead.h. */
#include "daemon/store/dead.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/door.h"
#include "daemon/store/callid.h"
#include "daemon/store/qrow.h"

/* The row with the function's count: that of its own queue. NULL with err->code 0
 * when there is none. */
static struct qrow *count_of(struct db *db, const char *space, const char *function,
                             struct uf_err *err)
{
    char name[UF_NAME_MAX + 1];

    (void)snprintf(name, sizeof(name), "@%s", function);
    return qrow_find(db, space, name, err);
}

static int add_count(struct db *db, const char *space, const char *function, int64_t n,
                     struct uf_err *err)
{
    char name[UF_NAME_MAX + 1];
    struct qrow *q = count_of(db, space, function, err);

    (void)snprintf(name, sizeof(name), "@%s", function);
    if (q == NULL && err->code == 0)
        q = qrow_make(db, space, name, err);
    if (q == NULL)
        return err->code;
    qrow_touch(db, q);
    q->now.dead += (uint64_t)n;
    return 0;
}

int dead_check(struct db *db, const char *space, const char *function, struct uf_err *err)
{
    const struct qrow *q = count_of(db, space, function, err);

    if (q == NULL)
        return err->code;
    if (db->depth_max > 0 && q->now.dead >= db->depth_max)
        return uf_fail(err, -ENOBUFS,
                       "%s has %llu dead letters, which is the limit (--queue-depth): retry or "
                       "purge them",
                       function, (unsigned long long)q->now.dead);
    return 0;
}

static sqlite3_stmt *bury_row(struct db *db, const struct dead_new *d, const char *queue,
                              const char *call_id, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(
        db,
        "INSERT INTO dead (space, function, queue, call_id, pushed_ms, died_ms, attempts, reason,"
        " status, output, head, body)"
        " SELECT ?, ?, ?, coalesce(call_id, ?), pushed_ms, ?, ?, ?, ?, ?, head, body"
        " FROM events WHERE queue = ? AND id = ?",
        err);

    if (st == NULL)
        return NULL;
    (void)sqlite3_bind_text(st, 1, d->space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, d->function, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 3, queue, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 4, call_id, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)db->now_ms);
    (void)sqlite3_bind_int64(st, 6, d->attempts);
    (void)sqlite3_bind_text(st, 7, d->reason, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 8, d->status);
    (void)sqlite3_bind_blob64(st, 9, d->output_size > 0 ? d->output : "",
                              d->output_size < DEAD_OUTPUT_MAX ? d->output_size : DEAD_OUTPUT_MAX,
                              SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 10, (sqlite3_int64)d->queue_id);
    (void)sqlite3_bind_int64(st, 11, (sqlite3_int64)d->id);
    return st;
}

int dead_bury(struct db *db, const struct dead_new *d, struct uf_err *err)
{
    const struct qrow *q = qrow_by_id(db, d->queue_id, err);
    char call_id[CALLID_TEXT];

    if (q == NULL)
        return err->code < 0 ? err->code
                             : uf_fail(err, -ESTALE, "queue %llu is not there any more",
                                       (unsigned long long)d->queue_id);
    callid_format(call_id, db->salt, d->queue_id, d->id);
    sqlite3_stmt *st = bury_row(db, d, q->name, call_id, err);
    int r = st == NULL ? err->code : db_run(db, st, err);
    if (r < 0)
        return r;
    if (sqlite3_changes(db->sql) != 1)
        return uf_fail(err, -ESTALE, "event %llu of queue %s is not there any more",
                       (unsigned long long)d->id, q->name);
    r = events_remove(db, d->queue_id, d->id, d->is_timed, err);
    return r < 0 ? r : add_count(db, d->space, d->function, 1, err);
}

/* ---- reading ----------------------------------------------------------------------------- */

#define COLUMNS                                                                                  \
    "id, space, function, queue, call_id, pushed_ms, died_ms, attempts, reason, status, output," \
    " head, length(body)"

static const char *text_of(sqlite3_stmt *st, int column)
{
    return (const char *)sqlite3_column_text(st, column);
}

static struct dead_row row_of(sqlite3_stmt *st)
{
    return (struct dead_row){
        .id = (uint64_t)sqlite3_column_int64(st, 0),
        .space = text_of(st, 1),
        .function = text_of(st, 2),
        .queue = text_of(st, 3),
        .call_id = text_of(st, 4),
        .pushed_ms = (uint64_t)sqlite3_column_int64(st, 5),
        .died_ms = (uint64_t)sqlite3_column_int64(st, 6),
        .attempts = (uint32_t)sqlite3_column_int64(st, 7),
        .reason = text_of(st, 8),
        .status = (uint32_t)sqlite3_column_int64(st, 9),
        .output = sqlite3_column_blob(st, 10),
        .output_size = (size_t)sqlite3_column_bytes(st, 10),
        .head = text_of(st, 11),
        .size = (size_t)sqlite3_column_int64(st, 12),
    };
}

int dead_list(struct db *db, const struct dead_query *q,
              int (*visit)(void *ctx, const struct dead_row *d), void *ctx, struct uf_err *err)
{
    static const char all[] = "SELECT " COLUMNS " FROM dead WHERE space = ? AND ? = '' AND id < ?"
                              " ORDER BY id DESC LIMIT ?";
    static const char one[] = "SELECT " COLUMNS " FROM dead WHERE space = ? AND function = ?"
                              " AND id < ? ORDER BY id DESC LIMIT ?";
    sqlite3_stmt *st = *q->function == '\0' ? db_prepare(db, all, err) : db_prepare(db, one, err);
    int r = 0;

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_text(st, 1, q->space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, q->function, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 3, q->before == 0 ? INT64_MAX : (sqlite3_int64)q->before);
    (void)sqlite3_bind_int(st, 4, q->most);
    while ((r = db_step(db, st, err)) > 0) {
        struct dead_row d = row_of(st);

        r = visit(ctx, &d);
        if (r != 0)
            break;
    }
    db_done(st);
    return r;
}

/* Step to one, with its body. 1, 0, or a negative errno. */
static int step_to(struct db *db, const char *space, uint64_t id, sqlite3_stmt **out,
                   struct uf_err *err)
{
    *out = db_prepare(db, "SELECT " COLUMNS ", body FROM dead WHERE space = ? AND id = ?", err);
    if (*out == NULL)
        return err->code;
    (void)sqlite3_bind_text(*out, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(*out, 2, (sqlite3_int64)id);
    int r = db_step(db, *out, err);
    return r == 0 ? uf_fail(err, -ENOENT, "there is no dead letter %llu", (unsigned long long)id)
                  : r;
}

int dead_show(struct db *db, const char *space, uint64_t id,
              int (*visit)(void *ctx, const struct dead_row *d), void *ctx, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = step_to(db, space, id, &st, err);

    if (r < 0)
        return r;
    struct dead_row d = row_of(st);
    d.body = sqlite3_column_blob(st, 13);
    r = visit(ctx, &d);
    db_done(st);
    return r;
}

/* ---- what becomes of them ------------------------------------------------------------------ */

static int delete_row(struct db *db, const char *space, const char *function, uint64_t id,
                      struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, "DELETE FROM dead WHERE id = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)id);
    int r = db_run(db, st, err);
    return r < 0 ? r : add_count(db, space, function, -1, err);
}

/* Copies of what the row says, for it ends before the event is pushed. */
struct found {
    char function[UF_NAME_MAX + 1];
    char queue[UF_NAME_MAX + 1];
    char call_id[72];
    struct event_row *event;
};

static int find(struct db *db, const char *space, uint64_t id, struct found *f, struct uf_err *err)
{
    sqlite3_stmt *st;
    int r = step_to(db, space, id, &st, err);

    if (r < 0)
        return r;
    struct dead_row d = row_of(st);
    (void)snprintf(f->function, sizeof(f->function), "%s", d.function);
    (void)snprintf(f->queue, sizeof(f->queue), "%s", d.queue);
    (void)snprintf(f->call_id, sizeof(f->call_id), "%s", d.call_id);
    struct event_new e = {
        .head = d.head, .body = sqlite3_column_blob(st, 13), .size = d.size, .call_id = f->call_id};
    f->event = event_row_new(&e);
    db_done(st);
    return f->event == NULL ? uf_fail(err, -ENOMEM, "no memory for an event") : 0;
}

int dead_retry(struct db *db, const char *space, uint64_t id, struct dead_again *out,
               struct uf_err *err)
{
    struct found f = {.event = NULL};
    int r = find(db, space, id, &f, err);

    if (r < 0)
        return r;
    struct event_new e = {.space = space,
                          .queue = f.queue,
                          .head = f.event->head,
                          .body = f.event->body,
                          .size = f.event->size,
                          .call_id = f.call_id};
    r = events_push(db, &e, err);
    if (r == 0)
        r = delete_row(db, space, f.function, id, err);
    if (r < 0) {
        free(f.event);
        return r;
    }
    f.event->queue_id = e.queue_id;
    f.event->id = e.id;
    f.event->pushed_ms = e.pushed_ms;
    memcpy(out->queue, f.queue, sizeof(out->queue));
    out->event = f.event;
    return 0;
}

int dead_remove(struct db *db, const char *space, uint64_t id, struct uf_err *err)
{
    char function[UF_NAME_MAX + 1];
    sqlite3_stmt *st;
    int r = step_to(db, space, id, &st, err);

    if (r < 0)
        return r;
    (void)snprintf(function, sizeof(function), "%s", text_of(st, 2));
    db_done(st);
    return delete_row(db, space, function, id, err);
}

int dead_purge(struct db *db, const char *space, const char *function, int most, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db,
                                  "DELETE FROM dead WHERE id IN (SELECT id FROM dead"
                                  " WHERE space = ? AND function = ? ORDER BY id LIMIT ?)",
                                  err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_text(st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, function, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int(st, 3, most);
    int r = db_run(db, st, err);
    if (r < 0)
        return r;
    int n = sqlite3_changes(db->sql);
    r = n == 0 ? 0 : add_count(db, space, function, -(int64_t)n, err);
    return r < 0 ? r : n;
}
