// SPDX-License-Identifier: MIT
/* serve.c: see serve.h. */
#include "tests/bench/serve.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 64

/* In epoll's data: a connection's descriptor, or one of these. */
#define TAG_LISTENER (UINT64_C(1) << 62)
#define TAG_OWN      (UINT64_C(1) << 63)

static void add(const struct serve *s, int fd, uint64_t data)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u64 = data};

    if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
        err(1, "epoll_ctl");
}

void serve_init(struct serve *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(a);

    (void)signal(SIGPIPE, SIG_IGN);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->epoll < 0 || s->listener < 0 ||
        bind(s->listener, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(s->listener, 512) < 0 ||
        getsockname(s->listener, (struct sockaddr *)&a, &len) < 0)
        err(1, "cannot listen on 127.0.0.1");
    add(s, s->listener, TAG_LISTENER);
    printf("listening on %u\n", (unsigned)ntohs(a.sin_port));
    (void)fflush(stdout);
}

void serve_watch(struct serve *s, int fd, uint32_t tag)
{
    add(s, fd, TAG_OWN | tag);
}

void serve_answer(int connection, const char *body, size_t size)
{
    char text[4096];
    int n =
        snprintf(text, sizeof(text),
                 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n%.*s",
                 size, (int)size, body);

    (void)!write(connection, text, (size_t)n);
}

static void take_connections(const struct serve *s)
{
    const int one = 1;
    int fd;

    while ((fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
        add(s, fd, (uint64_t)fd);
    }
}

/* A load generator sends a GET in one piece, and the next after the answer. */
static void take_request(struct serve *s, int fd)
{
    char text[8192];
    ssize_t n = read(fd, text, sizeof(text));

    if (n < 0 && errno == EAGAIN)
        return;
    if (n < 4 || memcmp(text + n - 4, "\r\n\r\n", 4) != 0) {
        (void)close(fd);
        return;
    }
    s->on_request(s, fd);
}

void serve_run(struct serve *s)
{
    struct epoll_event e[EVENTS];

    for (;;) {
        int n = epoll_wait(s->epoll, e, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            if (e[i].data.u64 == TAG_LISTENER)
                take_connections(s);
            else if ((e[i].data.u64 & TAG_OWN) != 0)
                s->on_ready(s, (uint32_t)e[i].data.u64);
            else
                take_request(s, (int)e[i].data.u64);
        }
    }
}
