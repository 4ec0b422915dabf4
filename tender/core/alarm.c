// SPDX-License-Identifier: MIT
/* alarm.c: see alarm.h. */
#include "tender/core/alarm.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>

static void on_alarm(int sig)
{
    (void)sig;
}

int alarm_init(void)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_alarm; /* no SA_RESTART: the point is EINTR */
    return sigaction(SIGALRM, &sa, NULL) < 0 ? -errno : 0;
}

void alarm_at(struct alarm *a, uint64_t now_ns, uint64_t due_ns)
{
    /* At least one: none would switch it off. */
    uint64_t us = (due_ns > now_ns ? (due_ns - now_ns) / 1000 : 0) + 1;
    struct itimerval t = {.it_interval = {.tv_usec = 1000}};

    if (a->due_ns != 0 && a->due_ns <= due_ns)
        return;
    t.it_value.tv_sec = (time_t)(us / 1000000);
    t.it_value.tv_usec = (suseconds_t)(us % 1000000);
    if (setitimer(ITIMER_REAL, &t, NULL) == 0)
        a->due_ns = due_ns;
}

void alarm_off(struct alarm *a)
{
    struct itimerval t = {.it_value = {0}};

    if (a->due_ns == 0)
        return;
    (void)setitimer(ITIMER_REAL, &t, NULL);
    a->due_ns = 0;
}
