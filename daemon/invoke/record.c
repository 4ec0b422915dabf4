// SPDX-License-Identifier: MIT
/*
 * record.c: what is kept of an invocation (daemon/store/records.h), and the span that
 * it is in its trace. What never ran leaves no record.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "daemon/invoke/invoke.h"

unsigned invoke_status(const struct verdict *v)
{
    if (v->result == NULL)
        return v->http;
    unsigned status = result_http(&v->result->r);
    /* Interim statuses are no answer (RFC 9110, 15.2). */
    return status < 200 ? 502 : status;
}

void invoke_begin_span(struct invoke *i)
{
    uint8_t random[24];
    struct trace from;
    struct trace own;
    bool has_parent = i->parent != NULL && trace_parse(&from, i->parent) == 0;

    randombytes_buf(random, sizeof(random));
    trace_child(&own, has_parent ? &from : NULL, random);
    trace_format(i->traceparent, &own);
    i->parent_span[0] = '\0';
    if (has_parent)
        trace_format_span(i->parent_span, &from);
}

/* ---- the record ------------------------------------------------------------------------ */

static void copy(char *out, size_t cap, const char *text)
{
    size_t n = 0;

    for (; text != NULL && text[n] != '\0' && n + 1 < cap; n++)
        out[n] = text[n];
    out[n] = '\0';
}

static void describe(const struct invoke *i, struct record *r)
{
    const struct function *conf = &i->call.fn->conf;

    copy(r->id, sizeof(r->id), i->id);
    copy(r->cause, sizeof(r->cause), i->cause);
    copy(r->trace, sizeof(r->trace), i->traceparent);
    copy(r->parent, sizeof(r->parent), i->parent_span);
    copy(r->space, sizeof(r->space), conf->space);
    copy(r->function, sizeof(r->function), conf->name);
    copy(r->sequence, sizeof(r->sequence), i->sequence);
    copy(r->trigger, sizeof(r->trigger), i->trigger != NULL ? i->trigger : "http");
    copy(r->lang, sizeof(r->lang), conf->lang);
    copy(r->image, sizeof(r->image), i->image);
    // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): its name was copied above
    r->memory = conf->memory;
    r->timeout_ns = conf->timeout_ns;
    r->attempt = i->attempt > 0 ? i->attempt : 1;
    r->reruns = i->runs - 1;
    r->bytes_in = i->bytes_in;
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void measure(const struct invoke *i, const struct verdict *v, struct record *r)
{
    const struct loop *l = i->invoker->loop;
    uint64_t all = l->now_ns - i->arrived_ns;
    uint64_t run = l->now_ns - i->call.started_ns;

    /* The tender may say anything; it cannot have taken longer than we saw. The first
     * event of an instance runs before we hear that it has started. */
    if (v->result != NULL)
        run = at_most(v->result->r.run_ns, all);
    r->duration_ns = run;
    r->wait_ns = at_most(i->call.started_ns - i->arrived_ns, all - run);
    r->start_ms = (l->wall_ns - all + r->wait_ns) / 1000000u;
    r->init_ns = at_most(i->call.init_ns, r->wait_ns);
    r->is_cold = i->call.init_ns > 0;
    copy(r->isolation, sizeof(r->isolation), backend_word(v->backend));
    r->status = i->lost != NULL ? i->lost_http : invoke_status(v);
    if (v->result == NULL)
        return;
    const struct uf_result *res = &v->result->r;
    r->cpu_ns = at_most(res->cpu_ns, all);
    r->host_calls = res->host_calls;
    r->dirty_pages = res->restore_pages;
    r->bytes_out = res->body_size;
}

/* Why, and where. */
static void explain(const struct invoke *i, const struct verdict *v, struct record *r)
{
    const struct uf_result *res = v->result == NULL ? NULL : &v->result->r;
    char text[UF_MESSAGE_MAX + UF_TRACE_MAX + 2];

    if (i->lost != NULL && v->outcome == UF_OUTCOME_OK) {
        record_set_message(r, i->err.msg);
        return;
    }
    if (res == NULL || res->message[0] == '\0') {
        record_set_message(r, v->reason);
        return;
    }
    int n = snprintf(text, sizeof(text), "%s\n%s", res->message, res->trace);
    while (n > 0 && text[n - 1] == '\n')
        text[--n] = '\0';
    record_set_message(r, text);
}

/* It ran, and the platform could not go on with it. */
static bool is_own(const struct verdict *v)
{
    return v->result == NULL && v->outcome == UF_OUTCOME_OK;
}

void invoke_record(struct invoke *i, const struct verdict *v, const char *outcome)
{
    struct record r = {.start_ms = 0};

    if (i->invoker->records == NULL || i->call.started_ns == 0)
        return;
    if (outcome == NULL && is_own(v))
        outcome = RECORD_UNCOMMITTED;
    describe(i, &r);
    measure(i, v, &r);
    copy(r.outcome, sizeof(r.outcome), outcome != NULL ? outcome : outcome_word(v->outcome));
    if (outcome != NULL || v->outcome != UF_OUTCOME_OK)
        explain(i, v, &r);
    if (v->result != NULL && v->result->r.log_size > 0)
        record_set_log(&r, v->result->log, v->result->r.log_size);
    if (outcome != NULL || commit_is_empty(&i->commit))
        records_note(i->invoker->records, &r);
    else
        records_add_step(i->invoker->records, &r, &i->commit);
}
