// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
#include "daemon/store/kv.h"

#include <stdint.h>
#include <string.h>

#include "tests/store/scratch.h"

static void set_in(const char *space, const char *key, const char *value, uint64_t expires_ms)
{
    struct kv_new v = {.data = value, .size = strlen(value), .expires_ms = expires_ms};

    CHECK(kv_set(&scratch, space, key, &v, &err) == 0);
}

static void set(const char *key, const char *value)
{
    set_in("s", key, value, 0);
}

/* "" when it is not there. */
static const char *get_in(const char *space, const char *key)
{
    static char text[64];
    struct kv_value v;

    CHECK(kv_get(&scratch, space, key, &v, &err) == 0);
    (void)snprintf(text, sizeof(text), "%.*s", (int)v.size, v.size > 0 ? (const char *)v.data : "");
    db_done(v.st);
    return text;
}

static uint64_t version_of(const char *key)
{
    struct kv_value v;
    uint64_t version = 1;

    CHECK(kv_get(&scratch, "s", key, &v, &err) == 0);
    db_done(v.st);
    CHECK(kv_version(&scratch, "s", key, &version, &err) == 0);
    CHECK(version == v.version);
    return version;
}

static char listed[256];

static int note(void *ctx, const char *key, uint64_t version)
{
    size_t n = strlen(listed);

    CHECK(version != 0);
    (void)snprintf(listed + n, sizeof(listed) - n, "%s ", key);
    return ctx != NULL && strcmp(ctx, key) == 0 ? 7 : 0;
}

static const char *list(const char *prefix, const char *after)
{
    struct kv_range r = {.space = "s", .prefix = prefix, .after = after};

    listed[0] = '\0';
    CHECK(kv_list(&scratch, &r, note, NULL, &err) == 0);
    return listed;
}

static uint64_t digest(const char *prefix)
{
    uint64_t d = 1;

    CHECK(kv_digest(&scratch, "s", prefix, &d, &err) == 0);
    return d;
}

static void a_value_is_what_was_written_last(void)
{
    scratch_begin();
    set("k", "one");
    set("k", "two");
    CHECK(strcmp(get_in("s", "k"), "two") == 0);
    scratch_reopen();
    CHECK(strcmp(get_in("s", "k"), "two") == 0);
    scratch_end();
}

static void a_missing_key_has_version_0(void)
{
    scratch_begin();
    CHECK(version_of("k") == 0);
    set("k", "x");
    CHECK(version_of("k") != 0);
    CHECK(kv_delete(&scratch, "s", "k", &err) == 0);
    CHECK(version_of("k") == 0);
    CHECK(kv_delete(&scratch, "s", "k", &err) == 0);
    scratch_end();
}

static void an_empty_value_is_one(void)
{
    struct kv_new v = {.size = 0};
    struct kv_value got;

    scratch_begin();
    CHECK(kv_set(&scratch, "s", "k", &v, &err) == 0);
    CHECK(kv_get(&scratch, "s", "k", &got, &err) == 0);
    CHECK(got.version != 0 && got.size == 0);
    db_done(got.st);
    scratch_end();
}

static void a_value_may_hold_any_bytes(void)
{
    static const char bytes[] = "\0\xff'\"\n\0";
    struct kv_new v = {.data = bytes, .size = sizeof(bytes)};
    struct kv_value got;

    scratch_begin();
    CHECK(kv_set(&scratch, "s", "k", &v, &err) == 0);
    CHECK(kv_get(&scratch, "s", "k", &got, &err) == 0);
    CHECK(got.size == sizeof(bytes) && memcmp(got.data, bytes, got.size) == 0);
    db_done(got.st);
    scratch_end();
}

static void every_write_has_a_larger_version_also_after_a_restart(void)
{
    uint64_t before = 0;

    scratch_begin();
    for (int i = 0; i < 10; i++) {
        set("k", "same");
        CHECK(version_of("k") > before);
        before = version_of("k");
        if (i % 3 == 0)
            scratch_reopen();
        if (i % 4 == 0)
            CHECK(kv_delete(&scratch, "s", "k", &err) == 0);
    }
    scratch_end();
}

static void a_version_that_was_rolled_back_does_not_come_again(void)
{
    uint64_t lost;

    scratch_begin();
    CHECK(db_begin(&scratch, &err) == 0);
    set("k", "lost");
    lost = version_of("k");
    db_rollback(&scratch);
    CHECK(version_of("k") == 0);
    set("k", "kept");
    CHECK(version_of("k") > lost);
    scratch_end();
}

static void spaces_do_not_meet(void)
{
    scratch_begin();
    set_in("s", "k", "mine", 0);
    set_in("t", "k", "yours", 0);
    CHECK(strcmp(get_in("s", "k"), "mine") == 0);
    CHECK(kv_delete(&scratch, "s", "k", &err) == 0);
    CHECK(strcmp(get_in("t", "k"), "yours") == 0);
    CHECK(strcmp(list("", ""), "") == 0);
    scratch_end();
}

static void a_value_whose_time_is_over_is_not_there(void)
{
    scratch_begin();
    set_in("s", "k", "x", 1500);
    uint64_t whole = digest("");
    CHECK(version_of("k") != 0 && strcmp(list("", ""), "k ") == 0);
    scratch.now_ms = 1499;
    CHECK(version_of("k") != 0);
    scratch.now_ms = 1500;
    CHECK(version_of("k") == 0 && strcmp(list("", ""), "") == 0);
    CHECK(digest("") != whole);
    set_in("s", "k", "y", 0);
    scratch.now_ms = UINT64_C(1) << 62;
    CHECK(strcmp(get_in("s", "k"), "y") == 0);
    scratch_end();
}

static void a_sweep_takes_what_is_over_oldest_first_and_no_more_than_it_may(void)
{
    scratch_begin();
    set_in("s", "a", "x", 1400);
    set_in("t", "b", "x", 1200);
    set_in("s", "c", "x", 1300);
    set_in("s", "d", "x", 9000);
    set_in("s", "e", "x", 0);
    CHECK(kv_sweep(&scratch, 10, &err) == 0);
    scratch.now_ms = 1500;
    CHECK(kv_sweep(&scratch, 2, &err) == 2);
    CHECK(scratch_number("SELECT count(*) FROM kv WHERE key IN ('b', 'c')") == 0);
    CHECK(kv_sweep(&scratch, 2, &err) == 1);
    CHECK(kv_sweep(&scratch, 2, &err) == 0);
    CHECK(strcmp(list("", ""), "d e ") == 0);
    scratch_end();
}

static void a_sweep_does_not_read_what_has_no_end(void)
{
    scratch_begin();
    CHECK(scratch_number("SELECT count(*) FROM pragma_index_list('kv') WHERE partial") == 1);
    sqlite3_stmt *st = NULL;
    CHECK(sqlite3_prepare_v2(scratch.sql,
                             "EXPLAIN QUERY PLAN SELECT space, key FROM kv WHERE expires_ms > 0"
                             " AND expires_ms <= ? ORDER BY expires_ms LIMIT ?",
                             -1, &st, NULL) == SQLITE_OK);
    CHECK(sqlite3_step(st) == SQLITE_ROW);
    CHECK(strstr((const char *)sqlite3_column_text(st, 3), "kv_by_expiry") != NULL);
    (void)sqlite3_finalize(st);
    scratch_end();
}

static void keys_are_listed_in_the_order_of_their_bytes(void)
{
    scratch_begin();
    set("b", "x");
    set("a/2", "x");
    set("a/10", "x");
    set("a", "x");
    set("B", "x");
    set("\xc3\xa4", "x");
    CHECK(strcmp(list("", ""), "B a a/10 a/2 b \xc3\xa4 ") == 0);
    scratch_end();
}

static void only_what_begins_with_the_prefix_is_listed(void)
{
    scratch_begin();
    set("a", "x");
    set("a/", "x");
    set("a/1", "x");
    set("a0", "x");
    set("a%", "x");
    set("A/1", "x");
    CHECK(strcmp(list("a/", ""), "a/ a/1 ") == 0);
    CHECK(strcmp(list("a%", ""), "a% ") == 0);
    CHECK(strcmp(list("z", ""), "") == 0);
    scratch_end();
}

static void a_list_goes_on_behind_a_key(void)
{
    scratch_begin();
    set("a", "x");
    set("a/1", "x");
    set("a/2", "x");
    set("b", "x");
    CHECK(strcmp(list("a", "a"), "a/1 a/2 ") == 0);
    CHECK(strcmp(list("a", "a/1"), "a/2 ") == 0);
    CHECK(strcmp(list("a", "a/15"), "a/2 ") == 0);
    CHECK(strcmp(list("a", "A"), "a a/1 a/2 ") == 0);
    CHECK(strcmp(list("a", "b"), "") == 0);
    scratch_end();
}

static void a_visitor_ends_the_list(void)
{
    char stop[] = "a/1";

    scratch_begin();
    set("a", "x");
    set("a/1", "x");
    set("a/2", "x");
    listed[0] = '\0';
    struct kv_range a = {.space = "s", .prefix = "a", .after = ""};
    CHECK(kv_list(&scratch, &a, note, stop, &err) == 7);
    CHECK(strcmp(listed, "a a/1 ") == 0);
    CHECK(strcmp(list("a", ""), "a a/1 a/2 ") == 0);
    scratch_end();
}

static void a_digest_changes_with_every_key_and_version_below_its_prefix(void)
{
    scratch_begin();
    CHECK(digest("a/") == 0);
    set("a/1", "x");
    uint64_t one = digest("a/");
    set("a/2", "x");
    uint64_t two = digest("a/");
    set("a/2", "x");
    uint64_t again = digest("a/");
    CHECK(one != 0 && two != one && again != two && again != one);
    CHECK(kv_delete(&scratch, "s", "a/2", &err) == 0);
    CHECK(digest("a/") == one);
    set("b", "x");
    set_in("t", "a/3", "x", 0);
    CHECK(digest("a/") == one);
    scratch_end();
}

static void who_walks_by_himself_finds_the_same_digest(void)
{
    scratch_begin();
    set("a/1", "x");
    set("a/2", "x");
    uint64_t d = kv_digest_add(0, "a/1", version_of("a/1"));
    CHECK(kv_digest_add(d, "a/2", version_of("a/2")) == digest("a/"));
    /* Where a key ends counts. */
    CHECK(kv_digest_add(0, "ab", 1) != kv_digest_add(0, "a", 1));
    scratch_end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_value_is_what_was_written_last),
        TAP_CASE(a_missing_key_has_version_0),
        TAP_CASE(an_empty_value_is_one),
        TAP_CASE(a_value_may_hold_any_bytes),
        TAP_CASE(every_write_has_a_larger_version_also_after_a_restart),
        TAP_CASE(a_version_that_was_rolled_back_does_not_come_again),
        TAP_CASE(spaces_do_not_meet),
        TAP_CASE(a_value_whose_time_is_over_is_not_there),
        TAP_CASE(a_sweep_takes_what_is_over_oldest_first_and_no_more_than_it_may),
        TAP_CASE(a_sweep_does_not_read_what_has_no_end),
        TAP_CASE(keys_are_listed_in_the_order_of_their_bytes),
        TAP_CASE(only_what_begins_with_the_prefix_is_listed),
        TAP_CASE(a_list_goes_on_behind_a_key),
        TAP_CASE(a_visitor_ends_the_list),
        TAP_CASE(a_digest_changes_with_every_key_and_version_below_its_prefix),
        TAP_CASE(who_walks_by_himself_finds_the_same_digest),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
