// SPDX-License-Identifier: MIT
/*
 * signals.h: signals as a descriptor of the loop. SIGPIPE is ignored. Child
 * processes need none: a tender that ends closes its socket, which wakes its
 * owner, who waits for it.
 */
#ifndef DAEMON_LOOP_SIGNALS_H
#define DAEMON_LOOP_SIGNALS_H

#include "daemon/loop/loop.h"

struct signals {
    struct loop_fd watch;
    void (*on_stop)(struct signals *s); /* SIGTERM or SIGINT, each time */
};

int signals_start(struct signals *s, struct loop *l, struct uf_err *err);
void signals_stop(struct signals *s, struct loop *l);

#endif
