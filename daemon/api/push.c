// SPDX-License-Identifier: MIT
/*
 * push.c: events for queues; see api.h.
 *
 *	POST /system/queues/NAME     202 when it is durable
 *
 * The body is the event; with ?batch=1 each of its lines is one; in a CloudEvents
 * format it is what that says. ?delay=5s and ?not_before=TIME (or X-Not-Before) put it
 * off; Idempotency-Key (or ce-source and ce-id) makes a repeated push the same event.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "base/units.h"
#include "daemon/api/api.h"
#include "daemon/http/query.h"
#include "daemon/queue/head.h"
#include "daemon/queue/incoming.h"
#include "daemon/queue/push.h"
#include "daemon/store/callid.h"
#include "engine/hostcall.h"
#include "engine/reason.h"

#define MS UINT64_C(1000000)

struct push_ask {
    struct push push;
    struct http_request *request;
    char space[FUNCTION_NAME_MAX + 1];
    char queue[UF_NAME_MAX + 1];
    uint64_t due_ms;
    char *call_id;   /* the client's own, or NULL                        */
    const char *key; /* Idempotency-Key, or NULL: within push_serve() only */
    bool is_many;
    struct head_text head;
};

static void end(struct push_ask *a)
{
    pushes_free(&a->push.events);
    head_text_free(&a->head);
    free(a->call_id);
    free(a);
}

static void refuse(struct push_ask *a, unsigned status, const char *why)
{
    http_text(a->request, status, "%s\n", why);
    if (status == 429 || status >= 500)
        http_add(a->request, "Retry-After", "1");
    http_send(a->request);
    end(a);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* The library quotes the name; a tree of objects for the rest took a quarter of a
 * push's instructions. */
static char *answer_text(const struct push_ask *a, const char *id)
{
    const struct push_item *items = a->push.events.items;
    json_t *name = json_string(a->queue);
    char *quoted = name == NULL ? NULL : json_dumps(name, JSON_ENCODE_ANY);
    size_t known = 0;
    char *text = NULL;
    int n = -1;

    for (size_t i = 0; i < a->push.events.n; i++)
        known += items[i].event.is_known;
    if (quoted != NULL && a->is_many)
        n = asprintf(&text, "{\"queue\":%s,\"pushed\":%zu,\"known\":%zu}", quoted,
                     a->push.events.n - known, known);
    else if (quoted != NULL)
        n = asprintf(&text, "{\"queue\":%s,\"id\":\"%s\",\"known\":%s}", quoted, id,
                     known > 0 ? "true" : "false");
    free(quoted);
    json_decref(name);
    return n < 0 ? NULL : text;
}

static void answer(struct push_ask *a)
{
    const struct queues *all = a->push.events.all;
    struct http_request *r = a->request;
    char made[CALLID_TEXT];
    const char *id = a->call_id; /* which needs no quoting: headers_call_id_ok() */

    if (!a->is_many && id == NULL) {
        const struct event_new *e = &a->push.events.items[0].event;

        callid_format(made, all->salt, e->queue_id, e->id);
        id = made;
    }
    char *text = answer_text(a, id);
    http_bytes(r, 202, "application/json", text, text != NULL ? strlen(text) : 0);
    if (!a->is_many)
        http_add(r, "X-Call-Id", id);
    http_send(r);
    end(a);
}

static void on_pushed(struct push *p)
{
    struct push_ask *a = UF_OWNER(p, struct push_ask, push);

    if (p->job.code == 0)
        answer(a);
    else
        refuse(a, store_http(p->job.code), p->job.err.msg);
}

/* ---- the head -------------------------------------------------------------------------------- */

/* What an event keeps of the request that brought it. */
static bool is_kept(const char *name)
{
    static const char *const names[] = {"content-type", "content-encoding", "traceparent",
                                        "tracestate", "baggage"};
    static const char *const own[] = {"x-call-id", "x-not-before", "x-attempt", "x-queue"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        if (strcasecmp(name, own[i]) == 0)
            return false;
    return strncasecmp(name, "ce-", 3) == 0 ||
           (strncasecmp(name, "x-", 2) == 0 && strncasecmp(name, "x-forwarded-", 12) != 0);
}

static enum MHD_Result add_header(void *ctx, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    (void)kind;
    if (is_kept(name))
        head_add(ctx, name, value);
    return MHD_YES;
}

/* ---- the request ------------------------------------------------------------------------------ */

static int read_delay(struct push_ask *a, const char *delay, uint64_t now_ms, struct uf_err *err)
{
    uint64_t ns;

    if (units_parse_duration(delay, &ns) < 0)
        return uf_fail(err, -EINVAL, "delay: must be a time like 5s, 500ms or 2h");
    if (ns / MS > EVENTS_LATEST_MS)
        return uf_fail(err, -EINVAL, "delay: is more than ten years");
    a->due_ms = now_ms + ns / MS;
    return 0;
}

static int read_due(struct push_ask *a, struct uf_err *err)
{
    const char *header = http_header(a->request, "X-Not-Before");
    uint64_t now_ms = a->request->wall_ns / MS;
    char delay[UNITS_TEXT];
    char at[RFC3339_TEXT];
    uint64_t ns = 0;
    bool has_delay = query_get(a->request->query, "delay", delay, sizeof(delay)) != 0;
    bool has_time = query_get(a->request->query, "not_before", at, sizeof(at)) != 0;

    if (has_delay + has_time + (header != NULL) > 1)
        return uf_fail(err, -EINVAL,
                       "delay, not_before and X-Not-Before exclude each other; give one of them");
    if (has_delay)
        return read_delay(a, delay, now_ms, err);
    if (header != NULL)
        (void)snprintf(at, sizeof(at), "%s", header);
    else if (!has_time)
        return 0;
    if (rfc3339_parse(at, &ns) < 0)
        return uf_fail(err, -EINVAL,
                       "not_before: must be a time like 2026-01-31T06:00:00Z (RFC 3339)");
    a->due_ms = ns / MS;
    if (a->due_ms > now_ms + EVENTS_LATEST_MS)
        return uf_fail(err, -EINVAL, "not_before: is more than ten years from now");
    return 0;
}

static int read_names(struct push_ask *a, struct uf_err *err)
{
    const struct http_request *r = a->request;

    if (api_query_space(r, a->space, err) < 0)
        return err->code;
    if (query_decode_path(r->rest, a->queue, sizeof(a->queue)) < 0 ||
        !hostcall_name_ok(a->queue, strlen(a->queue)))
        return uf_fail(err, -EINVAL,
                       "the queue's name must be 1 to 255 bytes of UTF-8 without control "
                       "characters, percent-encoded");
    if (a->queue[0] == '@' && !function_name_ok(a->queue + 1))
        return uf_fail(err, -EINVAL,
                       "queue %.100s: after the @ of a function's own queue comes the name of one",
                       a->queue);
    return 0;
}

static int add_event(struct push_ask *a, const char *head, const void *body, size_t size,
                     const char *key, struct uf_err *err)
{
    const struct queues *all = a->push.events.all;
    const struct event_new e = {.space = a->space,
                                .queue = a->queue,
                                .head = head,
                                .body = body,
                                .size = size,
                                .due_ms = a->due_ms,
                                .call_id = a->is_many ? NULL : a->call_id,
                                .key = key};

    if (size > all->body_max)
        return uf_fail(err, -EFBIG, "an event of %zu bytes: at most %zu are passed on (--max-body)",
                       size, all->body_max);
    if (pushes_add(&a->push.events, &e) < 0)
        return uf_fail(err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
    return 0;
}

/* One of many: with the request's key, each has its own by its place. */
static int add_incoming(void *ctx, const struct incoming *i, struct uf_err *err)
{
    struct push_ask *a = ctx;
    char key[INCOMING_KEY_MAX + 32];

    if (a->key == NULL)
        return add_event(a, i->head, i->body, i->size, i->key, err);
    (void)snprintf(key, sizeof(key), "%.*s\n%zu", (int)INCOMING_KEY_MAX, a->key, a->push.events.n);
    return add_event(a, i->head, i->body, i->size, key, err);
}

static bool has_type(const struct http_request *r, const char *type)
{
    const char *is = http_header(r, "Content-Type");
    size_t len = strlen(type);

    return is != NULL && strncasecmp(is, type, len) == 0 &&
           (is[len] == '\0' || is[len] == ';' || is[len] == ' ');
}

static int add_lines(struct push_ask *a, struct uf_err *err)
{
    const struct http_request *r = a->request;

    a->is_many = true;
    if (has_type(r, "application/x-ndjson")) {
        head_text_free(&a->head);
        head_add(&a->head, "content-type", "application/json");
    }
    return incoming_lines(r->body, r->size, head_string(&a->head), add_incoming, a, err);
}

static int add_body(struct push_ask *a, struct uf_err *err)
{
    const struct http_request *r = a->request;
    char buf[INCOMING_KEY];
    const char *key;

    (void)incoming_request_key(a->key, http_header(r, "ce-source"), http_header(r, "ce-id"), buf,
                               &key, err);
    return add_event(a, head_string(&a->head), r->body, r->size, key, err);
}

static int add_events(struct push_ask *a, struct uf_err *err)
{
    struct http_request *r = a->request;
    char batch[8];
    int r_batch = query_get(r->query, "batch", batch, sizeof(batch));

    if (r_batch != 0 && strcmp(batch, "0") != 0 && strcmp(batch, "false") != 0)
        return add_lines(a, err);
    a->is_many = has_type(r, "application/cloudevents-batch+json");
    if (!a->is_many && !has_type(r, "application/cloudevents+json"))
        return add_body(a, err);
    int code = incoming_cloudevents(r->body, r->size, add_incoming, a, err);
    if (code == 0 && !a->is_many && a->push.events.n != 1)
        code = uf_fail(err, -EINVAL,
                       "application/cloudevents+json is one event, and this is an array of %zu; "
                       "several are application/cloudevents-batch+json",
                       a->push.events.n);
    return code;
}

static int read_key(struct push_ask *a, struct uf_err *err)
{
    const char *id = http_header(a->request, "X-Call-Id");
    const char *given = http_header(a->request, "Idempotency-Key");
    char none[INCOMING_KEY];

    if (incoming_request_key(given, NULL, NULL, none, &a->key, err) < 0)
        return err->code;
    if (id != NULL && headers_call_id_ok(id))
        a->call_id = xcopy(id);
    return 0;
}

static unsigned status_of(int code)
{
    switch (code) {
    case -ENOENT:
        return 404;
    case -EFBIG:
        return 413;
    case -ENOMEM:
        return 503;
    default:
        return 400;
    }
}

void push_serve(struct http_request *r)
{
    struct push_ask *a = xnew(sizeof(*a));
    struct uf_err err = {0};

    a->request = r;
    a->push.events.all = api_of(r)->queues;
    a->push.done = on_pushed;
    int code = read_names(a, &err);
    if (code == 0)
        code = read_due(a, &err);
    if (code == 0)
        code = read_key(a, &err);
    if (code == 0) {
        (void)MHD_get_connection_values(r->conn, MHD_HEADER_KIND, add_header, &a->head);
        code = a->head.is_lost ? uf_fail(&err, -ENOMEM, "%s", reason_words(REASON_MEMORY))
                               : add_events(a, &err);
    }
    if (code < 0)
        refuse(a, status_of(code), err.msg);
    else if (a->push.events.n == 0)
        answer(a);
    else
        push_submit(&a->push);
}
