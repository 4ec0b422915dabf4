// SPDX-License-Identifier: MIT
// LINK: daemon/gateway/headers.c daemon/gateway/name.c daemon/gateway/uuid.c
// LINK: daemon/http/query.c daemon/http/route.c
// LIBS: libsodium libmicrohttpd
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/gateway/headers.h"
#include "daemon/gateway/name.h"
#include "daemon/gateway/uuid.h"
#include "daemon/http/query.h"
#include "daemon/http/route.h"
#include "tests/tap.h"

/* ---- names ------------------------------------------------------------------------- */

static void names_may_have_a_namespace_and_a_path(void)
{
    static const struct {
        const char *text, *function, *space, *path;
        bool ok;
    } table[] = {
        {"hello", "hello", "openfaas-fn", "/", true},
        {"hello/", "hello", "openfaas-fn", "/", true},
        {"hello/a/b.c", "hello", "openfaas-fn", "/a/b.c", true},
        {"hello.openfaas-fn", "hello", "openfaas-fn", "/", true},
        {"hello.openfaas-fn/x", "hello", "openfaas-fn", "/x", true},
        {"hello.other", "hello", "other", "/", true},
        {"hello.other/x?y", "hello", "other", "/x?y", true},
        {"hello.openfaas-fn.x", "hello", "openfaas-fn.x", "/", false},
        {"hello.", "hello", "", "/", false},
        {"", "", "openfaas-fn", "/", false},
        {"/x", "", "openfaas-fn", "/x", false},
        {".openfaas-fn", "", "openfaas-fn", "/", false},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct name n;

        CHECK(name_parse(&n, table[i].text) == table[i].ok);
        CHECK(strcmp(n.function, table[i].function) == 0);
        CHECK(strcmp(n.space, table[i].space) == 0);
        CHECK(strcmp(n.path, table[i].path) == 0);
        CHECK(n.has_space == (strcspn(table[i].text, ".") < strcspn(table[i].text, "/")));
    }
}

static void a_name_too_long_is_unknown(void)
{
    static char text[4096];
    struct name n;

    memset(text, 'a', sizeof(text) - 1);
    CHECK(!name_parse(&n, text));
    CHECK(strlen(n.function) == NAME_MAX_TEXT - 1);
    text[1] = '.';
    CHECK(!name_parse(&n, text));
    CHECK(strlen(n.space) == NAME_MAX_TEXT - 1);
}

/* ---- headers ----------------------------------------------------------------------- */

static void headers_of_one_connection_never_pass(void)
{
    CHECK(headers_is_hop_by_hop("connection"));
    CHECK(headers_is_hop_by_hop("Transfer-Encoding"));
    CHECK(headers_is_hop_by_hop("UPGRADE"));
    CHECK(!headers_is_hop_by_hop("Content-Type"));
    CHECK(!headers_is_functions("Keep-Alive"));
}

static void a_function_cannot_speak_for_the_platform(void)
{
    CHECK(!headers_is_functions("X-UniFaaS-Isolation"));
    CHECK(!headers_is_functions("x-unifaas-outcome"));
    CHECK(!headers_is_functions("X-Call-Id"));
    CHECK(!headers_is_functions("TraceParent"));
    CHECK(!headers_is_functions("content-length"));
    CHECK(headers_is_functions("X-Custom"));
    CHECK(headers_is_functions("Content-Type"));
}

static void lines_become_headers(void)
{
    char text[] = "A: 1\nB:two words \t\nC-d:\n";
    char *at = text;
    struct headers_line l;

    CHECK(headers_next(&at, &l) == 1 && strcmp(l.name, "A") == 0 && strcmp(l.value, "1") == 0);
    CHECK(headers_next(&at, &l) == 1 && strcmp(l.name, "B") == 0 &&
          strcmp(l.value, "two words") == 0);
    CHECK(headers_next(&at, &l) == 1 && strcmp(l.name, "C-d") == 0 && strcmp(l.value, "") == 0);
    CHECK(headers_next(&at, &l) == 0);
    CHECK(headers_next(&at, &l) == 0);
}

static void a_line_that_could_forge_a_header_is_refused_and_the_next_is_read(void)
{
    static const char *const bad[] = {
        "no colon\n", "A: b\rSet-Cookie: x\n",
        "A b: c\n",   ": empty\n",
        "A: \x01\n",  "A\t: c\n",
        "\xc3: c\n",  "A: \x7f\n",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[64];
        char *at = text;
        struct headers_line l;

        (void)snprintf(text, sizeof(text), "%sOk: 1\n", bad[i]);
        CHECK(headers_next(&at, &l) == -EINVAL);
        CHECK(headers_next(&at, &l) == 1 && strcmp(l.name, "Ok") == 0);
    }
}

static void a_call_id_is_short_and_harmless(void)
{
    char id[80];

    CHECK(headers_call_id_ok("2f1c1b9e-8d6f-4b43-9d6c-0d2f6f7c1a55"));
    CHECK(headers_call_id_ok("a.b_c:1"));
    CHECK(!headers_call_id_ok(""));
    CHECK(!headers_call_id_ok("a b"));
    CHECK(!headers_call_id_ok("a\"b"));
    memset(id, 'x', sizeof(id));
    id[64] = '\0';
    CHECK(headers_call_id_ok(id));
    id[64] = 'x';
    id[65] = '\0';
    CHECK(!headers_call_id_ok(id));
}

static void a_uuid_has_version_four_and_its_variant(void)
{
    static const uint8_t ones[16] = {255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 255, 255, 255, 255};
    static const uint8_t zeros[16] = {0};
    char a[UUID_TEXT];
    char b[UUID_TEXT];

    uuid_format(a, ones);
    CHECK(strcmp(a, "ffffffff-ffff-4fff-bfff-ffffffffffff") == 0);
    uuid_format(a, zeros);
    CHECK(strcmp(a, "00000000-0000-4000-8000-000000000000") == 0);
    uuid_make(a);
    uuid_make(b);
    CHECK(strcmp(a, b) != 0);
    CHECK(headers_call_id_ok(a));
}

/* ---- queries and routes -------------------------------------------------------------- */

/* Is this the first that is unknown? NULL: there is none. */
static bool unknown_is(const char *query, const char *known, const char *want)
{
    size_t size = 0;
    const char *it = query_unknown(query, known, &size);

    return want == NULL ? it == NULL
                        : it != NULL && size == strlen(want) && strncmp(it, want, size) == 0;
}

static void parameters_that_are_unknown_are_found(void)
{
    CHECK(unknown_is("", "a bc", NULL));
    CHECK(unknown_is("a=1&bc", "a bc", NULL));
    CHECK(unknown_is("&&bc=&a&", "a bc", NULL));
    CHECK(unknown_is("a=1&b=2", "a bc", "b"));
    CHECK(unknown_is("bcd", "a bc", "bcd"));
    CHECK(unknown_is("a&tll=5s&odd", "a", "tll"));
    CHECK(unknown_is("x", "", "x"));
    CHECK(unknown_is("=x", "a", ""));
}

static void parameters_are_found_and_decoded(void)
{
    const char *q = "name=hello&since=2026-01-31T12%3A00%3a00Z&flag&empty=&x=a+b&name=second";
    char out[32];

    CHECK(query_get(q, "name", out, sizeof(out)) == 1 && strcmp(out, "hello") == 0);
    CHECK(query_get(q, "since", out, sizeof(out)) == 1 && strcmp(out, "2026-01-31T12:00:00Z") == 0);
    CHECK(query_get(q, "flag", out, sizeof(out)) == 1 && out[0] == '\0');
    CHECK(query_get(q, "empty", out, sizeof(out)) == 1 && out[0] == '\0');
    CHECK(query_get(q, "x", out, sizeof(out)) == 1 && strcmp(out, "a b") == 0);
    CHECK(query_get(q, "nam", out, sizeof(out)) == 0 && out[0] == '\0');
    CHECK(query_get("", "name", out, sizeof(out)) == 0);
    CHECK(query_get("&&name=1", "name", out, sizeof(out)) == 1);
}

static void a_parameter_that_is_badly_encoded_or_too_long_is_refused(void)
{
    char out[8];

    CHECK(query_get("a=%4", "a", out, sizeof(out)) == -EINVAL);
    CHECK(query_get("a=%zz", "a", out, sizeof(out)) == -EINVAL);
    CHECK(query_get("a=%00", "a", out, sizeof(out)) == -EINVAL);
    CHECK(query_get("a=1234567", "a", out, sizeof(out)) == 1);
    CHECK(query_get("a=12345678", "a", out, sizeof(out)) == -EINVAL);
    CHECK(out[0] == '\0');
}

static const struct http_route routes[] = {
    {.path = "/function/"},
    {"GET", "/list", .body_max = 0},
    {"POST", "/list", .body_max = 0},
    {"GET", "/one/", .body_max = 0},
};

static void routes_are_found_by_method_and_path(void)
{
    char allow[ROUTE_ALLOW_MAX];

    CHECK(route_find(routes, 4, "PATCH", "/function/x/y", allow) == &routes[0]);
    CHECK(route_find(routes, 4, "POST", "/list", allow) == &routes[2]);
    CHECK(route_find(routes, 4, "HEAD", "/list", allow) == &routes[1]);
    CHECK(route_find(routes, 4, "GET", "/one/two", allow) == &routes[3]);
    CHECK(route_find(routes, 4, "GET", "/one", allow) == NULL && allow[0] == '\0');
    CHECK(route_find(routes, 4, "GET", "/listing", allow) == NULL && allow[0] == '\0');
    CHECK(route_find(routes, 4, "GET", "/function", allow) == NULL);
}

static void a_wrong_method_names_the_right_ones(void)
{
    char allow[ROUTE_ALLOW_MAX];

    CHECK(route_find(routes, 4, "DELETE", "/list", allow) == NULL);
    CHECK(strcmp(allow, "GET, POST") == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(names_may_have_a_namespace_and_a_path),
        TAP_CASE(a_name_too_long_is_unknown),
        TAP_CASE(headers_of_one_connection_never_pass),
        TAP_CASE(a_function_cannot_speak_for_the_platform),
        TAP_CASE(lines_become_headers),
        TAP_CASE(a_line_that_could_forge_a_header_is_refused_and_the_next_is_read),
        TAP_CASE(a_call_id_is_short_and_harmless),
        TAP_CASE(a_uuid_has_version_four_and_its_variant),
        TAP_CASE(parameters_are_found_and_decoded),
        TAP_CASE(parameters_that_are_unknown_are_found),
        TAP_CASE(a_parameter_that_is_badly_encoded_or_too_long_is_refused),
        TAP_CASE(routes_are_found_by_method_and_path),
        TAP_CASE(a_wrong_method_names_the_right_ones),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
