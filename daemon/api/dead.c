// SPDX-License-Identifier: MIT
/*
 * dead.c: dead letters; see api.h.
 *
 *	GET    /system/dead[?function=]     200, an array, newest first; ?before= ?limit=
 *	DELETE /system/dead?function=       200, {"removed": n}
 *	GET    /system/dead/ID              200, all of it, or 404
 *	POST   /system/dead/ID              202: it is an event again
 *	DELETE /system/dead/ID              200, {"removed": 1}, or 404
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "base/utf8.h"
#include "daemon/api/api.h"
#include "daemon/http/query.h"
#include "daemon/queue/head.h"
#include "daemon/queue/remove.h"
#include "daemon/store/dead.h"

#define LIMIT_USUAL 100u
#define LIMIT_MAX   1000u
#define CHUNK       5000 /* that are removed in one job */
#define MS          UINT64_C(1000000)

struct dead_ask {
    struct store_job job;
    struct http_request *request;
    char space[FUNCTION_NAME_MAX + 1];
    char function[FUNCTION_NAME_MAX + 1];
    uint64_t id; /* or before which */
    uint64_t limit;
    uint64_t n; /* removed */
    int last_n;
    json_t *out;
};

/* ---- events as JSON ------------------------------------------------------------------------------ */

void api_event_body(json_t *o, const char *name, const void *body, size_t size)
{
    char key[32];
    size_t at = 0;
    size_t len = 1;
    const char *text = body;

    while (at < size && len > 0) {
        len = text[at] == '\0' ? 0 : utf8_length(text + at, size - at);
        at += len;
    }
    if (at == size) {
        (void)json_object_set_new(o, name, json_stringn(size > 0 ? text : "", size));
        return;
    }
    size_t cap = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *coded = malloc(cap);
    if (coded == NULL)
        return;
    (void)snprintf(key, sizeof(key), "%s_base64", name);
    (void)sodium_bin2base64(coded, cap, body, size, sodium_base64_VARIANT_ORIGINAL);
    (void)json_object_set_new(o, key, json_string(coded));
    free(coded);
}

void api_event_head(json_t *o, const char *head)
{
    struct event_header headers[UF_EVENT_HEADERS_MAX];
    char *copy = xcopy(head);
    struct head h;
    json_t *list = json_object();

    head_parse(&h, copy, headers, UF_EVENT_HEADERS_MAX);
    for (uint32_t i = 0; i < h.nheaders && i < UF_EVENT_HEADERS_MAX; i++)
        (void)json_object_set_new(list, headers[i].name, json_string(headers[i].value));
    (void)json_object_set_new(o, "trigger", json_string(h.trigger));
    if (h.cause != NULL)
        (void)json_object_set_new(o, "cause", json_string(h.cause));
    (void)json_object_set_new(o, "method", json_string(h.method));
    (void)json_object_set_new(o, "path", json_string(h.path));
    (void)json_object_set_new(o, "headers", list);
    free(copy);
}

/* ---- on the store thread --------------------------------------------------------------------------- */

static json_t *summary(const struct dead_row *d)
{
    char pushed[RFC3339_TEXT];
    char died[RFC3339_TEXT];

    rfc3339_format(pushed, d->pushed_ms * MS);
    rfc3339_format(died, d->died_ms * MS);
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:i, s:I}", "id", (json_int_t)d->id,
                     "function", d->function, "queue", d->queue, "call", d->call_id, "pushed",
                     pushed, "died", died, "attempts", (int)d->attempts, "reason", d->reason,
                     "status", (int)d->status, "size", (json_int_t)d->size);
}

static int add_one(void *ctx, const struct dead_row *d)
{
    struct dead_ask *a = ctx;

    return json_array_append_new(a->out, summary(d));
}

static int list(struct store_job *j, struct db *db)
{
    struct dead_ask *a = UF_OWNER(j, struct dead_ask, job);

    a->out = json_array();
    const struct dead_query q = {
        .space = a->space, .function = a->function, .before = a->id, .most = (int)a->limit};
    return dead_list(db, &q, add_one, a, &j->err);
}

static int take_one(void *ctx, const struct dead_row *d)
{
    struct dead_ask *a = ctx;

    a->out = summary(d);
    api_event_head(a->out, d->head);
    api_event_body(a->out, "output", d->output, d->output_size);
    api_event_body(a->out, "body", d->body, d->size);
    return 0;
}

static int show(struct store_job *j, struct db *db)
{
    struct dead_ask *a = UF_OWNER(j, struct dead_ask, job);

    return dead_show(db, a->space, a->id, take_one, a, &j->err);
}

static int drop(struct store_job *j, struct db *db)
{
    struct dead_ask *a = UF_OWNER(j, struct dead_ask, job);

    a->n = 1;
    return dead_remove(db, a->space, a->id, &j->err);
}

static int purge(struct store_job *j, struct db *db)
{
    struct dead_ask *a = UF_OWNER(j, struct dead_ask, job);

    a->last_n = dead_purge(db, a->space, a->function, CHUNK, &j->err);
    return a->last_n < 0 ? a->last_n : 0;
}

/* ---- on the loop ------------------------------------------------------------------------------------- */

static void end(struct dead_ask *a)
{
    json_decref(a->out);
    free(a);
}

static void on_read(struct store_job *j)
{
    struct dead_ask *a = UF_OWNER(j, struct dead_ask, job);
    struct http_request *r = a->request;

    if (j->code < 0) {
        api_text(r, store_http(j->code), "%s", j->err.msg);
    } else {
        api_json(r, 200, a->out);
        a->out = NULL;
    }
    end(a);
}

static void on_removed(struct store_job *j)
{
    struct dead_ask *a = UF_OWNER(j, struct dead_ask, job);

    if (j->code == 0)
        a->n += (uint64_t)a->last_n;
    if (j->code == 0 && a->last_n == CHUNK) {
        worker_submit(&api_of(a->request)->store->worker, j);
        return;
    }
    api_answer_removal(a->request, j->code, a->n, &j->err);
    end(a);
}

static void submit(struct dead_ask *a, int (*apply)(struct store_job *, struct db *),
                   void (*done)(struct store_job *))
{
    a->job.apply = apply;
    a->job.done = done;
    worker_submit(&api_of(a->request)->store->worker, &a->job);
}

static void on_retried(void *ctx, int code, uint64_t n, const struct uf_err *err)
{
    struct http_request *r = ctx;

    (void)n;
    if (code == 0)
        api_text(r, 202, "it is an event again");
    else
        api_text(r, store_http(code), "%s", err->msg);
}

/* ---- requests ------------------------------------------------------------------------------------------ */

/* NULL after a 404: there is no such namespace. */
static struct dead_ask *begin(struct http_request *r)
{
    struct dead_ask *a = xnew(sizeof(*a));
    struct uf_err err;

    a->request = r;
    a->limit = LIMIT_USUAL;
    if (api_query_space(r, a->space, &err) == 0)
        return a;
    api_text(r, 404, "%s", err.msg);
    free(a);
    return NULL;
}

static void refuse(struct dead_ask *a, unsigned status, const char *why)
{
    api_text(a->request, status, "%s", why);
    end(a);
}

void dead_serve_all(struct http_request *r)
{
    struct dead_ask *a = begin(r);

    if (a == NULL)
        return;
    if (query_get(r->query, "function", a->function, sizeof(a->function)) < 0 ||
        api_query_number(r, "before", INT64_MAX, &a->id) < 0 ||
        api_query_number(r, "limit", LIMIT_MAX, &a->limit) < 0)
        refuse(a, 400, "function: a name; before: the id of a dead letter; limit: at most 1000");
    else if (strcmp(r->method, "DELETE") != 0)
        submit(a, list, on_read);
    else if (a->function[0] == '\0')
        refuse(a, 400, "function: is missing; dead letters are purged of one function at a time");
    else
        submit(a, purge, on_removed);
}

void dead_serve(struct http_request *r)
{
    struct dead_ask *a = begin(r);
    char *stop = NULL;

    if (a == NULL)
        return;
    a->id = strtoull(r->rest, &stop, 10);
    if (*stop != '\0' || r->rest[0] < '0' || r->rest[0] > '9' || a->id > INT64_MAX) {
        refuse(a, 404, "there is no such dead letter: its id is a number");
    } else if (strcmp(r->method, "POST") == 0) {
        queues_retry_dead(api_of(r)->queues, a->space, a->id, on_retried, r);
        end(a);
    } else if (strcmp(r->method, "DELETE") == 0) {
        submit(a, drop, on_removed);
    } else {
        submit(a, show, on_read);
    }
}
