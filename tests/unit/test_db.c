// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
#include "daemon/store/db.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/store/scratch.h"

static int run(const char *literal)
{
    sqlite3_stmt *st = db_prepare(&scratch, literal, &err);

    return st == NULL ? err.code : db_run(&scratch, st, &err);
}

static void begin(void)
{
    scratch_begin();
    CHECK(run("CREATE TABLE t (n INTEGER PRIMARY KEY, v INTEGER CHECK (v < 100)) STRICT") == 0);
}

static void a_statement_is_prepared_once(void)
{
    static const char text[] = "SELECT n FROM t WHERE n = ?";

    begin();
    sqlite3_stmt *st = db_prepare(&scratch, text, &err);
    CHECK(st != NULL && db_prepare(&scratch, text, &err) == st);
    CHECK(db_prepare(&scratch, "SELECT v FROM t WHERE n = ?", &err) != st);
    scratch_end();
}

static void it_comes_back_reset_and_without_bindings(void)
{
    static const char text[] = "SELECT ?";

    begin();
    sqlite3_stmt *st = db_prepare(&scratch, text, &err);
    (void)sqlite3_bind_int(st, 1, 7);
    CHECK(db_step(&scratch, st, &err) == 1);
    CHECK(sqlite3_column_int(st, 0) == 7);
    CHECK(db_step(&scratch, st, &err) == 0);
    CHECK(db_step(&scratch, st, &err) == 1);
    CHECK(sqlite3_column_type(st, 0) == SQLITE_NULL);
    db_done(st);
    db_done(NULL);
    scratch_end();
}

static void a_text_that_is_no_sql_is_told(void)
{
    begin();
    for (unsigned i = 0; i < 2 * DB_STATEMENTS; i++)
        CHECK(db_prepare(&scratch, "SELEKT", &err) == NULL && err.code < 0);
    CHECK(strstr(err.msg, "SELEKT") != NULL);
    scratch_end();
}

static void a_write_that_is_refused_is_told_and_the_statement_can_be_used_again(void)
{
    static const char text[] = "INSERT INTO t VALUES (?, ?)";

    begin();
    sqlite3_stmt *st = db_prepare(&scratch, text, &err);
    (void)sqlite3_bind_int(st, 2, 100);
    CHECK(db_run(&scratch, st, &err) < 0 && strstr(err.msg, "CHECK") != NULL);
    (void)sqlite3_bind_int(st, 2, 99);
    CHECK(db_run(&scratch, st, &err) == 0);
    CHECK(scratch_number("SELECT count(*) FROM t") == 1);
    scratch_end();
}

static void an_old_error_of_the_system_is_not_that_of_a_refused_write(void)
{
    begin();
    /* Opening a file that cannot be leaves its errno in the connection. */
    CHECK(run("ATTACH '/proc/nowhere/x.db' AS x") < 0);
    CHECK(run("INSERT INTO t VALUES (1, 100)") == -ENOTRECOVERABLE);
    scratch_end();
}

static void a_transaction_is_whole_or_not_there(void)
{
    begin();
    CHECK(db_begin(&scratch, &err) == 0 && db_begin(&scratch, &err) == 0);
    CHECK(run("INSERT INTO t VALUES (1, 1)") == 0);
    CHECK(db_commit(&scratch, &err) == 0 && db_commit(&scratch, &err) == 0);
    CHECK(db_begin(&scratch, &err) == 0);
    CHECK(run("INSERT INTO t VALUES (2, 2)") == 0);
    db_rollback(&scratch);
    db_rollback(&scratch);
    scratch_reopen();
    CHECK(scratch_number("SELECT sum(n) FROM t") == 1);
    scratch_end();
}

static void a_statement_under_way_keeps_no_transaction_from_ending(void)
{
    begin();
    CHECK(run("INSERT INTO t VALUES (1, 1)") == 0 && run("INSERT INTO t VALUES (2, 2)") == 0);
    for (int i = 0; i < 2; i++) {
        CHECK(db_begin(&scratch, &err) == 0);
        sqlite3_stmt *read = db_prepare(&scratch, "SELECT n FROM t", &err);
        CHECK(db_step(&scratch, read, &err) == 1);
        sqlite3_stmt *write = db_prepare(&scratch, "UPDATE t SET v = v + 1 RETURNING n", &err);
        CHECK(db_step(&scratch, write, &err) == 1);
        if (i == 0)
            CHECK(db_commit(&scratch, &err) == 0);
        else
            db_rollback(&scratch);
        CHECK(sqlite3_txn_state(scratch.sql, NULL) == SQLITE_TXN_NONE);
        CHECK(sqlite3_stmt_busy(read) == 0 && sqlite3_stmt_busy(write) == 0);
    }
    CHECK(scratch_number("SELECT sum(v) FROM t") == 5);
    scratch_end();
}

static void versions_ascend_over_restarts(void)
{
    uint64_t before = 0;

    begin();
    for (int i = 0; i < 5; i++) {
        uint64_t v = db_next_version(&scratch);

        CHECK(v > before && v < UINT64_C(1) << 62);
        before = v + 1000;
        scratch.version = before;
        scratch_reopen();
    }
    scratch_end();
}

static void a_database_has_a_salt_of_its_own_for_ever(void)
{
    uint64_t first;

    begin();
    first = scratch.salt;
    scratch_reopen();
    CHECK(scratch.salt == first && first != 0);
    scratch_end();
    begin();
    CHECK(scratch.salt != first);
    scratch_end();
}

static void what_is_committed_is_synced(void)
{
    begin();
    CHECK(scratch_number("PRAGMA synchronous") == 2);
    CHECK(scratch_number("PRAGMA foreign_keys") == 1);
    CHECK(scratch_number("SELECT journal_mode = 'wal' FROM pragma_journal_mode") == 1);
    scratch_end();
}

static void nobody_else_writes_into_an_open_database(void)
{
    sqlite3 *other = NULL;

    begin();
    CHECK(sqlite3_open(scratch_path, &other) == SQLITE_OK);
    CHECK(sqlite3_exec(other, "DELETE FROM t", NULL, NULL, NULL) == SQLITE_BUSY);
    (void)sqlite3_close(other);
    scratch_end();
}

static void the_log_is_emptied_when_it_is_long_or_space_is_short(void)
{
    begin();
    CHECK(scratch.log_pages > 0);
    db_tidy(&scratch, false);
    CHECK(scratch.log_pages > 0);
    db_tidy(&scratch, true);
    CHECK(scratch.log_pages == 0);
    CHECK(run("INSERT INTO t VALUES (1, 1)") == 0);
    CHECK(scratch.log_pages > 0 && scratch.log_pages < 5);
    scratch.log_pages = DB_LOG_PAGES;
    db_tidy(&scratch, false);
    CHECK(scratch.log_pages == 0);
    scratch_end();
}

static void the_log_does_not_grow_without_end(void)
{
    begin();
    CHECK(run("CREATE TABLE big (v BLOB)") == 0);
    for (int i = 0; i < 2000; i++) {
        CHECK(run("INSERT INTO big VALUES (zeroblob(8192))") == 0);
        db_tidy(&scratch, false);
        CHECK(scratch.log_pages < DB_LOG_PAGES);
    }
    scratch_end();
}

static void nothing_is_left_beside_a_database_that_was_closed(void)
{
    char log[128];
    struct stat st;

    begin();
    (void)snprintf(log, sizeof(log), "%s-wal", scratch_path);
    CHECK(stat(log, &st) == 0);
    db_close(&scratch);
    CHECK(stat(log, &st) < 0);
    CHECK(db_open(&scratch, scratch_path, &err) == 0);
    scratch_end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_statement_is_prepared_once),
        TAP_CASE(it_comes_back_reset_and_without_bindings),
        TAP_CASE(a_text_that_is_no_sql_is_told),
        TAP_CASE(a_write_that_is_refused_is_told_and_the_statement_can_be_used_again),
        TAP_CASE(an_old_error_of_the_system_is_not_that_of_a_refused_write),
        TAP_CASE(a_transaction_is_whole_or_not_there),
        TAP_CASE(a_statement_under_way_keeps_no_transaction_from_ending),
        TAP_CASE(versions_ascend_over_restarts),
        TAP_CASE(a_database_has_a_salt_of_its_own_for_ever),
        TAP_CASE(what_is_committed_is_synced),
        TAP_CASE(nobody_else_writes_into_an_open_database),
        TAP_CASE(the_log_is_emptied_when_it_is_long_or_space_is_short),
        TAP_CASE(the_log_does_not_grow_without_end),
        TAP_CASE(nothing_is_left_beside_a_database_that_was_closed),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
