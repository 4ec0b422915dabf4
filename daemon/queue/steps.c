// SPDX-License-Identifier: MIT
/*
 * steps.c: several functions as one name.
 *
 * An event of a sequence's queue says which step it is for. When that step's function
 * has handled it, the same commit that removes it pushes the result, as the event of
 * the next step, into the same queue: each step takes effect once, and a restart goes
 * on where the sequence was. A step that answers with a status of 400 or more ends it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/queue/head.h"
#include "daemon/queue/inside.h"
#include "daemon/queue/send.h"

#define STATUS_BAD 400u

uint32_t steps_number(const struct event_row *e)
{
    size_t size;
    const char *text = head_find(e->head, ":step", &size);

    return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

struct fn *steps_target(const struct consumer *c, const struct event_row *e, uint32_t *step)
{
    const struct function *f = &c->fn->conf;

    *step = 0;
    if (!function_is_sequence(f))
        return c->fn;
    *step = steps_number(e);
    return fleet_find(c->all->fleet, f->space, f->steps.item[*step]);
}

const char *steps_refuse(const struct consumer *c, const struct event_row *e)
{
    const struct function *f = &c->fn->conf;

    if (!function_is_sequence(f))
        return NULL;
    if (steps_number(e) >= f->steps.n)
        return "the sequence has no such step any more";
    const struct fn *fn = fleet_find(c->all->fleet, f->space, f->steps.item[steps_number(e)]);
    return fn != NULL && function_is_sequence(&fn->conf)
               ? "a step of the sequence is itself a sequence"
               : NULL;
}

bool steps_are_gone(const struct delivery *d)
{
    const struct fn *fn = d->consumer->fn;

    return d->invoke.sequence != NULL && (fn == NULL || !function_is_sequence(&fn->conf));
}

int steps_go_on(struct delivery *d, const struct verdict *v, struct pushes *p)
{
    const struct function *f = d->consumer->fn == NULL ? NULL : &d->consumer->fn->conf;
    const struct event_row *e = d->rows[0];
    struct sent_step s = {
        .queue = d->queue->name, .call_id = d->call, .number = d->nth + 1, .head = e->head};

    if (f == NULL || !function_is_sequence(f) || invoke_status(v) >= STATUS_BAD)
        return 0;
    if (s.number < f->steps.n)
        return send_step(p, &d->invoke, v->result, &s) < 0 ? -ENOMEM : 1;
    return f->on_success[0] != '\0' ? send_result(p, &d->invoke, v->result, f->on_success) : 0;
}
