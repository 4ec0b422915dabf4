// SPDX-License-Identifier: MIT
/* client.c: see client.h. */
#include "tests/bench/client.h"

#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define HEAD_MAX 512

/* A daemon that is being drained may think for a while. */
#define PATIENCE_S 60

void client_open(struct client *c, const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)atoi(port)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int one = 1;
    const struct timeval patience = {.tv_sec = PATIENCE_S};

    c->body = "";
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
        err(1, "cannot connect to 127.0.0.1:%s", port);
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    (void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

void client_close(struct client *c)
{
    (void)close(c->fd);
}

/* In one piece, if the kernel takes it. */
static void send_all(int fd, struct iovec *v, int n)
{
    while (n > 0) {
        ssize_t sent = writev(fd, v, n);

        if (sent < 0)
            err(1, "cannot send");
        for (; n > 0 && (size_t)sent >= v->iov_len; v++, n--)
            sent -= (ssize_t)v->iov_len;
        if (n > 0) {
            v->iov_base = (char *)v->iov_base + sent;
            v->iov_len -= (size_t)sent;
        }
    }
}

/* The body of an answer of which all has come: its headers and as much as they
 * announce. */
static const char *whole(const char *text, size_t n)
{
    const char *end = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, "\r\nContent-Length:");

    if (end == NULL)
        return NULL;
    if (length == NULL || length > end)
        errx(1, "an answer without length: %.200s", text);
    return n >= (size_t)(end - text) + 4 + strtoul(length + 17, NULL, 10) ? end + 4 : NULL;
}

int client_ask(struct client *c, const char *method, const char *path, const void *body,
               size_t size)
{
    char head[HEAD_MAX];
    union {
        const void *in;
        void *out;
    } b = {.in = body};
    int len = snprintf(head, sizeof(head),
                       "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %zu\r\n\r\n", method,
                       path, size);
    struct iovec v[] = {{head, (size_t)len}, {b.out, size}};
    size_t n = 0;

    send_all(c->fd, v, 2);
    do {
        ssize_t got = read(c->fd, c->text + n, CLIENT_ANSWER_MAX - n);

        if (got <= 0)
            err(1, "no whole answer");
        n += (size_t)got;
        c->text[n] = '\0';
        c->body = whole(c->text, n);
    } while (c->body == NULL);
    return strncmp(c->text, "HTTP/1.1 ", 9) == 0 ? atoi(c->text + 9) : 0;
}

unsigned long long client_number(const struct client *c, const char *name)
{
    size_t len = strlen(name);
    const char *at = c->body;

    while ((at = strstr(at, name)) != NULL) {
        if (at[-1] == '"' && at[len] == '"' && at[len + 1] == ':')
            return strtoull(at + len + 2, NULL, 10);
        at += len;
    }
    errx(1, "an answer without %s: %.200s", name, c->text);
}
