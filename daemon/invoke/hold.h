// SPDX-License-Identifier: MIT
/*
 * hold.h: keys that a running invocation is about to change.
 *
 * Versions alone make concurrent changes of one key right, but slow: all but one
 * run in vain. So who asks for a key in order to change it (uf_kv_incr, or anything
 * once it has conflicted) holds it until its commit is on its way, and others who
 * ask likewise wait for that. It is a courtesy, not a lock: nothing is wrong when it
 * is not kept. So there are no deadlocks: who holds a key waits for no other, and
 * nobody waits longer than HOLD_PATIENCE_NS.
 */
#ifndef DAEMON_INVOKE_HOLD_H
#define DAEMON_INVOKE_HOLD_H

#include <stdbool.h>
#include <sys/queue.h>

#include "daemon/loop/loop.h"
#include "engine/hostcall.h"

#define HOLD_PATIENCE_NS UINT64_C(250000000)

struct commit;
struct invoke;
struct hold;

/* All keys that are held: a search tree by space and key. */
struct holds {
    void *tree;
};

/* An invocation's part; zeroed at first. */
struct holder {
    LIST_HEAD(, hold) held;
    uint64_t conflicts;  /* the invoker's, when it took the first of them */
    struct hold *wanted; /* it waits for this one; NULL */
    struct host_request request;
    struct loop_timer patience;
    TAILQ_ENTRY(holder) link;
};

/*
 * Have i hold the key of h. True: go on. False: it waits, and txn_go_on() will be
 * called, unless hold_release() comes first.
 */
bool hold_take(struct invoke *i, const struct host_request *h);

/*
 * Let go of every key, and of waiting. Those that waited go on, in their order.
 *
 * c    what i has just handed to the store thread, or NULL: what it writes is what
 *      the next one reads, without asking. Should it fail, the next one conflicts;
 *      and the one after that, and so on for ever, if each went on from one that
 *      fails. So who has seen a conflict of anyone's hands on nothing, and the next
 *      one asks the store.
 */
void hold_release(struct invoke *i, const struct commit *c);

#endif
