// SPDX-License-Identifier: MIT
/* test_guest_event.c: how a function reads its event. */
// LINK: guest/core/event.c engine/event.c
// LIBS: libsodium
#include <string.h>

#include "engine/event.h"
#include "guest/core/core.h"
#include "guest/include/unifaas.h"
#include "tests/tap.h"

static uint64_t area[4096];
static uint64_t now_ns;

/* The library OS asks the door. */
uint64_t uf_now(void)
{
    return now_ns;
}

/* An event as the platform writes it. */
static const struct uf_event *event_with(const char *query, const char *body, size_t size)
{
    static const struct event_header headers[] = {
        {"Content-Type", "text/plain"}, {"CE-Type", "org.example"}, {"X-Empty", ""}};
    struct event e = {.id = "id-7",
                      .trigger = "http",
                      .method = "PUT",
                      .path = "/a/b",
                      .query = query,
                      .headers = headers,
                      .nheaders = 3,
                      .body = body,
                      .body_size = size,
                      .now_ns = 1000,
                      .timeout_ns = 500,
                      .attempt = 2};
    struct uf_err err = {0};

    CHECK(event_format(area, sizeof(area), sizeof(area), &e, &err) > 0);
    return (const struct uf_event *)(const void *)area;
}

static int param(const char *query, const char *name, char *buf, size_t cap)
{
    return uf_event_query_param(event_with(query, "", 0), name, buf, cap);
}

static void strings_arrive_as_they_were_sent(void)
{
    const struct uf_event *e = event_with("a=1", "x\0y", 3);

    CHECK(strcmp(uf_event_id(e), "id-7") == 0);
    CHECK(strcmp(uf_event_trigger(e), "http") == 0);
    CHECK(strcmp(uf_event_method(e), "PUT") == 0);
    CHECK(strcmp(uf_event_path(e), "/a/b") == 0);
    CHECK(strcmp(uf_event_query(e), "a=1") == 0);
    CHECK(uf_event_attempt(e) == 2);
    CHECK(uf_event_body_size(e) == 3);
    CHECK(memcmp(uf_event_body(e), "x\0y", 4) == 0);
}

static void headers_are_found_in_any_case(void)
{
    const struct uf_event *e = event_with("", "", 0);

    CHECK(uf_event_header_count(e) == 3);
    CHECK(strcmp(uf_event_header(e, "CONTENT-TYPE"), "text/plain") == 0);
    CHECK(strcmp(uf_event_header(e, "x-empty"), "") == 0);
    CHECK(uf_event_header(e, "content") == NULL);
    CHECK(strcmp(uf_event_header_name(e, 0), "content-type") == 0);
    CHECK(uf_event_header_name(e, 3) == NULL);
    CHECK(uf_event_header_value(e, 3) == NULL);
    CHECK(strcmp(uf_event_attribute(e, "TYPE"), "org.example") == 0);
    CHECK(uf_event_attribute(e, "source") == NULL);
}

static void the_time_left_never_falls_below_zero(void)
{
    const struct uf_event *e = event_with("", "", 0);

    now_ns = 1200;
    CHECK(uf_event_time_left(e) == 300);
    now_ns = 1500;
    CHECK(uf_event_time_left(e) == 0);
    now_ns = 9999;
    CHECK(uf_event_time_left(e) == 0);
}

static void parameters_are_decoded(void)
{
    static const struct {
        const char *query;
        const char *name;
        const char *value;
    } table[] = {
        {"a=1&b=2", "b", "2"},    {"a=1&a=2", "a", "1"},     {"a=%41%2b%62", "a", "A+b"},
        {"a=b+c", "a", "b c"},    {"na%6de=x", "name", "x"}, {"n+m=x", "n m", "x"},
        {"flag&a=1", "flag", ""}, {"a=", "a", ""},           {"a=b=c", "a", "b=c"},
        {"&&a=1", "a", "1"},      {"ab=1&a=2", "a", "2"},    {"a=%e2%82%ac", "a", "\xe2\x82\xac"},
        {"=x&a=1", "", "x"},      {"%zz=1&a=2", "a", "2"},
    };
    char buf[16];

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int n = param(table[i].query, table[i].name, buf, sizeof(buf));

        CHECK(n == (int)strlen(table[i].value));
        CHECK(n >= 0 && strcmp(buf, table[i].value) == 0);
    }
}

static void missing_parameters_are_not_found(void)
{
    char buf[16] = "kept";

    CHECK(param("", "a", buf, sizeof(buf)) == UF_NOT_FOUND);
    CHECK(param("ab=1", "a", buf, sizeof(buf)) == UF_NOT_FOUND);
    CHECK(param("A=1", "a", buf, sizeof(buf)) == UF_NOT_FOUND);
    CHECK(param("b=a", "a", buf, sizeof(buf)) == UF_NOT_FOUND);
    CHECK(strcmp(buf, "kept") == 0);
}

static void broken_escapes_are_refused(void)
{
    static const char *const broken[] = {"a=%",   "a=%4",  "a=%4g", "a=%g4",
                                         "a=ok%", "a=%00", "a=%%41"};
    char buf[16] = "kept";

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++)
        CHECK(param(broken[i], "a", buf, sizeof(buf)) == UF_INVALID);
    CHECK(param("a=%4&b=1", "a", buf, sizeof(buf)) == UF_INVALID);
    CHECK(strcmp(buf, "kept") == 0);
}

static void a_value_and_its_nul_must_fit(void)
{
    char buf[4] = "old";

    CHECK(param("a=1234", "a", buf, sizeof(buf)) == UF_TOO_LARGE);
    CHECK(strcmp(buf, "old") == 0);
    CHECK(param("a=%31%32%33", "a", buf, sizeof(buf)) == 3);
    CHECK(strcmp(buf, "123") == 0);
    CHECK(param("a=", "a", buf, 0) == UF_TOO_LARGE);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(strings_arrive_as_they_were_sent),     TAP_CASE(headers_are_found_in_any_case),
        TAP_CASE(the_time_left_never_falls_below_zero), TAP_CASE(parameters_are_decoded),
        TAP_CASE(missing_parameters_are_not_found),     TAP_CASE(broken_escapes_are_refused),
        TAP_CASE(a_value_and_its_nul_must_fit),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
