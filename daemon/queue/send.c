// SPDX-License-Identifier: MIT
/* send.c: see send.h. */
#include "daemon/queue/send.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/queue/head.h"
#include "daemon/queue/inside.h"
#include "daemon/queue/policy.h"

#define NAME (FUNCTION_NAME_MAX + 2u) /* bytes of "@FUNCTION", with its NUL */

static void own_queue(char out[static NAME], const char *function)
{
    (void)snprintf(out, NAME, "@%s", function);
}

/* What every event that follows from an invocation says. */
static void begin_head(struct head_text *t, const struct invoke *i, const char *trigger)
{
    char source[FUNCTION_NAME_MAX + 16];

    (void)snprintf(source, sizeof(source), "/function/%s", i->call.fn->conf.name);
    head_add_member(t, "trigger", trigger);
    head_add_member(t, "cause", i->id);
    head_add(t, "traceparent", i->traceparent);
    head_add(t, "ce-source", source);
}

static int add(struct pushes *p, const struct head_text *t, struct event_new e)
{
    e.head = head_string(t);
    return t->is_lost ? -ENOMEM : pushes_add(p, &e);
}

/* ---- messages -------------------------------------------------------------------------------- */

static int push_message(struct pushes *p, const struct invoke *i, const struct txn_message *m)
{
    struct head_text t = {.text = NULL};

    begin_head(&t, i, "queue");
    int r = add(p, &t,
                (struct event_new){.space = i->call.fn->conf.space,
                                   .queue = m->name,
                                   .body = m->data,
                                   .size = m->size,
                                   .due_ms = m->due_ms});
    head_text_free(&t);
    return r;
}

struct publication {
    struct pushes *pushes;
    const struct invoke *from;
    const struct txn_message *message;
    const struct head_text *head;
    int code;
};

static bool listens(const struct function *f, const char *topic)
{
    for (uint32_t n = 0; n < f->topics.n; n++)
        if (strcmp(f->topics.item[n], topic) == 0)
            return true;
    return false;
}

static void publish_to(struct fn *fn, void *ctx)
{
    struct publication *p = ctx;
    char queue[NAME];

    if (p->code < 0 || strcmp(fn->conf.space, p->from->call.fn->conf.space) != 0 ||
        !listens(&fn->conf, p->message->name))
        return;
    own_queue(queue, fn->conf.name);
    p->code = add(p->pushes, p->head,
                  (struct event_new){.space = fn->conf.space,
                                     .queue = queue,
                                     .body = p->message->data,
                                     .size = p->message->size});
}

static int publish_message(struct pushes *all, const struct invoke *i, const struct txn_message *m)
{
    struct head_text t = {.text = NULL};
    struct publication p = {.pushes = all, .from = i, .message = m, .head = &t};

    begin_head(&t, i, "topic");
    head_add(&t, "x-topic", m->name);
    fleet_each(all->all->fleet, publish_to, &p);
    head_text_free(&t);
    return p.code;
}

/* ---- results ---------------------------------------------------------------------------------- */

int send_result(struct pushes *p, const struct invoke *i, const struct result *res,
                const char *function)
{
    struct head_text t = {.text = NULL};
    char queue[NAME];

    own_queue(queue, function);
    begin_head(&t, i, "next");
    send_content_type(&t, res);
    int r = add(p, &t,
                (struct event_new){.space = i->call.fn->conf.space,
                                   .queue = queue,
                                   .body = res->body,
                                   .size = res->r.body_size});
    head_text_free(&t);
    return r;
}

/* What is of the whole sequence: its line of the head, if there is one. */
static void keep_member(struct head_text *t, const char *head, const char *name)
{
    size_t size = 0;
    const char *value = head_find(head, name, &size);
    size_t before = strlen(name) + strlen(": ");

    if (value != NULL)
        head_add_lines(t, value - before, before + size + 1);
}

int send_step(struct pushes *p, const struct invoke *i, const struct result *res,
              const struct sent_step *s)
{
    struct head_text t = {.text = NULL};
    char number[16];

    begin_head(&t, i, "sequence");
    (void)snprintf(number, sizeof(number), "%u", s->number);
    head_add_member(&t, "step", number);
    keep_member(&t, s->head, ":callback");
    keep_member(&t, s->head, ":failed");
    send_content_type(&t, res);
    int r = add(p, &t,
                (struct event_new){.space = i->call.fn->conf.space,
                                   .queue = s->queue,
                                   .body = res->body,
                                   .size = res->r.body_size,
                                   .call_id = s->call_id});
    head_text_free(&t);
    return r;
}

/* The headers of a result are lines "Name: value\n", from the function. */
void send_content_type(struct head_text *t, const struct result *res)
{
    static const char name[] = "content-type:";
    const char *at = res->headers;
    const char *end = at + res->r.headers_size;

    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop != NULL ? stop : end) - at);

        if (len >= sizeof(name) && len < 256 && strncasecmp(at, name, sizeof(name) - 1) == 0) {
            char value[256];

            (void)snprintf(value, sizeof(value), "%.*s", (int)(len - sizeof(name) + 1),
                           at + sizeof(name) - 1);
            head_add(t, "content-type", value + strspn(value, " \t"));
            return;
        }
        at += len + 1;
    }
}

int send_effects(struct pushes *p, struct invoke *i, const struct verdict *v)
{
    const struct function *f = &i->call.fn->conf;
    const struct txn_message *m;
    int r = 0;

    for (m = STAILQ_FIRST(&i->txn.messages); r == 0 && m != NULL; m = STAILQ_NEXT(m, link))
        r = m->is_published ? publish_message(p, i, m) : push_message(p, i, m);
    if (r == 0 && f->on_success[0] != '\0' &&
        !policy_is_failure(&f->retry, v->outcome, invoke_status(v)))
        r = send_result(p, i, v->result, f->on_success);
    if (r < 0)
        pushes_free(p);
    return r;
}

/* ---- failures ----------------------------------------------------------------------------------- */

#define FAILED_MAX 1024u /* bytes of a list; a chain of handlers ends there */

/* Who gave the event up, with this one. False: to tell `function` leads nowhere. */
static bool add_failed(char out[static FAILED_MAX], const struct failure *f, const char *function)
{
    char word[FUNCTION_NAME_MAX + 3];
    size_t size = 0;
    const char *before = head_find(f->event->head, ":failed", &size);

    /* Spaces around each make it easy to find. */
    int n = before == NULL ? snprintf(out, FAILED_MAX, " %s ", f->function)
                           : snprintf(out, FAILED_MAX, "%.*s%s ", (int)size, before, f->function);
    (void)snprintf(word, sizeof(word), " %s ", function);
    return n < (int)FAILED_MAX && strstr(out, word) == NULL;
}

/* Its head, but for what is told anew. */
static void copy_head(struct head_text *t, const struct failure *f)
{
    static const char *const told[] = {
        ":trigger: ",           ":cause: ",           ":callback: ",  ":step: ", ":failed: ",
        "x-failure-function: ", "x-failure-reason: ", "traceparent: "};
    size_t n = sizeof(told) / sizeof(told[0]) - (f->trace[0] == '\0');
    const char *at = f->event->head;

    while (*at != '\0') {
        size_t len = (size_t)(strchrnul(at, '\n') - at);
        bool is_told = false;

        len += at[len] == '\n';
        for (size_t i = 0; i < n; i++)
            is_told = is_told || strncasecmp(at, told[i], strlen(told[i])) == 0;
        if (!is_told)
            head_add_lines(t, at, len);
        at += len;
    }
}

int send_failure(struct pushes *p, const struct failure *f, const char *function)
{
    const struct event_row *e = f->event;
    struct head_text t = {.text = NULL};
    char id[DELIVERY_ID];
    char failed[FAILED_MAX];
    char queue[NAME];

    if (!add_failed(failed, f, function))
        return 0;
    own_queue(queue, function);
    head_add_member(&t, "trigger", "failure");
    head_add_member(&t, "failed", failed);
    head_add_member(&t, "cause", queue_call_id(f->queue, e, id));
    if (f->trace[0] != '\0')
        head_add(&t, "traceparent", f->trace);
    copy_head(&t, f);
    head_add(&t, "x-failure-function", f->function);
    head_add(&t, "x-failure-reason", f->reason);
    int r = add(p, &t,
                (struct event_new){
                    .space = f->queue->space, .queue = queue, .body = e->body, .size = e->size});
    head_text_free(&t);
    return r;
}
