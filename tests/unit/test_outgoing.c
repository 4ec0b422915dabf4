// SPDX-License-Identifier: MIT
// LINK: daemon/fetch/outgoing.c daemon/fetch/intake.c daemon/gateway/headers.c
#include "daemon/fetch/outgoing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/fetch/intake.h"
#include "tests/tap.h"

static int read_text(const char *text, struct outgoing *h, struct uf_err *err)
{
    return outgoing_read(text, strlen(text), h, err);
}

/* ---- what goes out -------------------------------------------------------------------- */

static void lines_become_headers(void)
{
    struct outgoing h;

    CHECK(read_text("Accept: text/html\nx-a:b\nX-Empty:\nX-Tab: a\tb \n", &h, NULL) == 0);
    CHECK(h.n == 4);
    CHECK(strcmp(h.line[0].name, "Accept") == 0 && strcmp(h.line[0].value, "text/html") == 0);
    CHECK(strcmp(h.line[1].name, "x-a") == 0 && strcmp(h.line[1].value, "b") == 0);
    CHECK(strcmp(h.line[2].value, "") == 0);
    CHECK(strcmp(h.line[3].value, "a\tb") == 0);
    CHECK(outgoing_has(&h, "X-A") && outgoing_has(&h, "accept") && !outgoing_has(&h, "X-B"));
    outgoing_fini(&h);
    CHECK(outgoing_read(NULL, 0, &h, NULL) == 0 && h.n == 0);
    outgoing_fini(&h);
    CHECK(read_text("X-A: last line has no end", &h, NULL) == 0 && h.n == 1);
    outgoing_fini(&h);
}

static void what_would_be_a_second_request_is_refused(void)
{
    static const char *const bad[] = {
        "no colon\n",  ": no name\n", "X A: b\n",         "X-A : b\n",
        " X-A: b\n",   "X-A: b\r\n",  "X-A: b\rX-B: c\n", "X-A: b\n\n",
        "X-A: \x01\n", "X-A: \x7f\n", "X-A\x80: b\n",     "X-A: b\n folded\n",
    };
    struct outgoing h;
    struct uf_err err;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err = (struct uf_err){0};
        CHECK(read_text(bad[i], &h, &err) == -EINVAL && err.msg[0] != '\0');
    }
    CHECK(outgoing_read("X-A: b\0c\n", 9, &h, NULL) == -EINVAL);
}

static void headers_of_the_platform_are_refused(void)
{
    static const char *const bad[] = {
        "Host: a\n",
        "host: a\n",
        "Content-Length: 1\n",
        "Connection: close\n",
        "Keep-Alive: 1\n",
        "Transfer-Encoding: chunked\n",
        "TE: trailers\n",
        "Trailer: a\n",
        "Upgrade: h2c\n",
        "Expect: 100-continue\n",
        "Proxy-Authorization: a\n",
        "Proxy-Anything: a\n",
        "HTTP2-Settings: a\n",
    };
    struct outgoing h;
    struct uf_err err;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err = (struct uf_err){0};
        CHECK(read_text(bad[i], &h, &err) == -EINVAL);
        CHECK(strstr(err.msg, "is set by the platform") != NULL);
    }
}

static void headers_are_bounded(void)
{
    static char text[OUTGOING_MAX + 2];
    static char many[(OUTGOING_LINES_MAX + 1) * 5 + 1];
    struct outgoing h;

    memset(text, 'a', sizeof(text) - 1);
    memcpy(text, "X: ", 3);
    CHECK(read_text(text, &h, NULL) == -E2BIG);
    text[OUTGOING_MAX] = '\0';
    CHECK(read_text(text, &h, NULL) == 0);
    outgoing_fini(&h);
    for (size_t i = 0; i <= OUTGOING_LINES_MAX; i++)
        memcpy(many + 5UL * i, "X: a\n", 6);
    CHECK(read_text(many, &h, NULL) == -E2BIG);
    many[5UL * OUTGOING_LINES_MAX] = '\0';
    CHECK(read_text(many, &h, NULL) == 0 && h.n == OUTGOING_LINES_MAX);
    outgoing_fini(&h);
}

static void what_says_who_asks_is_forgotten(void)
{
    struct outgoing h;

    CHECK(read_text("Authorization: Bearer x\nAccept: a\nCookie: b\nX-Api-Key: c\n"
                    "content-type: d\nX-Auth-Token: e\nIdempotency-Key: f\n",
                    &h, NULL) == 0);
    outgoing_forget_secrets(&h);
    CHECK(h.n == 3);
    CHECK(outgoing_has(&h, "Accept") && outgoing_has(&h, "Content-Type") &&
          outgoing_has(&h, "Idempotency-Key"));
    outgoing_forget_body(&h);
    CHECK(h.n == 2 && !outgoing_has(&h, "Content-Type"));
    outgoing_fini(&h);
}

static void a_method_is_a_short_token_that_asks_for_something(void)
{
    CHECK(outgoing_method_ok("GET") && outgoing_method_ok("PATCH") &&
          outgoing_method_ok("PROPFIND"));
    CHECK(!outgoing_method_ok("") && !outgoing_method_ok("GET /") &&
          !outgoing_method_ok("GET\r\n"));
    CHECK(!outgoing_method_ok("CONNECT") && !outgoing_method_ok("trace") &&
          !outgoing_method_ok("TRACK"));
    CHECK(outgoing_method_ok("ABCDEFGHIJKLMNOP") && !outgoing_method_ok("ABCDEFGHIJKLMNOPQ"));
}

/* ---- what comes in ---------------------------------------------------------------------- */

static struct intake_budget budget;

static struct intake intake(size_t headers_max, size_t max)
{
    budget = (struct intake_budget){.max = 100000};
    return (struct intake){.budget = &budget, .headers_max = headers_max, .max = max};
}

static bool line(struct intake *i, const char *text)
{
    return intake_header(i, text, strlen(text));
}

static bool piece(struct intake *i, const char *text)
{
    return intake_body(i, text, strlen(text));
}

static bool holds(const struct intake *i, const char *headers, const char *body)
{
    size_t n = strlen(headers);
    size_t m = strlen(body);

    return i->headers_size == n && i->size == n + m && memcmp(i->at, headers, n) == 0 &&
           memcmp(i->at + n, body, m) == 0;
}

static void an_answer_is_headers_then_body(void)
{
    struct intake i = intake(1000, 1000);

    CHECK(line(&i, "HTTP/1.1 200 OK\r\n") && line(&i, "Content-Type:  text/plain \r\n"));
    CHECK(line(&i, "X-B:c\n") && line(&i, "\r\n"));
    CHECK(piece(&i, "he") && piece(&i, "llo"));
    CHECK(holds(&i, "content-type: text/plain\nx-b: c\n", "hello"));
    CHECK(intake_has(&i, "x-b") && intake_has(&i, "content-type") && !intake_has(&i, "x"));
    intake_reset(&i);
    CHECK(budget.used == 0 && i.size == 0 && !intake_has(&i, "x-b"));
}

static void an_interim_answer_is_not_the_answer(void)
{
    struct intake i = intake(1000, 1000);

    CHECK(line(&i, "HTTP/1.1 103 Early Hints\r\n") && line(&i, "Link: a\r\n") && line(&i, "\r\n"));
    CHECK(line(&i, "HTTP/1.1 200 OK\r\n") && line(&i, "X-A: b\r\n") && line(&i, "\r\n"));
    CHECK(holds(&i, "x-a: b\n", ""));
    intake_reset(&i);
}

static void what_is_no_header_or_of_one_connection_is_left_out(void)
{
    static const char *const lines[] = {
        "HTTP/1.1 200 OK\r\n",
        "X-A: b\r\n",
        " folded\r\n",
        "nonsense\r\n",
        "X B: c\r\n",
        "X-C: a\x01z\r\n",
        "Connection: x\r\n",
        "Keep-Alive: y\r\n",
        "transfer-encoding: chunked\r\n",
        "\r\n",
    };
    struct intake i = intake(1000, 1000);

    for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++)
        CHECK(line(&i, lines[n]));
    CHECK(intake_header(&i, "X-N: a\0b\r\n", 10));
    CHECK(piece(&i, "body") && line(&i, "X-Trailer: late\r\n"));
    CHECK(holds(&i, "x-a: b\n", "body"));
    intake_reset(&i);
}

static void an_answer_beyond_its_bounds_is_given_up(void)
{
    struct intake i = intake(30, 1000);

    CHECK(line(&i, "HTTP/1.1 200\r\n") && line(&i, "X-A: 7890\r\n") && !i.is_too_large);
    CHECK(!line(&i, "X-B: c\r\n") && i.is_too_large);
    intake_reset(&i);
    i = intake(1000, 10);
    CHECK(line(&i, "A: b\r\n") && piece(&i, "12345") && !i.is_too_large);
    CHECK(!piece(&i, "6") && i.is_too_large);
    intake_reset(&i);
    i = intake(1000, 10);
    CHECK(!line(&i, "A: bcdefgh\r\n") && i.is_too_large);
    intake_reset(&i);
}

static void interim_answers_without_end_are_given_up(void)
{
    struct intake i = intake(1000, 1000);
    int n = 0;

    while (n < 1000 && line(&i, "HTTP/1.1 103 Early Hints\r\n"))
        n++;
    CHECK(n < 1000 && i.is_too_large);
    intake_reset(&i);
}

static void the_body_of_a_redirect_is_thrown_away(void)
{
    static char big[INTAKE_THROWN_MAX];
    struct intake i = intake(1000, 20);

    i.is_redirect = true;
    CHECK(line(&i, "A: b\r\n") && intake_body(&i, big, sizeof(big)));
    CHECK(holds(&i, "a: b\n", ""));
    CHECK(!piece(&i, "x") && i.is_too_large);
    intake_reset(&i);
}

static void answers_share_a_budget(void)
{
    static char half[60000];
    struct intake a = intake(100, 90000);
    struct intake b = intake(100, 90000);

    CHECK(intake_body(&a, half, sizeof(half)) && budget.used == 60000);
    CHECK(!intake_body(&b, half, sizeof(half)) && b.is_out_of_memory && !b.is_too_large);
    intake_reset(&b);
    CHECK(budget.used == 60000);
    intake_reset(&a);
    CHECK(intake_body(&b, half, sizeof(half)) && budget.used == 60000);
    intake_reset(&b);
    CHECK(budget.used == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(lines_become_headers),
        TAP_CASE(what_would_be_a_second_request_is_refused),
        TAP_CASE(headers_of_the_platform_are_refused),
        TAP_CASE(headers_are_bounded),
        TAP_CASE(what_says_who_asks_is_forgotten),
        TAP_CASE(a_method_is_a_short_token_that_asks_for_something),
        TAP_CASE(an_answer_is_headers_then_body),
        TAP_CASE(an_interim_answer_is_not_the_answer),
        TAP_CASE(what_is_no_header_or_of_one_connection_is_left_out),
        TAP_CASE(an_answer_beyond_its_bounds_is_given_up),
        TAP_CASE(interim_answers_without_end_are_given_up),
        TAP_CASE(the_body_of_a_redirect_is_thrown_away),
        TAP_CASE(answers_share_a_budget),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
