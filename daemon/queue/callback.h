// SPDX-License-Identifier: MIT
/*
 * callback.h: results of calls that nobody waited for, on their way to whoever wants
 * them (X-Callback-Url).
 *
 * A callback is an event in a queue of its own that no name reaches, pushed in the same
 * commit that ends the call. So it is sent at least once, whatever is killed; it is
 * tried again until somebody answers with a status below 500, for a day at most.
 */
#ifndef DAEMON_QUEUE_CALLBACK_H
#define DAEMON_QUEUE_CALLBACK_H

#include "daemon/queue/push.h"

struct delivery;

/* The call of d's only event is over; v is how, or NULL: it was given up without a run.
 * Adds its callback, if it has one. 0 or -ENOMEM. */
int callback_add(struct delivery *d, const struct verdict *v, struct pushes *p);

#endif
