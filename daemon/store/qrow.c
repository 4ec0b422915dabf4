// SPDX-License-Identifier: MIT
/* qrow.c: see qrow.h. */
#include "daemon/store/qrow.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/store/events.h"

#define FREE_SPACE "" /* the platform's own, and rows that nobody has: "#ID" */

/* Idle rows that are looked at for one that can go. */
#define LOOKS 64u

/* They are counted apart. */
enum kind {
    NAMED,
    OWN, /* "@FUNCTION" */
    NKINDS,
};

TAILQ_HEAD(qrow_list, qrow);

struct qrow_space {
    SLIST_ENTRY(qrow_space) link;
    struct qrow_list idle[NKINDS]; /* the one that is idle for the longest first */
    unsigned n[NKINDS];
    unsigned refs; /* rows that point here */
    char name[];
};

struct qrows {
    struct db_member member;
    void *by_name; /* search tree */
    struct qrow **by_id;
    size_t cap; /* of by_id */
    unsigned n[NKINDS];
    SLIST_HEAD(, qrow) changed;
    SLIST_HEAD(, qrow_space) spaces;
};

static int compare(const void *a, const void *b)
{
    const struct qrow *x = a;
    const struct qrow *y = b;
    int r = strcmp(x->space, y->space);

    return r != 0 ? r : strcmp(x->name, y->name);
}

static struct qrow_space *find_space(const struct qrows *all, const char *name)
{
    struct qrow_space *in;

    SLIST_FOREACH(in, &all->spaces, link)
    if (strcmp(in->name, name) == 0)
        break;
    return in;
}

static struct qrow_space *get_space(struct qrows *all, const char *name)
{
    struct qrow_space *in = find_space(all, name);
    size_t len = strlen(name) + 1;

    if (in != NULL)
        return in;
    in = xnew(sizeof(*in) + len);
    memcpy(in->name, name, len);
    TAILQ_INIT(&in->idle[NAMED]);
    TAILQ_INIT(&in->idle[OWN]);
    SLIST_INSERT_HEAD(&all->spaces, in, link);
    return in;
}

static enum kind kind_of(const char *name)
{
    return name[0] == '@' ? OWN : NAMED;
}

/* The platform's own are not. */
static bool is_counted(const char *space)
{
    return strcmp(space, FREE_SPACE) != 0;
}

/* Could others have its row? */
static bool is_idle(const struct qrow *q)
{
    return q->now.depth == 0 && q->now.dead == 0 && (is_counted(q->space) || q->name[0] == '#');
}

/* As it is after a transaction. */
static void list_idle(struct qrow *q, bool idle)
{
    struct qrow_list *list = &q->in->idle[kind_of(q->name)];

    if (idle && !q->is_idle)
        TAILQ_INSERT_TAIL(list, q, idle_link);
    else if (!idle && q->is_idle)
        TAILQ_REMOVE(list, q, idle_link);
    q->is_idle = idle;
}

static struct qrow *new_row(struct qrows *all, uint64_t id, const char *space, const char *name)
{
    size_t len = strlen(name) + 1;
    struct qrow *q = xnew(sizeof(*q) + len);

    q->id = id;
    memcpy(q->name, name, len);
    q->in = get_space(all, space);
    q->in->refs++;
    q->space = q->in->name;
    return q;
}

static void free_row(struct qrows *all, struct qrow *q)
{
    struct qrow_space *in = q->in;

    free(q);
    if (--in->refs > 0)
        return;
    SLIST_REMOVE(&all->spaces, in, qrow_space, link);
    free(in);
}

static void put_in(struct qrows *all, struct qrow *q)
{
    enum kind k = kind_of(q->name);
    unsigned one = is_counted(q->space);

    if (q->id >= all->cap) {
        size_t cap = q->id + 1 > 2 * all->cap ? q->id + 1 : 2 * all->cap;

        all->by_id = xresize(all->by_id, cap, sizeof(struct qrow *));
        memset(all->by_id + all->cap, 0, (cap - all->cap) * sizeof(struct qrow *));
        all->cap = cap;
    }
    all->by_id[q->id] = q;
    all->n[k] += one;
    q->in->n[k] += one;
    if (tsearch(q, &all->by_name, compare) == NULL)
        abort(); /* out of memory, for three words */
}

static void take_out(struct qrows *all, struct qrow *q)
{
    enum kind k = kind_of(q->name);
    unsigned one = is_counted(q->space);

    list_idle(q, false);
    (void)tdelete(q, &all->by_name, compare);
    all->by_id[q->id] = NULL;
    all->n[k] -= one;
    q->in->n[k] -= one;
}

static void drop(struct qrows *all, struct qrow *q)
{
    take_out(all, q);
    free_row(all, q);
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

static void keep(struct qrows *all, struct qrow *q)
{
    q->saved = q->now;
    q->is_new = false;
    if (q->was != NULL)
        free_row(all, q->was);
    q->was = NULL;
    list_idle(q, is_idle(q));
}

static void take_back(struct qrows *all, struct qrow *q)
{
    struct qrow *was = q->was;

    q->now = q->saved;
    if (!q->is_new && was == NULL)
        return;
    drop(all, q);
    if (was == NULL)
        return;
    put_in(all, was);
    list_idle(was, is_idle(was));
}

static void ended(struct db_member *m, bool is_committed)
{
    struct qrows *all = UF_OWNER(m, struct qrows, member);
    struct qrow *q;

    while ((q = SLIST_FIRST(&all->changed)) != NULL) {
        SLIST_REMOVE_HEAD(&all->changed, link);
        q->is_changed = false;
        if (is_committed)
            keep(all, q);
        else
            take_back(all, q);
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
        new_row(all, (uint64_t)sqlite3_column_int64(st, 0),
                (const char *)sqlite3_column_text(st, 1), (const char *)sqlite3_column_text(st, 2));

    q->now = (struct qrow_count){.next = (uint64_t)sqlite3_column_int64(st, 3),
                                 .depth = (uint64_t)sqlite3_column_int64(st, 4),
                                 .timed = (uint64_t)sqlite3_column_int64(st, 5),
                                 .dead = (uint64_t)sqlite3_column_int64(st, 6)};
    q->saved = q->now;
    put_in(all, q);
    list_idle(q, is_idle(q));
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

/* ---- making room -------------------------------------------------------------------------- */

int qrow_key(struct db *db, const struct qrow *q, enum key_end which, uint64_t *id, uint64_t *at_ms,
             struct uf_err *err)
{
    static const char *const sql[] = {
        [KEY_OLDEST] = "SELECT id, at_ms FROM seen WHERE queue = ? ORDER BY id LIMIT 1",
        [KEY_NEWEST] = "SELECT id, at_ms FROM seen WHERE queue = ? ORDER BY id DESC LIMIT 1",
    };
    sqlite3_stmt *st = db_prepare(db, sql[which], err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->id);
    int r = db_step(db, st, err);
    if (r <= 0)
        return r;
    *id = (uint64_t)sqlite3_column_int64(st, 0);
    *at_ms = (uint64_t)sqlite3_column_int64(st, 1);
    db_done(st);
    return 1;
}

/* Was an event pushed with a key so lately that it could be pushed again? 1, 0, or a
 * negative errno. */
static int has_keys(struct db *db, const struct qrow *q, struct uf_err *err)
{
    uint64_t id = 0;
    uint64_t at_ms = 0;
    int r = qrow_key(db, q, KEY_NEWEST, &id, &at_ms, err);

    return r <= 0 ? r : at_ms + EVENTS_KEYS_MS > db->now_ms;
}

/* Count idle rows of a space that can go, up to `most` of them; *out: the first. */
static unsigned look(struct db *db, const struct qrow_space *in, enum kind k, unsigned most,
                     struct qrow **out)
{
    struct uf_err err;
    struct qrow *q;
    unsigned looks = 0;
    unsigned n = 0;

    TAILQ_FOREACH(q, &in->idle[k], idle_link)
    {
        if (n == most || looks++ == LOOKS + most)
            break;
        if (q->is_changed || has_keys(db, q, &err) != 0)
            continue;
        if (n++ == 0)
            *out = q;
    }
    return n;
}

/* Likewise, of all spaces. */
static unsigned look_everywhere(struct db *db, const struct qrows *all, enum kind k, unsigned most,
                                struct qrow **out)
{
    const struct qrow_space *in;
    unsigned n = 0;

    SLIST_FOREACH(in, &all->spaces, link)
    {
        struct qrow *first = NULL;

        n += look(db, in, k, most - n, &first);
        *out = *out == NULL ? first : *out;
    }
    return n;
}

/* Rows of others that n more take when there would be `total` of them. */
static unsigned beyond(unsigned total, unsigned limit, unsigned n)
{
    return total - limit < n ? total - limit : n;
}

int qrow_check(struct db *db, const char *space, const char *name, unsigned n, struct uf_err *err)
{
    static const char *const what[NKINDS] = {"queues", "queues of functions that are not deployed"};
    struct qrows *all = rows(db, err);
    enum kind k = kind_of(name);
    struct qrow *q = NULL;

    if (all == NULL)
        return err->code;
    if (!is_counted(space))
        return 0;
    const struct qrow_space *in = find_space(all, space);
    unsigned own = in != NULL ? in->n[k] : 0;
    if (own + n > QROW_SPACE_MAX) {
        unsigned need = beyond(own + n, QROW_SPACE_MAX, n);

        if (in == NULL || look(db, in, k, need, &q) < need)
            return uf_fail(err, -ENOBUFS,
                           "namespace %.64s has %u %s with events, which is the limit: purge "
                           "some of them",
                           space, QROW_SPACE_MAX, what[k]);
    } else if (own + n > QROW_SPACE_MIN && all->n[k] + n > QROW_MAX) {
        unsigned need = beyond(all->n[k] + n, QROW_MAX, n);

        if (look_everywhere(db, all, k, need, &q) < need)
            return uf_fail(err, -ENOBUFS,
                           "there are %u %s with events, too many for a namespace to get more "
                           "than %u: purge some of them",
                           all->n[k], what[k], QROW_SPACE_MIN);
    }
    return 0;
}

/* The row that a new queue takes; NULL: one of its own. */
static struct qrow *spare(struct db *db, const struct qrows *all, const char *space, enum kind k)
{
    const struct qrow_space *in = find_space(all, space);
    const struct qrow_space *unused = find_space(all, FREE_SPACE);
    struct qrow *q = NULL;

    if (in != NULL && in->n[k] >= QROW_SPACE_MAX)
        (void)look(db, in, k, 1, &q);
    else if (unused != NULL && look(db, unused, NAMED, 1, &q) > 0)
        return q;
    else if (all->n[k] >= QROW_MAX)
        (void)look_everywhere(db, all, k, 1, &q);
    return q;
}

static int forget_keys(struct db *db, const struct qrow *q, struct uf_err *err)
{
    sqlite3_stmt *st = db_prepare(db, "DELETE FROM seen WHERE queue = ?", err);

    if (st == NULL)
        return err->code;
    (void)sqlite3_bind_int64(st, 1, (sqlite3_int64)q->id);
    return db_run(db, st, err);
}

/* The row of an idle queue gets another name, and a struct of its own: NULL with the reason
 * in err. */
static struct qrow *rename_row(struct db *db, struct qrow *q, const char *space, const char *name,
                               struct uf_err *err)
{
    struct qrows *all = db->qrows;
    int r = forget_keys(db, q, err);
    sqlite3_stmt *st =
        r < 0 ? NULL : db_prepare(db, "UPDATE queues SET space = ?, name = ? WHERE id = ?", err);

    if (st == NULL)
        return NULL;
    (void)sqlite3_bind_text(st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(st, 3, (sqlite3_int64)q->id);
    if (db_run(db, st, err) < 0)
        return NULL;
    struct qrow *new = new_row(all, q->id, space, name);
    new->now = q->now;
    new->saved = q->saved;
    new->was = q;
    take_out(all, q);
    put_in(all, new);
    qrow_touch(db, new);
    return new;
}

int qrow_free_space(struct db *db, const char *space, struct uf_err *err)
{
    const struct qrows *all = rows(db, err);
    char name[24];

    if (all == NULL)
        return err->code;
    for (size_t i = 0; i < all->cap; i++) {
        struct qrow *q = all->by_id[i];

        /* One that this transaction has changed is idle after it. */
        if (q == NULL || q->is_changed || strcmp(q->space, space) != 0)
            continue;
        (void)snprintf(name, sizeof(name), "#%llu", (unsigned long long)q->id);
        if (rename_row(db, q, FREE_SPACE, name, err) == NULL)
            return err->code;
    }
    return 0;
}

static struct qrow *insert(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    struct qrows *all = db->qrows;
    sqlite3_stmt *st = db_prepare(db,
                                  "INSERT INTO queues (space, name, next, depth, timed, dead)"
                                  " VALUES (?, ?, 1, 0, 0, 0)",
                                  err);

    if (st == NULL)
        return NULL;
    (void)sqlite3_bind_text(st, 1, space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC);
    if (db_run(db, st, err) < 0)
        return NULL;
    struct qrow *q = new_row(all, (uint64_t)sqlite3_last_insert_rowid(db->sql), space, name);
    q->now.next = 1;
    q->saved = q->now;
    q->is_new = true;
    put_in(all, q);
    qrow_touch(db, q);
    return q;
}

struct qrow *qrow_make(struct db *db, const char *space, const char *name, struct uf_err *err)
{
    struct qrows *all = rows(db, err);

    if (all == NULL)
        return NULL;
    struct qrow *q = is_counted(space) ? spare(db, all, space, kind_of(name)) : NULL;
    return q != NULL ? rename_row(db, q, space, name, err) : insert(db, space, name, err);
}

/* ---- all of them --------------------------------------------------------------------------- */

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
