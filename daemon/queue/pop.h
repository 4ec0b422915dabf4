// SPDX-License-Identifier: MIT
/*
 * pop.h: messages that a function takes out of a queue by itself (uf_queue_pop).
 *
 * Only of queues that trigger no function: what has a consumer is handed to it. The
 * oldest message is taken in memory, so that nobody else gets it meanwhile; it leaves
 * the queue with the commit of the invocation, and is back in its place without.
 */
#ifndef DAEMON_QUEUE_POP_H
#define DAEMON_QUEUE_POP_H

#include "daemon/queue/queue.h"
#include "daemon/store/commit.h"

/* Embedded by whoever wants a message. */
struct pop {
    /* The end of pop_begin(): 0 and the message in `row`, or NULL: the queue is empty;
     * -EPERM: the queue triggers a function; or what the store says, in err. */
    void (*done)(struct pop *p, int code, const struct uf_err *err);
    struct queue *queue;
    struct event_row *row; /* that was taken */
    bool is_waiting;
    TAILQ_ENTRY(pop) link; /* of the queue, while it waits */
};

/* done() follows once, perhaps at once. */
void pop_begin(struct queues *all, struct pop *p, const char *space, const char *name);
/* Put back what was taken, if anything; stop waiting. Tolerates a zeroed one. */
void pop_release(struct pop *p);
/* What was taken leaves the queue with c; p has none afterwards. */
void pop_move(struct pop *p, struct commit *c);

#endif
