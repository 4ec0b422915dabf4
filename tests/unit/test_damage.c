// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c tests/store
// LIBS: libsodium sqlite3
/*
 * A database that is damaged, truncated, or not ours: what is used at once is checked,
 * so it is refused with its name and the way out; the rest is found by db_check(), and
 * by who comes across it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/kv.h"
#include "daemon/store/store.h"
#include "tests/store/disk.h"
#include "tests/tap.h"

#define PATH "/unifaas.db"
#define LOG  "/unifaas.db-wal"
#define PAGE ((size_t)4096)
#define KEYS 100

/* Of many functions: their table has several pages. */
#define MANIFEST                                                                    \
    "{\"env\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}"

static uint64_t random_state = 1;
static struct db db;
static struct uf_err err;

/* The same in every run. */
static uint64_t next_random(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return random_state >> 33;
}

static void write_key(int i)
{
    char key[16];
    char value[700];
    struct kv_new v = {.data = value, .size = sizeof(value)};

    memset(value, 'a' + i % 26, sizeof(value));
    (void)snprintf(key, sizeof(key), "k%05d", i);
    CHECK(db_begin(&db, &err) == 0);
    CHECK(kv_set(&db, "s", key, &v, &err) == 0);
    CHECK(db_commit(&db, &err) == 0);
}

static void write_functions(void)
{
    for (int i = 0; i < 40; i++) {
        char name[16];
        struct store_row row = {.space = "s",
                                .name = name,
                                .manifest = MANIFEST,
                                .deployment = "{}",
                                .image = "i",
                                .snapshot = "s"};

        (void)snprintf(name, sizeof(name), "f%02d", i);
        CHECK(store_put(&db, &row, &err) == 0);
    }
}

/* A database with something in it, open. */
static void begin(void)
{
    disk_install();
    CHECK(db_open(&db, PATH, &err) == 0);
    write_functions();
    for (int i = 0; i < KEYS; i++)
        write_key(i);
}

/* ... and closed: all is in one file. */
static struct disk_image *begin_closed(void)
{
    begin();
    db_close(&db);
    return disk_kill();
}

static void end(struct disk_image *i)
{
    disk_image_free(i);
    disk_remove();
}

static int reopen(void)
{
    err = (struct uf_err){0};
    return db_open(&db, PATH, &err);
}

static bool is_refused(void)
{
    int r = reopen();

    db_close(&db);
    return r == -EUCLEAN && strstr(err.msg, PATH) != NULL && strstr(err.msg, "damaged") != NULL &&
           strstr(err.msg, "to mend: ") != NULL && strstr(err.msg, "operations.md") != NULL;
}

static void a_truncated_one_is_refused(void)
{
    struct disk_image *whole = begin_closed();
    size_t size;

    (void)disk_bytes(PATH, &size);
    CHECK(size > 20 * PAGE);
    for (size_t left = 1; left < size; left += left < 100 ? 33 : 7919) {
        disk_insert(whole);
        disk_truncate(PATH, left);
        bool refused = is_refused();
        CHECK(refused);
        if (!refused)
            printf("# %zu of %zu bytes: %s\n", left, size, err.msg);
    }
    end(whole);
}

/* Its log does not reach over what is missing. */
static void so_is_one_with_a_log(void)
{
    struct disk_image *killed;
    size_t size;

    begin();
    db_tidy(&db, true);
    write_key(0);
    killed = disk_kill();
    db_close(&db);
    disk_insert(killed);
    CHECK(reopen() == 0);
    db_close(&db);
    disk_insert(killed);
    (void)disk_bytes(PATH, &size);
    disk_truncate(PATH, size / 2);
    CHECK(is_refused() && strstr(err.msg, "its end is missing") != NULL);
    end(killed);
}

/* A daemon was killed while it moved the log: the file says that it is longer. */
static void one_whose_end_is_in_the_log_is_whole(void)
{
    struct disk_image *killed;
    size_t size;

    begin(); /* never tidied: everything is in the log */
    killed = disk_kill();
    db_tidy(&db, true);
    db_close(&db);
    uint8_t *moved = disk_bytes(PATH, &size);
    uint8_t first[PAGE];
    memcpy(first, moved, PAGE);
    disk_insert(killed);
    disk_truncate(PATH, PAGE);
    memcpy(disk_bytes(PATH, &size), first, PAGE);
    CHECK(reopen() == 0 && db_check(&db, &err) == 0);
    db_close(&db);
    end(killed);
}

static void one_with_a_damaged_header_is_refused(void)
{
    struct disk_image *whole = begin_closed();
    size_t size;

    for (size_t at = 0; at < 100; at++) {
        disk_insert(whole);
        disk_bytes(PATH, &size)[at] ^= 0x55;
        int r = reopen();

        /* Counters, names of versions, and room for later mean nothing to us. */
        bool is_harmless = (at >= 24 && at < 28) || at >= 36;
        CHECK(r < 0 || is_harmless || db_check(&db, &err) == -EUCLEAN);
        CHECK(r == 0 || strstr(err.msg, PATH) != NULL);
        db_close(&db);
    }
    disk_insert(whole);
    memset(disk_bytes(PATH, &size), 'x', 100);
    CHECK(is_refused());
    end(whole);
}

/* Each page, one after another, overwritten with something else. */
static void a_page_that_is_overwritten_is_found(int byte)
{
    struct disk_image *whole = begin_closed();
    size_t size;
    size_t refused = 0;

    (void)disk_bytes(PATH, &size);
    for (size_t page = 0; page < size / PAGE; page += page < 3 ? 1 : 2) {
        disk_insert(whole);
        uint8_t *at = disk_bytes(PATH, &size) + page * PAGE;
        for (size_t i = 0; i < PAGE; i++)
            at[i] = byte < 0 ? (uint8_t)(next_random() & 0xff) : (uint8_t)byte;
        int r = reopen();
        CHECK(r == 0 || r == -EUCLEAN);
        if (r == 0)
            CHECK(db_check(&db, &err) == -EUCLEAN && err.msg[0] != '\0');
        refused += r < 0;
        db_close(&db);
    }
    /* Those of small tables, and the first of each other. */
    CHECK(refused > 8);
    end(whole);
}

static void a_page_of_zeros_is_found(void)
{
    a_page_that_is_overwritten_is_found(0);
}

static void so_is_one_of_ones(void)
{
    a_page_that_is_overwritten_is_found(0xff);
}

static void so_is_one_of_anything(void)
{
    a_page_that_is_overwritten_is_found(-1);
}

static bool has_text(const uint8_t *page, const char *text)
{
    return memmem(page, PAGE, text, strlen(text)) != NULL;
}

/* However many functions there are. */
static void damage_of_the_registry_is_found_at_the_start(void)
{
    struct disk_image *whole = begin_closed();
    size_t size;
    int pages = 0;

    (void)disk_bytes(PATH, &size);
    for (size_t page = 1; page < size / PAGE; page++) {
        disk_insert(whole);
        uint8_t *at = disk_bytes(PATH, &size) + page * PAGE;
        if (!has_text(at, MANIFEST))
            continue;
        pages++;
        memset(at, 0xff, PAGE);
        CHECK(is_refused());
    }
    CHECK(pages > 1);
    end(whole);
}

/* Damage that a start did not find fails what reads it, and nothing else. */
static void who_comes_across_damage_is_told(void)
{
    struct disk_image *whole = begin_closed();
    struct kv_value v;
    size_t size;
    int told = 0;
    int fine = 0;

    (void)disk_bytes(PATH, &size);
    for (size_t page = size / PAGE - 1; told == 0 && page > 0; page--) {
        disk_insert(whole);
        memset(disk_bytes(PATH, &size) + page * PAGE, 0xff, PAGE);
        if (reopen() == 0)
            for (int i = 0; i < KEYS; i++) {
                char key[16];
                (void)snprintf(key, sizeof(key), "k%05d", i);
                int r = kv_get(&db, "s", key, &v, &err);
                CHECK(r == 0 || (r == -EUCLEAN && strstr(err.msg, "to mend: ") != NULL));
                told += r < 0;
                fine += r == 0;
                if (r == 0)
                    db_done(v.st);
            }
        db_close(&db);
    }
    CHECK(told > 0 && fine > KEYS / 2);
    end(whole);
}

/* ---- the log ----------------------------------------------------------------------------- */

/* How many keys are there: those that were written first. */
static int count_keys(void)
{
    int n = 0;

    for (int i = 0; i < KEYS; i++) {
        char key[16];
        uint64_t version;

        (void)snprintf(key, sizeof(key), "k%05d", i);
        CHECK(kv_version(&db, "s", key, &version, &err) == 0);
        CHECK(version == 0 || n == i);
        n += version != 0;
    }
    return n;
}

static struct disk_image *begin_killed(void)
{
    struct disk_image *killed;

    disk_install();
    CHECK(db_open(&db, PATH, &err) == 0);
    db_tidy(&db, true);
    write_functions();
    for (int i = 0; i < KEYS / 4; i++)
        write_key(i);
    killed = disk_kill();
    db_close(&db);
    return killed;
}

static void of_a_truncated_log_what_was_committed_before_is_there(void)
{
    struct disk_image *killed = begin_killed();
    int before = -1;
    size_t size;

    disk_insert(killed);
    (void)disk_bytes(LOG, &size);
    for (size_t left = 0; left < size; left += 9001) {
        disk_insert(killed);
        disk_truncate(LOG, left);
        CHECK(reopen() == 0 && db_check(&db, &err) == 0);
        int n = count_keys();
        CHECK(n >= before);
        before = n;
        db_close(&db);
    }
    CHECK(before > KEYS / 8);
    end(killed);
}

static void so_it_is_of_one_with_garbage_in_it(void)
{
    struct disk_image *killed = begin_killed();
    size_t size;

    for (int round = 0; round < 30; round++) {
        disk_insert(killed);
        uint8_t *log = disk_bytes(LOG, &size);
        size_t at = (size_t)next_random() % size;
        for (size_t i = at; i < size && i < at + 1 + (size_t)round * 70; i++)
            log[i] = (uint8_t)(next_random() & 0xff);
        CHECK(reopen() == 0 && db_check(&db, &err) == 0);
        (void)count_keys();
        db_close(&db);
    }
    end(killed);
}

static void a_log_of_another_database_is_ignored(void)
{
    struct disk_image *killed = begin_killed();
    size_t size;

    disk_insert(killed);
    uint8_t *log = disk_bytes(LOG, &size);
    for (size_t i = 0; i < size; i++)
        log[i] = (uint8_t)(next_random() & 0xff);
    CHECK(reopen() == 0 && count_keys() == 0);
    db_close(&db);
    end(killed);
}

/* ---- not ours ----------------------------------------------------------------------------- */

static void run_sql(const char *sql)
{
    sqlite3 *other = NULL;

    CHECK(sqlite3_open(PATH, &other) == SQLITE_OK);
    CHECK(sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_exec(other, sql, NULL, NULL, NULL) == SQLITE_OK);
    (void)sqlite3_close(other);
}

static void a_newer_one_is_left_alone(void)
{
    struct disk_image *whole = begin_closed();

    run_sql("PRAGMA user_version = 99");
    CHECK(reopen() == -EINVAL && strstr(err.msg, "version 99") != NULL);
    CHECK(strstr(err.msg, PATH) != NULL && strstr(err.msg, "--state-dir") != NULL);
    db_close(&db);
    run_sql("PRAGMA user_version = -1");
    CHECK(reopen() == -EINVAL);
    db_close(&db);
    end(whole);
}

static void one_of_another_program_is_left_alone(void)
{
    disk_install();
    run_sql("CREATE TABLE bookmarks (url TEXT)");
    CHECK(reopen() == -EINVAL && strstr(err.msg, "not one of unifaasd's") != NULL);
    CHECK(strstr(err.msg, PATH) != NULL);
    db_close(&db);
    run_sql("INSERT INTO bookmarks VALUES ('still here')");
    disk_remove();
}

static void one_that_misses_a_table_is_refused(void)
{
    struct disk_image *whole = begin_closed();

    run_sql("DROP TABLE kv");
    CHECK(is_refused() && strstr(err.msg, "is missing") != NULL);
    disk_insert(whole);
    run_sql("DROP INDEX kv_by_expiry");
    CHECK(is_refused() && strstr(err.msg, "kv_by_expiry is missing") != NULL);
    disk_insert(whole);
    run_sql("CREATE TABLE notes_of_the_operator (text)");
    CHECK(reopen() == 0);
    db_close(&db);
    end(whole);
}

static void an_empty_file_is_a_new_one(void)
{
    struct disk_image *whole = begin_closed();

    disk_truncate(PATH, 0);
    CHECK(reopen() == 0 && count_keys() == 0 && db_check(&db, &err) == 0);
    db_close(&db);
    end(whole);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_truncated_one_is_refused),
        TAP_CASE(so_is_one_with_a_log),
        TAP_CASE(one_whose_end_is_in_the_log_is_whole),
        TAP_CASE(one_with_a_damaged_header_is_refused),
        TAP_CASE(a_page_of_zeros_is_found),
        TAP_CASE(so_is_one_of_ones),
        TAP_CASE(so_is_one_of_anything),
        TAP_CASE(damage_of_the_registry_is_found_at_the_start),
        TAP_CASE(who_comes_across_damage_is_told),
        TAP_CASE(of_a_truncated_log_what_was_committed_before_is_there),
        TAP_CASE(so_it_is_of_one_with_garbage_in_it),
        TAP_CASE(a_log_of_another_database_is_ignored),
        TAP_CASE(a_newer_one_is_left_alone),
        TAP_CASE(one_of_another_program_is_left_alone),
        TAP_CASE(one_that_misses_a_table_is_refused),
        TAP_CASE(an_empty_file_is_a_new_one),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
