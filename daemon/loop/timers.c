// SPDX-License-Identifier: MIT
/*
 * timers.c: armed timers as a binary heap whose members know their place, so
 * that every request may arm and disarm its own in O(log n) and no system call.
 */
#include "base/alloc.h"
#include "daemon/loop/loop.h"

/* Room at once for more than there usually are: address space that is memory only when
 * it is used, so that arming one does not fail when there is none left. */
#define CAP_FIRST 65536u

static void place(struct loop *l, size_t i, struct loop_timer *t)
{
    l->heap[i] = t;
    t->slot = i + 1;
}

static void rise(struct loop *l, size_t i)
{
    struct loop_timer *t = l->heap[i];

    while (i > 0 && l->heap[(i - 1) / 2]->at_ns > t->at_ns) {
        place(l, i, l->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(l, i, t);
}

static void sink(struct loop *l, size_t i)
{
    struct loop_timer *t = l->heap[i];

    for (;;) {
        size_t child = 2 * i + 1;

        if (child >= l->ntimers)
            break;
        if (child + 1 < l->ntimers && l->heap[child + 1]->at_ns < l->heap[child]->at_ns)
            child++;
        if (l->heap[child]->at_ns >= t->at_ns)
            break;
        place(l, i, l->heap[child]);
        i = child;
    }
    place(l, i, t);
}

void loop_disarm(struct loop *l, struct loop_timer *t)
{
    if (t->slot == 0)
        return;
    size_t i = t->slot - 1;
    struct loop_timer *last = l->heap[--l->ntimers];

    t->slot = 0;
    if (last == t)
        return;
    place(l, i, last);
    rise(l, i);
    sink(l, last->slot - 1);
}

void loop_arm(struct loop *l, struct loop_timer *t, uint64_t at_ns)
{
    loop_disarm(l, t);
    if (l->ntimers == l->cap) {
        l->cap = l->cap == 0 ? CAP_FIRST : 2 * l->cap;
        l->heap = xresize(l->heap, l->cap, sizeof(struct loop_timer *));
    }
    t->at_ns = at_ns;
    place(l, l->ntimers++, t);
    rise(l, t->slot - 1);
}
