// SPDX-License-Identifier: MIT
/*
 * load: keep connections busy, and see that each answer is that of its request.
 *
 *	load PORT CONNECTIONS REQUESTS SECONDS STICK < PLAN
 *
 * It ends when REQUESTS are made (0: no matter how many), after SECONDS, or
 * when it is told to (SIGTERM); each with the answers that are under way. A line
 * of PLAN is a kind of request, of which each connection makes STICK, and then
 * as many of the next kind that no other connection is at (0: it stays):
 *
 *	METHOD PATH STATUS[,STATUS...] NAME
 *
 * The body of a request, other than a GET, is a number that no other has. An answer's status must
 * be one of those listed; the body of a 200 is "NAME NUMBER" and nothing else,
 * unless NAME is "-". "lost" among the statuses allows no answer at all: then
 * it connects again, until it may. "leave" as the only one: the client is gone as
 * soon as it has asked.
 *
 * Prints "requests N", "status S N" for each, "lost N", "left N", "slowest MS",
 * "took MS". Says what was wrong first, and ends with 1.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNS_MAX  1000u
#define KINDS_MAX  2000u
#define ANSWER_MAX 8192u
#define STATUS_MAX 1000u
/* A daemon that says nothing for so long hangs: longer than any time limit here, and
 * than two tenders in a row that stand still (10 s each) and a start that is put off
 * after losses (30 s). */
#define SILENCE_MS 60000u
#define AGAIN_MS   20 /* until the next try to connect */

struct kind {
    char method[8];
    char path[128];
    char statuses[64];
    char name[64];
    bool is_leave;
    bool is_taken; /* a connection is at it */
};

struct conn {
    int fd;         /* -1: none, to be connected */
    unsigned kind;  /* index into kinds */
    unsigned stick; /* requests of this kind made */
    bool is_asked;  /* an answer is due */
    uint64_t number;
    uint64_t since; /* ms, when it was asked */
    size_t got;
    char answer[ANSWER_MAX + 1];
};

static struct kind kinds[KINDS_MAX];
static unsigned n_kinds;
static struct conn conns[CONNS_MAX];
static unsigned n_conns, stick;
static uint64_t wanted, asked, lost, left, wrong, slowest;
static uint64_t by_status[STATUS_MAX];
static int poller;
static struct sockaddr_in server = {.sin_family = AF_INET};
static volatile sig_atomic_t is_told;

static void on_term(int sig)
{
    (void)sig;
    is_told = 1;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void read_plan(void)
{
    char line[512];

    for (; fgets(line, sizeof(line), stdin) != NULL; n_kinds++) {
        struct kind *k = &kinds[n_kinds];

        if (n_kinds == KINDS_MAX)
            errx(2, "more than %u lines", KINDS_MAX);
        if (sscanf(line, "%7s %127s %63s %63s", k->method, k->path, k->statuses, k->name) != 4)
            errx(2, "not METHOD PATH STATUSES NAME: %s", line);
        k->is_leave = strcmp(k->statuses, "leave") == 0;
    }
    if (n_kinds < n_conns)
        errx(2, "%u lines are too few for %u connections", n_kinds, n_conns);
}

/* Is the status, or "lost", one that may come? */
static bool is_allowed(const struct kind *k, const char *status)
{
    const char *at = strstr(k->statuses, status);
    size_t n = strlen(status);

    return at != NULL && (at == k->statuses || at[-1] == ',') && (at[n] == ',' || at[n] == '\0');
}

/* The first few say what is wrong; more would say the same. */
static void complain(const struct conn *c, const char *what)
{
    const struct kind *k = &kinds[c->kind];
    const char *body = strstr(c->answer, "\r\n\r\n");

    if (wrong++ < 5)
        warnx("%s %s, request %llu: %s: %.15s %.100s", k->method, k->path,
              (unsigned long long)c->number, what, c->answer, body != NULL ? body + 4 : "");
}

static void watch(struct conn *c)
{
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};

    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e) < 0)
        err(1, "epoll_ctl");
}

static bool connects(struct conn *c)
{
    const int one = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        err(1, "socket");
    if (connect(c->fd, (struct sockaddr *)&server, sizeof(server)) == 0) {
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        watch(c);
        return true;
    }
    (void)close(c->fd);
    c->fd = -1;
    return false;
}

static void disconnect(struct conn *c)
{
    (void)close(c->fd);
    c->fd = -1;
    c->is_asked = false;
}

static void lose(struct conn *c)
{
    if (c->is_asked) {
        c->answer[c->got] = '\0';
        lost++;
        if (!is_allowed(&kinds[c->kind], "lost"))
            complain(c, "no answer");
    }
    disconnect(c);
}

static void next_kind(struct conn *c)
{
    if (stick == 0 || c->stick < stick)
        return;
    kinds[c->kind].is_taken = false;
    do {
        c->kind = (c->kind + 1) % n_kinds;
    } while (kinds[c->kind].is_taken);
    kinds[c->kind].is_taken = true;
    c->stick = 0;
}

static bool is_over(void)
{
    return is_told || (wanted != 0 && asked >= wanted);
}

static void ask(struct conn *c)
{
    char text[512], body[32];

    if (is_over())
        return;
    next_kind(c);
    if (c->fd < 0 && !connects(c)) {
        if (!is_allowed(&kinds[c->kind], "lost"))
            err(1, "cannot connect");
        return;
    }
    const struct kind *k = &kinds[c->kind];
    c->number = ++asked;
    c->stick++;
    int n = snprintf(body, sizeof(body), "%llu", (unsigned long long)c->number);
    if (strcmp(k->method, "GET") == 0)
        n = 0;
    n = snprintf(text, sizeof(text),
                 "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%.*s", k->method,
                 k->path, n, n, body);
    c->got = 0;
    c->is_asked = true;
    c->since = now_ms();
    if (send(c->fd, text, (size_t)n, MSG_NOSIGNAL) != n) {
        lose(c);
        return;
    }
    if (k->is_leave) {
        left++;
        disconnect(c);
    }
}

/* What came, once it is a whole answer: judge it. Returns false when it is not. */
static bool judge(struct conn *c)
{
    const struct kind *k = &kinds[c->kind];
    char want[128], status[4];
    const char *end, *length;

    c->answer[c->got] = '\0';
    end = strstr(c->answer, "\r\n\r\n");
    if (end == NULL)
        return false;
    end += 4;
    length = strcasestr(c->answer, "\r\nContent-Length:");
    if (length == NULL || length > end) {
        complain(c, "an answer without length");
        disconnect(c);
        return true;
    }
    size_t body = strtoul(length + 17, NULL, 10);
    if (c->got < (size_t)(end - c->answer) + body)
        return false;
    (void)snprintf(status, sizeof(status), "%.3s",
                   strncmp(c->answer, "HTTP/1.1 ", 9) == 0 ? c->answer + 9 : "");
    by_status[strtoul(status, NULL, 10)]++;
    uint64_t took = now_ms() - c->since;
    slowest = took > slowest ? took : slowest;
    int n = snprintf(want, sizeof(want), "%s %llu", k->name, (unsigned long long)c->number);
    if (!is_allowed(k, status))
        complain(c, "not the status");
    else if (strcmp(status, "200") == 0 && strcmp(k->name, "-") != 0 &&
             (body != (size_t)n || memcmp(end, want, body) != 0))
        complain(c, "not the answer");
    c->is_asked = false;
    if (strcasestr(c->answer, "\r\nConnection: close\r\n") != NULL)
        disconnect(c);
    return true;
}

static void receive(struct conn *c)
{
    ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - c->got, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        if (c->got == ANSWER_MAX)
            complain(c, "an answer that is too long");
        lose(c);
        ask(c);
        return;
    }
    c->got += (size_t)n;
    if (judge(c))
        ask(c);
}

/* Connections that wait for an answer; those that cannot connect try again. */
static unsigned under_way(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < n_conns; i++) {
        struct conn *c = &conns[i];

        if (!c->is_asked)
            ask(c);
        if (c->is_asked && now_ms() - c->since > SILENCE_MS) {
            c->answer[c->got] = '\0';
            complain(c, "silence");
            lose(c);
        }
        n += c->is_asked;
    }
    return n;
}

static void run(uint64_t until)
{
    struct epoll_event events[64];

    for (;;) {
        unsigned waiting = under_way();

        if (waiting == 0 && is_over())
            return;
        int n = epoll_wait(poller, events, 64, waiting == n_conns ? 1000 : AGAIN_MS);
        for (int i = 0; i < n; i++)
            receive(events[i].data.ptr);
        if (until != 0 && now_ms() >= until)
            is_told = 1;
    }
}

int main(int argc, char **argv)
{
    const struct sigaction told = {.sa_handler = on_term};

    if (argc != 6)
        errx(2, "usage: load PORT CONNECTIONS REQUESTS SECONDS STICK < PLAN");
    server.sin_port = htons((uint16_t)atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    n_conns = (unsigned)atoi(argv[2]);
    wanted = strtoull(argv[3], NULL, 10);
    stick = (unsigned)atoi(argv[5]);
    if (n_conns < 1 || n_conns > CONNS_MAX)
        errx(2, "CONNECTIONS are 1 to %u", CONNS_MAX);
    read_plan();
    poller = epoll_create1(EPOLL_CLOEXEC);
    /* A test that is killed leaves nothing. */
    if (poller < 0 || sigaction(SIGTERM, &told, NULL) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
        err(1, "epoll_create1, sigaction or prctl");
    for (unsigned i = 0; i < n_conns; i++) {
        conns[i].fd = -1;
        conns[i].kind = i;
        kinds[i].is_taken = true;
    }
    uint64_t from = now_ms(), seconds = strtoull(argv[4], NULL, 10);
    run(seconds != 0 ? from + seconds * 1000 : 0);
    printf("requests %llu\n", (unsigned long long)asked);
    for (unsigned s = 0; s < STATUS_MAX; s++)
        if (by_status[s] != 0)
            printf("status %u %llu\n", s, (unsigned long long)by_status[s]);
    printf("lost %llu\nleft %llu\nslowest %llu\ntook %llu\n", (unsigned long long)lost,
           (unsigned long long)left, (unsigned long long)slowest,
           (unsigned long long)(now_ms() - from));
    return wrong != 0;
}
