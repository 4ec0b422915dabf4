// SPDX-License-Identifier: MIT
/*
 * loop.h: the daemon's one loop: descriptors and timers, nothing that ticks.
 *
 * Handlers run to the end, one after another; nothing below here blocks. A
 * handler may add and remove any watch or timer, its own included. Objects
 * embed their struct loop_fd and struct loop_timer and find themselves with
 * UF_OWNER(). Time is read once per round, here, and passed in.
 */
#ifndef DAEMON_LOOP_LOOP_H
#define DAEMON_LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/err.h"

#define LOOP_BATCH 64
#define LOOP_NEVER INT64_MAX

struct loop_fd {
    void (*on_ready)(struct loop_fd *w, uint32_t events);
    int fd;
    bool is_watched;
};

struct loop_timer {
    void (*on_fire)(struct loop_timer *t);
    uint64_t at_ns; /* on the clock of loop.now_ns                */
    size_t slot;    /* place in the heap, from 1; 0: not armed    */
};

/* What runs before the loop sleeps: it may bound the sleep in milliseconds. */
struct loop_hook {
    int64_t (*before_sleep)(void *ctx);
    void *ctx;
};

struct loop {
    int epoll;
    bool is_stopping;
    uint64_t now_ns;  /* monotonic, of this round           */
    uint64_t wall_ns; /* since 1970, of this round          */
    struct loop_hook hook;
    struct loop_timer **heap; /* earliest first, as a binary heap   */
    size_t ntimers;
    size_t cap;
    struct epoll_event batch[LOOP_BATCH];
    int nbatch;
};

int loop_init(struct loop *l, struct uf_err *err);
void loop_fini(struct loop *l);

/* Watch w->fd for events (EPOLLIN ...), level-triggered. */
int loop_watch(struct loop *l, struct loop_fd *w, uint32_t events, struct uf_err *err);
/* Call this before closing w->fd. Nothing happens when it is not watched. */
void loop_unwatch(struct loop *l, struct loop_fd *w);

/* Fire t once, at_ns; an armed timer moves. */
void loop_arm(struct loop *l, struct loop_timer *t, uint64_t at_ns);
void loop_disarm(struct loop *l, struct loop_timer *t);

/* Serve until loop_stop(). Returns 0 or a negative errno. */
int loop_run(struct loop *l, struct uf_err *err);
void loop_stop(struct loop *l);

#endif
