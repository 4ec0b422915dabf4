// SPDX-License-Identifier: MIT
/* signals.c: see signals.h. */
#include "daemon/loop/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/owner.h"

static void take(struct loop_fd *w, uint32_t events)
{
    struct signals *s = UF_OWNER(w, struct signals, watch);
    struct signalfd_siginfo info;

    (void)events;
    if (read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        s->on_stop(s);
}

int signals_start(struct signals *s, struct loop *l, struct uf_err *err)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_IGN);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    s->watch.on_ready = take;
    s->watch.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->watch.fd < 0)
        return uf_fail(err, -errno, "signalfd: %s", strerror(errno));
    return loop_watch(l, &s->watch, EPOLLIN, err);
}

void signals_stop(struct signals *s, struct loop *l)
{
    loop_unwatch(l, &s->watch);
    if (s->watch.fd > 0)
        (void)close(s->watch.fd);
    s->watch.fd = -1;
}
