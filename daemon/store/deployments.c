// SPDX-License-Identifier: MIT
/*
 * deployments.c: see deployments.h. Most records are of one that another record was
 * of just before, so the last ones are known without asking the database: that took
 * a third of the time in which a record was written.
 */
#include "daemon/store/deployments.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/store/pack.h"

#define KNOWN 16u /* a power of two */

struct known {
    sqlite3_int64 id; /* 0: none is here */
    uint64_t memory;
    uint64_t timeout_ns;
    char space[sizeof(((struct record *)0)->space)];
    char function[sizeof(((struct record *)0)->function)];
    char sequence[sizeof(((struct record *)0)->sequence)];
    char lang[sizeof(((struct record *)0)->lang)];
    char image[sizeof(((struct record *)0)->image)];
};

struct deployments {
    struct db_member member;
    struct known known[KNOWN];
};

/* ---- those that are known ---------------------------------------------------------- */

static int save(struct db_member *m, struct db *db, struct uf_err *err)
{
    (void)m;
    (void)db;
    (void)err;
    return 0;
}

static void forget(struct deployments *all)
{
    memset(all->known, 0, sizeof(all->known));
}

/* A row that was made may be gone again. */
static void ended(struct db_member *m, bool is_committed)
{
    if (!is_committed)
        forget(UF_OWNER(m, struct deployments, member));
}

static void end(struct db_member *m)
{
    free(UF_OWNER(m, struct deployments, member));
}

static struct deployments *known_of(struct db *db)
{
    if (db->deployments == NULL) {
        db->deployments = xnew(sizeof(*db->deployments));
        db->deployments->member = (struct db_member){.save = save, .ended = ended, .close = end};
        db_join(db, &db->deployments->member);
    }
    return db->deployments;
}

/* Functions have different names, and images digits that are as good as random. */
static struct known *slot_of(struct deployments *all, const struct record *r)
{
    unsigned n = (unsigned char)r->image[0] * 7u + (unsigned char)r->image[1];

    for (const char *s = r->function; *s != '\0'; s++)
        n = n * 31u + (unsigned char)*s;
    return &all->known[n & (KNOWN - 1)];
}

static bool is_of(const struct known *k, const struct record *r)
{
    return k->id != 0 && k->memory == r->memory && k->timeout_ns == r->timeout_ns &&
           strcmp(k->image, r->image) == 0 && strcmp(k->function, r->function) == 0 &&
           strcmp(k->sequence, r->sequence) == 0 && strcmp(k->space, r->space) == 0 &&
           strcmp(k->lang, r->lang) == 0;
}

static void know(struct known *k, const struct record *r, sqlite3_int64 id)
{
    *k = (struct known){.id = id, .memory = r->memory, .timeout_ns = r->timeout_ns};
    memcpy(k->space, r->space, sizeof(k->space));
    memcpy(k->function, r->function, sizeof(k->function));
    memcpy(k->sequence, r->sequence, sizeof(k->sequence));
    memcpy(k->lang, r->lang, sizeof(k->lang));
    memcpy(k->image, r->image, sizeof(k->image));
}

/* ---- in the database ------------------------------------------------------------------ */

static void bind(sqlite3_stmt *st, const struct record *r)
{
    (void)sqlite3_bind_text(st, 1, r->space, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(st, 2, r->function, -1, SQLITE_STATIC);
    pack_bind_hex(st, 3, r->image);
    (void)sqlite3_bind_int64(st, 4, (sqlite3_int64)r->memory);
    (void)sqlite3_bind_int64(st, 5, (sqlite3_int64)(r->timeout_ns / 1000));
    (void)sqlite3_bind_text(st, 6, r->lang, -1, SQLITE_STATIC);
    if (r->sequence[0] == '\0')
        (void)sqlite3_bind_null(st, 7);
    else
        (void)sqlite3_bind_text(st, 7, r->sequence, -1, SQLITE_STATIC);
}

static int find_or_make(struct db *db, const struct record *r, sqlite3_int64 *id,
                        struct uf_err *err)
{
    static const char find[] = "SELECT id FROM deployments WHERE space = ?1 AND name = ?2"
                               " AND image IS ?3 AND memory = ?4 AND timeout_us = ?5 AND lang = ?6"
                               " AND sequence IS ?7";
    static const char add[] = "INSERT INTO deployments (space, name, image, memory, timeout_us,"
                              " lang, sequence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    sqlite3_stmt *st = db_prepare(db, find, err);

    if (st == NULL)
        return err->code;
    bind(st, r);
    int got = db_step(db, st, err);
    if (got > 0) {
        *id = sqlite3_column_int64(st, 0);
        db_done(st);
    }
    if (got != 0)
        return got < 0 ? got : 0;
    st = db_prepare(db, add, err);
    if (st == NULL)
        return err->code;
    bind(st, r);
    got = db_run(db, st, err);
    *id = sqlite3_last_insert_rowid(db->sql);
    return got;
}

int deployments_find(struct db *db, const struct record *r, sqlite3_int64 *id, struct uf_err *err)
{
    struct known *k = slot_of(known_of(db), r);
    int code = 0;

    if (is_of(k, r)) {
        *id = k->id;
        return 0;
    }
    code = find_or_make(db, r, id, err);
    if (code == 0)
        know(k, r, *id);
    return code;
}

int deployments_sweep(struct db *db, struct uf_err *err)
{
    static const char drop[] =
        "DELETE FROM deployments WHERE id NOT IN (SELECT deployment FROM records)";
    sqlite3_stmt *st = db_prepare(db, drop, err);

    forget(known_of(db));
    return st == NULL ? err->code : db_run(db, st, err);
}
