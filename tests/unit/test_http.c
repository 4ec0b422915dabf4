// SPDX-License-Identifier: MIT
// LINK: daemon/http daemon/loop daemon/record/say.c engine/reason.c
// LIBS: libmicrohttpd
/*
 * Requests that wait for their answer, suspended or, on a brief route, asked for; with
 * clients that are this program's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/owner.h"
#include "daemon/http/http.h"
#include "tests/tap.h"

#define MS       UINT64_C(1000000)
#define SECOND   (1000 * MS)
#define PATIENCE (20 * SECOND) /* for what must come */
#define MANY     200

static struct loop loop;
static struct http http;
static struct sockaddr_in address = {.sin_family = AF_INET};
static struct http_request *waiting[MANY]; /* served, and not answered */
static unsigned nwaiting, nforgotten;
static unsigned nrounds, nsleeps; /* of the loop; of them with a sleep */

/* ---- the server ---------------------------------------------------------------------- */

static void serve(struct http_request *r)
{
    waiting[nwaiting++] = r;
    loop_stop(&loop); /* what is tested next finds it as it is now */
}

static void serve_now(struct http_request *r)
{
    http_text(r, 200, "now\n");
    http_send(r);
}

static struct http_request *begun; /* the last one */

static void check(struct http_request *r)
{
    begun = r;
}

static void forget(struct http_request *r)
{
    (void)r;
    nforgotten++;
}

static const struct http_route routes[] = {
    {.path = "/brief", .body_max = 1u << 20, .serve = serve, .forget = forget, .is_brief = true},
    {.path = "/long", .body_max = 1u << 20, .check = check, .serve = serve, .forget = forget},
    {.path = "/now", .body_max = 1u << 20, .serve = serve_now},
};

static int64_t before_sleep(void *ctx)
{
    (void)ctx;
    int64_t ms = http_before_sleep(&http);
    nrounds++;
    nsleeps += ms > 0;
    return ms;
}

static void begin(void)
{
    int one = 1;
    socklen_t len = sizeof(address);
    struct http_options o = {.connections_max = MANY,
                             .listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

    nwaiting = nforgotten = 0;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = 0;
    CHECK(loop_init(&loop, NULL) == 0);
    loop.hook.before_sleep = before_sleep;
    (void)setsockopt(o.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    CHECK(bind(o.listener, (struct sockaddr *)&address, sizeof(address)) == 0);
    CHECK(listen(o.listener, MANY) == 0);
    CHECK(getsockname(o.listener, (struct sockaddr *)&address, &len) == 0);
    CHECK(http_start(&http, &loop, &o, routes, sizeof(routes) / sizeof(routes[0]), NULL) == 0);
}

static void end(void)
{
    http_stop(&http);
    loop_fini(&loop);
    CHECK(http.nasked == 0 && http.nrequests == 0 && http.bodies == 0);
}

static void on_time(struct loop_timer *t)
{
    (void)t;
    loop_stop(&loop);
}

/* Let it run for so long. */
static void run(uint64_t ns)
{
    struct loop_timer timer = {.on_fire = on_time};

    nrounds = nsleeps = 0;
    loop.is_stopping = false;
    loop_arm(&loop, &timer, loop.now_ns + ns);
    CHECK(loop_run(&loop, NULL) == 0);
    loop_disarm(&loop, &timer);
}

/* Until condition holds; a check that fails when it does not. */
#define RUN_UNTIL(condition)                                   \
    do {                                                       \
        uint64_t from_ = loop.now_ns;                          \
        while (!(condition) && loop.now_ns < from_ + PATIENCE) \
            run(MS / 10);                                      \
        CHECK(condition);                                      \
    } while (0)

static void answer(struct http_request *r, const char *text)
{
    http_text(r, 202, "%s\n", text);
    http_send(r);
}

static bool is_suspended(const struct http_request *r)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CONNECTION_SUSPENDED);

    return i != NULL && i->suspended == MHD_YES;
}

/* However busy the machine is, it will not have waited for long. */
static void keep_brief(struct http_request *r)
{
    CHECK(!is_suspended(r));
    r->asked_ns = loop.now_ns + 2 * PATIENCE;
}

/* ---- clients ------------------------------------------------------------------------- */

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

static void say_to(int fd, const char *text)
{
    CHECK(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
}

static int ask(const char *path)
{
    char text[128];
    int fd = dial();

    (void)snprintf(text, sizeof(text), "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi",
                   path);
    say_to(fd, text);
    return fd;
}

/* Has all of this come by now? What has come is taken. */
static char heard[4096];

static bool hears(int fd, const char *text)
{
    size_t len = strlen(heard);
    ssize_t n = recv(fd, heard + len, sizeof(heard) - 1 - len, MSG_DONTWAIT);

    if (n > 0)
        heard[len + (size_t)n] = '\0';
    return strstr(heard, text) != NULL;
}

static void hear(int fd, const char *text)
{
    heard[0] = '\0';
    RUN_UNTIL(hears(fd, text));
    if (strstr(heard, text) == NULL)
        printf("# heard: %s\n", heard);
}

/* The last one that waits gets its answer, and goes. */
static void conclude(int fd)
{
    answer(waiting[--nwaiting], "done");
    hear(fd, "done\n");
    (void)close(fd);
}

/* Gone without a farewell. */
static void reset(int fd)
{
    struct linger l = {.l_onoff = 1, .l_linger = 0};

    CHECK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0);
    (void)close(fd);
}

/* ---- the sentences ------------------------------------------------------------------- */

static void a_brief_request_is_answered_without_being_suspended(void)
{
    begin();
    int fd = ask("/brief");
    for (int i = 0; i < 3; i++) {
        RUN_UNTIL(nwaiting == 1);
        CHECK(!is_suspended(waiting[0]) && http.nasked == 1);
        CHECK(waiting[0]->size == 2 && memcmp(waiting[0]->body, "hi", 2) == 0);
        answer(waiting[--nwaiting], "done");
        hear(fd, "done\n");
        CHECK(strncmp(heard, "HTTP/1.1 202", 12) == 0);
        CHECK(http.nasked == 0);
        if (i < 2)
            say_to(fd, "POST /brief HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    }
    (void)close(fd);
    RUN_UNTIL(http.nconnections == 0);
    CHECK(nforgotten == 3);
    end();
}

static void a_request_that_waits_for_long_is_suspended_and_the_loop_sleeps(void)
{
    static const char *const paths[] = {"/brief", "/long"};

    for (int i = 0; i < 2; i++) {
        begin();
        int fd = ask(paths[i]);
        RUN_UNTIL(nwaiting == 1);
        RUN_UNTIL(is_suspended(waiting[0]));
        CHECK(http.nasked == 0);
        run(50 * MS);
        CHECK(nrounds < 5);
        conclude(fd);
        end();
    }
}

/* Also while one is asked for: it would be easy to ask without end. */
static void the_loop_sleeps_while_a_request_is_asked_for(void)
{
    begin();
    int fd = ask("/brief");
    RUN_UNTIL(nwaiting == 1);
    run(40 * MS);
    CHECK(nrounds < 20);
    conclude(fd);
    end();
}

/* Else it would be there with the next event of anybody's, or five milliseconds later. */
static void an_answer_that_was_waited_for_is_sent_at_once(void)
{
    static const char *const paths[] = {"/brief", "/long"};

    for (unsigned i = 0; i < 4; i++) {
        begin();
        http.nasked += i / 2; /* as if another one was asked for */
        int older = dial();   /* the oldest connection gets a look more */
        RUN_UNTIL(http.nconnections == 1);
        int fd = ask(paths[i % 2]);
        RUN_UNTIL(nwaiting == 1);
        answer(waiting[--nwaiting], "done");
        (void)http_before_sleep(&http);
        heard[0] = '\0';
        CHECK(hears(fd, "done\n"));
        (void)close(fd);
        (void)close(older);
        http.nasked -= i / 2;
        end();
    }
}

static void a_client_that_is_gone_before_the_answer_leaves_nothing_behind(void)
{
    begin();
    int fd = ask("/brief");
    RUN_UNTIL(nwaiting == 1);
    keep_brief(waiting[0]);
    reset(fd);
    RUN_UNTIL(http.nconnections == 0);
    /* Whoever serves it has it still, its body and its URI. */
    CHECK(nforgotten == 0 && http.nrequests == 1 && http.nasked == 0);
    CHECK(waiting[0]->conn == NULL && strcmp(waiting[0]->path, "/brief") == 0);
    CHECK(waiting[0]->size == 2 && memcmp(waiting[0]->body, "hi", 2) == 0);
    answer(waiting[--nwaiting], "done");
    CHECK(nforgotten == 1 && http.nrequests == 0);

    fd = ask("/long");
    RUN_UNTIL(nwaiting == 1);
    reset(fd);
    answer(waiting[--nwaiting], "done");
    RUN_UNTIL(nforgotten == 2);
    end();
}

static void very_many_are_all_answered(void)
{
    static int fds[MANY];

    begin();
    for (int i = 0; i < MANY; i++)
        fds[i] = ask("/brief");
    RUN_UNTIL(nwaiting == MANY);
    while (nwaiting > 0)
        answer(waiting[--nwaiting], "done");
    for (int i = 0; i < MANY; i++) {
        hear(fds[i], "done\n");
        (void)close(fds[i]);
    }
    RUN_UNTIL(nforgotten == MANY);
    end();
}

static void one_too_many_to_be_asked_for_is_suspended_at_once(void)
{
    begin();
    http.nasked += HTTP_ASKED_MAX;
    int fd = ask("/brief");
    RUN_UNTIL(nwaiting == 1);
    CHECK(is_suspended(waiting[0]) && http.nasked == HTTP_ASKED_MAX);
    conclude(fd);
    http.nasked -= HTTP_ASKED_MAX;
    end();
}

/* Else connections that come and go would pile up what no limit of theirs counts. */
static void those_whose_client_is_gone_count_until_they_are_answered(void)
{
    begin();
    int fd = ask("/brief");
    RUN_UNTIL(nwaiting == 1);
    keep_brief(waiting[0]);
    reset(fd);
    RUN_UNTIL(http.nconnections == 0);
    CHECK(http.ngone == 1);
    http.nasked += HTTP_ASKED_MAX - 1;
    fd = ask("/brief");
    RUN_UNTIL(nwaiting == 2);
    CHECK(is_suspended(waiting[1]));
    while (nwaiting > 0)
        answer(waiting[--nwaiting], "done");
    CHECK(http.ngone == 0);
    hear(fd, "done\n");
    (void)close(fd);
    http.nasked -= HTTP_ASKED_MAX - 1;
    end();
}

static void the_next_request_of_a_connection_waits_for_the_answer(void)
{
    begin();
    int fd = dial();
    say_to(fd, "POST /brief HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
               "POST /now HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi");
    RUN_UNTIL(nwaiting == 1);
    heard[0] = '\0';
    run(MS);
    CHECK(!hears(fd, "now\n"));
    answer(waiting[--nwaiting], "done");
    hear(fd, "now\n");
    CHECK(strstr(heard, "done\n") != NULL && strstr(heard, "done\n") < strstr(heard, "now\n"));
    (void)close(fd);
    end();
}

/* As if one was asked for all the time. */
static void what_other_clients_send_is_read_meanwhile(void)
{
    static char big[98304];
    static char header[24000];

    begin();
    http.nasked++;
    int fd = dial();
    say_to(fd, "POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 98304\r\n\r\n");
    memset(big, 'x', sizeof(big));
    CHECK(send(fd, big, sizeof(big), MSG_NOSIGNAL) == sizeof(big));
    RUN_UNTIL(nwaiting == 1);
    CHECK(waiting[0]->size == sizeof(big));
    conclude(fd);

    fd = dial();
    memset(header, 'x', sizeof(header) - 1);
    say_to(fd, "GET /now HTTP/1.1\r\nHost: x\r\nX: ");
    say_to(fd, header);
    say_to(fd, "\r\n\r\n");
    hear(fd, "now\n");
    (void)close(fd);

    fd = dial();
    say_to(fd,
           "POST /now HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    hear(fd, "100 Continue\r\n");
    say_to(fd, "hi");
    hear(fd, "now\n");
    (void)close(fd);
    http.nasked--;
    end();
}

/* A body that is there is read without a sleep between its pieces, some thirty. */
static void a_body_is_read_at_once_while_a_request_is_asked_for(void)
{
    static char big[98304];

    begin();
    http.nasked++;
    int fd = dial();
    say_to(fd, "POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 98304\r\n\r\n");
    memset(big, 'x', sizeof(big));
    CHECK(send(fd, big, sizeof(big), MSG_NOSIGNAL) == sizeof(big));
    nsleeps = 0;
    unsigned slept = 0;
    uint64_t from = loop.now_ns;
    while (nwaiting == 0 && loop.now_ns < from + PATIENCE) {
        run(MS / 10);
        slept += nsleeps;
    }
    CHECK(nwaiting == 1);
    printf("# slept %u times\n", slept);
    CHECK(slept <= 5);
    conclude(fd);
    http.nasked--;
    end();
}

/* A client has sent the beginning of a body of a million bytes; the request. */
static struct http_request *send_part(int fd, size_t size)
{
    static char part[98304];

    begun = NULL;
    memset(part, 'x', sizeof(part));
    say_to(fd, "POST /long HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    CHECK(send(fd, part, size, MSG_NOSIGNAL) == (ssize_t)size);
    RUN_UNTIL(begun != NULL && begun->received == size);
    return begun;
}

static bool is_closed(int fd)
{
    char c;
    ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT);

    return n == 0 || (n < 0 && errno != EAGAIN);
}

static void a_large_body_that_dribbles_is_cut_off(void)
{
    begin();
    int fd = dial();
    struct http_request *r = send_part(fd, 98304);
    r->start_ns -= (HTTP_BODY_S - 20) * SECOND;
    say_to(fd, "x");
    RUN_UNTIL(r->received == 98305);
    CHECK(http.bodies > 0 && !is_closed(fd));
    r->start_ns -= 21 * SECOND;
    say_to(fd, "x");
    RUN_UNTIL(is_closed(fd));
    CHECK(http.bodies == 0 && nwaiting == 0);
    (void)close(fd);
    end();
}

static void a_small_one_may_take_its_time(void)
{
    begin();
    int fd = dial();
    struct http_request *r = send_part(fd, HTTP_BODY_SMALL - 1);
    r->start_ns -= 86400 * SECOND;
    say_to(fd, "x");
    RUN_UNTIL(r->received == HTTP_BODY_SMALL);
    CHECK(!is_closed(fd));
    reset(fd);
    RUN_UNTIL(http.nrequests == 0);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_brief_request_is_answered_without_being_suspended),
        TAP_CASE(a_request_that_waits_for_long_is_suspended_and_the_loop_sleeps),
        TAP_CASE(the_loop_sleeps_while_a_request_is_asked_for),
        TAP_CASE(an_answer_that_was_waited_for_is_sent_at_once),
        TAP_CASE(a_client_that_is_gone_before_the_answer_leaves_nothing_behind),
        TAP_CASE(very_many_are_all_answered),
        TAP_CASE(one_too_many_to_be_asked_for_is_suspended_at_once),
        TAP_CASE(those_whose_client_is_gone_count_until_they_are_answered),
        TAP_CASE(the_next_request_of_a_connection_waits_for_the_answer),
        TAP_CASE(what_other_clients_send_is_read_meanwhile),
        TAP_CASE(a_body_is_read_at_once_while_a_request_is_asked_for),
        TAP_CASE(a_large_body_that_dribbles_is_cut_off),
        TAP_CASE(a_small_one_may_take_its_time),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
