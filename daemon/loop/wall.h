// SPDX-License-Identifier: MIT
/*
 * wall.h: tells when the system's time was set, so that what waits for a time of day
 * can be reckoned anew. The kernel says it; nothing ticks.
 */
#ifndef DAEMON_LOOP_WALL_H
#define DAEMON_LOOP_WALL_H

#include "daemon/loop/loop.h"

struct wall {
    void (*on_set)(struct wall *w);
    struct loop *loop;
    struct loop_fd watch; /* a timerfd */
};

int wall_start(struct wall *w, struct loop *l, struct uf_err *err);
/* Tolerates a zeroed one. */
void wall_stop(struct wall *w);

#endif
