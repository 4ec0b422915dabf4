// SPDX-License-Identifier: MIT
/* loop.c: see loop.h. timers.c holds the heap. */
#include "daemon/loop/loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t read_clock(clockid_t which)
{
    struct timespec t = {0};

    (void)clock_gettime(which, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void read_clocks(struct loop *l)
{
    l->now_ns = read_clock(CLOCK_MONOTONIC);
    l->wall_ns = read_clock(CLOCK_REALTIME);
}

int loop_init(struct loop *l, struct uf_err *err)
{
    *l = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (l->epoll < 0)
        return uf_fail(err, -errno, "epoll_create1: %s", strerror(errno));
    read_clocks(l);
    return 0;
}

void loop_fini(struct loop *l)
{
    if (l->epoll > 0)
        (void)close(l->epoll);
    free(l->heap);
    *l = (struct loop){.epoll = -1};
}

int loop_watch(struct loop *l, struct loop_fd *w, uint32_t events, struct uf_err *err)
{
    struct epoll_event e = {.events = events, .data.ptr = w};

    if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, w->fd, &e) < 0)
        return uf_fail(err, -errno, "epoll_ctl: %s", strerror(errno));
    w->is_watched = true;
    return 0;
}

void loop_unwatch(struct loop *l, struct loop_fd *w)
{
    if (!w->is_watched)
        return;
    (void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    w->is_watched = false;
    /* The round may hold an event for it that has not been served yet. */
    for (int i = 0; i < l->nbatch; i++)
        if (l->batch[i].data.ptr == w)
            l->batch[i].data.ptr = NULL;
}

static void fire_timers(struct loop *l)
{
    while (l->ntimers > 0 && l->heap[0]->at_ns <= l->now_ns) {
        struct loop_timer *t = l->heap[0];

        loop_disarm(l, t);
        t->on_fire(t);
    }
}

/* Milliseconds to sleep; -1 without end. Rounds up: a timer is never early. */
static int sleep_ms(const struct loop *l, int64_t bound_ms)
{
    int64_t ms = bound_ms;

    if (l->ntimers > 0) {
        uint64_t at = l->heap[0]->at_ns;
        uint64_t left = at > l->now_ns ? (at - l->now_ns + 999999) / 1000000 : 0;

        if (left < (uint64_t)ms)
            ms = (int64_t)left;
    }
    if (ms == LOOP_NEVER)
        return -1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

int loop_run(struct loop *l, struct uf_err *err)
{
    while (!l->is_stopping) {
        int64_t bound =
            l->hook.before_sleep != NULL ? l->hook.before_sleep(l->hook.ctx) : LOOP_NEVER;
        if (l->is_stopping)
            break;
        l->nbatch = epoll_wait(l->epoll, l->batch, LOOP_BATCH, sleep_ms(l, bound));
        if (l->nbatch < 0 && errno != EINTR)
            return uf_fail(err, -errno, "epoll_wait: %s", strerror(errno));
        read_clocks(l);
        for (int i = 0; i < l->nbatch; i++) {
            struct loop_fd *w = l->batch[i].data.ptr;

            if (w != NULL)
                w->on_ready(w, l->batch[i].events);
        }
        l->nbatch = 0;
        fire_timers(l);
    }
    return 0;
}

void loop_stop(struct loop *l)
{
    l->is_stopping = true;
}
