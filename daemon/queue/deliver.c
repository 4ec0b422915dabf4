// SPDX-License-Identifier: MIT
/* deliver.c: events become invocations; see inside.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/event.h"
#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/head.h"
#include "daemon/queue/inside.h"
#include "daemon/store/callid.h"

const char *queue_call_id(const struct queue *q, const struct event_row *e,
                          char out[static DELIVERY_ID])
{
    if (e->call_id != NULL)
        (void)snprintf(out, DELIVERY_ID, "%s", e->call_id);
    else
        callid_format(out, q->all->salt, q->id, e->id);
    return out;
}

static void on_event(struct invoke *i, struct event *e)
{
    struct delivery *d = UF_OWNER(i, struct delivery, invoke);

    /* Not so when it runs once more. */
    if (!d->is_running)
        d->consumer->running++;
    d->is_running = true;
    delivery_describe(d, e);
}

static void on_done(struct invoke *i, const struct verdict *v)
{
    delivery_finish(UF_OWNER(i, struct delivery, invoke), i->is_durable, v);
}

static const struct invoke_ops ops = {
    .event = on_event, .settle = delivery_settle, .done = on_done};

/* For the same function, and not to be tried by itself. */
static bool goes_with(const struct queue *q, const struct event_row *first,
                      const struct event_row *e)
{
    return e->attempts == 0 && (!function_is_sequence(&q->consumer->fn->conf) ||
                                steps_number(e) == steps_number(first));
}

/* How many of those that are ready go together. */
static uint32_t count(const struct queue *q, size_t *size)
{
    const struct event_row *first = TAILQ_FIRST(&q->ready);
    const struct event_row *e = first;
    uint32_t n = 1;

    *size = sizeof(struct uf_batch_layout) + delivery_bound(e);
    /* What failed is tried by itself, so that it cannot take others with it. */
    if (e->attempts > 0)
        return 1;
    while (n < q->batch && (e = TAILQ_NEXT(e, link)) != NULL && goes_with(q, first, e) &&
           *size + delivery_bound(e) <= q->all->body_max) {
        *size += delivery_bound(e);
        n++;
    }
    return n;
}

void delivery_init(struct delivery *d, struct queue *q, uint32_t n, size_t batch_size)
{
    d->queue = q;
    d->consumer = q->consumer;
    d->consumer->open++;
    d->n = n;
    d->rows = xresize(NULL, n, sizeof(struct event_row *));
    for (uint32_t i = 0; i < n; i++)
        d->rows[i] = queue_next(q);
    (void)queue_call_id(q, d->rows[0], d->call);
    memcpy(d->id, d->call, sizeof(d->id));
    d->batch_size = batch_size;
    queue_use(q);
}

void delivery_free(struct delivery *d)
{
    struct queue *q = d->queue;

    free(d->rows);
    free(d->batch);
    free(d->why.output);
    free(d->whole != NULL ? d->whole : d);
    queue_put(q);
}

/* A member or a header of the event's head; "" when it has none. */
static void copy(char *out, size_t cap, const struct event_row *e, const char *name,
                 const char *usual)
{
    size_t size = strlen(usual);
    const char *v = head_find(e->head, name, &size);

    (void)snprintf(out, cap, "%.*s", (int)size, v != NULL ? v : usual);
}

/* What the record says of where the event came from. */
static void know_origin(struct delivery *d)
{
    const struct event_row *e = d->rows[0];

    copy(d->cause, sizeof(d->cause), e, ":cause", "");
    copy(d->trigger, sizeof(d->trigger), e, ":trigger", "queue");
    copy(d->parent, sizeof(d->parent), e, "traceparent", "");
    d->invoke.cause = d->cause[0] != '\0' ? d->cause : NULL;
    d->invoke.trigger = d->trigger;
    d->invoke.parent = d->parent[0] != '\0' ? d->parent : NULL;
    d->invoke.attempt = e->attempts + 1;
}

static void hand_over(struct queue *q, struct fn *fn, uint32_t step)
{
    size_t size = 0;
    uint32_t n = count(q, &size);
    void *batch = n > 1 ? malloc(size) : NULL;

    if (n > 1 && batch == NULL) {
        queue_pause(q, 0);
        return;
    }
    struct delivery *d = xnew(sizeof(*d));
    delivery_init(d, q, n, size);
    d->batch = batch;
    d->is_running = true;
    d->consumer->running++;
    d->invoke.ops = &ops;
    d->invoke.id = d->id;
    know_origin(d);
    d->nth = step;
    if (function_is_sequence(&d->consumer->fn->conf))
        d->invoke.sequence = d->consumer->name;
    /* Each step is an invocation of its own, the same in every attempt. */
    if (step > 0)
        callid_format(d->id, q->all->salt, q->id, d->rows[0]->id);
    /* What failed together is tried by itself, and then it asks for itself. */
    if (n > 1)
        (void)snprintf(d->key, sizeof(d->key), "%s+%u.%llu", d->id, n,
                       (unsigned long long)d->rows[n - 1]->id);
    d->invoke.key = n > 1 ? d->key : d->id;
    invoke_submit(q->all->invoker, fn, &d->invoke);
}

void queue_deliver(struct queue *q)
{
    struct event_row *e = TAILQ_FIRST(&q->ready);
    const char *why = NULL;
    uint32_t step;
    struct fn *fn;

    if (e->is_cancelled) {
        queue_drop(q, e);
        return;
    }
    if (q->consumer->is_callback) {
        callback_deliver(q);
        return;
    }
    why = delivery_is_too_old(q, e) ? "it waited for longer than max_age allows"
                                    : steps_refuse(q->consumer, e);
    if (why != NULL) {
        delivery_bury(q, why);
        return;
    }
    fn = steps_target(q->consumer, e, &step);
    if (fn == NULL)
        q->blocked_id = e->id;
    else
        hand_over(q, fn, step);
}
