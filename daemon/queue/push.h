// SPDX-License-Identifier: MIT
/*
 * push.h: events on their way into queues: several that become durable together, as a
 * job of their own, or as a part of an invocation's commit.
 */
#ifndef DAEMON_QUEUE_PUSH_H
#define DAEMON_QUEUE_PUSH_H

#include "daemon/queue/queue.h"
#include "daemon/store/commit.h"

struct push_item {
    struct queue *queue;
    struct event_row *row; /* the event, as the queue will have it */
    struct event_new event;
    char *key; /* event.key */
};

/* Zeroed but for all: none. */
struct pushes {
    struct queues *all;
    struct push_item *items;
    size_t n;
    size_t cap;
};

/* Add a copy of an event; one whose time has come is not for later. 0 or -ENOMEM. */
int pushes_add(struct pushes *p, const struct event_new *e);
void pushes_free(struct pushes *p);

/* Could the queues ever have as many at once? 0 or -E2BIG. It looks into no queue, so a run is
 * judged before its commit, where that it fails is still its own end. */
int pushes_can_fit(const struct pushes *p, struct uf_err *err);

/* On the store thread: is there room for all? -ENOBUFS or -E2BIG as events_check(). */
int pushes_check(const struct pushes *p, struct db *db, struct uf_err *err);
/* On the store thread, after that. */
int pushes_apply(struct pushes *p, struct db *db, struct uf_err *err);
/* They are durable: the queues get them, and p has none. Items keep what the store
 * said of their event. */
void pushes_tell(struct pushes *p);

/* A job of its own: add to events, then submit. job.code is -ENOBUFS when one of the
 * queues is full; then none was pushed. */
struct push {
    struct store_job job;
    struct pushes events;
    void (*done)(struct push *p);
    void *ctx;
};
void push_submit(struct push *p);

/* A part of c; p has none afterwards. */
void pushes_move(struct pushes *p, struct commit *c);

#endif
