// SPDX-License-Identifier: MIT
/*
 * sequence.c: a request to a sequence: its functions one after the other, the result
 * of each as the event of the next, while the client waits; see gateway.h.
 *
 * Each step is an invocation of its own, with its own commit: what an earlier step did
 * stays when a later one fails. A step that fails, or answers with a status of 400 or
 * more, ends the sequence, and its answer is the sequence's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gateway/gateway.h"
#include "daemon/gateway/uuid.h"
#include "daemon/queue/head.h"
#include "daemon/queue/send.h"
#include "engine/reason.h"

#define STATUS_BAD 400u

void sequence_begin(struct invocation *i, struct fn *fn)
{
    struct sequence *s = calloc(1, sizeof(*s));

    i->sequence = s;
    if (s == NULL) {
        gateway_refuse(i->request, 503, reason_words(REASON_MEMORY));
        return;
    }
    fleet_hold(fn);
    s->fn = fn;
    fn->stats.started++;
    sequence_step(i);
}

void sequence_end(struct invocation *i)
{
    struct sequence *s = i->sequence;

    if (s == NULL)
        return;
    if (s->fn != NULL)
        fleet_let_go(s->fn);
    free(s->input);
    free(s);
    i->sequence = NULL;
}

void sequence_step(struct invocation *i)
{
    struct sequence *s = i->sequence;
    const struct function *f = &s->fn->conf;
    const char *name = f->steps.item[s->nth];
    struct fn *fn = fleet_find(i->gateway->fleet, f->space, name);
    char text[2 * FUNCTION_NAME_MAX + 96];

    if (fn != NULL && !function_is_sequence(&fn->conf)) {
        i->invoke.ops = gateway_ops();
        i->invoke.id = s->nth == 0 ? i->id : s->id;
        i->invoke.sequence = f->name;
        invoke_submit(i->gateway->invoker, fn, &i->invoke);
        return;
    }
    (void)snprintf(text, sizeof(text), "%s, step %u of the sequence %s, %s", name, s->nth + 1,
                   f->name, fn == NULL ? "is not deployed" : "is itself a sequence");
    gateway_refuse(i->request, 503, text);
}

/* The result of the step is the event of the next. */
static bool take_result(struct sequence *s, const struct invoke *v, const struct result *res)
{
    struct head_text t = {.text = NULL};
    size_t size = 0;
    void *input = malloc(res->r.body_size + 1);

    if (input == NULL)
        return false;
    if (res->r.body_size > 0)
        memcpy(input, res->body, res->r.body_size);
    free(s->input);
    s->input = input;
    s->size = res->r.body_size;
    send_content_type(&t, res);
    const char *type = head_find(head_string(&t), "content-type", &size);
    (void)snprintf(s->type, sizeof(s->type), "%.*s", (int)size, type != NULL ? type : "");
    head_text_free(&t);
    (void)snprintf(s->cause, sizeof(s->cause), "%s", v->id);
    (void)snprintf(s->parent, sizeof(s->parent), "%s", v->traceparent);
    return true;
}

bool sequence_go_on(struct invocation *i, const struct verdict *v)
{
    struct sequence *s = i->sequence;

    if (s == NULL || s->nth + 1 >= s->fn->conf.steps.n || v->result == NULL ||
        v->outcome != UF_OUTCOME_OK || invoke_status(v) >= STATUS_BAD)
        return false;
    stats_record(&i->invoke.call.fn->stats, invoke_status(v),
                 i->request->http->loop->now_ns - i->invoke.arrived_ns);
    if (!take_result(s, &i->invoke, v->result)) {
        gateway_refuse(i->request, 503, reason_words(REASON_MEMORY));
        return true;
    }
    s->nth++;
    uuid_make(s->id);
    i->invoke = (struct invoke){.cause = s->cause, .trigger = "sequence", .parent = s->parent};
    sequence_step(i);
    return true;
}

bool sequence_settle(struct invocation *i, const struct verdict *v, struct commit *c)
{
    const struct sequence *s = i->sequence;
    const struct function *f = s == NULL ? NULL : &s->fn->conf;
    bool is_ok = v->result != NULL && v->outcome == UF_OUTCOME_OK;
    struct pushes p = {.all = i->gateway->queues};

    if (f == NULL || !is_ok || invoke_status(v) >= STATUS_BAD || s->nth + 1 < f->steps.n ||
        f->on_success[0] == '\0')
        return is_ok;
    if (send_result(&p, &i->invoke, v->result, f->on_success) < 0) {
        invoke_void(&i->invoke, RECORD_UNCOMMITTED, 503, reason_words(REASON_MEMORY));
        return false;
    }
    pushes_move(&p, c);
    return true;
}

void sequence_event(struct invocation *i, struct event *e)
{
    const struct sequence *s = i->sequence;

    e->method = "POST";
    e->path = "/";
    e->query = "";
    e->trigger = "sequence";
    e->body = s->input;
    e->body_size = s->size;
}
