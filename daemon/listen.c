// SPDX-License-Identifier: MIT
/* listen.c: see listen.h. */
#include "daemon/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"

#define INHERITED_FD 3
#define BACKLOG      511

static int parse_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long v = strtoul(text, &end, 10);

    if (end == text || *end != '\0' || v > 65535 || text[0] < '0' || text[0] > '9')
        return -EINVAL;
    *port = (uint16_t)v;
    return 0;
}

/* Take host and port apart; the brackets around an IPv6 address go. */
static int split(const char *text, char *host, size_t cap, uint16_t *port)
{
    const char *colon = strrchr(text, ':');
    bool is_v6 = text[0] == '[';
    const char *from = text + (is_v6 ? 1 : 0);
    const char *to = is_v6 ? strchr(text, ']') : colon;

    if (colon == NULL || to == NULL || to < from || (is_v6 && to + 1 != colon) ||
        (size_t)(to - from) >= cap)
        return -EINVAL;
    (void)snprintf(host, cap, "%.*s", (int)(to - from), from);
    return parse_port(colon + 1, port);
}

int listen_parse(const char *text, struct listen_address *out, struct uf_err *err)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    char host[64];
    uint16_t port = 0;
    bool is_v6 = text[0] == '[';

    if (split(text, host, sizeof(host), &port) < 0 ||
        (is_v6 ? inet_pton(AF_INET6, host, &v6.sin6_addr)
               : inet_pton(AF_INET, host, &v4.sin_addr)) != 1)
        return uf_fail(err, -EINVAL,
                       "listen: \"%.80s\" is not valid; it must be ADDR:PORT like "
                       "127.0.0.1:8080, or [ADDR]:PORT like [::1]:8080",
                       text);
    v4.sin_port = v6.sin6_port = htons(port);
    *out = (struct listen_address){.len = is_v6 ? sizeof(v6) : sizeof(v4)};
    memcpy(&out->addr, is_v6 ? (const void *)&v6 : (const void *)&v4, out->len);
    return 0;
}

static const struct sockaddr_in *v4_of(const struct listen_address *a)
{
    return (const struct sockaddr_in *)(const void *)&a->addr;
}

static const struct sockaddr_in6 *v6_of(const struct listen_address *a)
{
    return (const struct sockaddr_in6 *)(const void *)&a->addr;
}

bool listen_is_loopback(const struct listen_address *a)
{
    if (a->addr.ss_family == AF_INET)
        return ntohl(v4_of(a)->sin_addr.s_addr) >> 24 == 127;
    return a->addr.ss_family == AF_UNIX ||
           (a->addr.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6_of(a)->sin6_addr));
}

const char *listen_format(const struct listen_address *a, char out[static LISTEN_TEXT])
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (a->addr.ss_family == AF_INET) {
        (void)inet_ntop(AF_INET, &v4_of(a)->sin_addr, host, sizeof(host));
        (void)snprintf(out, LISTEN_TEXT, "%s:%u", host, ntohs(v4_of(a)->sin_port));
    } else if (a->addr.ss_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &v6_of(a)->sin6_addr, host, sizeof(host));
        (void)snprintf(out, LISTEN_TEXT, "[%s]:%u", host, ntohs(v6_of(a)->sin6_port));
    } else {
        (void)snprintf(out, LISTEN_TEXT, "a local socket");
    }
    return out;
}

int listen_inherited(void)
{
    const char *pid = getenv("LISTEN_PID");
    const char *fds = getenv("LISTEN_FDS");

    if (pid == NULL || fds == NULL || strtol(pid, NULL, 10) != getpid() ||
        strtol(fds, NULL, 10) < 1)
        return -1;
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    return fcntl(INHERITED_FD, F_SETFD, FD_CLOEXEC) < 0 ? -1 : INHERITED_FD;
}

int listen_open(const struct listen_address *a, struct uf_err *err)
{
    UF_AUTO_FD int fd = socket(a->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    char text[LISTEN_TEXT];
    int on = 1;

    if (fd < 0)
        return uf_fail(err, -errno, "socket: %s", strerror(errno));
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, (const struct sockaddr *)(const void *)&a->addr, a->len) < 0 ||
        listen(fd, BACKLOG) < 0) {
        int e = errno;

        return uf_fail(err, -e, "cannot listen on %s: %s%s", listen_format(a, text), strerror(e),
                       e == EADDRINUSE ? "; another program has it, choose with --listen" : "");
    }
    return uf_take_fd(&fd);
}

int listen_where(int fd, struct listen_address *out, struct uf_err *err)
{
    *out = (struct listen_address){.len = sizeof(out->addr)};
    if (getsockname(fd, (struct sockaddr *)(void *)&out->addr, &out->len) < 0)
        return uf_fail(err, -errno, "the listening socket: %s", strerror(errno));
    return 0;
}
