// SPDX-License-Identifier: MIT
/* multi.c: see multi.h. */
#include "daemon/fetch/multi.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/owner.h"

struct socket_watch {
    struct loop_fd fd;
    struct multi *multi;
    uint32_t events;
};

/* ---- its turn --------------------------------------------------------------------------- */

static void tell_ends(struct multi *m)
{
    CURLMsg *msg;
    int left;

    while (m->handle != NULL && (msg = m->curl->curl_multi_info_read(m->handle, &left)) != NULL) {
        CURLcode code = msg->data.result;
        void *transfer = NULL;

        if (msg->msg != CURLMSG_DONE)
            continue;
        (void)m->curl->curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &transfer);
        m->on_end(transfer, code);
    }
}

static void on_ready(struct loop_fd *fd, uint32_t events)
{
    struct multi *m = UF_OWNER(fd, struct socket_watch, fd)->multi;
    curl_socket_t s = fd->fd;
    int what = 0;
    int running;

    if ((events & (EPOLLIN | EPOLLHUP)) != 0)
        what |= CURL_CSELECT_IN;
    if ((events & EPOLLOUT) != 0)
        what |= CURL_CSELECT_OUT;
    if ((events & EPOLLERR) != 0)
        what |= CURL_CSELECT_ERR;
    /* fd may be gone when this returns. */
    (void)m->curl->curl_multi_socket_action(m->handle, s, what, &running);
    tell_ends(m);
}

static void on_due(struct loop_timer *t)
{
    struct multi *m = UF_OWNER(t, struct multi, due);
    int running;

    (void)m->curl->curl_multi_socket_action(m->handle, CURL_SOCKET_TIMEOUT, 0, &running);
    tell_ends(m);
}

/* ---- what libcurl waits for --------------------------------------------------------------- */

static int on_timer(CURLM *handle, long ms, void *ctx)
{
    struct multi *m = ctx;

    (void)handle;
    if (ms < 0)
        loop_disarm(m->loop, &m->due);
    else
        loop_arm(m->loop, &m->due, m->loop->now_ns + (uint64_t)ms * 1000000u);
    return 0;
}

static uint32_t events_of(int what)
{
    return ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) |
           ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0);
}

static void drop(struct multi *m, struct socket_watch *w)
{
    loop_unwatch(m->loop, &w->fd);
    free(w);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *own)
{
    struct multi *m = ctx;
    struct socket_watch *w = own;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w != NULL)
            drop(m, w);
        return 0;
    }
    if (w == NULL) {
        w = xnew(sizeof(*w));
        *w = (struct socket_watch){.fd = {.on_ready = on_ready, .fd = fd}, .multi = m};
        (void)m->curl->curl_multi_assign(m->handle, fd, w);
    }
    if (w->fd.is_watched && w->events == events_of(what))
        return 0;
    loop_unwatch(m->loop, &w->fd);
    w->events = events_of(what);
    /* -1 ends all transfers: the kernel has no memory for a watch. */
    return loop_watch(m->loop, &w->fd, w->events, NULL) < 0 ? -1 : 0;
}

/* ---- from first to last -------------------------------------------------------------------- */

static int open_handle(struct multi *m, struct uf_err *err)
{
    if (m->handle != NULL)
        return 0;
    m->handle = m->curl->curl_multi_init();
    if (m->handle == NULL)
        return uf_fail(err, -ENOMEM, "no memory for libcurl");
    const struct curl *c = m->curl;
    (void)c->curl_multi_setopt(m->handle, CURLMOPT_SOCKETFUNCTION, on_socket);
    (void)c->curl_multi_setopt(m->handle, CURLMOPT_SOCKETDATA, m);
    (void)c->curl_multi_setopt(m->handle, CURLMOPT_TIMERFUNCTION, on_timer);
    (void)c->curl_multi_setopt(m->handle, CURLMOPT_TIMERDATA, m);
    (void)c->curl_multi_setopt(m->handle, CURLMOPT_MAXCONNECTS, MULTI_CONNECTIONS);
    (void)c->curl_multi_setopt(m->handle, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    return 0;
}

static void close_handle(struct multi *m)
{
    if (m->handle != NULL)
        (void)m->curl->curl_multi_cleanup(m->handle);
    m->handle = NULL;
    loop_disarm(m->loop, &m->due);
}

static void on_idle(struct loop_timer *t)
{
    close_handle(UF_OWNER(t, struct multi, idle));
}

void multi_init(struct multi *m, struct loop *l, void (*on_end)(void *transfer, CURLcode code))
{
    *m = (struct multi){.loop = l, .on_end = on_end};
    m->due.on_fire = on_due;
    m->idle.on_fire = on_idle;
}

void multi_fini(struct multi *m)
{
    if (m->loop == NULL)
        return;
    loop_disarm(m->loop, &m->idle);
    close_handle(m);
    *m = (struct multi){.loop = NULL};
}

int multi_add(struct multi *m, CURL *easy, struct uf_err *err)
{
    int r = open_handle(m, err);

    if (r < 0)
        return r;
    if (m->curl->curl_multi_add_handle(m->handle, easy) != CURLM_OK)
        return uf_fail(err, -EIO, "libcurl does not take the transfer");
    m->ntransfers++;
    loop_disarm(m->loop, &m->idle);
    return 0;
}

void multi_remove(struct multi *m, CURL *easy)
{
    (void)m->curl->curl_multi_remove_handle(m->handle, easy);
    if (--m->ntransfers == 0)
        loop_arm(m->loop, &m->idle, m->loop->now_ns + MULTI_KEEP_NS);
}
