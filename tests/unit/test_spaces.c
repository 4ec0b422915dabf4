// SPDX-License-Identifier: MIT
// LINK: daemon/spaces daemon/store daemon/loop engine/reason.c
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: libsodium sqlite3 jansson yaml-0.1
#include "daemon/spaces/spaces.h"

#include <errno.h>
#include <string.h>

#include "tests/store/scratch.h"

static struct spaces s;
static struct loop loop;
static struct worker worker;

static void start(void)
{
    CHECK(loop_init(&loop, &err) == 0);
    CHECK(spaces_open(&s, &scratch, &err) == 0);
    CHECK(worker_start(&worker, &loop, &scratch, &err) == 0);
    spaces_start(&s, &worker);
}

static void stop(void)
{
    worker_stop(&worker);
    spaces_close(&s);
    loop_fini(&loop);
}

static void begin(void)
{
    scratch_begin();
    start();
}

static void end(void)
{
    stop();
    scratch_end();
}

static int changed;
static char why[UF_ERR_MAX];

static void on_changed(void *ctx, int code, const char *text)
{
    (void)ctx;
    changed = code;
    (void)snprintf(why, sizeof(why), "%s", text);
    loop_stop(&loop);
}

static int change(enum space_verb verb, const char *name, const char *details)
{
    const struct space_change c = {
        .verb = verb, .name = name, .details = details, .done = on_changed};
    int r = spaces_change(&s, &c, &err);

    if (r < 0)
        return r;
    loop.is_stopping = false;
    CHECK(loop_run(&loop, &err) == 0);
    return changed;
}

/* "NAME=DETAILS ..." */
static const char *all(void)
{
    static char text[512];
    size_t n = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < s.n; i++)
        n +=
            (size_t)snprintf(text + n, sizeof(text) - n, "%s=%s ", s.all[i].name, s.all[i].details);
    return text;
}

static void they_are_in_order_and_stay(void)
{
    begin();
    CHECK(strcmp(all(), "openfaas-fn={} ") == 0);
    CHECK(change(SPACE_CREATE, "zoo", "{\"a\":1}") == 0);
    CHECK(change(SPACE_CREATE, "lab", NULL) == 0);
    CHECK(strcmp(all(), "lab={} openfaas-fn={} zoo={\"a\":1} ") == 0);
    CHECK(change(SPACE_UPDATE, "lab", "{\"b\":2}") == 0);
    CHECK(change(SPACE_REMOVE, "zoo", NULL) == 0);
    CHECK(strcmp(all(), "lab={\"b\":2} openfaas-fn={} ") == 0);
    stop();
    scratch_reopen();
    start();
    CHECK(strcmp(all(), "lab={\"b\":2} openfaas-fn={} ") == 0);
    CHECK(spaces_find(&s, "lab") != NULL && spaces_find(&s, "zoo") == NULL);
    end();
}

static void what_makes_no_sense_is_refused(void)
{
    begin();
    CHECK(change(SPACE_CREATE, "openfaas-fn", NULL) == -EEXIST);
    CHECK(change(SPACE_UPDATE, "nobody", "{}") == -ENOENT && strstr(why, "namespace nobody"));
    CHECK(change(SPACE_REMOVE, "nobody", NULL) == -ENOENT);
    CHECK(change(SPACE_REMOVE, "openfaas-fn", NULL) == -EINVAL && strstr(err.msg, "stays"));
    CHECK(change(SPACE_CREATE, "a.b", NULL) == -EINVAL && strstr(err.msg, "\"a.b\""));
    CHECK(change(SPACE_CREATE, "", NULL) == -EINVAL);
    CHECK(strcmp(all(), "openfaas-fn={} ") == 0);
    end();
}

static void run(const char *sql)
{
    CHECK(sqlite3_exec(scratch.sql, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void one_with_functions_or_events_is_not_removed(void)
{
    static const struct {
        const char *put, *says, *take;
    } table[] = {
        {"INSERT INTO functions VALUES ('lab', 'f', '{}', '{}', 'i', 's', 1)",
         "lab has 1 functions: remove them first", "DELETE FROM functions"},
        {"INSERT INTO queues (space, name, next, depth, timed, dead)"
         " VALUES ('lab', 'q', 9, 2, 0, 0), ('lab', '@f', 9, 1, 0, 4)",
         "3 events that wait and 4 that failed: purge them", "DELETE FROM queues"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        begin();
        CHECK(change(SPACE_CREATE, "lab", NULL) == 0);
        stop();
        run(table[i].put);
        scratch_reopen();
        start();
        CHECK(change(SPACE_REMOVE, "lab", NULL) == -ENOTEMPTY);
        CHECK(strstr(why, table[i].says) != NULL && spaces_find(&s, "lab") != NULL);
        stop();
        run(table[i].take);
        scratch_reopen();
        start();
        CHECK(change(SPACE_REMOVE, "lab", NULL) == 0);
        end();
    }
}

static void keys_and_secrets_go_with_theirs(void)
{
    begin();
    CHECK(change(SPACE_CREATE, "lab", NULL) == 0);
    stop();
    run("INSERT INTO kv VALUES ('lab', 'k', 1, 0, x'31'), ('openfaas-fn', 'k', 2, 0, x'32')");
    run("INSERT INTO secrets VALUES ('lab', 's', x'00', x'00'), ('openfaas-fn', 's', x'00', x'')");
    start();
    CHECK(change(SPACE_REMOVE, "lab", NULL) == 0);
    stop();
    CHECK(scratch_number("SELECT count(*) FROM kv") == 1);
    CHECK(scratch_number("SELECT count(*) FROM kv WHERE space = 'openfaas-fn'") == 1);
    CHECK(scratch_number("SELECT count(*) FROM secrets") == 1);
    start();
    end();
}

static void their_number_is_bounded(void)
{
    begin();
    for (unsigned i = 1; i < SPACES_MAX; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "n%u", i);
        CHECK(change(SPACE_CREATE, name, NULL) == 0);
    }
    CHECK(change(SPACE_CREATE, "one-more", NULL) == -EDQUOT && strstr(why, "256") != NULL);
    CHECK(s.n == SPACES_MAX);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(they_are_in_order_and_stay),
        TAP_CASE(what_makes_no_sense_is_refused),
        TAP_CASE(one_with_functions_or_events_is_not_removed),
        TAP_CASE(keys_and_secrets_go_with_theirs),
        TAP_CASE(their_number_is_bounded),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
