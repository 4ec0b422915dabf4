// SPDX-License-Identifier: MIT
/* qrow.c: see qrow.h. */
#include "daemon/store/qrow.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"

struct qrows {
    struct db_member member;
    void *by_name; /* search tree */
    struct qrow **by_id;
    size_t cap; /* of by_id */
    unsigned n;
    SLIST_HEAD(, qrow) changed;
};

static int compare(const void *a, const void *b)
{
    const struct qrow *x = a;
    const struct qrow *y = b;
    int r = strcmp(x->space, y->space);

    return r != 0 ? r : strcmp(x->name, y->name);
}

static struct qrow *add(struct qrows *all, uint64_t id, const char *space, const char *name)
{
    size_t len = strlen(name) + 1;
    size_t space_len = strlen(space) + 1;
    struct qrow *q = xnew(sizeof(*q) + len + space_len);

    q->id = id;
    memcpy(q->name, name, len);
    q->space = memcpy(q->name + len, space, space_len);
    if (id >= all->cap) {
        size_t cap = id + 1 > 2 * all->cap ? id + 1 : 2 * all->cap;

        all->by_id = xresize(all->by_id, cap, sizeof(struct qrow *));
        memset(all->by_id + all->cap, 0, (cap - all->cap) * sizeof(struct qrow *));
        all->cap = cap;
    }
    all->by_id[id] = q;
    all->n++;
    if (tsearch(q, &all->by_name, compare) == NULL)
        abort(); /* out of memory, for three words */
    return q;
}

static void drop(struct qrows *all, struct qrow *q)
{
    (void)tdelete(q, &all->by_name, compare);
    all->by_id[q->id] = NULL;
    all->n--;
    free(q);
}

/* ---- with the transaction -------------------------------------------------------------- */

static int save_one(struct db *db, const struct qrow *q, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(
        db, "UPDATE queues SET next = ?, depth = ?, timed = ?, dead = ? WHERE id = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->now.next);
    (void)sqlite3_bind_int64(st, 2, (sqlite3_int64)q->now.depth);
    (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)q->now.timed);
    (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)q->now.dead);
    (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)q->id);
    return db_run(db, st, err);
}

static int save(struct db_member *m, struct db *db, struct uf_err *err)
{
    struct qrows *all = UF_OWNER(m, struct qrows, member);
    struct qrow *q;
    int r = 0;

    SLIST_FOREACH(q, &all->changed, link)
    if (r == 0)
        r = save_one(db, q, err);
    return r;
}

static void ended(struct db_member *m, bool is_committed)
{
    struct qrows *all = UF_OWNER(m, struct qrows, member);
    struct qrow *q;

    while ((q = SLIST_FIRST(&all->changed)) != NULL) {
        SLIST_REMOVE_HEAD(&all->changed, link);
        q->is_changed = false;
        if (is_committed)
            q->saved = q->now;
        else
            q->now = q->saved;
        if (q->is_new && !is_committed)
            drop(all, q);
        else
            q->is_new = false;
    }
}

static void end(struct db_member *m)
{
    struct qrows *all = UF_OWNER(m, struct qrows, member);

    for (size_t i = 0; i < all->cap; i++)
        if (all->by_id[i] != NULL)
            drop(all, all->by_id[i]);
    free(all->by_id);
    free(all);
}

void qrow_touch(struct db *db, struct qrow *q)
{
    if (!q->is_changed)
        SLIST_INSERT_HEAD(&db->qrows->changed, q, link);
    q->is_changed = true;
}

/* ---- reading ------------------------------------------------------------------------------ */

static void take_row(struct qrows *all, sqlite3_stmt *st)
{
    struct qrow *q =
        add(all, (uint64_t)sqlite3_column_int64(st, 0), (const char *)sqlite3_column_text(st, 1),
            (const char *)sqlite3_column_text(st, 2));

    q->now = (struct qrow_count){.next = (uint64_t)sqlite3_column_int64(st, 3),
                                 .depth = (uint64_t)sqlite3_column_int64(st, 4),
                                 .timed = (uint64_t)sqlite3_column_int64(st, 5),
                                 .dead = (uint64_t)sqlite3_column_int64(st, 6)};
    q->saved = q->now;
}

/* All rows, at the first use. NULL with the reason in err. */
static struct qrows *rows(struct db *db, struct uf_err *err)
{
    if (db->qrows != NULL)
        return db->qrows;
    sqlite3_stmt *st =
        db_prepare(db, "SELECT id, space, name, next, depth, timed, dead FROM queues", err);
    int r = st == NULL ? -1 : 1;
    if (r < 0)
        return NULL;
    struct qrows *all = xnew(sizeof(*all));
    all->member = (struct db_member){.save = save, .ended = ended, .close = end};
    while ((r = db_step(db, st, err)) > 0)
        take_row(all, st);
    if (r < 0) {
        end(&all->member);
        return NULL;
    }
    db->qrows = all;
    db_join(db, &all->member);
    return all;
}

struct qrow *qrow_find(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    struct qrows *all = rows(db, err);
    size_t len = strlen(name) + 1;

    if (all == NULL)
        return NULL;
    err->code = 0;
    struct qrow *key = xnew(sizeof(*key) + len);
    memcpy(key->name, name, len);
    key->space = space;
    struct qrow *const *node = tfind(key, &all->by_name, compare);
    free(key);
    return node == NULL ? NULL : *node;
}

struct qrow *qrow_by_id(struct db *db, uint64_t id, struct uf_err *err)
{
    struct qrows *all = rows(db, err);

    if (all == NULL)
        return NULL;
    err->code = 0;
    return id < all->cap ? all->by_id[id] : NULL;
}

int qrow_check(struct db *db, struct uf_err *err)
{
    struct qrows *all = rows(db, err);

    if (all == NULL)
        return err->code;
    if (all->n >= QROW_MAX)
        return uf_fail(err, -ENOBUFS, "there are %u queues, which is the limit", QROW_MAX);
    return 0;
}

struct qrow *qrow_make(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    struct qrows *all = rows(db, err);
    sqlite3_stmt *st = all == NULL
                           ? NULL
                           : db_prepare(db,
                                        "INSERT INTO queues (space, name, next, depth, timed, dead)"
                                        " VALUES (?, ?, 1, 0, 0, 0)",
                                        err);

    if (st == NULL)
        return NULL;
    (void)sqlite3_bind_text(st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
    if (db_run(db, st, err) < 0)
        return NULL;
    struct qrow *q = add(all, (uint64_t)sqlite3_last_insert_rowid(db->sql), space, name);
    q->now.next = 1;
    q->saved = q->now;
    q->is_new = true;
    qrow_touch(db, q);
    return q;
}

struct walk {
    int (*visit)(void *ctx, const struct qrow *q);
    void *ctx;
    int code;
};

static void visit_one(const void *node, VISIT which, void *closure)
{
    struct qrow *const *q = node;
    struct walk *w = closure;

    if ((which == postorder || which == leaf) && w->code == 0)
        w->code = w->visit(w->ctx, *q);
}

int qrow_each(struct db *db, int (*visit)(void *ctx, const struct qrow *q), void *ctx,
              struct uf_err *err)
{
    struct qrows *all = rows(db, err);
    struct walk w = {.visit = visit, .ctx = ctx};

    if (all == NULL)
        return err->code;
    twalk_r(all->by_name, visit_one, &w);
    return w.code;
}

struct total {
    const char *space;
    uint64_t events;
    uint64_t dead;
};

static int add_to_total(void *ctx, const struct qrow *q)
{
    struct total *t = ctx;

    if (strcmp(q->space, t->space) == 0) {
        t->events += q->now.depth;
        t->dead += q->now.dead;
    }
    return 0;
}

int qrow_total(struct db *db, const char *space, uint64_t *events, uint64_t *dead,
               struct uf_err *err)
{
    struct total t = {.space = space};
    int r = qrow_each(db, add_to_total, &t, err);

    *events = t.events;
    *dead = t.dead;
    return r;
}
