// SPDX-License-Identifier: MIT
/* hold.c: see hold.h. */
#include "daemon/invoke/hold.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/invoke/invoke.h"

struct hold {
    const char *space; /* the owner's */
    char key[UF_NAME_MAX + 1];
    struct holder *owner;
    TAILQ_HEAD(, holder) waiting;
    LIST_ENTRY(hold) link;
};

static int by_key(const void *a, const void *b)
{
    const struct hold *x = a;
    const struct hold *y = b;
    int r = strcmp(x->key, y->key);

    return r != 0 ? r : strcmp(x->space, y->space);
}

static struct invoke *invoke_of(struct holder *h)
{
    return UF_OWNER(h, struct invoke, holder);
}

/* The tree compares by the owner's space, so an owner must be there. */
static void own(struct hold *k, struct holder *h)
{
    if (LIST_EMPTY(&h->held))
        h->conflicts = invoke_of(h)->invoker->conflicts;
    k->owner = h;
    k->space = invoke_of(h)->txn.commit.space;
    LIST_INSERT_HEAD(&h->held, k, link);
}

static void stop_waiting(struct holder *h)
{
    loop_disarm(invoke_of(h)->invoker->loop, &h->patience);
    TAILQ_REMOVE(&h->wanted->waiting, h, link);
    h->wanted = NULL;
}

static void on_impatient(struct loop_timer *t)
{
    struct holder *h = UF_OWNER(t, struct holder, patience);
    struct host_request request = h->request;

    stop_waiting(h);
    txn_go_on(invoke_of(h), &request, NULL);
}

bool hold_take(struct invoke *i, const struct host_request *h)
{
    struct holds *all = &i->invoker->holds;
    struct holder *me = &i->holder;
    struct hold *k = xnew(sizeof(*k));

    memcpy(k->key, h->name, sizeof(k->key));
    k->space = i->txn.commit.space;
    struct hold **node = tsearch(k, &all->tree, by_key);
    if (node == NULL)
        abort(); /* out of memory, for three words */
    if (*node == k) {
        TAILQ_INIT(&k->waiting);
        own(k, me);
        return true;
    }
    free(k);
    k = *node;
    if (k->owner == me || !LIST_EMPTY(&me->held))
        return true;
    me->wanted = k;
    me->request = *h;
    me->patience.on_fire = on_impatient;
    TAILQ_INSERT_TAIL(&k->waiting, me, link);
    loop_arm(i->invoker->loop, &me->patience, i->invoker->loop->now_ns + HOLD_PATIENCE_NS);
    return false;
}

/* Let the first who waits have it; NULL when nobody does, and it is gone. */
static struct holder *pass_on(struct holds *all, struct hold *k)
{
    struct holder *next = TAILQ_FIRST(&k->waiting);

    LIST_REMOVE(k, link);
    if (next == NULL) {
        (void)tdelete(k, &all->tree, by_key);
        free(k);
        return NULL;
    }
    stop_waiting(next);
    own(k, next);
    return next;
}

void hold_release(struct invoke *i, const struct commit *c)
{
    struct holder *me = &i->holder;
    struct hold *k;

    if (me->wanted != NULL)
        stop_waiting(me);
    if (me->conflicts != i->invoker->conflicts)
        c = NULL;
    while ((k = LIST_FIRST(&me->held)) != NULL) {
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list
        const struct commit_write *w = c == NULL ? NULL : commit_find(c, k->key);
        // NOLINTNEXTLINE(clang-analyzer-unix.Malloc): likewise
        struct holder *next = pass_on(&i->invoker->holds, k);

        if (next != NULL) {
            struct host_request request = next->request;

            txn_go_on(invoke_of(next), &request, w);
        }
    }
}
