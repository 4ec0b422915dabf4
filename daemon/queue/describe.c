// SPDX-License-Identifier: MIT
/* describe.c: queued events as functions see them; see inside.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/alloc.h"
#include "base/units.h"
#include "daemon/queue/head.h"
#include "daemon/queue/inside.h"
#include "engine/batch.h"

/* A copy of the head that may be cut. */
static void parse(struct queues *all, const struct event_row *e, struct head *h)
{
    struct queues_scratch *s = &all->scratch;

    if (s->cap < e->head_size + 1) {
        s->cap = 2 * (e->head_size + 1);
        s->text = xresize(s->text, s->cap, 1);
    }
    memcpy(s->text, e->head, e->head_size + 1);
    head_parse(h, s->text, s->headers, UF_EVENT_HEADERS_MAX);
}

static void add(struct queues_scratch *s, struct event *e, const char *name, const char *value)
{
    /* One too many is counted and refused where the event is written. */
    if (e->nheaders < UF_EVENT_HEADERS_MAX)
        s->headers[e->nheaders] = (struct event_header){.name = name, .value = value};
    e->nheaders++;
}

static void add_missing(struct queues_scratch *s, struct event *e, const char *name,
                        const char *value)
{
    for (uint32_t i = 0; i < e->nheaders && i < UF_EVENT_HEADERS_MAX; i++)
        if (strcasecmp(s->headers[i].name, name) == 0)
            return;
    add(s, e, name, value);
}

static void format_time(char *out, size_t cap, uint64_t ms)
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;

    (void)gmtime_r(&s, &tm);
    size_t n = strftime(out, cap, "%Y-%m-%dT%H:%M:%S.", &tm);
    char *end = units_put(out + n, ms % 1000, 3);
    memcpy(end, "Z", sizeof("Z"));
}

/* What it was pushed with names what came before; now it is this invocation's turn. */
static void set_trace(struct delivery *d, struct event *e)
{
    struct queues_scratch *s = &d->queue->all->scratch;

    for (uint32_t i = 0; i < e->nheaders && i < UF_EVENT_HEADERS_MAX; i++)
        if (strcasecmp(s->headers[i].name, "traceparent") == 0) {
            s->headers[i].value = d->invoke.traceparent;
            return;
        }
    add(s, e, "traceparent", d->invoke.traceparent);
}

/* What every queued event says of itself, and the attributes of a CloudEvent where its
 * sender gave none. */
static void add_own(struct delivery *d, struct event *e)
{
    const struct queue *q = d->queue;
    struct queues_scratch *s = &q->all->scratch;
    bool is_named = q->name[0] != '@';

    (void)units_put(s->attempt, e->attempt, 1);
    (void)snprintf(s->source, sizeof(s->source), "/%s/%s", is_named ? "queue" : "function",
                   is_named ? q->name : q->name + 1);
    (void)snprintf(s->type, sizeof(s->type), "com.unifaas.%s.event", e->trigger);
    format_time(s->time, sizeof(s->time), d->rows[0]->pushed_ms);
    set_trace(d, e);
    add(s, e, "x-call-id", d->call);
    add(s, e, "x-attempt", s->attempt);
    if (is_named)
        add(s, e, "x-queue", q->name);
    add_missing(s, e, "ce-specversion", "1.0");
    add_missing(s, e, "ce-id", d->call);
    add_missing(s, e, "ce-source", s->source);
    add_missing(s, e, "ce-type", s->type);
    add_missing(s, e, "ce-time", s->time);
}

static void describe_one(struct delivery *d, struct event *e)
{
    struct queues_scratch *s = &d->queue->all->scratch;
    struct head h;

    parse(d->queue->all, d->rows[0], &h);
    e->trigger = h.trigger;
    e->method = h.method;
    e->path = h.path;
    e->query = h.query;
    e->headers = s->headers;
    e->nheaders = h.nheaders;
    e->body = d->rows[0]->body;
    e->body_size = d->rows[0]->size;
    add_own(d, e);
}

size_t delivery_bound(const struct event_row *e)
{
    return batch_item_bound(DELIVERY_ID, e->head_size, e->size);
}

static void add_item(struct delivery *d, struct batch *b, const struct event_row *e)
{
    struct queues *all = d->queue->all;
    char id[DELIVERY_ID];
    struct head h;

    parse(all, e, &h);
    struct batch_item item = {.id = queue_call_id(d->queue, e, id),
                              .headers = all->scratch.headers,
                              .nheaders = h.nheaders < UF_EVENT_HEADERS_MAX ? h.nheaders
                                                                            : UF_EVENT_HEADERS_MAX,
                              .body = e->body,
                              .size = e->size,
                              .pushed_ns = e->pushed_ms * 1000000u};
    batch_add(b, &item);
}

static void describe_batch(struct delivery *d, struct event *e)
{
    struct queues_scratch *s = &d->queue->all->scratch;
    struct batch b;

    batch_begin(&b, d->batch, d->batch_size, d->n);
    for (uint32_t i = 0; i < d->n; i++)
        add_item(d, &b, d->rows[i]);
    e->trigger = "queue";
    e->method = "POST";
    e->path = "/";
    e->query = "";
    e->headers = s->headers;
    e->nheaders = 0;
    e->body = d->batch;
    e->body_size = b.at;
    add(s, e, "content-type", UF_BATCH_TYPE);
    add_own(d, e);
}

void delivery_describe(struct delivery *d, struct event *e)
{
    e->id = d->id;
    e->attempt = d->rows[0]->attempts + 1;
    if (d->n == 1)
        describe_one(d, e);
    else
        describe_batch(d, e);
}
