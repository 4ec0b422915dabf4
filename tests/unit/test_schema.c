// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c tests/store
// LIBS: libsodium sqlite3
#include "daemon/store/schema.h"

#include <errno.h>
#include <string.h>

#include "daemon/store/kv.h"
#include "daemon/store/store.h"
#include "tests/store/disk.h"
#include "tests/store/scratch.h"

/* As the first daemon that was released made it. */
static const char version_1[] =
    "CREATE TABLE functions ("
    "  name TEXT PRIMARY KEY,"
    "  manifest TEXT NOT NULL,"
    "  deployment TEXT NOT NULL,"
    "  image TEXT NOT NULL,"
    "  snapshot TEXT NOT NULL,"
    "  created_s INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX functions_by_image ON functions (image);"
    "CREATE INDEX functions_by_snapshot ON functions (snapshot);"
    "INSERT INTO functions VALUES ('one', '{\"a\":1}', '{\"b\":2}', 'image', 'snapshot', 123);"
    "INSERT INTO functions VALUES ('two', '{}', '{}', 'image', 'other', 456);"
    "PRAGMA user_version = 1;";

static int last_version(void)
{
    return (int)scratch_number("PRAGMA user_version");
}

/* A file for an older database, which is not open. */
static sqlite3 *begin_old(void)
{
    sqlite3 *old = NULL;

    scratch_begin();
    db_close(&scratch);
    CHECK(remove(scratch_path) == 0);
    CHECK(sqlite3_open(scratch_path, &old) == SQLITE_OK);
    return old;
}

static void begin_with(const char *sql)
{
    sqlite3 *old = begin_old();

    CHECK(sqlite3_exec(old, sql, NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_close(old) == SQLITE_OK);
}

static int open_it(void)
{
    int r = db_open(&scratch, scratch_path, &err);

    scratch.now_ms = 1000;
    return r;
}

static char seen[256];

static int note(void *ctx, const struct store_row *r)
{
    size_t n = strlen(seen);

    (void)ctx;
    (void)snprintf(seen + n, sizeof(seen) - n, "%s.%s %s %s %s %s %llu\n", r->name, r->space,
                   r->manifest, r->deployment, r->image, r->snapshot,
                   (unsigned long long)r->created_s);
    return 0;
}

static void functions_of_version_1_are_those_of_the_usual_namespace(void)
{
    begin_with(version_1);
    CHECK(open_it() == 0 && db_check(&scratch, &err) == 0);
    seen[0] = '\0';
    CHECK(store_each(&scratch, note, NULL, &err) == 0);
    CHECK(strcmp(seen, "one.openfaas-fn {\"a\":1} {\"b\":2} image snapshot 123\n"
                       "two.openfaas-fn {} {} image other 456\n") == 0);
    scratch_end();
}

static void version_1_is_what_the_first_migration_makes(void)
{
    scratch.sql = begin_old();
    CHECK(schema_bring_to(scratch.sql, 1, &err) == 0);
    long long things = scratch_number("SELECT count(*) FROM sqlite_schema");
    CHECK(things == scratch_number("SELECT count(*) FROM sqlite_schema WHERE name IN ('functions',"
                                   " 'functions_by_image', 'functions_by_snapshot')"));
    CHECK(scratch_number("SELECT count(*) FROM pragma_table_info('functions')") == 6);
    scratch_end();
}

/* What a version has, in the words of its own time. */
static const char *const rows[] = {
    [1] = "INSERT INTO functions (name, manifest, deployment, image, snapshot, created_s)"
          " VALUES ('one', '{}', '{}', 'i', 's', 1);",
    [2] = "INSERT INTO kv (space, key, version, expires_ms, value)"
          " VALUES ('openfaas-fn', 'k', 7, 0, x'78');"
          "INSERT INTO queues (id, space, name, next, depth, timed, dead)"
          " VALUES (1, 'openfaas-fn', 'q', 3, 1, 0, 0);"
          "INSERT INTO events (queue, id, pushed_ms, due_ms, attempts, call_id, head, body)"
          " VALUES (1, 2, 10, 0, 0, 'call', '{}', x'78');"
          "INSERT INTO seen (queue, key, id, at_ms) VALUES (1, 'key', 2, 10);"
          "INSERT INTO dead (space, function, queue, call_id, pushed_ms, died_ms, attempts, reason,"
          " status, output, head, body)"
          " VALUES ('openfaas-fn', 'one', 'q', 'call', 1, 2, 3, 'no', 500, x'', '{}', x'78');",
    [3] = "INSERT INTO deployments (id, space, name, image, memory, timeout_us, lang)"
          " VALUES (1, 'openfaas-fn', 'one', x'69', 1048576, 1000, 'c');",
    [4] = "INSERT INTO secrets (space, name, key_id, sealed)"
          " VALUES ('openfaas-fn', 'secret', x'01', x'02');",
    [5] = "INSERT INTO spaces (name, details) VALUES ('lab', '{}');",
};
#define NROWS ((int)(sizeof(rows) / sizeof(rows[0])))

/* It was of every version before, and got its rows then. */
static void make_version(int version)
{
    sqlite3 *old = begin_old();

    for (int v = 1; v <= version; v++) {
        CHECK(schema_bring_to(old, v, &err) == 0);
        if (v < NROWS)
            CHECK(sqlite3_exec(old, rows[v], NULL, NULL, NULL) == SQLITE_OK);
    }
    CHECK(sqlite3_close(old) == SQLITE_OK);
}

static void every_earlier_version_is_brought_up_to_date_with_what_is_in_it(void)
{
    int last;

    scratch_begin();
    last = last_version();
    scratch_end();
    CHECK(NROWS >= last); /* every earlier one has some */
    for (int version = 1; version <= last; version++) {
        make_version(version);
        CHECK(open_it() == 0 && last_version() == last);
        CHECK(db_check(&scratch, &err) == 0);
        CHECK(scratch_number("SELECT count(*) FROM functions WHERE name = 'one'") == 1);
        int n = version >= 2;
        CHECK(scratch_number("SELECT count(*) FROM kv WHERE key = 'k' AND version = 7") == n);
        CHECK(scratch_number("SELECT count(*) FROM events WHERE call_id = 'call'") == n);
        CHECK(scratch_number("SELECT count(*) FROM queues WHERE name = 'q' AND depth = 1") == n);
        CHECK(scratch_number("SELECT count(*) FROM seen") == n);
        CHECK(scratch_number("SELECT count(*) FROM dead WHERE reason = 'no'") == n);
        CHECK(scratch_number("SELECT count(*) FROM deployments WHERE sequence IS NULL") ==
              (version >= 3));
        CHECK(scratch_number("SELECT count(*) FROM secrets WHERE sealed = x'02'") ==
              (version >= 4));
        CHECK(scratch_number("SELECT count(*) FROM spaces WHERE name = 'lab'") == (version >= 5));
        CHECK(scratch_number("SELECT count(*) FROM spaces WHERE name = 'openfaas-fn'") == 1);
        scratch_end();
    }
}

static void it_is_done_once(void)
{
    begin_with(version_1);
    CHECK(open_it() == 0);
    scratch_reopen();
    CHECK(scratch_number("SELECT count(*) FROM functions") == 2);
    scratch_end();
}

static void there_is_no_version_0_and_none_after_the_last(void)
{
    sqlite3 *sql = NULL;

    CHECK(sqlite3_open(":memory:", &sql) == SQLITE_OK);
    CHECK(schema_bring_to(sql, 0, &err) == -EINVAL);
    CHECK(schema_bring_to(sql, 1000, &err) == -EINVAL);
    (void)sqlite3_close(sql);
}

/* On a disk that is full at some moment: a step is done, or it is not. */
static void a_step_that_fails_leaves_the_version_before_it(void)
{
    for (unsigned skip = 0; skip < 60; skip += 3) {
        sqlite3 *old = NULL;

        disk_install();
        CHECK(sqlite3_open("/v.db", &old) == SQLITE_OK);
        CHECK(sqlite3_exec(old, version_1, NULL, NULL, NULL) == SQLITE_OK);
        (void)sqlite3_close(old);
        disk_fail(DISK_FULL, skip, 1000);
        int r = db_open(&scratch, "/v.db", &err);
        db_close(&scratch);
        CHECK(r == 0 || r == -ENOSPC);
        disk_fail(DISK_NONE, 0, 0);
        CHECK(db_open(&scratch, "/v.db", &err) == 0 && db_check(&scratch, &err) == 0);
        CHECK(scratch_number("SELECT count(*) FROM functions") == 2);
        db_close(&scratch);
        disk_remove();
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(functions_of_version_1_are_those_of_the_usual_namespace),
        TAP_CASE(version_1_is_what_the_first_migration_makes),
        TAP_CASE(every_earlier_version_is_brought_up_to_date_with_what_is_in_it),
        TAP_CASE(it_is_done_once),
        TAP_CASE(there_is_no_version_0_and_none_after_the_last),
        TAP_CASE(a_step_that_fails_leaves_the_version_before_it),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
