// SPDX-License-Identifier: MIT
// LINK: daemon/record/trace.c
#include "daemon/record/trace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

#define ID   "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static const uint8_t bytes[24] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                  13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24};

static bool is_bad(const char *text)
{
    struct trace t = {.flags = 77};

    return trace_parse(&t, text) == -EINVAL && t.flags == 77;
}

static const char *after(const char *text)
{
    static char out[TRACE_TEXT];
    struct trace t;

    if (trace_parse(&t, text) < 0)
        return "";
    trace_format(out, &t);
    return out;
}

static void a_valid_traceparent_comes_back_as_it_was(void)
{
    CHECK(strcmp(after("00-" ID "-" SPAN "-01"), "00-" ID "-" SPAN "-01") == 0);
    CHECK(strcmp(after("00-" ID "-" SPAN "-00"), "00-" ID "-" SPAN "-00") == 0);
    CHECK(strlen("00-" ID "-" SPAN "-01") + 1 == TRACE_TEXT);
}

static void flags_without_a_meaning_are_not_passed_on(void)
{
    CHECK(strcmp(after("00-" ID "-" SPAN "-ff"), "00-" ID "-" SPAN "-03") == 0);
}

static void a_later_version_is_read_as_far_as_we_know_it(void)
{
    CHECK(strcmp(after("01-" ID "-" SPAN "-01"), "00-" ID "-" SPAN "-01") == 0);
    CHECK(strcmp(after("fe-" ID "-" SPAN "-01-what-comes"), "00-" ID "-" SPAN "-01") == 0);
    CHECK(is_bad("01-" ID "-" SPAN "-01what-comes"));
}

static void what_is_no_traceparent_is_refused(void)
{
    static const char good[] = "00-" ID "-" SPAN "-01";
    char text[sizeof(good)];

    CHECK(is_bad(""));
    CHECK(is_bad("ff-" ID "-" SPAN "-01"));
    CHECK(is_bad("00-" ID "-" SPAN "-01-"));
    CHECK(is_bad("00-" ID "-" SPAN "-01 "));
    CHECK(is_bad(" 00-" ID "-" SPAN "-01"));
    CHECK(is_bad("00-00000000000000000000000000000000-" SPAN "-01"));
    CHECK(is_bad("00-" ID "-0000000000000000-01"));
    CHECK(is_bad("00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01"));
    for (size_t n = 0; n < sizeof(good) - 1; n++) {
        memcpy(text, good, sizeof(good));
        text[n] = '\0';
        CHECK(is_bad(text));
        memcpy(text, good, sizeof(good));
        text[n] = 'g';
        CHECK(is_bad(text));
    }
}

static void a_child_keeps_the_trace_and_has_a_span_of_its_own(void)
{
    struct trace from;
    struct trace t;
    char span[TRACE_SPAN_TEXT];

    CHECK(trace_parse(&from, "00-" ID "-" SPAN "-00") == 0);
    trace_child(&t, &from, bytes);
    CHECK(memcmp(t.id, from.id, sizeof(t.id)) == 0 && t.flags == 0);
    CHECK(memcmp(t.span, bytes, sizeof(t.span)) == 0);
    trace_format_span(span, &t);
    CHECK(strcmp(span, "0102030405060708") == 0);
}

static void without_a_parent_a_trace_begins(void)
{
    struct trace t;
    char text[TRACE_TEXT];

    trace_child(&t, NULL, bytes);
    trace_format(text, &t);
    CHECK(strcmp(text, "00-090a0b0c0d0e0f101112131415161718-0102030405060708-03") == 0);
}

static void what_is_made_is_valid_even_of_zeros(void)
{
    static const uint8_t zeros[24];
    struct trace t;
    struct trace back;
    char text[TRACE_TEXT];

    trace_child(&t, NULL, zeros);
    trace_format(text, &t);
    CHECK(trace_parse(&back, text) == 0);
}

static void a_tracestate_of_valid_members_passes(void)
{
    CHECK(trace_state_ok("rojo=00f067aa0ba902b7"));
    CHECK(trace_state_ok("rojo=1, congo=t61rcWkgMzE ,fw529a3039@dt=FfAAAA"));
    CHECK(trace_state_ok("a=1,,b=2,"));
    CHECK(trace_state_ok("0a*/_-=va lue"));
}

static void a_tracestate_of_another_form_does_not(void)
{
    char text[TRACE_STATE_MAX + 8];

    CHECK(!trace_state_ok(""));
    CHECK(!trace_state_ok(","));
    CHECK(!trace_state_ok("a"));
    CHECK(!trace_state_ok("a="));
    CHECK(!trace_state_ok("=1"));
    CHECK(!trace_state_ok("A=1"));
    CHECK(!trace_state_ok("a=1=2"));
    CHECK(!trace_state_ok("a@b@c=1"));
    CHECK(!trace_state_ok("a=\x01"));
    CHECK(!trace_state_ok("a=\xc3\xa4"));
    CHECK(!trace_state_ok("a=1;b=2, c"));
    memset(text, 'x', sizeof(text));
    memcpy(text, "a=1,b=", 6);
    text[sizeof(text) - 1] = '\0';
    CHECK(!trace_state_ok(text));
    text[0] = '\0';
    for (int i = 0; i <= (int)TRACE_STATE_LIST; i++)
        (void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "k%d=1,", i);
    CHECK(!trace_state_ok(text));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_valid_traceparent_comes_back_as_it_was),
        TAP_CASE(flags_without_a_meaning_are_not_passed_on),
        TAP_CASE(a_later_version_is_read_as_far_as_we_know_it),
        TAP_CASE(what_is_no_traceparent_is_refused),
        TAP_CASE(a_child_keeps_the_trace_and_has_a_span_of_its_own),
        TAP_CASE(without_a_parent_a_trace_begins),
        TAP_CASE(what_is_made_is_valid_even_of_zeros),
        TAP_CASE(a_tracestate_of_valid_members_passes),
        TAP_CASE(a_tracestate_of_another_form_does_not),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
