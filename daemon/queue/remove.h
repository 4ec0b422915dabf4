// SPDX-License-Identifier: MIT
/*
 * remove.h: events that nobody wants any more, and dead letters that are tried again.
 *
 * Once a removal is answered, the event has no effect: one that runs meanwhile is not
 * acknowledged, so nothing of what it did is kept. (What it asked of other services
 * cannot be taken back.)
 */
#ifndef DAEMON_QUEUE_REMOVE_H
#define DAEMON_QUEUE_REMOVE_H

#include "daemon/queue/queue.h"

/* How it ended: 0, or a negative errno with the reason; n events were removed. */
typedef void removal_done(void *ctx, int code, uint64_t n, const struct uf_err *err);

/* All that is in a queue now. -ENOENT: there is no such queue. */
void queues_purge(struct queues *all, const char *space, const char *name, removal_done *done,
                  void *ctx);

/* The event with this id, the caller's own or the one that was made; or all that have
 * it, one after another: -ENOBUFS after a thousand. -ENOENT: there is none, or it was
 * handled already. */
void queues_cancel(struct queues *all, const char *call_id, removal_done *done, void *ctx);

/* A dead letter is an event again. As dead_retry(). */
void queues_retry_dead(struct queues *all, const char *space, uint64_t id, removal_done *done,
                       void *ctx);

#endif
