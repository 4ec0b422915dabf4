// SPDX-License-Identifier: MIT
// LINK: daemon/record/logring.c daemon/record/level.c
// LIBS: jansson
#include "daemon/record/logring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "tests/tap.h"

static void add(struct logring *r, const char *text)
{
    logring_add_lines(r, 7, "abc", text, strlen(text));
}

static void lines_come_back_in_order_with_time_and_instance(void)
{
    struct logring *r = logring_new();
    const struct log_line *l;

    CHECK(logring_at(r, 0) == NULL);
    add(r, "one");
    add(r, "two");
    l = logring_at(r, 0);
    CHECK(l != NULL && strcmp(l->text, "one") == 0 && l->wall_ns == 7);
    CHECK(l != NULL && strcmp(l->instance, "abc") == 0);
    l = logring_at(r, l->seq + 1);
    CHECK(l != NULL && strcmp(l->text, "two") == 0);
    CHECK(logring_at(r, l->seq + 1) == NULL);
    logring_put(r);
}

static void text_is_cut_into_lines(void)
{
    struct logring *r = logring_new();

    logring_add_lines(r, 1, "i", "a\n\nbc\nd", 7);
    CHECK(r->nlines == 4);
    CHECK(strcmp(logring_at(r, 1)->text, "a") == 0);
    CHECK(strcmp(logring_at(r, 2)->text, "") == 0);
    CHECK(strcmp(logring_at(r, 3)->text, "bc") == 0);
    CHECK(strcmp(logring_at(r, 4)->text, "d") == 0);
    logring_put(r);
}

static void only_the_last_lines_are_kept(void)
{
    struct logring *r = logring_new();
    char text[16];

    for (unsigned i = 1; i <= 3 * LOGRING_LINES; i++) {
        (void)snprintf(text, sizeof(text), "%u", i);
        add(r, text);
    }
    CHECK(r->nlines == LOGRING_LINES);
    CHECK(strcmp(logring_at(r, 0)->text, "2001") == 0);
    CHECK(logring_at(r, 0)->seq == 2 * LOGRING_LINES + 1);
    logring_put(r);
}

static void only_so_many_bytes_are_kept(void)
{
    struct logring *r = logring_new();
    static char big[LOGRING_LINE_MAX + 1];

    memset(big, 'x', LOGRING_LINE_MAX);
    for (int i = 0; i < 100; i++)
        add(r, big);
    CHECK(r->bytes <= LOGRING_BYTES);
    CHECK(r->nlines == LOGRING_BYTES / LOGRING_LINE_MAX);
    logring_put(r);
}

static void a_line_too_long_is_cut_and_says_so(void)
{
    struct logring *r = logring_new();
    static char big[2 * LOGRING_LINE_MAX];

    memset(big, 'x', sizeof(big) - 1);
    add(r, big);
    CHECK(logring_at(r, 0)->len == LOGRING_LINE_MAX);
    CHECK(strcmp(logring_at(r, 0)->text + LOGRING_LINE_MAX - 7, "x [cut]") == 0);
    logring_put(r);
}

static void the_tail_is_the_last_lines(void)
{
    struct logring *r = logring_new();

    CHECK(logring_at(r, logring_tail(r, 5)) == NULL);
    add(r, "a");
    add(r, "b");
    add(r, "c");
    CHECK(strcmp(logring_at(r, logring_tail(r, 2))->text, "b") == 0);
    CHECK(strcmp(logring_at(r, logring_tail(r, 99))->text, "a") == 0);
    CHECK(logring_at(r, logring_tail(r, 0)) == NULL);
    logring_put(r);
}

struct counter {
    struct log_reader reader;
    struct logring *ring;
    int told;
};

static void leave(struct log_reader *reader)
{
    struct counter *c = UF_OWNER(reader, struct counter, reader);

    c->told++;
    TAILQ_REMOVE(&c->ring->readers, reader, link);
}

static void readers_are_told_and_may_leave_meanwhile(void)
{
    struct logring *r = logring_new();
    struct counter c[3] = {0};

    for (int i = 0; i < 3; i++) {
        c[i].ring = r;
        c[i].reader.on_lines = leave;
        TAILQ_INSERT_TAIL(&r->readers, &c[i].reader, link);
    }
    logring_tell(r);
    CHECK(c[0].told == 1 && c[1].told == 1 && c[2].told == 1);
    CHECK(TAILQ_EMPTY(&r->readers));
    logring_put(r);
}

static void a_reader_outlives_the_function(void)
{
    struct logring *r = logring_get(logring_new());

    add(r, "last words");
    logring_close(r);
    logring_put(r);
    CHECK(r->is_closed);
    CHECK(strcmp(logring_at(r, 0)->text, "last words") == 0);
    logring_put(r);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(lines_come_back_in_order_with_time_and_instance),
        TAP_CASE(text_is_cut_into_lines),
        TAP_CASE(only_the_last_lines_are_kept),
        TAP_CASE(only_so_many_bytes_are_kept),
        TAP_CASE(a_line_too_long_is_cut_and_says_so),
        TAP_CASE(the_tail_is_the_last_lines),
        TAP_CASE(readers_are_told_and_may_leave_meanwhile),
        TAP_CASE(a_reader_outlives_the_function),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
