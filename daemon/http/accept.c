// SPDX-License-Identifier: MIT
/* accept.c: see accept.h. */
#include "daemon/http/accept.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/owner.h"
#include "daemon/record/say.h"
#include "engine/reason.h"

#define BATCH    16u                   /* connections; then others have a turn    */
#define ROOM     256u                  /* connections that make room at once      */
#define RETRY_NS UINT64_C(100000000)   /* after a limit has been reached          */
#define OWED_NS  UINT64_C(1000000000)  /* that a client may take for a request     */
#define QUIET_NS UINT64_C(60000000000) /* between two lines that say the same     */

/* What libmicrohttpd keeps for us with each connection. */
struct http_connection {
    struct MHD_Connection *conn;
    uint64_t since_ns; /* it owes a request                      */
    bool is_owing;
    TAILQ_ENTRY(http_connection) link;
};

static void wait_for_connections(struct http *h)
{
    if (h->listener.is_watched || h->listener.fd < 0)
        return;
    /* Watching takes memory of the kernel: where it has none, later. */
    if (loop_watch(h->loop, &h->listener, EPOLLIN, NULL) < 0)
        loop_arm(h->loop, &h->accept_again, h->loop->now_ns + RETRY_NS);
}

/* A limit is reached: what waits, waits for a while longer. */
static void put_off(struct http *h, int code)
{
    enum reason r = reason_of_limit(code);

    loop_unwatch(h->loop, &h->listener);
    loop_arm(h->loop, &h->accept_again, h->loop->now_ns + RETRY_NS);
    if (h->told_ns != 0 && h->loop->now_ns - h->told_ns < QUIET_NS)
        return;
    h->told_ns = h->loop->now_ns;
    struct uf_err err = {0};
    (void)reason_fail(&err, code, r, "new connections wait");
    say("%s", err.msg);
}

static void on_again(struct loop_timer *t)
{
    wait_for_connections(UF_OWNER(t, struct http, accept_again));
}

/* False: no more now. */
static bool accept_one(struct http *h)
{
    struct sockaddr_storage addr;
    socklen_t len = sizeof(addr);
    int fd = accept4(h->listener.fd, (struct sockaddr *)&addr, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd >= 0) {
        (void)MHD_add_connection(h->mhd, fd, (const struct sockaddr *)&addr, len);
        h->is_due = true;
        return true;
    }
    int e = errno;
    if (e == EAGAIN)
        return false;
    if (reason_of_limit(-e) == REASON_NONE)
        return true; /* about one connection, which is gone */
    put_off(h, -e);
    return false;
}

/* ---- when there are as many as there may be -------------------------------------- */

static void owe(struct http *h, struct http_connection *c)
{
    c->is_owing = true;
    c->since_ns = h->loop->now_ns;
    TAILQ_INSERT_TAIL(&h->owing, c, link);
}

static void owe_no_more(struct http *h, struct http_connection *c)
{
    if (c->is_owing)
        TAILQ_REMOVE(&h->owing, c, link);
    c->is_owing = false;
}

static struct http_connection *connection_of(struct MHD_Connection *conn)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info == NULL ? NULL : info->socket_context;
}

void accept_request_is_complete(struct http *h, struct MHD_Connection *conn)
{
    struct http_connection *c = connection_of(conn);

    if (c != NULL)
        owe_no_more(h, c);
}

void accept_request_is_over(struct http *h, struct MHD_Connection *conn)
{
    struct http_connection *c = connection_of(conn);

    if (c == NULL)
        return;
    owe_no_more(h, c);
    owe(h, c);
}

/* End some that have owed for long; libmicrohttpd sees their end and closes them. */
static void make_room(struct http *h)
{
    struct http_connection *c;

    for (unsigned n = 0; n < ROOM && (c = TAILQ_FIRST(&h->owing)) != NULL; n++) {
        if (h->loop->now_ns - c->since_ns < OWED_NS)
            return;
        owe_no_more(h, c);
        h->displaced++;
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(c->conn, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info != NULL)
            (void)shutdown(info->connect_fd, SHUT_RDWR);
    }
}

static void on_listener(struct loop_fd *w, uint32_t events)
{
    struct http *h = UF_OWNER(w, struct http, listener);

    (void)events;
    if (h->nconnections >= h->connections_max) {
        make_room(h);
        /* Until one has gone; or something has owed for long enough. */
        loop_unwatch(h->loop, &h->listener);
        loop_arm(h->loop, &h->accept_again, h->loop->now_ns + RETRY_NS);
        return;
    }
    for (unsigned n = 0; n < BATCH && h->nconnections < h->connections_max; n++)
        if (!accept_one(h))
            return;
}

void accept_count(void *ctx, struct MHD_Connection *conn, void **own,
                  enum MHD_ConnectionNotificationCode code)
{
    struct http *h = ctx;
    struct http_connection *c = *own;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        h->nconnections++;
        c = calloc(1, sizeof(*c));
        *own = c;
        /* Without memory for it, it makes room for nobody. */
        if (c == NULL)
            return;
        c->conn = conn;
        owe(h, c);
        return;
    }
    h->nconnections--;
    if (c != NULL)
        owe_no_more(h, c);
    free(c);
    *own = NULL;
    wait_for_connections(h);
}

/* A peer that vanished without a word, such as the follower of a log whose machine sleeps, is
 * gone after 105 s. Who is accepted has this from the listener. No TCP_USER_TIMEOUT: it
 * would end a peer that is there and does not read now, too. */
static int keep_alive(int fd, struct uf_err *err)
{
    static const struct {
        int level;
        int name;
        int value;
    } all[] = {{IPPROTO_TCP, TCP_KEEPIDLE, 60},
               {IPPROTO_TCP, TCP_KEEPINTVL, 15},
               {IPPROTO_TCP, TCP_KEEPCNT, 3},
               {SOL_SOCKET, SO_KEEPALIVE, 1}};
    int domain = 0;
    socklen_t len = sizeof(domain);

    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
        (domain != AF_INET && domain != AF_INET6))
        return 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (setsockopt(fd, all[i].level, all[i].name, &all[i].value, sizeof(all[i].value)) < 0)
            return uf_fail(err, -errno, "the listening socket cannot look after its peers");
    return 0;
}

int accept_start(struct http *h, const struct http_options *o, struct uf_err *err)
{
    int flags = fcntl(o->listener, F_GETFL);

    h->listener = (struct loop_fd){.on_ready = on_listener, .fd = o->listener};
    h->connections_max = o->connections_max;
    h->accept_again.on_fire = on_again;
    /* One that was handed over may be of the kind that waits. */
    if (flags < 0 || fcntl(o->listener, F_SETFL, flags | O_NONBLOCK) < 0)
        return uf_fail(err, -errno, "the listening socket cannot be made to not wait");
    int r = keep_alive(o->listener, err);
    return r < 0 ? r : loop_watch(h->loop, &h->listener, EPOLLIN, err);
}

void accept_stop(struct http *h)
{
    if (h->listener.fd < 0)
        return;
    loop_disarm(h->loop, &h->accept_again);
    loop_unwatch(h->loop, &h->listener);
    (void)close(h->listener.fd);
    h->listener.fd = -1;
}
