// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
// THREADS
#include "daemon/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/owner.h"
#include "tests/tap.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static struct loop loop;
static char root[64];
static char state[128];
static struct store store;
static struct uf_err err;

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *f)
{
    (void)st;
    (void)kind;
    (void)f;
    return remove(path);
}

static void begin(void)
{
    (void)snprintf(root, sizeof(root), "/tmp/unifaas-store.XXXXXX");
    CHECK(mkdtemp(root) != NULL);
    (void)snprintf(state, sizeof(state), "%s/deep/state", root);
    CHECK(store_open(&store, state, &err) == 0);
}

static void end(void)
{
    store_close(&store);
    (void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void keep_file(enum files_kind kind, const char *hex)
{
    struct files_new n;

    CHECK(files_create(store.dir, &n, &err) == 0);
    CHECK(write(n.fd, "x", 1) == 1);
    CHECK(files_commit(store.dir, &n, kind, hex, &err) == 0 && n.fd == -1);
}

static bool has(enum files_kind kind, const char *hex)
{
    int fd = files_open(store.dir, kind, hex, &err);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void put(const char *name, const char *image, const char *snapshot)
{
    struct store_row r = {.space = "s",
                          .name = name,
                          .manifest = "{}",
                          .deployment = "{\"labels\":{}}",
                          .image = image,
                          .snapshot = snapshot,
                          .created_s = 1234567890};

    CHECK(store_put(&store.db, &r, &err) == 0);
}

static char seen[256];

static int note(void *ctx, const struct store_row *r)
{
    size_t n = strlen(seen);

    (void)ctx;
    (void)snprintf(seen + n, sizeof(seen) - n, "%s=%c%c%s%llu ", r->name, r->image[0],
                   r->snapshot[0], r->deployment, (unsigned long long)r->created_s);
    return 0;
}

static const char *rows(void)
{
    seen[0] = '\0';
    CHECK(store_each(&store.db, note, NULL, &err) == 0);
    return seen;
}

static void functions_survive_a_restart_in_the_order_of_names(void)
{
    begin();
    put("two", A, B);
    put("one", B, C);
    put("two", C, A);
    store_close(&store);
    CHECK(store_open(&store, state, &err) == 0);
    CHECK(strcmp(rows(), "one=bc{\"labels\":{}}1234567890 two=ca{\"labels\":{}}1234567890 ") == 0);
    CHECK(store_delete(&store.db, "s", "one", &err) == 0);
    CHECK(store_delete(&store.db, "s", "nobody", &err) == 0);
    CHECK(strncmp(rows(), "two=", 4) == 0);
    end();
}

static void a_state_directory_has_one_daemon(void)
{
    struct store second;

    begin();
    CHECK(store_open(&second, state, &err) == -EBUSY);
    CHECK(strstr(err.msg, state) != NULL && strstr(err.msg, "--state-dir") != NULL);
    store_close(&second);
    end();
}

static void a_registry_of_a_newer_daemon_is_left_alone(void)
{
    begin();
    CHECK(sqlite3_exec(store.db.sql, "PRAGMA user_version = 99", NULL, NULL, NULL) == SQLITE_OK);
    store_close(&store);
    CHECK(store_open(&store, state, &err) == -EINVAL);
    CHECK(strstr(err.msg, "version 99") != NULL);
    end();
}

static void a_registry_that_is_none_is_named(void)
{
    char path[256];

    begin();
    store_close(&store);
    (void)snprintf(path, sizeof(path), "%s/unifaas.db", state);
    int fd = open(path, O_WRONLY | O_TRUNC);
    CHECK(fd >= 0 && write(fd, "this is not a database, not at all", 34) == 34);
    (void)close(fd);
    CHECK(store_open(&store, state, &err) == -EUCLEAN);
    CHECK(strstr(err.msg, "unifaas.db") != NULL);
    end();
}

static void a_path_that_cannot_be_made_is_named(void)
{
    struct store s;

    CHECK(store_open(&s, "/proc/nowhere/state", &err) < 0);
    CHECK(strstr(err.msg, "/proc/nowhere") != NULL);
    store_close(&s);
}

static void a_file_has_its_name_only_when_it_is_whole(void)
{
    struct files_new n;

    begin();
    CHECK(files_create(store.dir, &n, &err) == 0);
    CHECK(!has(FILES_IMAGE, A));
    CHECK(files_commit(store.dir, &n, FILES_IMAGE, A, &err) == 0);
    CHECK(has(FILES_IMAGE, A));
    end();
}

static void what_was_on_its_way_is_nothing_after_a_restart(void)
{
    struct files_new n;
    char path[256];

    begin();
    CHECK(files_create(store.dir, &n, &err) == 0);
    (void)snprintf(path, sizeof(path), "%s/tmp/%s", state, n.name);
    CHECK(access(path, F_OK) == 0);
    (void)close(n.fd);
    store_close(&store);
    CHECK(store_open(&store, state, &err) == 0);
    CHECK(access(path, F_OK) < 0);
    end();
}

static void a_discarded_file_is_gone(void)
{
    struct files_new n;
    char path[256];

    begin();
    CHECK(files_create(store.dir, &n, &err) == 0);
    (void)snprintf(path, sizeof(path), "%s/tmp/%s", state, n.name);
    files_discard(store.dir, &n);
    CHECK(access(path, F_OK) < 0 && n.fd == -1);
    files_discard(store.dir, &n);
    end();
}

static void start_threads(void)
{
    CHECK(loop_init(&loop, &err) == 0);
    CHECK(store_start(&store, &loop, &err) == 0);
}

static void end_threads(void)
{
    end();
    loop_fini(&loop);
}

static void no_more(struct store_job *j)
{
    (void)j;
}

static struct store_drop drops[2];

static void submit_drop(int i, const char *image, const char *snapshot)
{
    store_drop(&store, &drops[i], image, snapshot, no_more);
}

static void drop(const char *image, const char *snapshot)
{
    submit_drop(0, image, snapshot);
    store_settle(&store);
}

struct writer {
    struct store_job job;
    const char *name;
    int code;
};

static int remove_row(struct store_job *j, struct db *db)
{
    const struct writer *w = UF_OWNER(j, struct writer, job);
    int r = store_delete(db, "s", w->name, &j->err);

    return r == 0 && w->code < 0 ? uf_fail(&j->err, w->code, "it breaks") : r;
}

static void submit_removal(struct writer *w, const char *name, int code)
{
    *w = (struct writer){.job = {.apply = remove_row, .done = no_more}, .name = name, .code = code};
    worker_submit(&store.worker, &w->job);
}

static void files_go_with_the_last_function_that_uses_them(void)
{
    struct writer w;

    begin();
    keep_file(FILES_IMAGE, A);
    keep_file(FILES_SNAPSHOT, B);
    put("one", A, B);
    put("two", A, B);
    start_threads();
    submit_removal(&w, "one", 0);
    drop(A, B);
    CHECK(w.job.code == 0 && has(FILES_IMAGE, A) && has(FILES_SNAPSHOT, B));
    submit_removal(&w, "two", 0);
    drop(NULL, B);
    CHECK(w.job.code == 0 && has(FILES_IMAGE, A) && !has(FILES_SNAPSHOT, B));
    drop(A, B);
    CHECK(!has(FILES_IMAGE, A));
    end_threads();
}

/* The removal of the row and the drop may share a batch, which is rolled back. */
static void a_removal_that_did_not_become_durable_takes_no_file(void)
{
    struct writer w;

    begin();
    keep_file(FILES_IMAGE, A);
    keep_file(FILES_SNAPSHOT, B);
    put("one", A, B);
    start_threads();
    for (int i = 0; i < 50; i++) {
        submit_drop(1, A, B);
        submit_removal(&w, "one", -EIO);
        drop(A, B);
        CHECK(w.job.code == -EIO);
    }
    CHECK(has(FILES_IMAGE, A) && has(FILES_SNAPSHOT, B));
    submit_removal(&w, "one", 0);
    submit_drop(1, A, B);
    store_close(&store);
    CHECK(store_open(&store, state, &err) == 0);
    CHECK(!has(FILES_IMAGE, A) && !has(FILES_SNAPSHOT, B));
    end_threads();
}

static void a_sweep_keeps_what_is_used_and_the_latest_uploads(void)
{
    char hex[SNAPFILE_HEX];

    begin();
    keep_file(FILES_IMAGE, A);
    put("one", A, B);
    keep_file(FILES_SNAPSHOT, B);
    keep_file(FILES_SNAPSHOT, C);
    for (int i = 0; i < 40; i++) {
        struct timespec old[2] = {{.tv_sec = 1000 + i}, {.tv_sec = 1000 + i}};
        char path[256];

        (void)snprintf(hex, sizeof(hex), "%064d", i);
        keep_file(FILES_IMAGE, hex);
        (void)snprintf(path, sizeof(path), "%s/images/%s.img", state, hex);
        CHECK(utimensat(AT_FDCWD, path, old, 0) == 0);
    }
    store_sweep(&store);
    CHECK(has(FILES_IMAGE, A) && has(FILES_SNAPSHOT, B) && !has(FILES_SNAPSHOT, C));
    CHECK(has(FILES_IMAGE, hex)); /* the 40th */
    (void)snprintf(hex, sizeof(hex), "%064d", 0);
    CHECK(!has(FILES_IMAGE, hex));
    end();
}

static void without_a_function_a_start_removes_nothing(void)
{
    begin();
    keep_file(FILES_SNAPSHOT, B);
    store_sweep(&store);
    CHECK(has(FILES_SNAPSHOT, B));
    put("one", A, A);
    store_sweep(&store);
    CHECK(!has(FILES_SNAPSHOT, B));
    end();
}

static void a_foreign_file_is_left_alone(void)
{
    char path[256];

    begin();
    (void)snprintf(path, sizeof(path), "%s/snapshots/README", state);
    int fd = open(path, O_WRONLY | O_CREAT, 0600);
    CHECK(fd >= 0);
    (void)close(fd);
    store_sweep(&store);
    CHECK(access(path, F_OK) == 0);
    start_threads();
    keep_file(FILES_SNAPSHOT, C);
    store_sweep(&store);
    store_settle(&store);
    CHECK(access(path, F_OK) == 0 && !has(FILES_SNAPSHOT, C));
    end_threads();
}

static void only_64_lower_case_digits_are_a_name(void)
{
    CHECK(files_is_hex(A));
    CHECK(!files_is_hex("") && !files_is_hex("a"));
    CHECK(!files_is_hex(A "a"));
    CHECK(!files_is_hex("Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    CHECK(!files_is_hex("../aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(functions_survive_a_restart_in_the_order_of_names),
        TAP_CASE(a_state_directory_has_one_daemon),
        TAP_CASE(a_registry_of_a_newer_daemon_is_left_alone),
        TAP_CASE(a_registry_that_is_none_is_named),
        TAP_CASE(a_path_that_cannot_be_made_is_named),
        TAP_CASE(a_file_has_its_name_only_when_it_is_whole),
        TAP_CASE(what_was_on_its_way_is_nothing_after_a_restart),
        TAP_CASE(a_discarded_file_is_gone),
        TAP_CASE(files_go_with_the_last_function_that_uses_them),
        TAP_CASE(a_removal_that_did_not_become_durable_takes_no_file),
        TAP_CASE(a_sweep_keeps_what_is_used_and_the_latest_uploads),
        TAP_CASE(without_a_function_a_start_removes_nothing),
        TAP_CASE(a_foreign_file_is_left_alone),
        TAP_CASE(only_64_lower_case_digits_are_a_name),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
