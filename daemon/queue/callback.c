// SPDX-License-Identifier: MIT
/* callback.c: see callback.h. */
#include "daemon/queue/callback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/owner.h"
#include "base/units.h"
#include "daemon/fetch/fetch.h"
#include "daemon/fetch/outgoing.h"
#include "daemon/gateway/headers.h"
#include "daemon/queue/head.h"
#include "daemon/queue/inside.h"
#include "daemon/record/say.h"

#define CALLBACK_OPEN_MAX   16u /* under way at a time */
#define CALLBACK_TIMEOUT_NS UINT64_C(10000000000)
#define CALLBACK_ANSWER_MAX 65536u /* bytes of an answer that is read, and thrown away */
#define STATUS_NONE         503u   /* of a call that never came to a result */
#define OWN_LINES           5u     /* add_own()'s, which have fewer bytes */
#define OWN_BYTES           1024u

const struct function callback_conf = {
    .max_instances = CALLBACK_OPEN_MAX,
    .scale_threshold = 1,
    .retry = {.attempts = 100,
              .min_wait_ns = UINT64_C(1000000000),
              .max_wait_ns = UINT64_C(900000000000)},
    .max_age_ns = UINT64_C(86400000000000),
};

/* ---- one more --------------------------------------------------------------------------------- */

/* What is sent has a limit, which our own headers count towards. */
struct room {
    size_t lines;
    size_t bytes;
};

static bool takes(struct room *r, const struct headers_line *l)
{
    size_t bytes = strlen(l->name) + strlen(l->value) + strlen(": \n");

    if (r->lines == 0 || bytes > r->bytes || outgoing_is_platforms(l->name))
        return false;
    r->lines--;
    r->bytes -= bytes;
    return true;
}

/* As with an answer that is waited for: the request's, else plain text. */
static void add_type(struct head_text *t, const struct event_row *e, struct room *room)
{
    char type[256] = "text/plain";
    size_t size;
    const char *of_request = head_find(e->head, "content-type", &size);

    if (of_request != NULL && size < sizeof(type))
        (void)snprintf(type, sizeof(type), "%.*s", (int)size, of_request);
    char name[] = "Content-Type";
    if (takes(room, &(struct headers_line){.name = name, .value = type}))
        head_add(t, name, type);
}

/* The function's headers, as a client that had waited would have got them, but for those
 * that a request cannot have, or has no room for. */
static int add_headers(struct head_text *t, const struct event_row *e, const struct result *res)
{
    struct room room = {.lines = OUTGOING_LINES_MAX - OWN_LINES, .bytes = OUTGOING_MAX - OWN_BYTES};
    char *copy = malloc(res->r.headers_size + 1);
    char *at = copy;
    struct headers_line line;
    bool has_type = false;
    int r;

    if (copy == NULL)
        return -ENOMEM;
    if (res->r.headers_size > 0)
        memcpy(copy, res->headers, res->r.headers_size);
    copy[res->r.headers_size] = '\0';
    while ((r = headers_next(&at, &line)) != 0)
        if (r > 0 && headers_is_functions(line.name) && takes(&room, &line)) {
            has_type = has_type || strcasecmp(line.name, "Content-Type") == 0;
            head_add(t, line.name, line.value);
        }
    if (!has_type)
        add_type(t, e, &room);
    free(copy);
    return 0;
}

static void add_own(struct head_text *t, const struct delivery *d, unsigned status)
{
    const struct queue *q = d->queue;
    uint64_t now_ms = q->all->loop->wall_ns / 1000000u;
    uint64_t ms = now_ms > d->rows[0]->pushed_ms ? now_ms - d->rows[0]->pushed_ms : 0;
    char text[48];

    head_add(t, "X-Call-Id", d->call);
    (void)snprintf(text, sizeof(text), "%u", status);
    head_add(t, "X-Function-Status", text);
    head_add(t, "X-Function-Name", d->consumer->name);
    (void)snprintf(text, sizeof(text), "%llu.%03llu", (unsigned long long)(ms / 1000),
                   (unsigned long long)(ms % 1000));
    head_add(t, "X-Duration-Seconds", text);
    if (d->invoke.traceparent[0] != '\0')
        head_add(t, "traceparent", d->invoke.traceparent);
}

int callback_add(struct delivery *d, const struct verdict *v, struct pushes *p)
{
    const struct result *res = v == NULL ? NULL : v->result;
    struct head_text t = {.text = NULL};
    size_t size;
    const char *url = head_find(d->rows[0]->head, ":callback", &size);
    char *copy;
    int r = 0;

    if (url == NULL)
        return 0;
    copy = strndup(url, size);
    if (copy == NULL)
        return -ENOMEM;
    head_add_member(&t, "callback", copy);
    free(copy);
    add_own(&t, d, res != NULL ? invoke_status(v) : STATUS_NONE);
    if (res != NULL)
        r = add_headers(&t, d->rows[0], res);
    const struct event_new e = {.space = CALLBACK_SPACE,
                                .queue = CALLBACK_QUEUE,
                                .head = head_string(&t),
                                .body = res != NULL ? res->body : NULL,
                                .size = res != NULL ? res->r.body_size : 0};
    if (r == 0)
        r = t.is_lost ? -ENOMEM : pushes_add(p, &e);
    head_text_free(&t);
    return r;
}

/* ---- sent --------------------------------------------------------------------------------------- */

struct sending {
    struct delivery delivery;
    struct fetch fetch;
    char *url;
    char *headers; /* lines */
    LIST_ENTRY(sending) link;
};

static void end(struct sending *s, bool is_durable, const struct verdict *v)
{
    LIST_REMOVE(s, link);
    free(s->url);
    free(s->headers);
    delivery_finish(&s->delivery, is_durable, v);
}

static void on_written(struct store_job *j)
{
    struct commit *c = UF_OWNER(j, struct commit, job);
    struct delivery *d = UF_OWNER(UF_OWNER(c, struct invoke, commit), struct delivery, invoke);
    struct verdict v = {.reason = j->err.msg};

    commit_reset(c);
    end(UF_OWNER(d, struct sending, delivery), j->code == 0, &v);
}

/* Somebody has it; or nobody ever will. */
static bool is_over(const struct fetch_answer *a)
{
    return a->code == FETCH_DENIED || a->code == FETCH_INVALID || a->code == FETCH_TOO_LARGE ||
           (a->code == FETCH_OK && a->status < 500 && a->status != 408 && a->status != 429);
}

static void on_answered(struct fetch *f, const struct fetch_answer *a)
{
    struct sending *s = UF_OWNER(f, struct sending, fetch);
    struct delivery *d = &s->delivery;
    struct event_row *e = d->rows[0];
    struct commit *c = &d->invoke.commit;

    e->fate = FATE_DONE;
    if (!is_over(a))
        delivery_decide(d, e, true);
    if (e->fate == FATE_DEAD || (is_over(a) && a->code != FETCH_OK))
        say("callback to %.200s is given up: %s", s->url,
            a->code == FETCH_OK ? "it keeps failing" : a->words);
    /* There is nobody whose dead letter it could be. */
    if (e->fate == FATE_DEAD)
        e->fate = FATE_DONE;
    commit_init(c, CALLBACK_SPACE);
    delivery_add_step(d, c);
    c->job.done = on_written;
    worker_submit(d->queue->all->worker, &c->job);
}

/* Headers of its head, without the members. */
static char *header_lines(const struct event_row *e)
{
    char *out = malloc(e->head_size + 1);
    char *to = out;
    const char *at = e->head;

    while (out != NULL && *at != '\0') {
        size_t len = (size_t)(strchrnul(at, '\n') - at);

        len += at[len] == '\n';
        if (*at != ':') {
            memcpy(to, at, len);
            to += len;
        }
        at += len;
    }
    if (out != NULL)
        *to = '\0';
    return out;
}

void callback_deliver(struct queue *q)
{
    struct event_row *e = TAILQ_FIRST(&q->ready);
    struct queues *all = q->all;
    size_t size = 0;
    const char *url = head_find(e->head, ":callback", &size);
    struct sending *s = calloc(1, sizeof(*s));

    if (s != NULL) {
        s->url = strndup(url != NULL ? url : "", size);
        s->headers = header_lines(e);
    }
    if (s == NULL || s->url == NULL || s->headers == NULL || all->fetcher == NULL) {
        if (s != NULL) {
            free(s->url);
            free(s->headers);
        }
        free(s);
        queue_pause(q, 1);
        return;
    }
    delivery_init(&s->delivery, q, 1, 0);
    s->delivery.whole = s;
    LIST_INSERT_HEAD(&all->sendings, s, link);
    s->delivery.is_running = true;
    s->delivery.consumer->running++;
    s->fetch.done = on_answered;
    const struct fetch_request r = {.method = "POST",
                                    .url = s->url,
                                    .headers = s->headers,
                                    .headers_size = strlen(s->headers),
                                    .body = e->body,
                                    .size = e->size,
                                    .key = s->delivery.call,
                                    .timeout_ns = CALLBACK_TIMEOUT_NS,
                                    .headers_max = CALLBACK_ANSWER_MAX,
                                    .answer_max = CALLBACK_ANSWER_MAX,
                                    .policy = all->callbacks,
                                    .owner = all};
    fetch_start(all->fetcher, &s->fetch, &r);
}

void callbacks_drop(struct queues *all)
{
    struct sending *s;
    struct sending *after;
    struct verdict v = {.reason = "the daemon is stopping"};

    for (s = LIST_FIRST(&all->sendings); s != NULL; s = after) {
        after = LIST_NEXT(s, link);
        if (s->fetch.work == NULL)
            continue; /* it is being written */
        fetch_cancel(&s->fetch);
        end(s, false, &v);
    }
}
