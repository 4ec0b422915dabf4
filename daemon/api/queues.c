// SPDX-License-Identifier: MIT
/*
 * queues.c: what is in queues; see api.h. push.c puts it there.
 *
 *	GET    /system/queues               200, an array
 *	GET    /system/queues/NAME          200, or 404
 *	GET    /system/queues/NAME/events   200, an array: the first of them
 *	DELETE /system/queues/NAME/events   200, {"removed": n}
 *
 * What is told is what the disk has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/api/api.h"
#include "daemon/http/query.h"
#include "daemon/queue/remove.h"
#include "daemon/store/callid.h"
#include "daemon/store/qrow.h"
#include "engine/reason.h"

#define EVENTS      "/events"
#define LIMIT_USUAL 10u
#define LIMIT_MAX   1000u
#define BYTES_MAX   (8u << 20) /* of events that one answer has */
#define MS          UINT64_C(1000000)

struct queues_ask {
    struct store_job job;
    struct http_request *request;
    char space[FUNCTION_NAME_MAX + 1];
    char name[UF_NAME_MAX + 1]; /* "": all */
    size_t limit;
    uint64_t after; /* id of an event */
    json_t *out;
};

/* ---- on the store thread ---------------------------------------------------------------------- */

static json_t *describe(struct queues_ask *a, struct db *db, const struct qrow *q,
                        struct uf_err *err)
{
    uint64_t oldest_ms = 0;
    double age_s = 0;

    if (events_oldest(db, q->id, &oldest_ms, err) < 0)
        return NULL;
    if (oldest_ms > 0 && oldest_ms < db->now_ms)
        age_s = (double)(db->now_ms - oldest_ms) / 1e3;
    return json_pack("{s:s, s:s, s:I, s:I, s:f}", "name", q->name, "namespace", a->space, "depth",
                     (json_int_t)q->now.depth, "later", (json_int_t)q->now.timed, "age_seconds",
                     age_s);
}

struct listing {
    struct queues_ask *ask;
    struct db *db;
    struct uf_err *err;
};

/* A function's own queue is of interest when something is in it. */
static int list_one(void *ctx, const struct qrow *q)
{
    struct listing *l = ctx;
    bool is_own = q->name[0] == '@';

    if (strcmp(q->space, l->ask->space) != 0 || (is_own && q->now.depth == 0))
        return 0;
    json_t *o = describe(l->ask, l->db, q, l->err);
    if (o == NULL)
        return -EIO;
    return json_array_append_new(l->ask->out, o);
}

static int list(struct store_job *j, struct db *db)
{
    struct queues_ask *a = UF_OWNER(j, struct queues_ask, job);
    struct listing l = {.ask = a, .db = db, .err = &j->err};

    a->out = json_array();
    return qrow_each(db, list_one, &l, &j->err);
}

static int show(struct store_job *j, struct db *db)
{
    struct queues_ask *a = UF_OWNER(j, struct queues_ask, job);
    const struct qrow *q = qrow_find(db, a->space, a->name, &j->err);

    if (q != NULL)
        a->out = describe(a, db, q, &j->err);
    return j->err.code;
}

static json_t *event_json(const struct event_row *e, uint64_t salt)
{
    char id[CALLID_TEXT];
    char at[RFC3339_TEXT];
    json_t *o = json_object();

    callid_format(id, salt, e->queue_id, e->id);
    (void)json_object_set_new(o, "number", json_integer((json_int_t)e->id));
    (void)json_object_set_new(o, "id", json_string(e->call_id != NULL ? e->call_id : id));
    rfc3339_format(at, e->pushed_ms * MS);
    (void)json_object_set_new(o, "pushed", json_string(at));
    if (e->due_ms > 0) {
        rfc3339_format(at, e->due_ms * MS);
        (void)json_object_set_new(o, "not_before", json_string(at));
    }
    (void)json_object_set_new(o, "attempts", json_integer(e->attempts));
    api_event_head(o, e->head);
    api_event_body(o, "body", e->body, e->size);
    return o;
}

static int peek(struct store_job *j, struct db *db)
{
    struct queues_ask *a = UF_OWNER(j, struct queues_ask, job);
    const struct qrow *q = qrow_find(db, a->space, a->name, &j->err);
    struct events_found found;
    struct event_row *e;

    if (q == NULL)
        return j->err.code;
    struct events_want w = {.queue_id = q->id,
                            .is_any = true,
                            .after_id = a->after,
                            .rows_max = a->limit,
                            .bytes_max = BYTES_MAX};
    int r = events_fetch(db, &w, &found, &j->err);
    if (r < 0)
        return r;
    a->out = json_array();
    TAILQ_FOREACH(e, &found.rows, link)
    (void)json_array_append_new(a->out, event_json(e, db->salt));
    event_rows_free(&found.rows);
    return 0;
}

/* ---- on the loop ---------------------------------------------------------------------------------- */

static void add_function(const struct queues_ask *a, json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "name"));
    const char *function = queues_consumer(api_of(a->request)->queues, a->space, name);

    if (function != NULL && function[0] != '\0')
        (void)json_object_set_new(o, "function", json_string(function));
}

/* A queue that a function waits for, and that never had an event. */
static json_t *empty(const struct queues_ask *a)
{
    if (queues_consumer(api_of(a->request)->queues, a->space, a->name) == NULL)
        return NULL;
    return json_pack("{s:s, s:s, s:i, s:i, s:f}", "name", a->name, "namespace", a->space, "depth",
                     0, "later", 0, "age_seconds", 0.0);
}

static void end(struct queues_ask *a)
{
    json_decref(a->out);
    free(a);
}

static void on_asked(struct store_job *j)
{
    struct queues_ask *a = UF_OWNER(j, struct queues_ask, job);
    struct http_request *r = a->request;
    bool is_peek = j->apply == peek;
    size_t i;
    json_t *o;

    if (j->code == 0 && a->out == NULL)
        a->out = is_peek && queues_consumer(api_of(r)->queues, a->space, a->name) != NULL
                     ? json_array()
                 : is_peek ? NULL
                           : empty(a);
    if (j->code < 0) {
        api_text(r, store_http(j->code), "%s", j->err.msg);
    } else if (a->out == NULL) {
        api_text(r, 404, "there is no queue %s", a->name);
    } else {
        if (json_is_object(a->out))
            add_function(a, a->out);
        else if (!is_peek)
            json_array_foreach(a->out, i, o) add_function(a, o);
        api_json(r, 200, a->out);
        a->out = NULL;
    }
    end(a);
}

static void submit(struct queues_ask *a, int (*apply)(struct store_job *, struct db *))
{
    a->job.apply = apply;
    a->job.done = on_asked;
    worker_submit(&api_of(a->request)->store->worker, &a->job);
}

/* ---- requests -------------------------------------------------------------------------------------- */

void api_answer_removal(void *ctx, int code, uint64_t n, const struct uf_err *err)
{
    struct http_request *r = ctx;

    if (code == 0)
        api_json(r, 200, json_pack("{s:I}", "removed", (json_int_t)n));
    else
        api_text(r, store_http(code), "%s", err->msg);
}

/* NULL after a 404: there is no such namespace. */
static struct queues_ask *begin(struct http_request *r)
{
    struct queues_ask *a = xnew(sizeof(*a));
    struct uf_err err;

    a->request = r;
    if (api_query_space(r, a->space, &err) == 0)
        return a;
    api_text(r, 404, "%s", err.msg);
    free(a);
    return NULL;
}

/* NAME or NAME/events: 1 with the second, 0, or -EINVAL. */
static int read_name(struct queues_ask *a)
{
    const char *rest = a->request->rest;
    size_t len = strlen(rest);
    size_t tail = sizeof(EVENTS) - 1;
    bool is_events = len > tail && strcmp(rest + len - tail, EVENTS) == 0;
    char part[3 * UF_NAME_MAX + 1];

    if (is_events)
        len -= tail;
    if (len >= sizeof(part))
        return -EINVAL;
    memcpy(part, rest, len);
    part[len] = '\0';
    if (query_decode_path(part, a->name, sizeof(a->name)) < 0 || a->name[0] == '\0')
        return -EINVAL;
    return is_events;
}

int api_query_number(const struct http_request *r, const char *name, uint64_t max, uint64_t *out)
{
    char text[24];
    char *end = text;

    if (query_get(r->query, name, text, sizeof(text)) == 0)
        return 0;
    *out = strtoull(text, &end, 10);
    return *end != '\0' || text[0] < '0' || text[0] > '9' || *out > max ? -EINVAL : 0;
}

static void serve_peek(struct queues_ask *a)
{
    uint64_t limit = LIMIT_USUAL;

    if (api_query_number(a->request, "limit", LIMIT_MAX, &limit) < 0 ||
        api_query_number(a->request, "after", INT64_MAX, &a->after) < 0) {
        api_text(a->request, 400, "limit: at most %u; after: the number of an event", LIMIT_MAX);
        end(a);
        return;
    }
    a->limit = limit;
    submit(a, peek);
}

void queues_serve(struct http_request *r)
{
    struct queues_ask *a = begin(r);
    bool is_delete = strcmp(r->method, "DELETE") == 0;

    if (a == NULL)
        return;
    int which = *r->rest == '\0' ? 0 : read_name(a);
    if (which < 0 || (is_delete && which == 0)) {
        api_text(r, 404, "there is no such queue");
        end(a);
    } else if (is_delete) {
        queues_purge(api_of(r)->queues, a->space, a->name, api_answer_removal, r);
        end(a);
    } else if (which == 1) {
        serve_peek(a);
    } else {
        submit(a, a->name[0] == '\0' ? list : show);
    }
}
