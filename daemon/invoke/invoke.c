// SPDX-License-Identifier: MIT
/* invoke.c: see invoke.h. */
#include "daemon/invoke/invoke.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/queue/send.h"
#include "engine/reason.h"

/* Seconds after which what a commit refused may be tried again. */
#define COMMIT_RETRY_S 1u

static void start(struct invoke *i);

/* ---- the end -------------------------------------------------------------------------- */

static void finish(struct invoke *i, const struct verdict *v)
{
    struct fn *fn = i->call.fn;
    struct kept_result *kept = i->kept;

    i->is_open = false;
    i->invoker->nopen--;
    i->kept = NULL;
    hold_release(i, NULL);
    txn_reset(&i->txn);
    commit_reset(&i->commit);
    i->ops->done(i, v);
    free(kept);
    fleet_let_go(fn);
}

/* A verdict of the platform's, in place of the run's own. */
static void finish_with(struct invoke *i, unsigned http, unsigned retry_after_s,
                        const char *outcome)
{
    struct verdict v = {.http = http,
                        .retry_after_s = retry_after_s,
                        .reason = i->err.msg,
                        .backend = i->verdict.backend};

    invoke_record(i, &v, outcome);
    finish(i, &v);
}

/* ---- the commit ----------------------------------------------------------------------- */

static void on_conflict(struct invoke *i)
{
    i->invoker->conflicts++;
    if (i->runs < INVOKE_RUNS) {
        start(i);
        return;
    }
    (void)uf_fail(&i->err, -EAGAIN,
                  "%s read what others kept changing, %u times in a row; nothing of it was kept",
                  i->call.fn->label, i->runs);
    finish_with(i, 409, COMMIT_RETRY_S, RECORD_CONFLICT);
}

static void on_committed(struct store_job *j)
{
    struct invoke *i = UF_OWNER(UF_OWNER(j, struct commit, job), struct invoke, commit);

    if (j->code == 0) {
        struct verdict v = i->verdict;

        i->is_durable = true;
        finish(i, &v);
    } else if (j->code == -EAGAIN) {
        on_conflict(i);
    } else {
        i->err = j->err;
        finish_with(i, store_http(j->code), COMMIT_RETRY_S, RECORD_UNCOMMITTED);
    }
}

/* A result while it is committed; large, and few invocations commit anything. */
struct kept_result {
    struct result result;
    uint8_t bytes[]; /* headers, then body */
};

/* The instance goes on with other events, so what is answered later is copied. */
static int keep_result(struct invoke *i, const struct verdict *v)
{
    const struct result *res = v->result;

    i->verdict = *v;
    if (v->reason != NULL) {
        (void)uf_fail(&i->err, -EIO, "%s", v->reason);
        i->verdict.reason = i->err.msg;
    }
    if (res == NULL)
        return 0;
    size_t headers = res->r.headers_size;
    size_t body = res->r.body_size;
    struct kept_result *k = malloc(sizeof(*k) + headers + body);
    if (k == NULL)
        return -ENOMEM;
    memcpy(k->bytes, res->headers, headers);
    memcpy(k->bytes + headers, res->body, body);
    k->result = *res;
    k->result.headers = (const char *)k->bytes;
    k->result.body = k->bytes + headers;
    /* Logs and effects have been taken in. */
    k->result.log = NULL;
    k->result.r.log_size = 0;
    k->result.effects = NULL;
    k->result.r.effects_size = 0;
    i->kept = k;
    i->verdict.result = &k->result;
    return 0;
}

static void commit(struct invoke *i, const struct verdict *v)
{
    invoke_record(i, v, i->lost);
    if (i->lost != NULL) {
        finish(i, &(struct verdict){.http = i->lost_http,
                                    .retry_after_s = COMMIT_RETRY_S,
                                    .reason = i->err.msg,
                                    .backend = v->backend});
        return;
    }
    if (commit_is_empty(&i->commit)) {
        finish(i, v);
        return;
    }
    if (keep_result(i, v) < 0) {
        (void)uf_fail(&i->err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
        finish_with(i, 503, COMMIT_RETRY_S, RECORD_UNCOMMITTED);
        return;
    }
    i->commit.job.done = on_committed;
    worker_submit(i->invoker->worker, &i->commit.job);
    /* Who reads now reads what this writes: jobs keep their order. */
    hold_release(i, &i->commit);
}

/* ---- the run ---------------------------------------------------------------------------- */

static void on_event(struct call *c, struct event *e)
{
    struct invoke *i = UF_OWNER(c, struct invoke, call);

    i->ops->event(i, e);
    i->bytes_in = e->body_size;
    memcpy(i->image, c->fn->image, sizeof(i->image));
}

static void on_waits(struct call *c)
{
    struct invoke *i = UF_OWNER(c, struct invoke, call);

    if (i->ops->waits != NULL)
        i->ops->waits(i);
}

static void on_asks(struct call *c, const struct host_request *h)
{
    txn_serve(UF_OWNER(c, struct invoke, call), h);
}

/* The effects that no question came after; and whether they may be kept. */
static bool take_in(struct invoke *i, const struct verdict *v, struct pushes *sent)
{
    if (v->result == NULL || v->outcome != UF_OUTCOME_OK)
        return false;
    i->abort_code = txn_finish(i, v->result, &i->err);
    if (i->abort_code == 0 && sent->all != NULL && send_effects(sent, i, v) < 0)
        i->abort_code = uf_fail(&i->err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
    if (i->abort_code == 0 && sent->all != NULL)
        i->abort_code = pushes_can_fit(sent, &i->err);
    return i->abort_code == 0;
}

static void on_done(struct call *c, const struct verdict *v)
{
    struct invoke *i = UF_OWNER(c, struct invoke, call);
    struct verdict own = {.reason = i->err.msg, .backend = v->backend};
    struct pushes sent = {.all = i->invoker->queues};
    bool is_kept = i->abort_code == 0 && take_in(i, v, &sent);

    /* A run that the platform ended, or whose effects make no sense, is none. */
    if (i->abort_code == -EPROTO) {
        own.outcome = UF_OUTCOME_TENDER_LOST;
        own.http = outcome_http(own.outcome);
        v = &own;
    } else if (i->abort_code < 0) {
        own.http = i->abort_code == -ENOMEM ? 503 : store_http(i->abort_code);
        /* What is too much at once is as much the next time. */
        own.retry_after_s = i->abort_code == -E2BIG ? 0 : COMMIT_RETRY_S;
        v = &own;
    }
    commit_reset(&i->commit);
    if (i->ops->settle != NULL)
        is_kept = i->ops->settle(i, v, &i->commit) && is_kept;
    if (is_kept) {
        txn_move(&i->txn, &i->commit);
        pushes_move(&sent, &i->commit);
    }
    pushes_free(&sent);
    commit(i, v);
}

void invoke_abort(struct invoke *i, int code, const char *why)
{
    i->abort_code = code;
    (void)uf_fail(&i->err, code, "%s", why);
    fleet_abort(&i->call, i->err.msg);
}

void invoke_void(struct invoke *i, const char *outcome, unsigned http, const char *why)
{
    i->lost = outcome;
    i->lost_http = http;
    (void)uf_fail(&i->err, -ECANCELED, "%s", why);
}

static const struct call_ops ops = {
    .event = on_event, .waits = on_waits, .asks = on_asks, .done = on_done};

/* Once more from the start, or for the first time. */
static void start(struct invoke *i)
{
    struct fn *fn = i->call.fn;

    free(i->kept);
    i->kept = NULL;
    hold_release(i, NULL);
    txn_reset(&i->txn);
    i->abort_code = 0;
    i->lost = NULL;
    i->call.is_again = i->runs > 0;
    i->runs++;
    if (fn->is_removed) {
        (void)uf_fail(&i->err, -ENOENT, "the function was removed while the event waited");
        finish_with(i, 404, 0, RECORD_UNCOMMITTED);
        return;
    }
    fleet_submit(fn, &i->call);
}

void invoker_init(struct invoker *v, struct loop *l, struct store *s)
{
    /* Before the store thread starts, which goes on from here with even ones. */
    *v = (struct invoker){.loop = l, .worker = &s->worker, .version = s->db.version | 1};
}

uint64_t invoke_next_version(struct invoker *v)
{
    return v->version += 2;
}

void invoke_submit(struct invoker *v, struct fn *fn, struct invoke *i)
{
    i->invoker = v;
    i->call.ops = &ops;
    i->call.id = i->id;
    i->call.sequence = i->sequence;
    i->call.fn = fn;
    i->call.started_ns = 0;
    i->arrived_ns = v->loop->now_ns;
    i->runs = 0;
    i->is_open = true;
    i->is_durable = false;
    invoke_begin_span(i);
    v->nopen++;
    fleet_hold(fn);
    txn_init(&i->txn, fn->conf.space);
    commit_init(&i->commit, fn->conf.space);
    start(i);
}

bool invoke_withdraw(struct invoke *i)
{
    if (!i->is_open || !i->call.is_waiting)
        return false;
    fleet_withdraw(&i->call);
    i->is_open = false;
    i->invoker->nopen--;
    txn_reset(&i->txn);
    commit_reset(&i->commit);
    fleet_let_go(i->call.fn);
    return true;
}
