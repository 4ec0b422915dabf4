// SPDX-License-Identifier: MIT
// LINK: daemon/fetch daemon/loop/loop.c daemon/loop/timers.c daemon/gateway/headers.c
// LINK: engine/allow.c engine/curl.c engine/lazy.c daemon/record/metrics.c tests/fetch
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fetch/ask.h"
#include "tests/fetch/names.h"
#include "tests/fetch/server.h"
#include "tests/tap.h"

static bool is(const struct ask *a, enum fetch_code code, unsigned status)
{
    bool ok = a->is_done && a->code == code && (code != FETCH_OK || a->status == status);

    if (!ok)
        printf("# %s %u: %s\n", fetch_word(a->code), a->status, a->words);
    return ok;
}

/* "/redirect?CODE&http://HOST:PORT/path" */
static const char *redirect(unsigned code, const char *host, const char *path)
{
    static char text[8192];

    (void)snprintf(text, sizeof(text), "/redirect?%u&%s", code, ask_url(host, path));
    return ask_url("localhost", text);
}

static bool got(const char *url, enum fetch_code code, unsigned status)
{
    static struct ask a;

    ask_get(&a, url);
    return is(&a, code, status);
}

/* ---- addresses ---------------------------------------------------------------------------- */

static void nothing_is_reached_that_the_policy_does_not_allow(void)
{
    ask_setup();
    ask_policy.deny = "/ok";
    CHECK(got(ask_url("localhost", "/ok"), FETCH_DENIED, 0));
    CHECK(got(ask_url("localhost", "/x/../ok"), FETCH_DENIED, 0));
    CHECK(got(ask_url("localhost", "/echo"), FETCH_OK, 200));
    ask_policy.reach = FETCH_NOWHERE;
    CHECK(got(ask_url("localhost", "/echo"), FETCH_DENIED, 0));
    CHECK(server_requests() == 1 && fetcher.ended[FETCH_DENIED] == 3);
    ask_teardown();
}

static void this_machine_is_reached_by_its_address_or_localhost_only(void)
{
    static const enum fetch_reach reaches[] = {FETCH_PUBLIC, FETCH_PRIVATE, FETCH_LOCAL};
    static const char *const hosts[] = {"127.0.0.1", "[::ffff:127.0.0.1]", "localhost",
                                        "rebound.test"};

    ask_setup();
    names_set("rebound.test", "127.0.0.1");
    for (size_t r = 0; r < 3; r++)
        for (size_t h = 0; h < 4; h++) {
            bool is_local = reaches[r] == FETCH_LOCAL;

            ask_policy.reach = reaches[r];
            CHECK(got(ask_url(hosts[h], "/ok"), is_local ? FETCH_OK : FETCH_DENIED, 200));
        }
    /* Nothing was even connected to. */
    CHECK(server_requests() == 4 && fetcher.ended[FETCH_DENIED] == 8);
    ask_teardown();
}

static void addresses_that_no_host_has_are_never_connected_to(void)
{
    static const char *const hosts[] = {
        "0.0.0.0",          "[::]",        "224.0.0.1",   "255.255.255.255",
        "[::ffff:0.0.0.0]", "[64:ff9b::]", "nowhere.test"};
    struct ask a;

    ask_setup();
    names_set("nowhere.test", "0.0.0.0 ::");
    for (size_t h = 0; h < sizeof(hosts) / sizeof(hosts[0]); h++) {
        ask_get(&a, ask_url(hosts[h], "/ok"));
        CHECK(is(&a, FETCH_DENIED, 0) && strstr(a.words, "no host has") != NULL);
    }
    CHECK(server_connections() == 0);
    ask_teardown();
}

static void of_a_names_addresses_those_out_of_reach_are_left_out(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    names_set("mixed.test", "127.0.0.1 10.255.255.1");
    ask_policy.reach = FETCH_PRIVATE;
    q = ask_request(ask_url("mixed.test", "/ok"));
    q.timeout_ns = 200 * MS;
    ask_wait(&a, &q);
    /* 10.255.255.1 does not answer, or cannot be reached; the first is not tried. */
    CHECK(a.is_done && (a.code == FETCH_TIMEOUT || a.code == FETCH_UNREACHABLE));
    CHECK(server_connections() == 0);
    ask_teardown();
}

static void a_kept_connection_leads_nobody_beyond_his_reach(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    names_set("moved.test", "127.0.0.1");
    CHECK(got(ask_url("moved.test", "/ok"), FETCH_OK, 200) && server_open() == 1);
    /* Somebody else asks, who may not reach this machine, and the name has moved. */
    names_set("moved.test", "10.255.255.1");
    resolver_fini(&fetcher.resolver);
    resolver_init(&fetcher.resolver, &loop);
    ask_policy.reach = FETCH_PRIVATE;
    q = ask_request(ask_url("moved.test", "/ok"));
    q.timeout_ns = 200 * MS;
    ask_wait(&a, &q);
    CHECK(a.is_done && (a.code == FETCH_TIMEOUT || a.code == FETCH_UNREACHABLE));
    CHECK(server_requests() == 1);
    ask_teardown();
}

static void the_environment_names_no_proxy(void)
{
    ask_setup();
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    (void)setenv("all_proxy", "http://127.0.0.1:1", 1);
    (void)setenv("ALL_PROXY", "socks5h://127.0.0.1:1", 1);
    CHECK(got(ask_url("localhost", "/ok"), FETCH_OK, 200));
    CHECK(got(ask_url("127.0.0.1", "/ok"), FETCH_OK, 200));
    (void)unsetenv("http_proxy");
    (void)unsetenv("all_proxy");
    (void)unsetenv("ALL_PROXY");
    ask_teardown();
}

static void a_name_that_takes_long_holds_up_nobody(void)
{
    static struct ask slow[30];
    struct ask other;
    struct fetch_request q;
    int owner;

    ask_setup();
    names_set("*.slow.test", NULL);
    for (size_t i = 0; i < 30; i++) {
        char host[32];

        (void)snprintf(host, sizeof(host), "n%zu.slow.test", i);
        q = ask_request(ask_url(host, "/ok"));
        q.timeout_ns = 300 * MS;
        ask_start(&slow[i], &q);
    }
    q = ask_request(ask_url("127.0.0.1", "/ok"));
    q.owner = &owner;
    ask_start(&other, &q);
    uint64_t start = loop.now_ns;
    ask_run(2000 * MS);
    CHECK(is(&other, FETCH_OK, 200) && other.at_ns - start < 250 * MS);
    for (size_t i = 0; i < 30; i++)
        CHECK(is(&slow[i], FETCH_TIMEOUT, 0) && slow[i].at_ns - start < 1500 * MS);
    ask_teardown();
    names_release();
    (void)usleep(50000);
}

/* ---- redirects ------------------------------------------------------------------------------ */

static void a_redirect_is_followed(void)
{
    static const unsigned codes[] = {301, 302, 303, 307, 308};
    struct ask a;

    ask_setup();
    for (size_t i = 0; i < 5; i++) {
        ask_get(&a, redirect(codes[i], "localhost", "/ok"));
        CHECK(is(&a, FETCH_OK, 200) && strcmp(a.body, "hello") == 0);
        CHECK(strstr(a.headers, "location") == NULL);
    }
    ask_get(&a, ask_url("localhost", "/redirect?302&/ok"));
    CHECK(is(&a, FETCH_OK, 200));
    ask_get(&a, ask_url("localhost", "/redirect?302&ok"));
    CHECK(is(&a, FETCH_OK, 200));
    ask_get(&a, ask_url("localhost", "/redirect?304&/ok"));
    CHECK(is(&a, FETCH_OK, 304));
    ask_get(&a, ask_url("localhost", "/status?302"));
    CHECK(is(&a, FETCH_OK, 302));
    ask_teardown();
}

static void one_who_wants_no_redirect_gets_it_as_the_answer(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    q = ask_request(redirect(302, "localhost", "/ok"));
    q.redirects = 0;
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 302) && strcmp(a.body, "elsewhere") == 0);
    CHECK(strstr(a.headers, "location: http://localhost") != NULL && server_requests() == 1);
    ask_teardown();
}

static void redirects_without_end_are_given_up(void)
{
    struct ask a;

    ask_setup();
    ask_get(&a, ask_url("localhost", "/loop"));
    CHECK(is(&a, FETCH_UNREACHABLE, 0) && strstr(a.words, "redirects") != NULL);
    CHECK(server_requests() == 1 + FETCH_REDIRECTS);
    ask_teardown();
}

static void a_redirect_is_judged_like_the_first_url(void)
{
    struct ask a;

    ask_setup();
    ask_policy.deny = "/echo";
    ask_get(&a, redirect(302, "localhost", "/x/%2e%2e/echo"));
    /* The first URL holds the second in its query. */
    CHECK(is(&a, FETCH_DENIED, 0) && server_requests() == 0);
    ask_get(&a, ask_url("localhost", "/redirect?302&/x/%2e%2e/%65cho"));
    CHECK(is(&a, FETCH_OK, 404));
    ask_get(&a, ask_url("localhost", "/redirect?302&/x/%2e%2e/ech%6f"));
    CHECK(is(&a, FETCH_OK, 404));
    ask_policy.deny = "localhost:1/";
    ask_get(&a, ask_url("127.0.0.1", "/redirect?302&//LOCALHOST:1/"));
    CHECK(is(&a, FETCH_DENIED, 0) && strstr(a.words, "redirects to") != NULL);
    ask_policy.deny = NULL;
    ask_get(&a, ask_url("localhost", "/redirect?302&file:///etc/passwd"));
    CHECK(is(&a, FETCH_DENIED, 0));
    ask_get(&a, ask_url("localhost", "/redirect?302&gopher://127.0.0.1:1/"));
    CHECK(is(&a, FETCH_DENIED, 0));
    ask_get(&a, ask_url("localhost", "/redirect?302&http://user:word@127.0.0.1/"));
    CHECK(is(&a, FETCH_DENIED, 0));
    /* However it is written, the policy sees one text. */
    ask_policy.deny = "http://127.0.0.1/x";
    ask_get(&a, ask_url("localhost", "/redirect?302&http://0x7f.1/x"));
    CHECK(is(&a, FETCH_DENIED, 0));
    ask_teardown();
}

/* Public until the redirect comes: the first URL may go to this machine. */
static enum fetch_reach by_host(const struct fetch_policy *p, const struct url *u)
{
    (void)p;
    return strcmp(u->host, "first.test") == 0 ? FETCH_LOCAL : FETCH_PUBLIC;
}

static void a_redirect_to_this_machine_is_denied(void)
{
    static const struct fetch_policy policy = {.reach = by_host};
    static const char *const hosts[] = {
        "127.0.0.1",       "localhost", "rebound.test",      "[::1]",
        "169.254.169.254", "10.0.0.1",  "[::ffff:127.0.0.1]"};
    struct ask a;
    struct fetch_request q;
    char path[200];

    ask_setup();
    names_set("first.test", "127.0.0.1");
    names_set("rebound.test", "127.0.0.1");
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        (void)snprintf(path, sizeof(path), "/redirect?307&%s", ask_url(hosts[i], "/ok"));
        q = ask_request(ask_url("first.test", path));
        q.policy = &policy;
        ask_wait(&a, &q);
        CHECK(is(&a, FETCH_DENIED, 0) && server_requests() == i + 1);
    }
    ask_teardown();
}

static void another_origin_does_not_learn_who_asks(void)
{
    static const char headers[] = "Authorization: Bearer s3cret\nX-Api-Key: s3cret\n"
                                  "Cookie: a=s3cret\nAccept: text/csv\n";
    struct ask a;
    struct fetch_request q;

    ask_setup();
    q = ask_request(redirect(302, "127.0.0.1", "/echo"));
    q.headers = headers;
    q.headers_size = sizeof(headers) - 1;
    q.key = "call-7";
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200) && strstr(a.body, "s3cret") == NULL);
    CHECK(strstr(a.body, "Accept: text/csv") != NULL && strstr(a.body, "call-7") != NULL);
    q.url = redirect(302, "localhost", "/echo");
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200) && strstr(a.body, "X-Api-Key: s3cret") != NULL);
    ask_teardown();
}

static void method_and_body_change_as_a_redirect_says(void)
{
    static const struct {
        unsigned code;
        const char *method;
        const char *then;
    } some[] = {
        {301, "POST", "GET"},  {302, "POST", "GET"},   {303, "POST", "GET"}, {307, "POST", "POST"},
        {308, "POST", "POST"}, {301, "PUT", "PUT"},    {302, "PUT", "PUT"},  {303, "PUT", "GET"},
        {308, "PUT", "PUT"},   {303, "DELETE", "GET"}, {302, "GET", "GET"},  {303, "HEAD", "HEAD"},
    };
    struct ask a;
    struct fetch_request q;
    char line[40];

    ask_setup();
    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        bool has_body = strcmp(some[i].method, "GET") != 0 && strcmp(some[i].method, "HEAD") != 0;
        bool keeps = has_body && strcmp(some[i].then, "GET") != 0;

        q = ask_request(redirect(some[i].code, "localhost", "/echo"));
        q.method = some[i].method;
        q.headers = "Content-Type: text/plain\n";
        q.headers_size = strlen(q.headers);
        q.body = has_body ? "the body" : NULL;
        q.size = has_body ? 8 : 0;
        ask_wait(&a, &q);
        (void)snprintf(line, sizeof(line), "%s /echo ", some[i].then);
        CHECK(is(&a, FETCH_OK, 200) && server_got(line));
        CHECK(server_got("the body") == keeps);
        CHECK(server_got("Content-Type") == (keeps || strcmp(some[i].then, some[i].method) == 0));
    }
    ask_teardown();
}

static void a_long_body_of_a_redirect_takes_no_room(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    q = ask_request(redirect(302, "localhost", "/ok"));
    q.answer_max = 90; /* "elsewhere" would not fit beside its headers */
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200));
    ask_teardown();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(nothing_is_reached_that_the_policy_does_not_allow),
        TAP_CASE(this_machine_is_reached_by_its_address_or_localhost_only),
        TAP_CASE(addresses_that_no_host_has_are_never_connected_to),
        TAP_CASE(of_a_names_addresses_those_out_of_reach_are_left_out),
        TAP_CASE(a_kept_connection_leads_nobody_beyond_his_reach),
        TAP_CASE(the_environment_names_no_proxy),
        TAP_CASE(a_name_that_takes_long_holds_up_nobody),
        TAP_CASE(a_redirect_is_followed),
        TAP_CASE(one_who_wants_no_redirect_gets_it_as_the_answer),
        TAP_CASE(redirects_without_end_are_given_up),
        TAP_CASE(a_redirect_is_judged_like_the_first_url),
        TAP_CASE(a_redirect_to_this_machine_is_denied),
        TAP_CASE(another_origin_does_not_learn_who_asks),
        TAP_CASE(method_and_body_change_as_a_redirect_says),
        TAP_CASE(a_long_body_of_a_redirect_takes_no_room),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
