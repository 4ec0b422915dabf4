// SPDX-License-Identifier: MIT
/*
 * db.h: the database, as the store thread uses it.
 *
 * A thin layer over SQLite: statements are prepared once and kept, by the address
 * of their text, so a text must be a string literal. Errors become negative errnos
 * with the words and the way out of engine/reason.h. Used by one thread at a time.
 */
#ifndef DAEMON_STORE_DB_H
#define DAEMON_STORE_DB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"

#define DB_STATEMENTS 256u /* different texts, a power of two */
#define DB_LOG_PAGES  1000 /* of 4 KiB, in the write-ahead log */

struct db;
struct deployments;
struct qrows;

/* What is kept in memory of the database, and must follow its transactions. */
struct db_member {
    /* Before a commit: write what has changed. 0 or a negative errno. */
    int (*save)(struct db_member *m, struct db *db, struct uf_err *err);
    /* It was committed, or rolled back: be as after the last commit. */
    void (*ended)(struct db_member *m, bool is_committed);
    void (*close)(struct db_member *m);
    SLIST_ENTRY(db_member) link;
};

struct db {
    sqlite3 *sql;
    uint64_t version; /* last one given out: db_next_version()            */
    uint64_t salt;    /* random, of this database                         */
    uint64_t now_ms;  /* since 1970, of the batch that runs               */
    int log_pages;    /* in the write-ahead log                           */
    int log_max;      /* so many are enough: DB_LOG_PAGES                 */
    int tidy_at;      /* ... or more, while they cannot be moved          */
    bool in_transaction;
    unsigned nkept;
    SLIST_HEAD(, db_member) members;
    struct qrows *qrows;             /* qrow.h's                                     */
    struct deployments *deployments; /* deployments.c's                  */
    uint64_t depth_max;              /* events in one queue; 0: no limit             */
    struct {
        const char *text;
        sqlite3_stmt *st;
    } kept[DB_STATEMENTS];
};

/*
 * Open path, making it where it is missing, in WAL mode with synchronous=FULL,
 * and bring its schema up to date. While it is open no other process can use it.
 *
 * Returns  0, -EINVAL for a database of a newer daemon or of another program, -EUCLEAN
 *          for one that is damaged, or another negative errno. Then it is not to be used;
 *          db_close() it all the same.
 */
int db_open(struct db *db, const char *path, struct uf_err *err);
void db_close(struct db *db);
/* Read all of it: 0, -EUCLEAN and what is wrong first, or another negative errno. */
int db_check(struct db *db, struct uf_err *err);

/* A statement, reset and without bindings; NULL with the reason in err, which is not
 * NULL. It is the db's. Reset it (db_done()) when its rows are no longer wanted; the
 * end of the transaction does it as well. */
sqlite3_stmt *db_prepare(struct db *db, const char *literal, struct uf_err *err);

/* Step a statement that gives no rows, and reset it. 0 or a negative errno. */
int db_run(struct db *db, sqlite3_stmt *st, struct uf_err *err);
/* Step one that may: 1 a row, 0 no more (reset), or a negative errno (reset). */
int db_step(struct db *db, sqlite3_stmt *st, struct uf_err *err);
/* After the rows that were wanted. Tolerates NULL. */
void db_done(sqlite3_stmt *st);

/* Say what went wrong last. Returns the negative errno. */
int db_explain(sqlite3 *sql, const char *what, struct uf_err *err);
int db_fail(struct db *db, const char *what, struct uf_err *err);

int db_begin(struct db *db, struct uf_err *err);  /* nothing when there is one */
int db_commit(struct db *db, struct uf_err *err); /* nothing when there is none */
void db_rollback(struct db *db);

/* Between transactions: move the log's pages to their places when there are DB_LOG_PAGES
 * of them, so that it begins anew; has_failed: now, for that may make room. */
void db_tidy(struct db *db, bool has_failed);

/* From here until db_close(), m follows. */
void db_join(struct db *db, struct db_member *m);

/* A number larger than all before it that this returned, in this database. It is even:
 * odd ones are the loop's (struct invoker). */
uint64_t db_next_version(struct db *db);

#endif
