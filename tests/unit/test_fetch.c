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

/* Is the answer this one? Says what it was when it is not. */
static bool is(const struct ask *a, enum fetch_code code, unsigned status)
{
    bool ok = a->is_done && a->code == code && (code != FETCH_OK || a->status == status);

    if (!ok)
        printf("# %s %u: %s\n", fetch_word(a->code), a->status, a->words);
    /* Whoever asks is told why. */
    return ok && (a->words[0] != '\0') == (code != FETCH_OK);
}

static bool got(const char *path, enum fetch_code code, unsigned status)
{
    static struct ask a;

    ask_get(&a, ask_url("localhost", path));
    return is(&a, code, status);
}

static void status_headers_and_body_come_back(void)
{
    struct ask a;

    ask_setup();
    ask_get(&a, ask_url("localhost", "/ok"));
    CHECK(is(&a, FETCH_OK, 200) && a.size == 5 && strcmp(a.body, "hello") == 0);
    CHECK(strcmp(a.headers, "content-length: 5\nx-server: Test\n") == 0);
    ask_get(&a, ask_url("127.0.0.1", "/chunked"));
    CHECK(is(&a, FETCH_OK, 200) && strcmp(a.body, "hello") == 0);
    CHECK(strcmp(a.headers, "") == 0);
    ask_get(&a, ask_url("localhost", "/interim"));
    CHECK(is(&a, FETCH_OK, 200) && strcmp(a.body, "hello") == 0 &&
          strstr(a.headers, "link") == NULL);
    CHECK(got("/status?204", FETCH_OK, 204));
    CHECK(got("/status?404", FETCH_OK, 404));
    CHECK(got("/status?503", FETCH_OK, 503));
    CHECK(fetcher.ended[FETCH_OK] == 6 && fetcher.bytes_in > 0 && fetcher.buffers.used == 0);
    ask_teardown();
}

static void what_is_sent_is_what_was_asked_for_and_no_more(void)
{
    static const char headers[] = "X-Mine: yes\nAccept: text/csv\nX-Empty:\n";
    struct ask a;
    struct fetch_request q;

    ask_setup();
    q = ask_request(ask_url("localhost", "/echo"));
    q.method = "POST";
    q.headers = headers;
    q.headers_size = sizeof(headers) - 1;
    q.body = "a=b";
    q.size = 3;
    q.key = "call-1";
    q.traceparent = "00-a-b-01";
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200));
    CHECK(strstr(a.body, "\r\ntraceparent: 00-a-b-01\r\n") != NULL);
    CHECK(strncmp(a.body, "POST /echo HTTP/1.1\r\nHost: localhost:", 37) == 0);
    CHECK(strstr(a.body, "\r\nX-Mine: yes\r\n") != NULL && strstr(a.body, "\r\nX-Empty:") != NULL);
    CHECK(strstr(a.body, "\r\nAccept: text/csv\r\n") != NULL);
    CHECK(strstr(a.body, "\r\nUser-Agent: UniFaaS/") != NULL);
    CHECK(strstr(a.body, "\r\nIdempotency-Key: call-1\r\n") != NULL);
    CHECK(strstr(a.body, "\r\nContent-Length: 3\r\n") != NULL);
    CHECK(strcmp(a.body + strlen(a.body) - 7, "\r\n\r\na=b") == 0);
    CHECK(strstr(a.body, "Content-Type") == NULL && strstr(a.body, "Expect") == NULL);
    CHECK(strstr(a.body, "Accept-Encoding") == NULL && strstr(a.body, "Cookie") == NULL);
    CHECK(fetcher.bytes_out == 3);
    ask_teardown();
}

static void a_key_of_the_callers_own_is_kept(void)
{
    static const char headers[] = "idempotency-key: mine\nuser-agent: me\nTraceparent: own\n";
    struct ask a;
    struct fetch_request q;

    ask_setup();
    q = ask_request(ask_url("localhost", "/echo"));
    q.headers = headers;
    q.headers_size = sizeof(headers) - 1;
    q.key = "call-1";
    q.traceparent = "platforms";
    ask_wait(&a, &q);
    CHECK(strstr(a.body, "Traceparent: own") != NULL && strstr(a.body, "platforms") == NULL);
    CHECK(strstr(a.body, "mine") != NULL && strstr(a.body, "call-1") == NULL);
    CHECK(strstr(a.body, "UniFaaS") == NULL);
    ask_teardown();
}

static void each_method_is_sent_as_it_is(void)
{
    static const char *const methods[] = {"GET",    "POST",    "PUT",  "PATCH",
                                          "DELETE", "OPTIONS", "QUERY"};
    struct ask a;
    struct fetch_request q;
    char line[32];

    ask_setup();
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        bool says = methods[i][0] == 'P';

        q = ask_request(ask_url("localhost", "/echo"));
        q.method = methods[i];
        ask_wait(&a, &q);
        (void)snprintf(line, sizeof(line), "%s /echo HTTP/1.1\r\n", methods[i]);
        CHECK(is(&a, FETCH_OK, 200) && strncmp(a.body, line, strlen(line)) == 0);
        CHECK((strstr(a.body, "\r\nContent-Length: 0\r\n") != NULL) == says);
    }
    q = ask_request(ask_url("localhost", "/size?100000000"));
    q.method = "HEAD";
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200) && a.size == 0 && server_got("HEAD /size"));
    CHECK(strstr(a.headers, "content-length: 100000000\n") != NULL);
    q = ask_request(ask_url("localhost", "/echo"));
    q.method = "DELETE";
    q.body = "why";
    q.size = 3;
    ask_wait(&a, &q);
    CHECK(strcmp(a.body + strlen(a.body) - 3, "why") == 0);
    ask_teardown();
}

static void a_large_body_goes_out_whole(void)
{
    static char body[300000];
    static struct ask a;
    struct fetch_request q;

    ask_setup();
    memset(body, 'x', sizeof(body));
    q = ask_request(ask_url("localhost", "/echo"));
    q.method = "PUT";
    q.body = body;
    q.size = sizeof(body);
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200) && a.size > sizeof(body) && a.size < sizeof(body) + 500);
    ask_teardown();
}

static void what_makes_no_sense_is_told_and_not_sent(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    CHECK(got(" /ok", FETCH_INVALID, 0));
    CHECK(got("/o\r\nk", FETCH_INVALID, 0));
    ask_get(&a, "ftp://localhost/");
    CHECK(is(&a, FETCH_INVALID, 0));
    q = ask_request(ask_url("localhost", "/ok"));
    q.method = "GET / HTTP/1.1\r\nX:";
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_INVALID, 0));
    q.method = "CONNECT";
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_INVALID, 0));
    q.method = NULL;
    q.headers = "Host: elsewhere\n";
    q.headers_size = strlen(q.headers);
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_INVALID, 0) && strstr(a.words, "Host") != NULL);
    q.headers = "X-A: b\r\nX-B: c\n";
    q.headers_size = strlen(q.headers);
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_INVALID, 0));
    CHECK(server_connections() == 0 && fetcher.ended[FETCH_INVALID] == 7);
    ask_teardown();
}

static void an_answer_larger_than_its_room_is_given_up(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    CHECK(got("/size?1000000", FETCH_OK, 200));
    CHECK(got("/size?1048577", FETCH_TOO_LARGE, 0));
    CHECK(got("/endless", FETCH_TOO_LARGE, 0));
    CHECK(got("/headers?10", FETCH_OK, 200));
    CHECK(got("/headers?17", FETCH_TOO_LARGE, 0));
    q = ask_request(ask_url("localhost", "/ok"));
    q.answer_max = strlen("content-length: 5\nx-server: Test\nhello");
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_OK, 200));
    q.answer_max--;
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_TOO_LARGE, 0) && fetcher.buffers.used == 0);
    q.answer_max = 0;
    ask_wait(&a, &q);
    CHECK(is(&a, FETCH_TOO_LARGE, 0));
    ask_teardown();
}

static void answers_share_what_memory_there_is_for_them(void)
{
    static struct ask a[3];
    struct fetch_request q;
    unsigned busy = 0;

    ask_setup();
    /* Room for the first bytes of two; none is done before all three have begun. */
    fetcher.buffers.max = 2500;
    q = ask_request(ask_url("localhost", "/trickle"));
    q.timeout_ns = 500 * MS;
    for (size_t i = 0; i < 3; i++)
        ask_start(&a[i], &q);
    ask_run(10000 * MS);
    for (size_t i = 0; i < 3; i++)
        busy += a[i].code == FETCH_BUSY;
    CHECK(busy >= 1 && busy < 3 && fetcher.buffers.used == 0);
    ask_teardown();
}

static void a_server_that_does_not_answer_is_left_in_time(void)
{
    static const char *const paths[] = {"/hang", "/trickle"};
    struct ask a;
    struct fetch_request q;

    ask_setup();
    for (size_t i = 0; i < 2; i++) {
        q = ask_request(ask_url("localhost", paths[i]));
        q.timeout_ns = 100 * MS;
        uint64_t start = loop.now_ns;
        ask_wait(&a, &q);
        CHECK(is(&a, FETCH_TIMEOUT, 0) && a.at_ns - start >= q.timeout_ns);
        CHECK(a.at_ns - start < 2000 * MS);
    }
    for (int i = 0; i < 100 && server_open() > 0; i++)
        (void)usleep(10000);
    CHECK(server_open() == 0);
    ask_teardown();
}

static void no_answer_is_told_with_the_reason(void)
{
    struct ask a;

    ask_setup();
    CHECK(got("/close", FETCH_UNREACHABLE, 0));
    CHECK(got("/half", FETCH_UNREACHABLE, 0));
    CHECK(got("/garbage", FETCH_UNREACHABLE, 0));
    ask_get(&a, "http://nobody.test/");
    CHECK(is(&a, FETCH_UNREACHABLE, 0) && strstr(a.words, "nobody.test") != NULL);
    /* Nothing listens on a port that was just given back. */
    unsigned free_port = server_start();
    char url[64];
    server_stop();
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%u/", free_port);
    ask_get(&a, url);
    CHECK(is(&a, FETCH_UNREACHABLE, 0) && strstr(a.words, "connect") != NULL);
    fetcher_fini(&fetcher);
    loop_fini(&loop);
}

static void another_address_is_tried_when_one_does_not_answer(void)
{
    struct ask a;

    ask_setup();
    /* Nobody listens there: the server is on 127.0.0.1 only. */
    names_set("two.test", "127.0.0.2 127.0.0.1");
    ask_get(&a, ask_url("two.test", "/ok"));
    CHECK(is(&a, FETCH_OK, 200));
    ask_teardown();
}

static void connections_are_used_again_and_closed_when_idle(void)
{
    ask_setup();
    for (int i = 0; i < 5; i++)
        CHECK(got("/ok", FETCH_OK, 200));
    CHECK(server_requests() == 5 && server_connections() == 1 && server_open() == 1);
    /* All that is left is a timer, and it is far away. */
    CHECK(loop.ntimers == 1 && loop.heap[0] == &fetcher.multi.idle);
    CHECK(fetcher.multi.idle.at_ns > loop.now_ns + MULTI_KEEP_NS / 2);
    fetcher.multi.idle.on_fire(&fetcher.multi.idle);
    for (int i = 0; i < 100 && server_open() > 0; i++)
        (void)usleep(10000);
    CHECK(server_open() == 0);
    CHECK(got("/ok", FETCH_OK, 200) && server_connections() == 2);
    ask_teardown();
}

static void a_connection_that_the_server_closed_is_replaced(void)
{
    struct ask a;

    ask_setup();
    ask_get(&a, ask_url("localhost", "/ok"));
    CHECK(is(&a, FETCH_OK, 200));
    /* The server closes without a word after the second request of a connection. */
    ask_get(&a, ask_url("localhost", "/close"));
    CHECK(is(&a, FETCH_UNREACHABLE, 0));
    ask_get(&a, ask_url("localhost", "/ok"));
    CHECK(is(&a, FETCH_OK, 200));
    ask_teardown();
}

static void a_cancelled_fetch_is_not_told_of(void)
{
    static struct ask a[5];
    struct fetch_request q;

    ask_setup();
    names_set("slow.test", NULL);
    q = ask_request(ask_url("localhost", "/hang"));
    ask_start(&a[0], &q); /* being asked, once the loop has run */
    q.url = ask_url("slow.test", "/ok");
    ask_start(&a[1], &q); /* being looked up */
    q.url = "nonsense";
    ask_start(&a[2], &q); /* has ended already */
    q.url = ask_url("localhost", "/ok");
    ask_start(&a[3], &q); /* stays */
    for (int i = 0; i < 200 && (server_requests() < 2 || !a[3].is_done); i++)
        ask_run(10 * MS);
    CHECK(a[3].is_done && a[2].is_done);
    fetch_cancel(&a[0].fetch);
    fetch_cancel(&a[1].fetch);
    fetch_cancel(&a[1].fetch);
    q.url = "nonsense";
    ask_start(&a[4], &q);
    fetch_cancel(&a[4].fetch);
    ask_run(50 * MS);
    CHECK(!a[0].is_done && !a[1].is_done && !a[4].is_done);
    CHECK(fetcher.nrunning == 0 && fetcher.nwaiting == 0 && fetcher.buffers.used == 0);
    names_release();
    ask_run(50 * MS);
    ask_teardown();
}

static void what_is_under_way_at_the_end_is_dropped(void)
{
    static struct ask a[40];
    struct fetch_request q;

    ask_setup();
    q = ask_request(ask_url("localhost", "/hang"));
    for (size_t i = 0; i < 40; i++)
        ask_start(&a[i], &q);
    ask_run(100 * MS);
    CHECK(fetcher.nrunning == FETCH_RUNNING_OWNER && fetcher.nwaiting > 0);
    ask_teardown();
    CHECK(!a[0].is_done && a[0].fetch.work == NULL && a[39].fetch.work == NULL);
}

static void who_asks_for_much_waits_and_others_do_not(void)
{
    static struct ask many[FETCH_RUNNING_OWNER + 10];
    struct ask other;
    struct fetch_request q;
    int owner;

    ask_setup();
    q = ask_request(ask_url("localhost", "/hang"));
    q.timeout_ns = 2000 * MS;
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        ask_start(&many[i], &q);
    q.url = ask_url("localhost", "/ok");
    q.owner = &owner;
    ask_start(&other, &q);
    ask_run(1000 * MS);
    CHECK(other.is_done && is(&other, FETCH_OK, 200));
    CHECK(fetcher.nrunning == FETCH_RUNNING_OWNER && fetcher.nwaiting == 10);
    ask_run(5000 * MS);
    /* Those that waited had their time as well: it counts from the start. */
    CHECK(is(&many[0], FETCH_TIMEOUT, 0) && is(&many[FETCH_RUNNING_OWNER + 9], FETCH_TIMEOUT, 0));
    CHECK(strstr(many[FETCH_RUNNING_OWNER + 9].words, "others") != NULL);
    ask_teardown();
}

static void all_that_wait_have_their_turn(void)
{
    static struct ask a[200];
    static int owner[8];
    struct fetch_request q;
    unsigned ok = 0;

    ask_setup();
    CHECK(got("/ok", FETCH_OK, 200)); /* libcurl has been loaded */
    q = ask_request(ask_url("localhost", "/ok"));
    q.timeout_ns = 20000 * MS;
    for (size_t i = 0; i < 200; i++) {
        q.owner = &owner[i % 8];
        ask_start(&a[i], &q);
        CHECK(fetcher.nrunning <= FETCH_RUNNING);
    }
    CHECK(fetcher.nrunning == FETCH_RUNNING);
    ask_run(20000 * MS);
    for (size_t i = 0; i < 200; i++)
        ok += a[i].is_done && a[i].code == FETCH_OK;
    CHECK(ok == 200 && server_requests() == 201 && server_connections() <= FETCH_RUNNING);
    ask_teardown();
}

static void beyond_what_may_wait_a_fetch_is_refused(void)
{
    static struct ask a[FETCH_RUNNING_OWNER + FETCH_WAITING + 1];
    struct ask *last = &a[FETCH_RUNNING_OWNER + FETCH_WAITING];
    struct fetch_request q;

    ask_setup();
    CHECK(got("/ok", FETCH_OK, 200));
    q = ask_request(ask_url("localhost", "/hang"));
    for (struct ask *one = a; one <= last; one++)
        ask_start(one, &q);
    ask_run(50 * MS);
    CHECK(last->is_done && is(last, FETCH_BUSY, 0) && !last[-1].is_done);
    ask_teardown();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(status_headers_and_body_come_back),
        TAP_CASE(what_is_sent_is_what_was_asked_for_and_no_more),
        TAP_CASE(a_key_of_the_callers_own_is_kept),
        TAP_CASE(each_method_is_sent_as_it_is),
        TAP_CASE(a_large_body_goes_out_whole),
        TAP_CASE(what_makes_no_sense_is_told_and_not_sent),
        TAP_CASE(an_answer_larger_than_its_room_is_given_up),
        TAP_CASE(answers_share_what_memory_there_is_for_them),
        TAP_CASE(a_server_that_does_not_answer_is_left_in_time),
        TAP_CASE(no_answer_is_told_with_the_reason),
        TAP_CASE(another_address_is_tried_when_one_does_not_answer),
        TAP_CASE(connections_are_used_again_and_closed_when_idle),
        TAP_CASE(a_connection_that_the_server_closed_is_replaced),
        TAP_CASE(a_cancelled_fetch_is_not_told_of),
        TAP_CASE(what_is_under_way_at_the_end_is_dropped),
        TAP_CASE(who_asks_for_much_waits_and_others_do_not),
        TAP_CASE(all_that_wait_have_their_turn),
        TAP_CASE(beyond_what_may_wait_a_fetch_is_refused),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
