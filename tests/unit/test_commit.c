// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
#include "daemon/store/commit.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "tests/store/scratch.h"

static struct commit c;

/* As the store thread does it, with a batch of one. */
static int apply(void)
{
    c.job.err = (struct uf_err){0};
    CHECK(db_begin(&scratch, &err) == 0);
    int r = c.job.apply(&c.job, &scratch);
    if (r == 0)
        CHECK(db_commit(&scratch, &err) == 0);
    else
        db_rollback(&scratch);
    return r;
}

static void begin(void)
{
    scratch_begin();
    commit_init(&c, "s");
}

static void end(void)
{
    commit_reset(&c);
    CHECK(commit_is_empty(&c));
    scratch_end();
}

static void write_text(const char *key, const char *value)
{
    struct kv_new v = {.data = value, .size = strlen(value)};

    CHECK(commit_add_write(&c, key, &v) == 0);
}

static void set(const char *key, const char *value)
{
    struct kv_new v = {.data = value, .size = strlen(value)};

    CHECK(kv_set(&scratch, "s", key, &v, &err) == 0);
}

static uint64_t version_of(const char *key)
{
    uint64_t v = 1;

    CHECK(kv_version(&scratch, "s", key, &v, &err) == 0);
    return v;
}

static uint64_t digest(const char *prefix)
{
    uint64_t d = 1;

    CHECK(kv_digest(&scratch, "s", prefix, &d, &err) == 0);
    return d;
}

static bool has(const char *key, const char *value)
{
    struct kv_value v;

    CHECK(kv_get(&scratch, "s", key, &v, &err) == 0);
    bool is_same = v.version != 0 && v.size == strlen(value) &&
                   (v.size == 0 || memcmp(v.data, value, v.size) == 0);
    db_done(v.st);
    return is_same;
}

static void what_is_written_is_there(void)
{
    struct kv_new late = {.data = "x", .size = 1, .expires_ms = 5000};
    struct kv_new empty = {.size = 0};

    begin();
    set("old", "x");
    write_text("k", "one");
    commit_add_delete(&c, "old");
    CHECK(commit_add_write(&c, "late", &late) == 0);
    CHECK(commit_add_write(&c, "empty", &empty) == 0);
    CHECK(apply() == 0);
    CHECK(has("k", "one") && version_of("old") == 0 && has("late", "x") && has("empty", ""));
    scratch.now_ms = 5000;
    CHECK(version_of("late") == 0 && has("k", "one"));
    end();
}

static void data_is_copied(void)
{
    char data[] = "one";
    char key[] = "k";

    begin();
    CHECK(commit_add_write(&c, key, &(struct kv_new){.data = data, .size = 3}) == 0);
    memset(data, 'x', 3);
    key[0] = 'x';
    CHECK(apply() == 0);
    CHECK(has("k", "one") && version_of("x") == 0);
    end();
}

static void the_last_write_of_a_key_counts(void)
{
    char key[16];

    begin();
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 100; i++) {
            (void)snprintf(key, sizeof(key), "k%d", i);
            if (round == 1)
                commit_add_delete(&c, key);
            else
                write_text(key, round == 2 && i % 2 == 0 ? "last" : "first");
        }
    commit_add_delete(&c, "k50");
    CHECK(c.nwrites == 100);
    int before = sqlite3_total_changes(scratch.sql);
    CHECK(apply() == 0);
    CHECK(sqlite3_total_changes(scratch.sql) == before + 99);
    CHECK(has("k0", "last") && has("k1", "first") && has("k98", "last") && version_of("k50") == 0);
    end();
}

static void what_will_be_written_is_found(void)
{
    char key[16];

    begin();
    CHECK(commit_find(&c, "k0") == NULL);
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        write_text(key, key);
        CHECK(commit_find(&c, key) != NULL && commit_find(&c, "k") == NULL);
    }
    for (int i = 0; i < 1000; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        const struct commit_write *w = commit_find(&c, key);
        CHECK(w != NULL && w->size == strlen(key) && memcmp(w->data, key, w->size) == 0);
    }
    commit_add_delete(&c, "k7");
    CHECK(commit_find(&c, "k7")->is_delete && commit_find(&c, "k1000") == NULL);
    end();
}

static void a_key_that_was_read_and_has_changed_conflicts(void)
{
    begin();
    set("k", "x");
    commit_add_read(&c, "k", false, version_of("k"));
    write_text("new", "x");
    CHECK(apply() == 0);
    set("k", "x");
    CHECK(apply() == -EAGAIN && strstr(c.job.err.msg, "k has changed") != NULL);
    end();
}

static void so_does_one_that_was_not_there(void)
{
    begin();
    commit_add_read(&c, "k", false, 0);
    CHECK(apply() == 0);
    set("k", "x");
    CHECK(apply() == -EAGAIN);
    CHECK(kv_delete(&scratch, "s", "k", &err) == 0);
    CHECK(apply() == 0);
    end();
}

static void so_does_one_whose_time_is_over(void)
{
    struct kv_new v = {.data = "x", .size = 1, .expires_ms = 2000};

    begin();
    CHECK(kv_set(&scratch, "s", "k", &v, &err) == 0);
    commit_add_read(&c, "k", false, version_of("k"));
    CHECK(apply() == 0);
    scratch.now_ms = 2000;
    CHECK(apply() == -EAGAIN);
    end();
}

static void so_does_a_prefix_in_which_a_key_came_changed_or_went(void)
{
    begin();
    set("a/1", "x");
    set("a/2", "x");
    commit_add_read(&c, "a/", true, digest("a/"));
    set("b", "x");
    CHECK(apply() == 0);
    set("a/3", "x");
    CHECK(apply() == -EAGAIN);
    CHECK(kv_delete(&scratch, "s", "a/3", &err) == 0);
    CHECK(apply() == 0);
    set("a/2", "x");
    CHECK(apply() == -EAGAIN);
    commit_reset(&c);
    commit_add_read(&c, "a/", true, digest("a/"));
    CHECK(apply() == 0);
    CHECK(kv_delete(&scratch, "s", "a/1", &err) == 0);
    CHECK(apply() == -EAGAIN);
    end();
}

static void two_versions_of_one_key_never_hold(void)
{
    begin();
    set("k", "x");
    commit_add_read(&c, "k", false, version_of("k"));
    set("k", "y");
    commit_add_read(&c, "k", false, version_of("k"));
    CHECK(apply() == -EAGAIN);
    end();
}

/* ---- steps ------------------------------------------------------------------------- */

static char trail[64];
static int freed;

struct note {
    struct commit_step step;
    char letter;
    int check;
    int apply;
};

static void add_to_trail(const char *what, char letter)
{
    size_t n = strlen(trail);

    (void)snprintf(trail + n, sizeof(trail) - n, "%s%c ", what, letter);
}

static int check_note(struct commit_step *s, struct db *db, struct uf_err *e)
{
    const struct note *n = UF_OWNER(s, struct note, step);

    CHECK(db == &scratch);
    add_to_trail("?", n->letter);
    return n->check < 0 ? uf_fail(e, n->check, "refused") : 0;
}

/* By then the keys are written. */
static int apply_note(struct commit_step *s, struct db *db, struct uf_err *e)
{
    const struct note *n = UF_OWNER(s, struct note, step);

    CHECK(db == &scratch);
    add_to_trail(has("k", "x") ? "+" : "-", n->letter);
    return n->apply < 0 ? uf_fail(e, n->apply, "broken") : 0;
}

static void free_note(struct commit_step *s)
{
    freed++;
    free(UF_OWNER(s, struct note, step));
}

static void add_note(char letter, int check, int code)
{
    struct note *n = xnew(sizeof(*n));

    *n = (struct note){
        .step = {.check = check == 1 ? NULL : check_note, .apply = apply_note, .free = free_note},
        .letter = letter,
        .check = check,
        .apply = code};
    commit_add_step(&c, &n->step);
}

static void begin_notes(void)
{
    begin();
    trail[0] = '\0';
    freed = 0;
    write_text("k", "x");
}

static void steps_come_in_order_after_all_checks_and_the_keys(void)
{
    begin_notes();
    add_note('a', 0, 0);
    add_note('b', 1, 0); /* without a check */
    add_note('c', 0, 0);
    CHECK(apply() == 0);
    CHECK(strcmp(trail, "?a ?c +a +b +c ") == 0);
    commit_reset(&c);
    CHECK(freed == 3);
    end();
}

static void a_conflict_writes_nothing_and_asks_no_step(void)
{
    begin_notes();
    set("read", "x");
    commit_add_read(&c, "read", false, 1);
    add_note('a', 0, 0);
    int before = sqlite3_total_changes(scratch.sql);
    CHECK(apply() == -EAGAIN);
    CHECK(sqlite3_total_changes(scratch.sql) == before);
    CHECK(trail[0] == '\0' && version_of("k") == 0);
    end();
}

static void a_step_that_refuses_has_written_nothing(void)
{
    begin_notes();
    add_note('a', 0, 0);
    add_note('b', -ENOSPC, 0);
    add_note('c', 0, 0);
    int before = sqlite3_total_changes(scratch.sql);
    CHECK(apply() == -ENOSPC && strcmp(c.job.err.msg, "refused") == 0);
    CHECK(sqlite3_total_changes(scratch.sql) == before);
    CHECK(strcmp(trail, "?a ?b ") == 0 && version_of("k") == 0);
    end();
}

static void a_step_that_fails_ends_the_commit(void)
{
    begin_notes();
    add_note('a', 0, -EIO);
    add_note('b', 0, 0);
    CHECK(apply() == -EIO && strcmp(c.job.err.msg, "broken") == 0);
    CHECK(strcmp(trail, "?a ?b +a ") == 0 && version_of("k") == 0);
    end();
}

static void a_commit_can_be_applied_again(void)
{
    begin_notes();
    commit_add_read(&c, "k", false, 0);
    add_note('a', 0, -EIO);
    CHECK(apply() == -EIO);
    UF_OWNER(STAILQ_FIRST(&c.steps), struct note, step)->apply = 0;
    CHECK(apply() == 0 && has("k", "x"));
    end();
}

static void what_moves_is_the_others(void)
{
    struct commit from;
    char key[16];

    begin();
    commit_init(&from, "s");
    CHECK(commit_is_empty(&from));
    set("read", "x");
    commit_add_read(&from, "read", false, version_of("read"));
    commit_add_read(&from, "other", false, 0);
    write_text("k1", "before");
    for (int i = 0; i < 30; i++) {
        (void)snprintf(key, sizeof(key), "k%d", i);
        CHECK(commit_add_write(&from, key, &(struct kv_new){.data = "new", .size = 3}) == 0);
    }
    CHECK(!commit_is_empty(&from));
    commit_move(&c, &from);
    CHECK(commit_is_empty(&from) && commit_find(&from, "k1") == NULL);
    CHECK(c.nreads == 2 && c.nwrites == 30);
    commit_add_read(&from, "x", false, 0);
    CHECK(commit_add_write(&from, "x", &(struct kv_new){.data = "x", .size = 1}) == 0);
    commit_reset(&from);
    CHECK(apply() == 0 && has("k1", "new") && has("k29", "new") && version_of("x") == 0);
    end();
}

static void commits_of_different_spaces_do_not_conflict(void)
{
    begin();
    commit_add_read(&c, "k", false, 0);
    commit_add_read(&c, "", true, 0);
    CHECK(kv_set(&scratch, "t", "k", &(struct kv_new){.data = "x", .size = 1}, &err) == 0);
    CHECK(apply() == 0);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_is_written_is_there),
        TAP_CASE(data_is_copied),
        TAP_CASE(the_last_write_of_a_key_counts),
        TAP_CASE(what_will_be_written_is_found),
        TAP_CASE(a_key_that_was_read_and_has_changed_conflicts),
        TAP_CASE(so_does_one_that_was_not_there),
        TAP_CASE(so_does_one_whose_time_is_over),
        TAP_CASE(so_does_a_prefix_in_which_a_key_came_changed_or_went),
        TAP_CASE(two_versions_of_one_key_never_hold),
        TAP_CASE(steps_come_in_order_after_all_checks_and_the_keys),
        TAP_CASE(a_conflict_writes_nothing_and_asks_no_step),
        TAP_CASE(a_step_that_refuses_has_written_nothing),
        TAP_CASE(a_step_that_fails_ends_the_commit),
        TAP_CASE(a_commit_can_be_applied_again),
        TAP_CASE(what_moves_is_the_others),
        TAP_CASE(commits_of_different_spaces_do_not_conflict),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
