// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
#include "daemon/store/records.h"

#include <inttypes.h>
#include <string.h>

#include "tests/store/scratch.h"

#define UUID  "0190a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5b"
#define IMAGE "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

static const struct records_limits plenty = {
    .number = 1000000, .bytes = UINT64_C(1) << 40, .age_ms = UINT64_C(1) << 40};

static struct record got[8];
static unsigned ngot;
static unsigned stop_after;

static struct record full(void)
{
    static char message[] = "fault: write to 0x8";
    static char log[] = "one\ntwo";

    return (struct record){
        .id = UUID,
        .cause = "call-7",
        .trace = TRACE,
        .parent = "00f067aa0ba902b7",
        .space = "s",
        .function = "f",
        .sequence = "both",
        .trigger = "queue",
        .lang = "c",
        .image = IMAGE,
        .outcome = "fault",
        .isolation = "kvm",
        .memory = 8u << 20,
        .timeout_ns = 3000000000u,
        .start_ms = 1700000000123,
        .wait_ns = 1000,
        .init_ns = 2000,
        .duration_ns = 3000,
        .cpu_ns = 4000,
        .status = 502,
        .attempt = 2,
        .reruns = 3,
        .host_calls = 4,
        .dirty_pages = 5,
        .is_cold = 1,
        .bytes_in = 6,
        .bytes_out = 7,
        .message = message,
        .log = log,
    };
}

/* One transaction for all: what a test does needs no disk. */
static void begin(void)
{
    ngot = 0;
    scratch_begin();
    CHECK(db_begin(&scratch, &err) == 0);
}

static void end(void)
{
    for (unsigned i = 0; i < ngot && i < 8; i++)
        record_fini(&got[i]);
    CHECK(db_commit(&scratch, &err) == 0);
    scratch_end();
}

static void add(const struct records_limits *l, const struct record *r)
{
    CHECK(records_add(&scratch, l, r, &err) == 0);
}

static void add_ids(const struct records_limits *l, unsigned from, unsigned until)
{
    struct record r = {.function = "f", .outcome = "ok", .start_ms = scratch.now_ms};

    for (unsigned i = from; i < until; i++) {
        (void)snprintf(r.id, sizeof(r.id), "id-%u", i);
        add(l, &r);
    }
}

static int take(void *ctx, struct record *r)
{
    (void)ctx;
    if (ngot < 8) {
        got[ngot] = *r;
        r->message = NULL;
        r->log = NULL;
    }
    return ++ngot == stop_after;
}

static void forget(void)
{
    for (unsigned i = 0; i < ngot && i < 8; i++)
        record_fini(&got[i]);
    ngot = 0;
}

/* All that match, in pieces of `most`; how many. */
static unsigned find(const struct records_query *q, uint32_t most)
{
    struct records_walk w = {.query = q, .at = INT64_MAX, .visit = take};

    forget();
    while (w.at > 0 && (stop_after == 0 || ngot < stop_after)) {
        CHECK(records_walk(&scratch, &w, most, &err) == 0);
        if (err.code < 0)
            break;
    }
    return ngot;
}

#define SAME(field)  CHECK(strcmp(a->field, b->field) == 0)
#define EQUAL(field) CHECK(a->field == b->field)
#define POINTS(field) \
    CHECK(a->field == NULL ? b->field == NULL : b->field != NULL && strcmp(a->field, b->field) == 0)

static void same(const struct record *a, const struct record *b)
{
    SAME(id);
    SAME(cause);
    SAME(trace);
    SAME(parent);
    SAME(space);
    SAME(function);
    SAME(sequence);
    SAME(trigger);
    SAME(lang);
    SAME(image);
    SAME(outcome);
    SAME(isolation);
    EQUAL(memory);
    EQUAL(timeout_ns);
    EQUAL(start_ms);
    EQUAL(wait_ns);
    EQUAL(init_ns);
    EQUAL(duration_ns);
    EQUAL(cpu_ns);
    EQUAL(status);
    EQUAL(attempt);
    EQUAL(reruns);
    EQUAL(host_calls);
    EQUAL(dirty_pages);
    EQUAL(is_cold);
    EQUAL(bytes_in);
    EQUAL(bytes_out);
    POINTS(message);
    POINTS(log);
}

static void a_record_comes_back_whole(void)
{
    struct record r = full();

    begin();
    add(&plenty, &r);
    CHECK(find(&(struct records_query){.want_log = true}, 10) == 1);
    same(&got[0], &r);
    end();
}

static void one_with_next_to_nothing_does_as_well(void)
{
    struct record r = {.id = "x", .outcome = "ok"};

    begin();
    add(&plenty, &r);
    CHECK(find(&(struct records_query){.want_log = true}, 10) == 1);
    same(&got[0], &r);
    end();
}

static void any_id_comes_back_as_it_was(void)
{
    static const char *const ids[] = {UUID,
                                      "0190A1B2-C3D4-4E5F-8A9B-0C1D2E3F4A5B",
                                      "x",
                                      "0190a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5",
                                      "0190a1b2-c3d4-4e5f-8a9b-0c1d2e3f4a5b0",
                                      "0190a1b2-c3d4-4e5f-8a9b_0c1d2e3f4a5b"};
    struct record r = {.outcome = "ok"};

    begin();
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        (void)snprintf(r.id, sizeof(r.id), "%s", ids[i]);
        (void)snprintf(r.trace, sizeof(r.trace), "%s", ids[i]);
        (void)snprintf(r.image, sizeof(r.image), "%s", ids[i]);
        add(&plenty, &r);
        CHECK(find(&(struct records_query){.space = ""}, 10) == i + 1);
        CHECK(strcmp(got[0].id, ids[i]) == 0 && strcmp(got[0].trace, ids[i]) == 0 &&
              strcmp(got[0].image, ids[i]) == 0);
    }
    /* The two of a known form take half their letters or less. */
    CHECK(scratch_number("SELECT sum(length(id)) FROM records WHERE typeof(id) = 'blob'") == 16);
    end();
}

static void the_newest_come_first_whatever_the_pieces(void)
{
    begin();
    add_ids(&plenty, 0, 7);
    for (uint32_t most = 1; most <= 9; most++) {
        CHECK(find(&(struct records_query){.space = ""}, most) == 7);
        for (unsigned i = 0; i < 7; i++)
            CHECK(got[i].id[3] == (char)('6' - i));
    }
    end();
}

static void whoever_has_enough_ends_the_walk(void)
{
    struct records_query all = {.space = ""};
    struct records_walk w = {.query = &all, .at = INT64_MAX, .visit = take};

    begin();
    add_ids(&plenty, 0, 7);
    stop_after = 3;
    CHECK(records_walk(&scratch, &w, 10, &err) == 0 && ngot == 3 && w.at == 0);
    stop_after = 0;
    end();
}

static void what_was_written_meanwhile_is_not_seen_twice(void)
{
    struct records_query all = {.space = ""};
    struct records_walk w = {.query = &all, .at = INT64_MAX, .visit = take};

    begin();
    add_ids(&plenty, 0, 4);
    CHECK(records_walk(&scratch, &w, 2, &err) == 0 && ngot == 2);
    add_ids(&plenty, 4, 8);
    CHECK(records_walk(&scratch, &w, 2, &err) == 0 && ngot == 4 && w.at > 0);
    CHECK(strcmp(got[3].id, "id-0") == 0);
    CHECK(records_walk(&scratch, &w, 2, &err) == 0 && ngot == 4 && w.at == 0);
    end();
}

static void every_part_of_a_query_counts(void)
{
    static const struct {
        struct records_query q;
        bool is_match;
    } cases[] = {
        {{.space = "s"}, true},
        {{.space = "other"}, false},
        {{.function = "f"}, true},
        {{.function = "ff"}, false},
        {{.outcome = "fault"}, true},
        {{.outcome = "ok"}, false},
        {{.outcome = "failed"}, true},
        {{.id = UUID}, true},
        {{.id = "0190a1b2"}, true},
        {{.id = UUID "0"}, false},
        {{.id = "x"}, false},
        {{.trace = "0af7651916cd43dd8448eb211c80319c"}, true},
        {{.trace = "1af7651916cd43dd8448eb211c80319c"}, false},
        {{.since_ms = 1700000000123}, true},
        {{.since_ms = 1700000000124}, false},
        {{.function = "both"}, true},
    };
    struct record r = full();

    begin();
    add(&plenty, &r);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK(records_match(&cases[i].q, &r) == cases[i].is_match);
        CHECK(find(&cases[i].q, 10) == cases[i].is_match);
    }
    (void)snprintf(r.outcome, sizeof(r.outcome), "ok");
    CHECK(!records_match(&(struct records_query){.outcome = "failed"}, &r));
    r.trace[0] = '\0';
    CHECK(records_match(&(struct records_query){.space = "s"}, &r));
    CHECK(!records_match(&cases[11].q, &r));
    end();
}

static void a_log_is_read_only_when_it_is_wanted(void)
{
    struct record r = full();

    begin();
    add(&plenty, &r);
    CHECK(find(&(struct records_query){.space = ""}, 10) == 1);
    CHECK(got[0].log == NULL && got[0].message != NULL);
    end();
}

static void what_all_of_a_deployment_share_is_written_once(void)
{
    struct record r = full();

    begin();
    add(&plenty, &r);
    add(&plenty, &r);
    r.image[0] = '\0';
    add(&plenty, &r);
    add(&plenty, &r);
    r.memory++;
    add(&plenty, &r);
    CHECK(scratch_number("SELECT count(*) FROM deployments") == 3);
    r.sequence[0] = '\0';
    add(&plenty, &r);
    add(&plenty, &r);
    CHECK(scratch_number("SELECT count(*) FROM deployments") == 4);
    CHECK(scratch_number("SELECT count(*) FROM records") == 7);
    end();
}

static void more_than_may_be_there_are_never_kept_for_long(void)
{
    struct records_limits l = plenty;
    long long least = 1000;

    l.number = 160;
    begin();
    for (unsigned i = 0; i < 1000; i += 10) {
        add_ids(&l, i, i + 10);
        long long n = scratch_number("SELECT count(*) FROM records");
        CHECK(n <= 160 + 160 / 16 + 16);
        least = i > 200 && n < least ? n : least;
    }
    /* Whole pages go at a time. */
    CHECK(least < 170);
    CHECK(scratch_number("SELECT count(*) FROM records") >= 160);
    CHECK(find(&(struct records_query){.id = "id-999"}, 1000) == 1);
    CHECK(find(&(struct records_query){.id = "id-841"}, 1000) == 1);
    CHECK(find(&(struct records_query){.id = "id-100"}, 1000) == 0);
    end();
}

static void nor_more_bytes(void)
{
    struct records_limits l = plenty;
    struct record r = full();
    char log[1001];

    memset(log, 'x', 1000);
    log[1000] = '\0';
    r.log = log;
    l.bytes = 100000;
    begin();
    for (unsigned i = 0; i < 480; i++)
        add(&l, &r);
    long long bytes = scratch_number("SELECT sum(length(log)) FROM records");
    CHECK(bytes <= 120000 && bytes >= 75000);
    end();
}

static void nor_older_ones(void)
{
    struct records_limits l = plenty;

    l.age_ms = 1000;
    begin();
    add_ids(&l, 0, 16);
    scratch.now_ms += 900;
    add_ids(&l, 16, 32);
    CHECK(scratch_number("SELECT count(*) FROM records") == 32);
    scratch.now_ms += 200;
    add_ids(&l, 32, 48);
    CHECK(scratch_number("SELECT count(*) FROM records") == 32);
    end();
}

static void what_is_too_old_is_not_found_even_when_it_is_there(void)
{
    struct records_query all = {.space = ""};
    struct records_walk w = {.query = &all, .at = INT64_MAX, .visit = take, .not_before_ms = 1001};

    begin();
    add_ids(&plenty, 0, 2);
    CHECK(records_walk(&scratch, &w, 10, &err) == 0 && ngot == 0);
    end();
}

static void a_clock_that_steps_back_loses_nothing(void)
{
    struct records_limits l = plenty;

    l.age_ms = 1000;
    begin();
    scratch.now_ms = 1000000;
    add_ids(&l, 0, 16);
    scratch.now_ms = 500;
    add_ids(&l, 16, 32);
    CHECK(scratch_number("SELECT count(*) FROM records") == 32);
    end();
}

static void none_are_kept_when_none_may_be(void)
{
    struct records_limits none = {.number = 0};
    struct record r = full();

    begin();
    add(&none, &r);
    CHECK(scratch_number("SELECT count(*) FROM records") == 0);
    CHECK(scratch_number("SELECT count(*) FROM deployments") == 0);
    end();
}

static void a_start_with_less_room_makes_room(void)
{
    struct records_limits l = plenty;

    begin();
    add_ids(&plenty, 0, 2500);
    l.number = 10;
    CHECK(records_sweep(&scratch, &l, &err) == 0);
    CHECK(scratch_number("SELECT count(*) FROM records") == 10);
    CHECK(scratch_number("SELECT count(*) FROM deployments") == 1);
    l.number = 0;
    CHECK(records_sweep(&scratch, &l, &err) == 0);
    CHECK(scratch_number("SELECT count(*) FROM records") == 0);
    CHECK(scratch_number("SELECT count(*) FROM deployments") == 0);
    CHECK(records_sweep(&scratch, &l, &err) == 0);
    end();
}

static void records_survive_a_restart_and_go_on_counting(void)
{
    struct records_limits l = plenty;

    l.number = 16;
    begin();
    add_ids(&l, 0, 10);
    CHECK(db_commit(&scratch, &err) == 0);
    scratch_reopen();
    CHECK(db_begin(&scratch, &err) == 0);
    add_ids(&l, 10, 40);
    CHECK(scratch_number("SELECT max(seq) FROM records") == 40);
    CHECK(scratch_number("SELECT count(*) FROM records") <= 33);
    CHECK(find(&(struct records_query){.id = "id-39"}, 1000) == 1);
    end();
}

static void what_was_rolled_back_leaves_no_gap(void)
{
    begin();
    add_ids(&plenty, 0, 2);
    CHECK(db_commit(&scratch, &err) == 0 && db_begin(&scratch, &err) == 0);
    add_ids(&plenty, 2, 5);
    db_rollback(&scratch);
    CHECK(db_begin(&scratch, &err) == 0);
    add_ids(&plenty, 5, 6);
    CHECK(scratch_number("SELECT max(seq) FROM records") == 3);
    CHECK(scratch_number("SELECT max(total) FROM records") ==
          3 * scratch_number("SELECT min(total) FROM records"));
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_record_comes_back_whole),
        TAP_CASE(one_with_next_to_nothing_does_as_well),
        TAP_CASE(any_id_comes_back_as_it_was),
        TAP_CASE(the_newest_come_first_whatever_the_pieces),
        TAP_CASE(whoever_has_enough_ends_the_walk),
        TAP_CASE(what_was_written_meanwhile_is_not_seen_twice),
        TAP_CASE(every_part_of_a_query_counts),
        TAP_CASE(a_log_is_read_only_when_it_is_wanted),
        TAP_CASE(what_all_of_a_deployment_share_is_written_once),
        TAP_CASE(more_than_may_be_there_are_never_kept_for_long),
        TAP_CASE(nor_more_bytes),
        TAP_CASE(nor_older_ones),
        TAP_CASE(what_is_too_old_is_not_found_even_when_it_is_there),
        TAP_CASE(a_clock_that_steps_back_loses_nothing),
        TAP_CASE(none_are_kept_when_none_may_be),
        TAP_CASE(a_start_with_less_room_makes_room),
        TAP_CASE(records_survive_a_restart_and_go_on_counting),
        TAP_CASE(what_was_rolled_back_leaves_no_gap),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
