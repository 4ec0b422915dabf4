// SPDX-License-Identifier: MIT
/*
 * aside.h: work that takes long, beside the loop.
 *
 *	loop                                 a thread of its own
 *	aside_start(a)      ---------->      a->work(a)
 *	a->done(a)          <-eventfd--
 *
 * For what is rare and slow: a password's hash, a file to be copied. Each job has a
 * thread, made for it and ended with it, so nothing is kept for the next; and a low
 * priority, so events go first. The database has its own thread
 * (daemon/store/worker.h).
 */
#ifndef DAEMON_LOOP_ASIDE_H
#define DAEMON_LOOP_ASIDE_H

#include <pthread.h>

#include "daemon/loop/loop.h"

/* Embedded by whoever has something to do; zeroed, then the first two are set. */
struct aside {
    void (*work)(struct aside *a); /* on the thread; touches nothing that the loop does */
    void (*done)(struct aside *a); /* on the loop; a may be started again, or freed     */

    struct loop *loop;
    struct loop_fd watch; /* an eventfd */
    pthread_t thread;
    bool is_running;
};

/* Start it; done() follows once, never from within this. 0 or a negative errno. */
int aside_start(struct aside *a, struct loop *l, struct uf_err *err);

/* Wait for the end of its work and call done(); nothing when it is not running. */
void aside_finish(struct aside *a);

#endif
