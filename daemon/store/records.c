// SPDX-License-Identifier: MIT
/* records.c: see records.h. */
#include "daemon/store/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/deployments.h"
#include "daemon/store/pack.h"

/* What a row takes beside its texts, about; docs/operations.md has it measured. */
#define ROW_BYTES 110u

/* Old rows go when a sixteenth too many are there, and not more than so many at a
 * time: whole pages become free, and nobody waits long. One row in LOOK_EVERY looks
 * whether it is time. */
#define SLACK      16u
#define TRIM_MAX   1000u
#define LOOK_EVERY 16u

void record_fini(struct record *r)
{
    free(r->message);
    free(r->log);
    r->message = NULL;
    r->log = NULL;
}

/* ---- writing ------------------------------------------------------------------------- */

static void bind_text(sqlite3_stmt *st, int at, const char *text)
{
    if (text == NULL || text[0] == '\0')
        (void)sqlite3_bind_null(st, at);
    else
        (void)sqlite3_bind_text(st, at, text, -1, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *st, int at, uint64_t n)
{
    (void)sqlite3_bind_int64(st, at, (sqlite3_int64)n);
}

static void bind_record(sqlite3_stmt *st, const struct record *r, sqlite3_int64 deployment)
{
    size_t texts =
        (r->message != NULL ? strlen(r->message) : 0) + (r->log != NULL ? strlen(r->log) : 0);
    int at = 1;

    pack_bind_uuid(st, at++, r->id);
    bind_number(st, at++, (uint64_t)deployment);
    bind_number(st, at++, r->start_ms);
    bind_number(st, at++, r->wait_ns / 1000);
    bind_number(st, at++, r->init_ns / 1000);
    bind_number(st, at++, r->duration_ns / 1000);
    bind_number(st, at++, r->cpu_ns / 1000);
    bind_number(st, at++, r->status);
    bind_number(st, at++, r->attempt);
    bind_number(st, at++, r->reruns);
    bind_number(st, at++, r->host_calls);
    bind_number(st, at++, r->dirty_pages);
    bind_number(st, at++, r->is_cold);
    bind_number(st, at++, r->bytes_in);
    bind_number(st, at++, r->bytes_out);
    (void)sqlite3_bind_text(st, at++, r->trigger, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, at++, r->outcome, -1, SQLITE_STATIC);
    bind_text(st, at++, r->isolation);
    pack_bind_uuid(st, at++, r->cause);
    pack_bind_trace(st, at++, r->trace);
    pack_bind_hex(st, at++, r->parent);
    bind_number(st, at++, ROW_BYTES + texts);
    bind_text(st, at++, r->message);
    bind_text(st, at, r->log);
}

/* ---- the ring ------------------------------------------------------------------------- */

struct place {
    uint64_t seq;
    uint64_t total;
    uint64_t start_ms;
};

static struct place place_of(sqlite3_stmt *st)
{
    return (struct place){.seq = (uint64_t)sqlite3_column_int64(st, 0),
                          .total = (uint64_t)sqlite3_column_int64(st, 1),
                          .start_ms = (uint64_t)sqlite3_column_int64(st, 2)};
}

/* Is p too much, with `slack` times the sixteenth that is left? */
static bool is_over(const struct records_limits *l, const struct place *p, const struct place *last,
                    uint64_t now_ms, unsigned slack)
{
    return last->seq - p->seq >= l->number + slack * (l->number / SLACK) ||
           last->total - p->total >= l->bytes + slack * (l->bytes / SLACK) ||
           (now_ms > p->start_ms && now_ms - p->start_ms > l->age_ms + slack * (l->age_ms / SLACK));
}

/* The first number that stays: 0 when all does. */
static int find_first(struct db *db, const struct records_limits *l, const struct place *last,
                      uint64_t *out, struct uf_err *err)
{
    static const char oldest[] = "SELECT seq, total, start_ms FROM records ORDER BY seq LIMIT ?1";
    sqlite3_stmt *st = db_prepare(db, oldest, err);
    unsigned slack = 1;
    int got;

    *out = 0;
    if (st == NULL)
        return err->code;
    bind_number(st, 1, TRIM_MAX);
    while ((got = db_step(db, st, err)) > 0) {
        struct place p = place_of(st);

        if (!is_over(l, &p, last, db->now_ms, slack))
            break;
        *out = p.seq + 1;
        slack = 0;
    }
    db_done(st);
    return got < 0 ? got : 0;
}

/* Drop the oldest if they are too many. Returns how many went, or a negative errno. */
static int trim(struct db *db, const struct records_limits *l, struct uf_err *err)
{
    static const char newest[] =
        "SELECT seq, total, start_ms FROM records ORDER BY seq DESC LIMIT 1";
    static const char drop[] = "DELETE FROM records WHERE seq < ?1";
    sqlite3_stmt *st = db_prepare(db, newest, err);
    int got = st == NULL ? err->code : db_step(db, st, err);
    uint64_t first = 0;

    if (got <= 0)
        return got;
    struct place last = place_of(st);
    db_done(st);
    got = find_first(db, l, &last, &first, err);
    if (got < 0 || first == 0)
        return got;
    st = db_prepare(db, drop, err);
    if (st == NULL)
        return err->code;
    bind_number(st, 1, first);
    got = db_run(db, st, err);
    return got < 0 ? got : sqlite3_changes(db->sql);
}

int records_add(struct db *db, const struct records_limits *l, const struct record *r,
                struct uf_err *err)
{
    /* total: bytes of this one and of all before it. */
    static const char add[] =
        "INSERT INTO records (id, deployment, start_ms, wait_us, init_us, run_us, cpu_us, status,"
        " attempt, reruns, host_calls, dirty_pages, is_cold, bytes_in, bytes_out, trigger,"
        " outcome, isolation, cause, trace, parent, total, message, log)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
        " ?19, ?20, ?21, ?22 + coalesce((SELECT total FROM records ORDER BY seq DESC LIMIT 1), 0),"
        " ?23, ?24)";
    sqlite3_int64 deployment = 0;

    if (l->number == 0)
        return 0;
    int code = deployments_find(db, r, &deployment, err);
    sqlite3_stmt *st = code < 0 ? NULL : db_prepare(db, add, err);
    if (st == NULL)
        return err->code;
    bind_record(st, r, deployment);
    code = db_run(db, st, err);
    if (code == 0 && sqlite3_last_insert_rowid(db->sql) % LOOK_EVERY == 0)
        code = trim(db, l, err);
    return code < 0 ? code : 0;
}

int records_sweep(struct db *db, const struct records_limits *l, struct uf_err *err)
{
    int n;

    do
        n = trim(db, l, err);
    while (n > 0);
    return n < 0 ? err->code : deployments_sweep(db, err);
}

/* ---- reading -------------------------------------------------------------------------- */

bool records_match(const struct records_query *q, const struct record *r)
{
    /* "00-" and the trace's id */
    const char *trace = strlen(r->trace) > 3 ? r->trace + 3 : "";

    if (q->space[0] != '\0' && strcmp(q->space, r->space) != 0)
        return false;
    if (q->function[0] != '\0' && strcmp(q->function, r->function) != 0 &&
        strcmp(q->function, r->sequence) != 0)
        return false;
    if (strcmp(q->outcome, "failed") == 0
            ? strcmp(r->outcome, "ok") == 0
            : q->outcome[0] != '\0' && strcmp(q->outcome, r->outcome) != 0)
        return false;
    return r->start_ms >= q->since_ms && strncmp(r->id, q->id, strlen(q->id)) == 0 &&
           strncmp(trace, q->trace, strlen(q->trace)) == 0;
}

static uint64_t number(sqlite3_stmt *st, int at)
{
    return (uint64_t)sqlite3_column_int64(st, at);
}

static uint32_t small(sqlite3_stmt *st, int at)
{
    return (uint32_t)sqlite3_column_int64(st, at);
}

static const char walk_text[] =
    "SELECT seq, r.id, start_ms, outcome, trace, space, name, sequence,"
    " wait_us, init_us, run_us, cpu_us, status, attempt, reruns, host_calls, dirty_pages, is_cold,"
    " bytes_in, bytes_out, trigger, isolation, cause, parent, image, memory, timeout_us, lang,"
    " message, log"
    " FROM records r JOIN deployments d ON d.id = r.deployment"
    " WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2";
enum {
    FIRST_NUMBER = 8,
    FIRST_TEXT = 20,
    MESSAGE = 28,
    LOG = 29,
};

/* What records_match() looks at. */
static void read_key(sqlite3_stmt *st, struct record *r)
{
    pack_read_uuid(st, 1, r->id, sizeof(r->id));
    r->start_ms = number(st, 2);
    pack_read_text(st, 3, r->outcome, sizeof(r->outcome));
    pack_read_trace(st, 4, r->trace, sizeof(r->trace));
    pack_read_text(st, 5, r->space, sizeof(r->space));
    pack_read_text(st, 6, r->function, sizeof(r->function));
    pack_read_text(st, 7, r->sequence, sizeof(r->sequence));
}

static void read_numbers(sqlite3_stmt *st, struct record *r)
{
    int at = FIRST_NUMBER;

    r->wait_ns = number(st, at++) * 1000;
    r->init_ns = number(st, at++) * 1000;
    r->duration_ns = number(st, at++) * 1000;
    r->cpu_ns = number(st, at++) * 1000;
    r->status = small(st, at++);
    r->attempt = small(st, at++);
    r->reruns = small(st, at++);
    r->host_calls = small(st, at++);
    r->dirty_pages = small(st, at++);
    r->is_cold = small(st, at++);
    r->bytes_in = number(st, at++);
    r->bytes_out = number(st, at);
}

static char *copy_text(sqlite3_stmt *st, int at)
{
    const char *text = (const char *)sqlite3_column_text(st, at);

    return text == NULL ? NULL : strdup(text);
}

static void read_rest(sqlite3_stmt *st, struct record *r, bool want_log)
{
    int at = FIRST_TEXT;

    read_numbers(st, r);
    pack_read_text(st, at++, r->trigger, sizeof(r->trigger));
    pack_read_text(st, at++, r->isolation, sizeof(r->isolation));
    pack_read_uuid(st, at++, r->cause, sizeof(r->cause));
    pack_read_hex(st, at++, r->parent, sizeof(r->parent));
    pack_read_hex(st, at++, r->image, sizeof(r->image));
    r->memory = number(st, at++);
    r->timeout_ns = number(st, at++) * 1000;
    pack_read_text(st, at, r->lang, sizeof(r->lang));
    r->message = copy_text(st, MESSAGE);
    r->log = want_log ? copy_text(st, LOG) : NULL;
}

/* 0, or what visit said. */
static int visit_row(const struct records_walk *w, sqlite3_stmt *st)
{
    struct record r = {.start_ms = 0};
    int end = 0;

    read_key(st, &r);
    if (r.start_ms >= w->not_before_ms && records_match(w->query, &r)) {
        read_rest(st, &r, w->query->want_log);
        end = w->visit(w->ctx, &r);
        record_fini(&r);
    }
    return end;
}

int records_walk(struct db *db, struct records_walk *w, uint32_t most, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, walk_text, err);
    uint32_t seen = 0;
    bool is_ended = false;
    int got = 0;

    if (st == NULL)
        return err->code;
    bind_number(st, 1, w->at);
    bind_number(st, 2, most);
    while (!is_ended && (got = db_step(db, st, err)) > 0) {
        seen++;
        w->at = number(st, 0);
        is_ended = visit_row(w, st) != 0;
    }
    if (got > 0)
        db_done(st);
    if (is_ended || seen < most)
        w->at = 0;
    return got < 0 ? got : 0;
}
