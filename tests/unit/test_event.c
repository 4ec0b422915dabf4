// SPDX-License-Identifier: MIT
// LINK: engine/event.c
// LIBS: libsodium
#include "engine/event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/event.h"
#include "tests/tap.h"

#define CAP 8192u

static uint8_t area[CAP] __attribute__((aligned(16)));

static struct event sample(void)
{
    static const struct event_header headers[] = {{"Content-Type", "text/plain"}, {"X-A", ""}};

    return (struct event){
        .id = "id-1",
        .trigger = "http",
        .method = "POST",
        .path = "/a/b",
        .query = "x=1",
        .headers = headers,
        .nheaders = 2,
        .body = "75.5",
        .body_size = 4,
        .now_ns = 5,
        .timeout_ns = 6,
        .attempt = 1,
    };
}

static const char *at(struct uf_slice s)
{
    return (const char *)area + s.off;
}

static void what_goes_in_comes_out_with_nuls(void)
{
    struct event e = sample();
    struct uf_event_layout l;
    struct uf_event_header h[2];

    CHECK(event_format(area, CAP, 0, &e, NULL) > 0);
    memcpy(&l, area, sizeof(l));
    CHECK(l.magic == UF_EVENT_MAGIC && l.now_ns == 5 && l.timeout_ns == 6 && l.attempt == 1);
    CHECK(strcmp(at(l.method), "POST") == 0);
    CHECK(strcmp(at(l.path), "/a/b") == 0);
    CHECK(strcmp(at(l.query), "x=1") == 0);
    CHECK(l.body.len == 4 && strcmp(at(l.body), "75.5") == 0);
    CHECK(l.nheaders == 2 && l.headers.off % 8 == 0);
    memcpy(h, area + l.headers.off, sizeof(h));
    CHECK(strcmp(at(h[0].name), "content-type") == 0);
    CHECK(strcmp(at(h[0].value), "text/plain") == 0);
    CHECK(h[1].value.len == 0);
}

static void nothing_of_a_longer_event_is_left(void)
{
    struct event e = sample();
    static char secret[4000];

    memset(secret, 'Z', sizeof(secret));
    e.body = secret;
    e.body_size = sizeof(secret);
    int64_t before = event_format(area, CAP, 0, &e, NULL);
    CHECK(before > 4000);
    e = sample();
    int64_t n = event_format(area, CAP, (size_t)before, &e, NULL);
    CHECK(n > 0 && n < before);
    CHECK(memmem(area, CAP, "ZZZZ", 4) == NULL);
}

static void what_does_not_fit_is_refused_and_leaves_nothing(void)
{
    struct event e = sample();
    struct uf_err err = {0};
    static uint8_t zero[CAP];
    static char big[CAP];

    memset(area, 0, CAP);
    memset(big, 'B', CAP);
    e.body = big;
    e.body_size = CAP;
    CHECK(event_format(area, CAP, 0, &e, &err) == -E2BIG);
    CHECK(strstr(err.msg, "8192") != NULL);
    CHECK(memcmp(area, zero, CAP) == 0);
}

static void every_capacity_is_kept(void)
{
    struct event e = sample();
    int64_t full = event_format(area, CAP, 0, &e, NULL);

    for (size_t cap = 0; cap < (size_t)full; cap++) {
        /* Its end is where the sanitizer looks. */
        uint8_t *small = aligned_alloc(16, (cap + 16) / 16 * 16);

        CHECK(event_format(small, cap, 0, &e, NULL) == -E2BIG);
        free(small);
    }
}

static void too_many_headers_are_refused(void)
{
    static struct event_header many[UF_EVENT_HEADERS_MAX + 1];
    struct event e = sample();

    for (size_t i = 0; i <= UF_EVENT_HEADERS_MAX; i++)
        many[i] = (struct event_header){"n", "v"};
    e.headers = many;
    e.nheaders = UF_EVENT_HEADERS_MAX + 1;
    CHECK(event_format(area, CAP, 0, &e, NULL) == -EINVAL);
    e.nheaders = UF_EVENT_HEADERS_MAX;
    CHECK(event_format(area, CAP, 0, &e, NULL) > 0);
}

static void entropy_differs_between_events(void)
{
    struct event e = sample();
    struct uf_event_layout a;
    struct uf_event_layout b;

    (void)event_format(area, CAP, 0, &e, NULL);
    memcpy(&a, area, sizeof(a));
    (void)event_format(area, CAP, 0, &e, NULL);
    memcpy(&b, area, sizeof(b));
    CHECK(memcmp(a.entropy, b.entropy, sizeof(a.entropy)) != 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_goes_in_comes_out_with_nuls),
        TAP_CASE(nothing_of_a_longer_event_is_left),
        TAP_CASE(what_does_not_fit_is_refused_and_leaves_nothing),
        TAP_CASE(every_capacity_is_kept),
        TAP_CASE(too_many_headers_are_refused),
        TAP_CASE(entropy_differs_between_events),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
