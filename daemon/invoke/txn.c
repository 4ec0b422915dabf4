// SPDX-License-Identifier: MIT
/* txn.c: see txn.h. */
#include "daemon/invoke/txn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/invoke/invoke.h"
#include "engine/reason.h"

#define NUMBER_TEXT 24 /* a number of 64 bits, in decimal */

void txn_init(struct txn *t, const char *space)
{
    *t = (struct txn){.question = NULL};
    commit_init(&t->commit, space);
    STAILQ_INIT(&t->messages);
    TAILQ_INIT(&t->pops);
}

void txn_message_free(struct txn_message *m)
{
    free(m->name);
    free(m->data);
    free(m);
}

void txn_reset(struct txn *t)
{
    struct txn_message *m;

    while ((m = STAILQ_FIRST(&t->messages)) != NULL) {
        STAILQ_REMOVE_HEAD(&t->messages, link);
        txn_message_free(m);
    }
    txn_pop_reset(t);
    if (t->question != NULL)
        t->question->invoke = NULL;
    t->question = NULL;
    txn_fetch_drop(t);
    t->nfetches = 0;
    t->effects = 0;
    commit_reset(&t->commit);
}

static uint64_t now_ms(const struct invoke *i)
{
    return i->invoker->loop->wall_ns / 1000000u;
}

/* ---- effects ------------------------------------------------------------------------ */

/* A function decides how much there is, within its limits: this may fail. A copy of
 * nothing is not NULL. */
static void *copy_bytes(const void *data, size_t size)
{
    void *copy = malloc(size + 1);

    if (copy != NULL && size > 0)
        memcpy(copy, data, size);
    return copy;
}

static int no_memory(struct uf_err *err)
{
    return uf_fail(err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
}

/* A guest's number is any; a sum that wraps would be in the past. What it puts off for
 * longer, it puts off for so long. */
static uint64_t after_ms(const struct invoke *i, uint64_t ms)
{
    return now_ms(i) + (ms < EVENTS_LATEST_MS ? ms : EVENTS_LATEST_MS);
}

static int add_message(struct invoke *i, const struct host_effect *e, struct uf_err *err)
{
    struct txn_message *m = xnew(sizeof(*m));

    m->is_published = e->op == UF_OP_PUBLISH;
    m->name = xcopy(e->name);
    m->data = copy_bytes(e->data, e->size);
    m->size = e->size;
    if (m->data == NULL) {
        txn_message_free(m);
        return no_memory(err);
    }
    if (!m->is_published && e->number > 0)
        m->due_ms = after_ms(i, e->number);
    STAILQ_INSERT_TAIL(&i->txn.messages, m, link);
    return 0;
}

static int take_effect(struct invoke *i, const struct host_effect *e, struct uf_err *err)
{
    struct kv_new v = {.data = e->data, .size = e->size};

    if (e->op != UF_OP_KV_SET)
        return add_message(i, e, err);
    v.version = invoke_next_version(i->invoker);
    if (e->number > 0)
        v.expires_ms = after_ms(i, e->number);
    return commit_add_write(&i->txn.commit, e->name, &v) < 0 ? no_memory(err) : 0;
}

/* Take in the list up to `until`, from a copy. */
static int take_effects(struct invoke *i, const uint8_t *list, uint64_t until, struct uf_err *err)
{
    struct txn *t = &i->txn;
    struct host_effect e;
    size_t at = 0;
    int r;

    if (until < t->effects)
        return uf_fail(err, -EPROTO, "the tender took back effects");
    size_t size = (size_t)(until - t->effects);
    if (size == 0)
        return 0;
    uint8_t *copy = copy_bytes(list + t->effects, size);
    if (copy == NULL)
        return no_memory(err);
    while ((r = hostcall_effect(copy, size, &at, &e, err)) > 0) {
        r = take_effect(i, &e, err);
        if (r < 0)
            break;
    }
    free(copy);
    t->effects = until;
    return r;
}

int txn_finish(struct invoke *i, const struct result *res, struct uf_err *err)
{
    return take_effects(i, res->effects, res->r.effects_size, err);
}

void txn_move(struct txn *t, struct commit *c)
{
    commit_move(c, &t->commit);
    txn_pop_move(t, c);
}

/* ---- questions about one key -------------------------------------------------------- */

static void answer_code(struct invoke *i, int64_t ret)
{
    fleet_answer(&i->call, &(struct host_answer){.ret = ret});
}

/* What is there now, as the transaction sees it. */
struct seen {
    bool is_there;
    const void *data;
    size_t size;
    uint64_t expires_ms;
};

static void answer_get(struct invoke *i, const struct host_request *h, const struct seen *s)
{
    if (!s->is_there)
        answer_code(i, UF_R_NOT_FOUND);
    else if (s->size > h->cap)
        answer_code(i, UF_R_TOO_LARGE);
    else
        fleet_answer(&i->call, &(struct host_answer){
                                   .ret = (int64_t)s->size, .data = s->data, .size = s->size});
}

static bool read_number(const struct seen *s, int64_t *out)
{
    char text[NUMBER_TEXT];
    char *end;

    *out = 0;
    if (!s->is_there)
        return true;
    if (s->size == 0 || s->size >= sizeof(text))
        return false;
    memcpy(text, s->data, s->size);
    text[s->size] = '\0';
    /* strtoimax would take blanks and a plus. */
    if (text[0] != '-' && (text[0] < '0' || text[0] > '9'))
        return false;
    errno = 0;
    *out = strtoimax(text, &end, 10);
    return errno == 0 && *end == '\0' && end == text + s->size;
}

static void answer_incr(struct invoke *i, const struct host_request *h, const struct seen *s)
{
    char text[NUMBER_TEXT];
    int64_t sum;

    if (!read_number(s, &sum) || __builtin_add_overflow(sum, h->number, &sum)) {
        answer_code(i, UF_R_INVALID);
        return;
    }
    int n = snprintf(text, sizeof(text), "%" PRId64, sum);
    struct kv_new v = {.data = text,
                       .size = (size_t)n,
                       .expires_ms = s->expires_ms,
                       .version = invoke_next_version(i->invoker)};
    if (commit_add_write(&i->txn.commit, h->name, &v) < 0) {
        invoke_abort(i, -ENOMEM, reason_words(REASON_MEMORY));
        return;
    }
    fleet_answer(&i->call,
                 &(struct host_answer){.ret = UF_R_OK, .data = &sum, .size = sizeof(sum)});
}

static void answer_delete(struct invoke *i, const struct host_request *h, const struct seen *s)
{
    if (s->is_there)
        commit_add_delete(&i->txn.commit, h->name);
    answer_code(i, s->is_there ? UF_R_OK : UF_R_NOT_FOUND);
}

static void answer_key(struct invoke *i, const struct host_request *h, const struct seen *s)
{
    if (h->op == UF_OP_KV_GET)
        answer_get(i, h, s);
    else if (h->op == UF_OP_KV_INCR)
        answer_incr(i, h, s);
    else
        answer_delete(i, h, s);
}

const struct commit_write *txn_own(const struct txn *t, const char *key)
{
    return commit_find(&t->commit, key);
}

/* ---- questions for the store thread ------------------------------------------------- */

static void free_question(struct txn_question *q)
{
    free(q->request.data);
    free(q->data);
    free(q);
}

static int read_key(struct store_job *j, struct db *db)
{
    struct txn_question *q = UF_OWNER(j, struct txn_question, job);
    struct kv_value v;
    int r = kv_get(db, q->space, q->request.name, &v, &j->err);

    if (r < 0)
        return r;
    q->version = v.version;
    q->expires_ms = v.expires_ms;
    q->size = v.size;
    q->data = copy_bytes(v.data, v.size);
    db_done(v.st);
    return q->data == NULL ? no_memory(&j->err) : 0;
}

static void answer_read(struct invoke *i, const struct txn_question *q)
{
    const struct seen s = {
        .is_there = q->version != 0, .data = q->data, .size = q->size, .expires_ms = q->expires_ms};

    commit_add_read(&i->txn.commit, q->request.name, false, q->version);
    answer_key(i, &q->request, &s);
}

static void on_read(struct store_job *j)
{
    struct txn_question *q = UF_OWNER(j, struct txn_question, job);
    struct invoke *i = q->invoke;

    if (i != NULL) {
        i->txn.question = NULL;
        /* A disk that cannot be read is no answer that a function could act on. */
        if (j->code < 0)
            invoke_abort(i, j->code, j->err.msg);
        else if (q->request.op == UF_OP_KV_LIST)
            txn_list_answer(i, q);
        else
            answer_read(i, q);
    }
    free_question(q);
}

static void ask_store(struct invoke *i, const struct host_request *h)
{
    struct txn_question *q = xnew(sizeof(*q));

    q->invoke = i;
    q->request = *h;
    q->job.when = STORE_NOW;
    q->job.apply = h->op == UF_OP_KV_LIST ? txn_list_apply : read_key;
    q->job.done = on_read;
    (void)snprintf(q->space, sizeof(q->space), "%s", i->txn.commit.space);
    i->txn.question = q;
    worker_submit(i->invoker->worker, &q->job);
}

/* A value that is on its way to the store. */
static void answer_write(struct invoke *i, const struct host_request *h,
                         const struct commit_write *w)
{
    const struct seen s = {
        .is_there = !w->is_delete, .data = w->data, .size = w->size, .expires_ms = w->expires_ms};

    answer_key(i, h, &s);
}

void txn_go_on(struct invoke *i, const struct host_request *h, const struct commit_write *w)
{
    bool is_known = w != NULL && (w->is_delete || w->version != 0);

    /* One that has an end may be over by now: the store decides. */
    if (!is_known || w->expires_ms != 0) {
        ask_store(i, h);
        return;
    }
    commit_add_read(&i->txn.commit, h->name, false, w->is_delete ? 0 : w->version);
    answer_write(i, h, w);
}

static void serve_key(struct invoke *i, const struct host_request *h)
{
    const struct commit_write *w = txn_own(&i->txn, h->name);
    bool is_change = h->op == UF_OP_KV_INCR || i->runs > 1;

    if (w != NULL)
        answer_write(i, h, w);
    else if (!is_change || hold_take(i, h))
        ask_store(i, h);
}

/* Who answers what; a call without an entry is not available. */
static void (*const servers[])(struct invoke *i, const struct host_request *h) = {
    [UF_OP_KV_GET] = serve_key,        [UF_OP_KV_INCR] = serve_key, [UF_OP_KV_DELETE] = serve_key,
    [UF_OP_KV_LIST] = ask_store,       [UF_OP_SECRET] = txn_secret, [UF_OP_FETCH] = txn_fetch_serve,
    [UF_OP_QUEUE_POP] = txn_pop_serve,
};

void txn_serve(struct invoke *i, const struct host_request *h)
{
    struct uf_err err;

    if (take_effects(i, fleet_effects(&i->call), h->effects, &err) < 0) {
        free(h->data);
        invoke_abort(i, err.code, err.msg);
        return;
    }
    if ((size_t)h->op < sizeof(servers) / sizeof(servers[0]) && servers[h->op] != NULL) {
        servers[h->op](i, h);
        return;
    }
    free(h->data);
    answer_code(i, UF_R_NOT_AVAILABLE);
}
