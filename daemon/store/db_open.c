// SPDX-License-Identifier: MIT
/*
 * db_open.c: open the database, or say why it is not to be used; see db.h.
 *
 * A start must not take longer the more there is, so it does not read everything.
 * It sees that the file is as long as it says, that every table is there and its
 * first page is one, and it reads the small tables, which are used at once, from end
 * to end. Damage elsewhere is found by who comes across it, and by db_check().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/store/db.h"
#include "daemon/store/schema.h"
#include "engine/reason.h"

/* A version is the number of this start above a counter, so versions of a daemon
 * that died before it wrote them down cannot come again. */
#define VERSION_COUNTER_BITS 40

/* Of SQLite's formats: https://sqlite.org/fileformat2.html, sections 1.3 and 4.1. */
#define HEADER_SIZE     100u
#define HEADER_PAGESIZE 16u /* two bytes; 1 means 65536 */
#define HEADER_NPAGES   28u
#define LOG_HEADER      32u
#define LOG_SALT        16u
#define FRAME_HEADER    24u
#define FRAME_SALT      8u
#define SALT_SIZE       8u

#define CHUNK 65536u

static uint32_t big_endian(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* ---- the files below the database ------------------------------------------------------ */

static sqlite3_file *file_of(struct db *db, int which, sqlite3_int64 *size)
{
    sqlite3_file *f = NULL;

    *size = 0;
    if (sqlite3_file_control(db->sql, "main", which, &f) != SQLITE_OK || f == NULL ||
        f->pMethods == NULL || f->pMethods->xFileSize(f, size) != SQLITE_OK)
        *size = 0;
    return f;
}

/*
 * Write what a daemon that was killed left in the log once more, and sync it. Had an
 * fsync of it failed, the kernel's cache would show pages that the disk does not have,
 * and would never write them: what is committed behind them would be lost with the
 * power, synced or not.
 */
static int renew_log(struct db *db, struct uf_err *err)
{
    sqlite3_int64 size;
    sqlite3_file *f = file_of(db, SQLITE_FCNTL_JOURNAL_POINTER, &size);
    uint8_t *chunk;
    int r = SQLITE_OK;

    if (size == 0)
        return 0;
    chunk = xresize(NULL, CHUNK, 1);
    for (sqlite3_int64 at = 0; r == SQLITE_OK && at < size; at += CHUNK) {
        int n = size - at < CHUNK ? (int)(size - at) : (int)CHUNK;

        r = f->pMethods->xRead(f, chunk, n, at);
        if (r == SQLITE_OK)
            r = f->pMethods->xWrite(f, chunk, n, at);
    }
    free(chunk);
    if (r == SQLITE_OK)
        r = f->pMethods->xSync(f, SQLITE_SYNC_NORMAL);
    if (r == SQLITE_OK)
        return 0;
    r = r == SQLITE_FULL ? -ENOSPC : -EIO;
    return reason_fail(err, r, reason_of_disk(r), "database: cannot renew its log");
}

/* Does the log have every page from first to last? */
static bool log_has(sqlite3_file *f, sqlite3_int64 size, uint32_t page_size, uint32_t first,
                    uint32_t last)
{
    uint8_t header[LOG_HEADER];
    uint8_t frame[FRAME_HEADER];
    uint64_t missing = (uint64_t)last - first + 1;
    bool *found;

    /* As many as it says there are may be far more than there can be. */
    if (size < LOG_HEADER || missing > (uint64_t)size / page_size ||
        f->pMethods->xRead(f, header, LOG_HEADER, 0) != SQLITE_OK)
        return false;
    found = xresize(NULL, missing, sizeof(*found));
    memset(found, 0, missing * sizeof(*found));
    for (sqlite3_int64 at = LOG_HEADER; at + FRAME_HEADER + page_size <= size;
         at += FRAME_HEADER + page_size) {
        if (f->pMethods->xRead(f, frame, FRAME_HEADER, at) != SQLITE_OK ||
            memcmp(frame + FRAME_SALT, header + LOG_SALT, SALT_SIZE) != 0)
            break;
        uint32_t page = big_endian(frame);
        if (page >= first && page <= last && !found[page - first]) {
            found[page - first] = true;
            missing--;
        }
    }
    free(found);
    return missing == 0;
}

/* Is the file as long as it says? What is missing may be in the log only, for a daemon
 * was killed while it moved it. */
static bool is_whole(struct db *db)
{
    uint8_t header[HEADER_SIZE];
    sqlite3_int64 size;
    sqlite3_int64 log_size;
    sqlite3_file *f = file_of(db, SQLITE_FCNTL_FILE_POINTER, &size);
    sqlite3_file *log = file_of(db, SQLITE_FCNTL_JOURNAL_POINTER, &log_size);

    if (size < HEADER_SIZE || f->pMethods->xRead(f, header, HEADER_SIZE, 0) != SQLITE_OK)
        return size == 0;
    uint32_t page_size = (uint32_t)header[HEADER_PAGESIZE] << 8 | header[HEADER_PAGESIZE + 1];
    page_size = page_size == 1 ? 65536u : page_size;
    uint32_t npages = big_endian(header + HEADER_NPAGES);
    if (page_size == 0 || (uint64_t)size >= (uint64_t)npages * page_size)
        return page_size != 0;
    return log_has(log, log_size, page_size, (uint32_t)((uint64_t)size / page_size) + 1, npages);
}

/* ---- what is in it --------------------------------------------------------------------- */

/* Run a check that answers "ok", or else what it found. */
static int check(struct db *db, const char *sql, struct uf_err *err)
{
    sqlite3_stmt *st = NULL;
    int r = sqlite3_prepare_v2(db->sql, sql, -1, &st, NULL);

    if (r == SQLITE_OK)
        r = sqlite3_step(st);
    const char *said = r == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
    int code = 0;
    if (said == NULL) {
        code = db_fail(db, "check it", err);
    } else if (strcmp(said, "ok") != 0) {
        /* In a line of its own, below which database it is. */
        const char *line = strchr(said, '\n');

        code = uf_fail(err, -EUCLEAN, "%.160s", line != NULL ? line + 1 : said);
    }
    (void)sqlite3_finalize(st);
    return code;
}

static int check_small_tables(struct db *db, struct uf_err *err)
{
    static const char *const tables[] = {"functions", "meta", "queues", "spaces"};
    char sql[64];
    int r = 0;

    for (size_t i = 0; r == 0 && i < sizeof(tables) / sizeof(tables[0]); i++) {
        (void)sqlite3_snprintf(sizeof(sql), sql, "PRAGMA quick_check(%s)", tables[i]);
        r = check(db, sql, err);
    }
    return r;
}

int db_check(struct db *db, struct uf_err *err)
{
    return check(db, "PRAGMA integrity_check(1)", err);
}

/* The number of this start, and the salt, which the first start makes. */
static int begin_run(struct db *db, struct uf_err *err)
{
    static const char next[] =
        "INSERT INTO meta (name, value) VALUES ('starts', 1)"
        " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
    static const char salt[] = "INSERT INTO meta (name, value) VALUES ('salt', random())"
                               " ON CONFLICT (name) DO UPDATE SET value = value RETURNING value";
    int r = db_begin(db, err);
    sqlite3_stmt *st = r < 0 ? NULL : db_prepare(db, next, err);

    r = st == NULL ? err->code : db_step(db, st, err);
    if (r < 0)
        return r;
    db->version = (uint64_t)sqlite3_column_int64(st, 0) << VERSION_COUNTER_BITS;
    db_done(st);
    st = db_prepare(db, salt, err);
    r = st == NULL ? err->code : db_step(db, st, err);
    if (r < 0)
        return r;
    db->salt = (uint64_t)sqlite3_column_int64(st, 0);
    db_done(st);
    return db_commit(db, err);
}

/* ---- open and close ---------------------------------------------------------------------- */

static int on_commit(void *ctx, sqlite3 *sql, const char *name, int pages)
{
    struct db *db = ctx;

    (void)sql;
    (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

/* SQLite says nothing when it stays with another kind of journal. */
static bool has_log(struct db *db)
{
    sqlite3_stmt *st = NULL;
    bool is_log = sqlite3_prepare_v2(db->sql, "PRAGMA journal_mode", -1, &st, NULL) == SQLITE_OK &&
                  sqlite3_step(st) == SQLITE_ROW &&
                  strcmp((const char *)sqlite3_column_text(st, 0), "wal") == 0;

    (void)sqlite3_finalize(st);
    return is_log;
}

static int set_up(struct db *db, struct uf_err *err)
{
    /* Exclusive first: then the log needs no index in shared memory. The last one reads,
     * and with that the log is opened. */
    static const char pragmas[] =
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "PRAGMA cache_size = -2048; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;"
        "PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 0;"
        "PRAGMA journal_size_limit = 8388608; SELECT count(*) FROM sqlite_schema;";

    if (sqlite3_exec(db->sql, pragmas, NULL, NULL, NULL) != SQLITE_OK)
        return db_fail(db, "open it", err);
    (void)sqlite3_wal_hook(db->sql, on_commit, db);
    if (!has_log(db))
        return uf_fail(err, -EIO, "database: no write-ahead log is possible here");
    return is_whole(db) ? renew_log(db, err) : uf_fail(err, -EUCLEAN, "its end is missing");
}

/* What is wrong with it, and what to do: nothing is used, nothing is changed. */
static int explain(const char *path, int code, struct uf_err *err)
{
    char why[64];

    if (code != -EUCLEAN || strstr(err->msg, reason_words(REASON_DAMAGED)) != NULL)
        return uf_wrap(err, code, "%.100s", path);
    (void)sqlite3_snprintf(sizeof(why), why, "%s", err->msg);
    return reason_fail(err, code, REASON_DAMAGED, "%.90s: %s", path, why);
}

int db_open(struct db *db, const char *path, struct uf_err *err)
{
    *db = (struct db){.log_max = DB_LOG_PAGES, .tidy_at = DB_LOG_PAGES};
    int r = sqlite3_open_v2(path, &db->sql,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    if (db->sql == NULL)
        return uf_fail(err, -ENOMEM, "database %s: out of memory", path);
    if (r != SQLITE_OK)
        return explain(path, db_fail(db, "open it", err), err);
    r = set_up(db, err);
    if (r == 0)
        r = schema_migrate(db->sql, err);
    if (r == 0)
        r = schema_check(db->sql, err);
    if (r == 0)
        r = check_small_tables(db, err);
    if (r == 0)
        r = begin_run(db, err);
    return r < 0 ? explain(path, r, err) : 0;
}

void db_close(struct db *db)
{
    struct db_member *m;

    while ((m = SLIST_FIRST(&db->members)) != NULL) {
        SLIST_REMOVE_HEAD(&db->members, link);
        m->close(m);
    }
    for (size_t i = 0; i < DB_STATEMENTS; i++)
        (void)sqlite3_finalize(db->kept[i].st);
    (void)sqlite3_close(db->sql);
    *db = (struct db){0};
}
