// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c tests/store
// LIBS: libsodium sqlite3
/*
 * Power is cut at every moment of a run of the store, and what was not synced is there,
 * or not, or in part. What was handed back as durable must be there, whole; of what was
 * not, all or nothing; and in the order in which it was committed.
 *
 * UF_SEED=N repeats the random part of a run; UF_CUTS=N makes it N times as long.
 */
#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/owner.h"
#include "daemon/store/commit.h"
#include "daemon/store/store.h"
#include "tests/store/disk.h"
#include "tests/tap.h"

#define PATH      "/unifaas.db"
#define DEEDS     48
#define ONE_LIFE  12 /* deeds of the shorter tests */
#define PIECES    3
#define VALUE_MAX 3000
#define LOG_MAX   25 /* pages: a checkpoint comes often */
#define NEVER     SIZE_MAX

/* A commit that writes PIECES keys, the key `last`, and a row of the registry. */
struct deed {
    struct commit commit;
    struct commit_step row;
    int nr;
    size_t durable_at; /* call of the disk; NEVER                */
    bool is_gone;      /* it was not there after a cut           */
};

static struct loop loop;
static struct db db;
static struct worker worker;
static struct uf_err err;
static sem_t gate;
static struct deed deeds[DEEDS];
static uint64_t seed;
static int cuts = 1;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

static void take_seed(void)
{
    const char *text = getenv("UF_SEED");

    seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    printf("# UF_SEED=%llu\n", (unsigned long long)seed);
    seed = seed * 2 + 1;
    if (getenv("UF_CUTS") != NULL)
        cuts = atoi(getenv("UF_CUTS"));
}

/* ---- what is done -------------------------------------------------------------------- */

static size_t make_value(int nr, int piece, char value[static VALUE_MAX])
{
    size_t size = (size_t)(nr * 7919 + piece * 104729) % VALUE_MAX;

    for (size_t i = 0; i < size; i++)
        value[i] = (char)((size_t)nr + (size_t)piece + i);
    return size;
}

static int add_row(struct commit_step *s, struct db *d, struct uf_err *e)
{
    char name[16];
    struct store_row row = {.space = "s",
                            .name = name,
                            .manifest = "{}",
                            .deployment = "{}",
                            .image = "i",
                            .snapshot = "s"};

    (void)snprintf(name, sizeof(name), "f%d", UF_OWNER(s, struct deed, row)->nr);
    return store_put(d, &row, e);
}

static void keep_row(struct commit_step *s)
{
    (void)s;
}

static int apply_first(struct store_job *j, struct db *d)
{
    (void)sem_wait(&gate);
    return commit_apply(j, d);
}

static void after(struct store_job *j, struct db *d)
{
    (void)d;
    UF_OWNER(UF_OWNER(j, struct commit, job), struct deed, commit)->durable_at = disk_now();
}

static void done(struct store_job *j)
{
    (void)j;
}

static void prepare(struct deed *d, int nr)
{
    char key[32];
    char value[VALUE_MAX];

    *d = (struct deed){.nr = nr, .durable_at = NEVER, .row = {.apply = add_row, .free = keep_row}};
    commit_init(&d->commit, "s");
    d->commit.job.after = after;
    d->commit.job.done = done;
    for (int p = 0; p < PIECES; p++) {
        struct kv_new v = {.data = value, .size = make_value(nr, p, value)};

        (void)snprintf(key, sizeof(key), "%d/%d", nr, p);
        CHECK(commit_add_write(&d->commit, key, &v) == 0);
    }
    CHECK(commit_add_write(&d->commit, "last", &(struct kv_new){.data = &d->nr, .size = 4}) == 0);
    commit_add_step(&d->commit, &d->row);
}

/* Deeds from first to last - 1, some together in each batch; then the thread rests. */
static void act(int first, int last)
{
    struct store_job rest = {.done = done};

    while (first < last) {
        int n = 1 + (int)(next_random() % 4);

        for (int i = 0; i < n && first < last; i++, first++) {
            prepare(&deeds[first], first);
            if (i == 0)
                deeds[first].commit.job.apply = apply_first;
            worker_submit(&worker, &deeds[first].commit.job);
        }
        (void)sem_post(&gate);
        worker_settle(&worker);
    }
    /* By now it may still tidy up. */
    worker_submit(&worker, &rest);
    worker_settle(&worker);
}

static void open_store(void)
{
    CHECK(db_open(&db, PATH, &err) == 0);
    db.log_max = db.tidy_at = LOG_MAX;
    (void)sem_init(&gate, 0, 0);
    CHECK(loop_init(&loop, &err) == 0);
    CHECK(worker_start(&worker, &loop, &db, &err) == 0);
}

static void stop_threads(void)
{
    worker_stop(&worker);
    loop_fini(&loop);
    (void)sem_destroy(&gate);
}

/* ---- what is there -------------------------------------------------------------------- */

static bool has_piece(int nr, int piece)
{
    char key[32];
    char value[VALUE_MAX];
    size_t size = make_value(nr, piece, value);
    struct kv_value v = {0};

    (void)snprintf(key, sizeof(key), "%d/%d", nr, piece);
    CHECK(kv_get(&db, "s", key, &v, &err) == 0);
    bool is_there = v.version != 0;
    /* What is there is what was written. */
    if (is_there)
        CHECK(v.size == size && (size == 0 || memcmp(v.data, value, size) == 0));
    db_done(v.st);
    return is_there;
}

static int count_row(void *ctx, const struct store_row *r)
{
    bool *rows = ctx;

    rows[atoi(r->name + 1)] = true;
    return 0;
}

static int read_last(void)
{
    struct kv_value v = {0};
    int last = -1;

    CHECK(kv_get(&db, "s", "last", &v, &err) == 0);
    if (v.version != 0)
        memcpy(&last, v.data, sizeof(last));
    db_done(v.st);
    return last;
}

/* All of a deed or nothing of it, and all when it was durable at call `at`. What was
 * not there after an earlier cut never comes back. Returns whether it is there. */
static bool verify_deed(const struct deed *d, size_t at, bool has_row)
{
    int pieces = 0;

    for (int p = 0; p < PIECES; p++)
        pieces += has_piece(d->nr, p);
    CHECK(pieces == (has_row ? PIECES : 0));
    if (d->durable_at <= at)
        CHECK(has_row);
    if (d->is_gone)
        CHECK(!has_row);
    return has_row;
}

/* Of n deeds. From here on they are what they are when settle is true. */
static void verify(size_t at, int n, bool settle)
{
    bool rows[DEEDS] = {false};
    int last = read_last();

    CHECK(store_each(&db, count_row, rows, &err) == 0);
    for (int i = 0; i < n; i++) {
        bool is_there = verify_deed(&deeds[i], at, rows[i]);

        /* In the order in which they were committed; those that failed were not. */
        if (i == last)
            CHECK(is_there);
        else if (i > last)
            CHECK(!is_there);
        else if (deeds[i].commit.job.code == 0 && !deeds[i].is_gone)
            CHECK(is_there);
        if (settle) {
            deeds[i].durable_at = is_there ? 0 : NEVER;
            deeds[i].is_gone = !is_there;
        }
    }
    CHECK(db_check(&db, &err) == 0);
}

/* Power is cut at call `at` of run. Is all well then? */
static bool survives(const struct disk_image *run, size_t at, enum disk_rest rest, int n)
{
    uint64_t s = next_random();
    struct disk_image *left = disk_cut(run, at, rest, s);
    int before = tap_bad;

    disk_insert(left);
    disk_image_free(left);
    int r = db_open(&db, PATH, &err);
    CHECK(r == 0);
    if (r == 0)
        verify(at, n, false);
    db_close(&db);
    if (tap_bad != before)
        printf("# power was cut at call %zu, rest %d, %llu: %s\n", at, (int)rest,
               (unsigned long long)s, err.msg);
    return tap_bad == before;
}

/* The moments at which something becomes durable, or is said to be. */
static bool is_turn(const struct disk_image *run, size_t at, int n)
{
    bool is_turn = at == 0 || disk_is_sync(run, at - 1);

    for (int i = 0; i < n; i++)
        is_turn = is_turn || deeds[i].durable_at == at;
    return is_turn;
}

/* Of a life whose deeds are the first n. */
static void cut_everywhere(const struct disk_image *run, size_t ncalls, int n)
{
    bool is_well = true;

    for (size_t at = 0; is_well && at <= ncalls; at++) {
        if (is_turn(run, at, n))
            is_well = survives(run, at, DISK_NOTHING, n);
        /* The short form leaves two of three moments out. */
        int times = cuts > 1 ? cuts : next_random() % 3 == 0;
        for (int i = 0; is_well && i < times; i++)
            is_well = survives(run, at, next_random() % 4 == 0 ? DISK_ALL : DISK_SOME, n);
    }
}

/* ---- lives ----------------------------------------------------------------------------- */

static void begin(void)
{
    disk_install();
    memset(deeds, 0, sizeof(deeds));
}

static void end(void)
{
    for (int i = 0; i < DEEDS; i++)
        if (deeds[i].commit.job.apply != NULL)
            commit_reset(&deeds[i].commit);
    disk_remove();
}

/* The process is killed: what it had open is gone, what it wrote is in the cache. */
static struct disk_image *kill_store(void)
{
    struct disk_image *run;

    stop_threads();
    run = disk_kill();
    db_close(&db);
    disk_insert(run);
    return run;
}

static void cut_at_every_moment_of_a_run_nothing_durable_is_lost(void)
{
    struct disk_image *run;

    begin();
    open_store();
    act(0, ONE_LIFE);
    stop_threads();
    db_close(&db);
    run = disk_kill();
    cut_everywhere(run, disk_now(), ONE_LIFE);
    disk_image_free(run);
    end();
}

/* The next life begins with what the cut left, and ends with another. */
static void nor_in_a_chain_of_cuts(void)
{
    begin();
    for (int first = 0; first < DEEDS; first += DEEDS / 8) {
        struct disk_image *run;
        struct disk_image *left;

        open_store();
        act(first, first + DEEDS / 8);
        run = kill_store();
        size_t at = next_random() % (disk_now() + 1);
        left = disk_cut(run, at, DISK_SOME, next_random());
        disk_insert(left);
        CHECK(db_open(&db, PATH, &err) == 0);
        verify(at, first + DEEDS / 8, true);
        db_close(&db);
        disk_image_free(run);
        disk_image_free(left);
    }
    end();
}

/* Deeds while the disk fails now and then, each with its own failure. */
static void act_on_a_bad_disk(int first, int last)
{
    static const enum disk_fault faults[] = {DISK_SYNC, DISK_SYNC, DISK_WRITE, DISK_FULL};

    for (int i = first; i < last; i += 3) {
        disk_fail(faults[next_random() % 4], (unsigned)(next_random() % 12),
                  1 + (unsigned)(next_random() % 3));
        act(i, i + 3 < last ? i + 3 : last);
    }
    disk_fail(DISK_NONE, 0, 0);
}

static int count_failed(int n)
{
    int failed = 0;

    for (int i = 0; i < n; i++)
        failed += deeds[i].commit.job.code < 0;
    return failed;
}

static void on_a_disk_that_fails_now_and_then_neither(void)
{
    struct disk_image *run;

    begin();
    open_store();
    act_on_a_bad_disk(0, 2 * ONE_LIFE);
    CHECK(count_failed(2 * ONE_LIFE) > 0);
    /* As soon as it does not, all is well again. */
    act(2 * ONE_LIFE, 3 * ONE_LIFE);
    for (int i = 2 * ONE_LIFE; i < 3 * ONE_LIFE; i++)
        CHECK(deeds[i].commit.job.code == 0);
    run = kill_store();
    cut_everywhere(run, disk_now(), 3 * ONE_LIFE);
    disk_image_free(run);
    end();
}

/*
 * The last sync of a daemon fails, then it is killed. The next one finds in the cache
 * what the disk does not have, and builds on it.
 */
static void nor_when_a_daemon_is_killed_after_a_sync_that_failed(void)
{
    begin();
    for (int life = 0; life < 4; life++) {
        int first = life * ONE_LIFE;
        struct disk_image *run;

        open_store();
        act(first, first + ONE_LIFE / 2);
        disk_fail(DISK_SYNC, 0, 1);
        act(first + ONE_LIFE / 2, first + ONE_LIFE / 2 + 1);
        CHECK(deeds[first + ONE_LIFE / 2].commit.job.code < 0);
        disk_image_free(kill_store());
        open_store();
        verify(0, first + ONE_LIFE / 2 + 1, false);
        act(first + ONE_LIFE / 2 + 1, first + ONE_LIFE);
        run = kill_store();
        for (int i = first + ONE_LIFE / 2 + 1; i < first + ONE_LIFE; i++) {
            CHECK(survives(run, deeds[i].durable_at, DISK_NOTHING, first + ONE_LIFE));
            CHECK(survives(run, deeds[i].durable_at, DISK_SOME, first + ONE_LIFE));
        }
        disk_insert(run);
        disk_image_free(run);
    }
    end();
}

static void a_log_that_cannot_be_written_again_is_not_used(void)
{
    begin();
    open_store();
    act(0, ONE_LIFE);
    disk_image_free(kill_store());
    disk_fail(DISK_SYNC, 0, 1);
    CHECK(db_open(&db, PATH, &err) == -EIO && strstr(err.msg, "log") != NULL);
    db_close(&db);
    end();
}

static void what_cannot_be_read_fails_alone(void)
{
    begin();
    open_store();
    act(0, ONE_LIFE);
    stop_threads();
    (void)sqlite3_db_release_memory(db.sql);
    disk_fail(DISK_READ, 0, 1);
    struct kv_value v = {0};
    CHECK(kv_get(&db, "s", "0/0", &v, &err) == -EIO && strstr(err.msg, "to mend") != NULL);
    verify(0, ONE_LIFE, false);
    db_close(&db);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(cut_at_every_moment_of_a_run_nothing_durable_is_lost),
        TAP_CASE(nor_in_a_chain_of_cuts),
        TAP_CASE(on_a_disk_that_fails_now_and_then_neither),
        TAP_CASE(nor_when_a_daemon_is_killed_after_a_sync_that_failed),
        TAP_CASE(a_log_that_cannot_be_written_again_is_not_used),
        TAP_CASE(what_cannot_be_read_fails_alone),
    };

    take_seed();
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
