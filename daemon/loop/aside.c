// SPDX-License-Identifier: MIT
/* aside.c: see aside.h. */
#include "daemon/loop/aside.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/owner.h"
#include "engine/reason.h"

#define NICE 10

static void *serve(void *ctx)
{
    struct aside *a = ctx;
    const uint64_t one = 1;

    /* Without it the work is done as well. */
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
    a->work(a);
    /* Cannot fail: the counter was 0. */
    if (write(a->watch.fd, &one, sizeof(one)) < 0)
        return a;
    return NULL;
}

void aside_finish(struct aside *a)
{
    if (!a->is_running)
        return;
    (void)pthread_join(a->thread, NULL);
    loop_unwatch(a->loop, &a->watch);
    (void)close(a->watch.fd);
    a->watch.fd = -1;
    a->is_running = false;
    a->done(a);
}

static void on_done(struct loop_fd *watch, uint32_t events)
{
    (void)events;
    aside_finish(UF_OWNER(watch, struct aside, watch));
}

/* Signals are the loop's. */
static int start_thread(struct aside *a)
{
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&a->thread, NULL, serve, a);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

int aside_start(struct aside *a, struct loop *l, struct uf_err *err)
{
    a->loop = l;
    a->watch = (struct loop_fd){.on_ready = on_done, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    int r = a->watch.fd < 0 ? -errno : loop_watch(l, &a->watch, EPOLLIN, NULL);

    if (r == 0)
        r = start_thread(a);
    a->is_running = r == 0;
    if (r == 0)
        return 0;
    if (a->watch.fd >= 0) {
        loop_unwatch(l, &a->watch);
        (void)close(a->watch.fd);
    }
    return reason_fail(err, r, reason_of_limit(r), "cannot start a thread");
}
