// SPDX-License-Identifier: MIT
/* txn_pop.c: messages that a transaction takes out of queues; see txn.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/invoke/invoke.h"

static void answer(struct invoke *i, int64_t ret)
{
    fleet_answer(&i->call, &(struct host_answer){.ret = ret});
}

static void drop(struct txn_pop *p)
{
    TAILQ_REMOVE(&p->invoke->txn.pops, p, link);
    pop_release(&p->pop);
    free(p);
}

/* One that is too large for the function stays in the queue. */
static void on_popped(struct pop *pop, int code, const struct uf_err *err)
{
    struct txn_pop *p = UF_OWNER(pop, struct txn_pop, pop);
    const struct event_row *e = pop->row;
    struct invoke *i = p->invoke;

    if (code == 0 && e != NULL && e->size <= p->cap) {
        fleet_answer(&i->call, &(struct host_answer){
                                   .ret = (int64_t)e->size, .data = e->body, .size = e->size});
        return;
    }
    drop(p);
    if (code == 0)
        answer(i, e == NULL ? UF_R_NOT_FOUND : UF_R_TOO_LARGE);
    else if (code == -EPERM)
        answer(i, UF_R_DENIED);
    else
        invoke_abort(i, code, err->msg);
}

void txn_pop_serve(struct invoke *i, const struct host_request *h)
{
    free(h->data);
    if (i->invoker->queues == NULL) {
        answer(i, UF_R_NOT_AVAILABLE);
        return;
    }
    struct txn_pop *p = xnew(sizeof(*p));
    *p = (struct txn_pop){.pop = {.done = on_popped}, .invoke = i, .cap = h->cap};
    TAILQ_INSERT_TAIL(&i->txn.pops, p, link);
    pop_begin(i->invoker->queues, &p->pop, i->txn.commit.space, h->name);
}

void txn_pop_reset(struct txn *t)
{
    struct txn_pop *p = TAILQ_FIRST(&t->pops);

    while (p != NULL) {
        struct txn_pop *after = TAILQ_NEXT(p, link);

        drop(p);
        p = after;
    }
}

void txn_pop_move(struct txn *t, struct commit *c)
{
    struct txn_pop *p;

    TAILQ_FOREACH(p, &t->pops, link)
    pop_move(&p->pop, c);
    txn_pop_reset(t);
}
