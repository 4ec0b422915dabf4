// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LINK: daemon/record/record.c daemon/record/records.c daemon/record/records_read.c
// LINK: daemon/record/metrics.c
// LIBS: libsodium sqlite3
/* Records on their way to the disk and back: daemon/record/records.h. */
#include "daemon/record/records.h"

#include <errno.h>
#include <string.h>

#include "base/owner.h"
#include "tests/store/scratch.h"

static struct loop loop;
static struct worker worker;
static struct records rs;
static struct records_read reading;
static int commits;
static int commits_to_fail;

static int on_commit(void *ctx)
{
    (void)ctx;
    commits++;
    return commits_to_fail > 0 && commits_to_fail-- > 0;
}

static int apply_nothing(struct store_job *j, struct db *db)
{
    (void)j;
    (void)db;
    return 0;
}

static void stop(struct store_job *j)
{
    (void)j;
    loop_stop(&loop);
}

static void run(void)
{
    loop.is_stopping = false;
    CHECK(loop_run(&loop, &err) == 0);
}

/* Until all that was submitted is done. */
static void settle(void)
{
    struct store_job j = {.apply = apply_nothing, .done = stop};

    worker_submit(&worker, &j);
    run();
}

static void begin(uint64_t number)
{
    const struct records_limits l = {
        .number = number, .bytes = 1u << 30, .age_ms = UINT64_C(1) << 40};

    scratch_begin();
    CHECK(loop_init(&loop, &err) == 0);
    CHECK(worker_start(&worker, &loop, &scratch, &err) == 0);
    records_start(&rs, &loop, &worker, &l);
    settle();
    commits = commits_to_fail = 0;
    (void)sqlite3_commit_hook(scratch.sql, on_commit, NULL);
    memset(&reading, 0, sizeof(reading));
}

static void end(void)
{
    records_read_fini(&reading);
    records_stop(&rs);
    worker_stop(&worker);
    loop_fini(&loop);
    scratch_end();
}

static struct record named(const char *id)
{
    struct record r = {.function = "f", .outcome = "ok", .start_ms = loop.wall_ns / 1000000};

    (void)snprintf(r.id, sizeof(r.id), "%s", id);
    return r;
}

static void note(const char *id)
{
    struct record r = named(id);

    record_set_log(&r, "line\n", 5);
    record_set_message(&r, "why");
    records_note(&rs, &r);
    CHECK(r.log == NULL && r.message == NULL);
}

static void note_many(unsigned from, unsigned until)
{
    char id[16];

    for (unsigned i = from; i < until; i++) {
        (void)snprintf(id, sizeof(id), "n-%u", i);
        note(id);
    }
}

/* As if its time had come. */
static void fire(void)
{
    CHECK(rs.timer.slot != 0);
    loop_disarm(&loop, &rs.timer);
    rs.timer.on_fire(&rs.timer);
}

static void on_read(struct records_read *r)
{
    (void)r;
    loop_stop(&loop);
}

/* The ids that are found, "a b c". */
static const char *find(const char *id, const char *before, size_t limit)
{
    static char out[512];

    records_read_fini(&reading);
    reading = (struct records_read){.limit = limit, .done = on_read};
    (void)snprintf(reading.query.id, sizeof(reading.query.id), "%s", id);
    (void)snprintf(reading.before, sizeof(reading.before), "%s", before);
    loop.is_stopping = false;
    records_read(&rs, &reading);
    CHECK(loop_run(&loop, &err) == 0);
    out[0] = '\0';
    for (size_t i = 0; i < reading.nfound && i < 32; i++)
        (void)snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%s", i > 0 ? " " : "",
                       reading.found[i].id);
    return out;
}

static long long written(void)
{
    settle();
    return scratch_number("SELECT count(*) FROM records");
}

/* ---- what waits ---------------------------------------------------------------------- */

static void a_record_without_effects_waits_and_is_then_written(void)
{
    begin(100);
    CHECK(rs.timer.slot == 0);
    note("a");
    note("b");
    CHECK(rs.timer.at_ns == loop.now_ns + RECORDS_DELAY_NS);
    CHECK(written() == 0);
    fire();
    CHECK(written() == 2);
    CHECK(rs.timer.slot == 0 && rs.nwaiting == 0);
    end();
}

static void many_do_not_wait_for_the_time(void)
{
    begin(100000);
    note_many(0, RECORDS_EARLY - 1);
    CHECK(rs.timer.at_ns > loop.now_ns + RECORDS_PAUSE_NS);
    note("x");
    CHECK(rs.timer.at_ns == loop.now_ns);
    end();
}

static void but_for_the_pause_after_the_last_write(void)
{
    begin(100000);
    note("x");
    fire();
    uint64_t at = loop.now_ns;
    note_many(0, RECORDS_EARLY);
    CHECK(rs.timer.at_ns == at + RECORDS_PAUSE_NS);
    end();
}

static void of_too_many_the_newest_stay_and_the_others_are_counted(void)
{
    begin(100000);
    note_many(0, RECORDS_WAITING + 3);
    CHECK(rs.nwaiting == RECORDS_WAITING && rs.dropped == 3);
    CHECK(rs.kept == RECORDS_WAITING + 3);
    CHECK(strcmp(TAILQ_FIRST(&rs.waiting)->record.id, "n-3") == 0);
    fire();
    CHECK(written() == RECORDS_WAITING);
    end();
}

static void none_wait_when_none_are_kept(void)
{
    struct record r = named("a");

    begin(0);
    note("a");
    CHECK(rs.timer.slot == 0 && rs.nwaiting == 0);
    end();
    record_set_message(&r, "x");
    records_note(NULL, &r);
    CHECK(r.message == NULL);
}

static void what_waits_at_the_end_is_written(void)
{
    begin(100);
    note("a");
    records_stop(&rs);
    CHECK(written() == 1);
    end();
}

static void what_the_disk_does_not_take_is_counted_and_the_next_waits_longer(void)
{
    begin(100);
    note("a");
    commits_to_fail = 1;
    fire();
    settle();
    CHECK(rs.failed == 1 && rs.not_before_ns >= loop.now_ns + RECORDS_AGAIN_NS / 2);
    note("b");
    CHECK(rs.timer.at_ns == rs.not_before_ns);
    fire();
    CHECK(written() == 1);
    end();
}

/* ---- along with effects ---------------------------------------------------------------- */

static struct commit commit;

static void on_committed(struct store_job *j)
{
    (void)j;
    loop_stop(&loop);
}

static int submit(void)
{
    commit.job.done = on_committed;
    worker_submit(&worker, &commit.job);
    run();
    int code = commit.job.code;
    commit_reset(&commit);
    return code;
}

static void a_record_is_written_with_the_effects(void)
{
    struct record r = named("a");

    begin(100);
    commit_init(&commit, "s");
    CHECK(commit_add_write(&commit, "k", &(struct kv_new){.data = "x", .size = 1}) == 0);
    record_set_log(&r, "line", 4);
    records_add_step(&rs, &r, &commit);
    CHECK(r.log == NULL);
    CHECK(submit() == 0 && commits == 1);
    CHECK(written() == 1);
    CHECK(scratch_number("SELECT count(*) FROM kv") == 1);
    end();
}

static void without_them_when_they_conflict_there_is_none(void)
{
    struct record r = named("a");

    begin(100);
    commit_init(&commit, "s");
    commit_add_read(&commit, "k", false, 7);
    records_add_step(&rs, &r, &commit);
    CHECK(submit() == -EAGAIN && written() == 0 && rs.nwaiting == 0);
    end();
}

/* A record would be all that it waits for the disk for. */
static void what_only_read_leaves_one_that_waits(void)
{
    struct record r = named("a");

    begin(100);
    commit_init(&commit, "s");
    commit_add_read(&commit, "k", false, 0);
    records_add_step(&rs, &r, &commit);
    CHECK(rs.nwaiting == 0);
    CHECK(submit() == 0 && written() == 0);
    CHECK(rs.nwaiting == 1 && rs.kept == 1);
    fire();
    CHECK(written() == 1);
    end();
}

static void write_key(void)
{
    CHECK(commit_add_write(&commit, "k", &(struct kv_new){.data = "x", .size = 1}) == 0);
}

static void those_that_wait_go_along(void)
{
    struct record r = named("c");

    begin(100);
    note("a");
    note("b");
    commit_init(&commit, "s");
    write_key();
    records_add_step(&rs, &r, &commit);
    CHECK(rs.nwaiting == 0 && rs.timer.slot == 0);
    CHECK(submit() == 0 && written() == 3);
    note("d");
    write_key();
    records_add_step(&rs, &r, &commit);
    CHECK(rs.nwaiting == 1);
    CHECK(submit() == 0 && written() == 4);
    end();
}

/* ---- looking for them ------------------------------------------------------------------- */

static void what_waits_is_found_before_what_is_written(void)
{
    begin(100);
    note("a");
    note("b");
    fire();
    note("c");
    note("d");
    CHECK(strcmp(find("", "", 10), "d c b a") == 0);
    CHECK(strcmp(find("", "", 3), "d c b") == 0);
    CHECK(strcmp(find("", "", 1), "d") == 0);
    CHECK(strcmp(find("b", "", 10), "b") == 0);
    CHECK(strcmp(find("x", "", 10), "") == 0);
    CHECK(reading.code == 0);
    end();
}

static void the_next_page_begins_behind_the_last(void)
{
    begin(100);
    note("a");
    note("b");
    fire();
    note("c");
    note("d");
    CHECK(strcmp(find("", "d", 2), "c b") == 0);
    CHECK(strcmp(find("", "b", 2), "a") == 0);
    CHECK(strcmp(find("", "a", 2), "") == 0);
    CHECK(strcmp(find("", "gone", 2), "") == 0);
    end();
}

static void a_walk_of_several_pieces_finds_all(void)
{
    begin(100000);
    for (unsigned i = 0; i < 3; i++) {
        note_many(i * 1000, i * 1000 + 1000);
        fire();
        settle();
    }
    CHECK(strcmp(find("n-7", "", 1), "n-799") == 0);
    CHECK(strcmp(find("n-2999", "", 10), "n-2999") == 0);
    CHECK(strcmp(find("n-3", "", 10000), "") != 0 && reading.nfound == 111);
    CHECK(strcmp(find("", "n-1", 2), "n-0") == 0);
    end();
}

static void a_log_is_copied_when_it_is_wanted(void)
{
    begin(100);
    note("a");
    CHECK(strcmp(find("", "", 1), "a") == 0);
    CHECK(reading.found[0].log == NULL && strcmp(reading.found[0].message, "why") == 0);
    records_read_fini(&reading);
    reading = (struct records_read){.limit = 1, .done = on_read, .query.want_log = true};
    records_read(&rs, &reading);
    CHECK(reading.nfound == 1 && strcmp(reading.found[0].log, "line\n") == 0);
    end();
}

static void a_database_that_cannot_be_read_is_told(void)
{
    begin(100);
    (void)sqlite3_exec(scratch.sql, "DROP TABLE records", NULL, NULL, NULL);
    CHECK(strcmp(find("", "", 1), "") == 0);
    CHECK(reading.code < 0 && reading.err.msg[0] != '\0');
    end();
}

/* ---- texts ------------------------------------------------------------------------------- */

static void of_a_long_log_the_last_lines_stay(void)
{
    struct record r = {.start_ms = 0};
    char log[3 * RECORD_LOG_MAX];

    for (size_t i = 0; i < sizeof(log); i += 64) {
        (void)snprintf(log + i, 64, "%063zu", i / 64);
        log[i + 63] = '\n';
    }
    record_set_log(&r, log, sizeof(log));
    CHECK(strlen(r.log) <= RECORD_LOG_MAX + 40);
    CHECK(strncmp(r.log, "[8", 2) == 0 && strstr(r.log, " bytes before]\n0") != NULL);
    CHECK(strstr(r.log, "00000000191\n") != NULL);
    record_fini(&r);
}

static void a_log_of_one_long_line_is_cut(void)
{
    struct record r = {.start_ms = 0};
    char log[2 * RECORD_LOG_MAX];

    memset(log, 'x', sizeof(log));
    record_set_log(&r, log, sizeof(log));
    CHECK(strncmp(r.log, "[4096 bytes before]\nxxx", 23) == 0);
    CHECK(strlen(r.log) == RECORD_LOG_MAX + 20);
    record_fini(&r);
}

static void a_reason_that_is_cut_ends_with_a_whole_character(void)
{
    struct record r = {.start_ms = 1};
    char why[RECORD_WHY_MAX + 2] = "x";

    for (size_t i = 1; i + 2 < sizeof(why); i += 2)
        memcpy(why + i, "\xc3\xa9", 3);
    CHECK(strlen(why) == RECORD_WHY_MAX + 1);
    record_set_message(&r, why);
    CHECK(strlen(r.message) == RECORD_WHY_MAX - 1);
    CHECK(memcmp(r.message, why, RECORD_WHY_MAX - 1) == 0);
    record_set_message(&r, NULL);
}

static void what_is_no_text_in_a_log_becomes_question_marks(void)
{
    struct record r = {.start_ms = 0};

    record_set_log(&r, "a\0b\n\xff\n\n", 7);
    CHECK(strcmp(r.log, "a?b\n?\n\n") == 0);
    record_set_log(&r, "", 0);
    CHECK(r.log == NULL);
    record_set_message(&r, "");
    CHECK(r.message == NULL);
    record_set_message(&r, NULL);
    CHECK(r.message == NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_record_without_effects_waits_and_is_then_written),
        TAP_CASE(many_do_not_wait_for_the_time),
        TAP_CASE(but_for_the_pause_after_the_last_write),
        TAP_CASE(of_too_many_the_newest_stay_and_the_others_are_counted),
        TAP_CASE(none_wait_when_none_are_kept),
        TAP_CASE(what_waits_at_the_end_is_written),
        TAP_CASE(what_the_disk_does_not_take_is_counted_and_the_next_waits_longer),
        TAP_CASE(a_record_is_written_with_the_effects),
        TAP_CASE(without_them_when_they_conflict_there_is_none),
        TAP_CASE(what_only_read_leaves_one_that_waits),
        TAP_CASE(those_that_wait_go_along),
        TAP_CASE(what_waits_is_found_before_what_is_written),
        TAP_CASE(the_next_page_begins_behind_the_last),
        TAP_CASE(a_walk_of_several_pieces_finds_all),
        TAP_CASE(a_log_is_copied_when_it_is_wanted),
        TAP_CASE(a_database_that_cannot_be_read_is_told),
        TAP_CASE(of_a_long_log_the_last_lines_stay),
        TAP_CASE(a_log_of_one_long_line_is_cut),
        TAP_CASE(a_reason_that_is_cut_ends_with_a_whole_character),
        TAP_CASE(what_is_no_text_in_a_log_becomes_question_marks),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
