// SPDX-License-Identifier: MIT
/* wall.c: see wall.h. */
#include "daemon/loop/wall.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/owner.h"

/* A timer that never fires in our time, but is cancelled when the clock is set. */
static int arm(int fd)
{
    const struct itimerspec never = {.it_value = {.tv_sec = INT64_C(1) << 40}};

    return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL);
}

static void on_ready(struct loop_fd *watch, uint32_t events)
{
    struct wall *w = UF_OWNER(watch, struct wall, watch);
    uint64_t count;

    (void)events;
    /* Fails with ECANCELED, which is what we wait for. */
    if (read(watch->fd, &count, sizeof(count)) < 0 && errno == EAGAIN)
        return;
    (void)arm(watch->fd);
    w->on_set(w);
}

int wall_start(struct wall *w, struct loop *l, struct uf_err *err)
{
    w->loop = l;
    w->watch = (struct loop_fd){.on_ready = on_ready,
                                .fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK)};
    if (w->watch.fd < 0 || arm(w->watch.fd) < 0)
        return uf_fail(err, -errno, "cannot watch the clock: %s", strerror(errno));
    return loop_watch(l, &w->watch, EPOLLIN, err);
}

void wall_stop(struct wall *w)
{
    if (w->loop == NULL)
        return;
    loop_unwatch(w->loop, &w->watch);
    if (w->watch.fd >= 0)
        (void)close(w->watch.fd);
    w->loop = NULL;
}
