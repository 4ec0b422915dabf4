// SPDX-License-Identifier: MIT
/*
 * invocations.c: GET /system/invocations and /system/invocation/ID: what is kept of
 * invocations, with the field names of OpenWhisk's activations.
 *
 *	name      only of that function, NAME or NAME.NAMESPACE
 *	outcome   only those that ended so; "failed": all but ok
 *	since     only those that started from that time on, RFC 3339
 *	before    only those that came before the one with that id: the next page
 *	limit     how many, 30 unless given
 *	logs      true: with their log lines
 *
 * One is found by its id or by how that begins. With it comes its trace: all that the
 * same request or event led to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/api/api.h"
#include "daemon/http/query.h"

#define LIMIT     30u
#define LIMIT_MAX 200u
#define TRACE_MAX 200u /* of one trace                             */
#define SAME_MAX  16u  /* that begin alike or have the same id     */

/* http_request.own */
struct lookup {
    struct http_request *request;
    struct records_read read;
    struct records_read trace; /* of what read found */
};

static struct lookup *begin(struct http_request *r, void (*done)(struct records_read *read))
{
    struct lookup *l = xnew(sizeof(*l));

    l->request = r;
    l->read.done = done;
    r->own = l;
    return l;
}

void invocations_forget(struct http_request *r)
{
    struct lookup *l = r->own;

    if (l == NULL)
        return;
    records_read_fini(&l->read);
    records_read_fini(&l->trace);
    free(l);
    r->own = NULL;
}

static void refuse(struct http_request *r, const struct records_read *read)
{
    api_text(r, store_http(read->code), "%s", read->err.msg);
}

/* ---- a list ------------------------------------------------------------------------------ */

static void on_listed(struct records_read *read)
{
    const struct lookup *l = UF_OWNER(read, struct lookup, read);
    json_t *list = json_array();

    if (read->code < 0) {
        json_decref(list);
        refuse(l->request, read);
        return;
    }
    for (size_t i = 0; i < read->nfound; i++)
        (void)json_array_append_new(list, activation_json(&read->found[i], read->query.want_log));
    api_json(l->request, 200, list);
}

static int read_limit(const char *query, size_t *out)
{
    char text[16];
    char *end = text;
    int r = query_get(query, "limit", text, sizeof(text));
    long n = r > 0 && text[0] != '\0' ? strtol(text, &end, 10) : (long)LIMIT;

    *out = (size_t)n;
    return r < 0 || *end != '\0' || n < 1 || n > (long)LIMIT_MAX ? -EINVAL : 0;
}

static int read_since(const char *query, uint64_t *ms)
{
    char text[64];
    uint64_t ns = 0;
    int r = query_get(query, "since", text, sizeof(text));

    if (r >= 0 && text[0] != '\0')
        r = rfc3339_parse(text, &ns);
    *ms = ns / 1000000u;
    return r < 0 ? r : 0;
}

static bool is_outcome(const char *word)
{
    for (uint32_t i = 0; i < UF_NOUTCOMES; i++)
        if (strcmp(word, outcome_word(i)) == 0)
            return true;
    return word[0] == '\0' || strcmp(word, "failed") == 0 || record_is_lost(word);
}

/* NULL, or the parameter that makes no sense. */
static const char *read_query(struct records_read *read, const char *query)
{
    struct records_query *q = &read->query;
    char logs[8];

    if (read_limit(query, &read->limit) < 0)
        return "limit: must be a number from 1 to 200";
    if (read_since(query, &q->since_ms) < 0)
        return "since: must be a time like 2026-01-31T12:00:00Z";
    if (query_get(query, "before", read->before, sizeof(read->before)) < 0)
        return "before: must be the id of an invocation";
    if (query_get(query, "outcome", q->outcome, sizeof(q->outcome)) < 0 || !is_outcome(q->outcome))
        return "outcome: must be a word that invocations end with, or failed";
    if (query_get(query, "logs", logs, sizeof(logs)) < 0)
        return "logs: must be true or false";
    q->want_log = strcmp(logs, "true") == 0 || strcmp(logs, "1") == 0;
    return NULL;
}

/* A function that is removed may have records yet, so any name is asked for. */
static const char *read_name(struct records_query *q, const char *query)
{
    char text[sizeof(q->function) + sizeof(q->space)];
    char space[sizeof(q->space)];

    if (query_get(query, "name", text, sizeof(text)) < 0)
        return "name: is no function's name";
    if (query_get(query, "namespace", space, sizeof(space)) < 0)
        return "namespace: is no namespace's name";
    size_t len = strcspn(text, ".");
    const char *named = text[len] == '.' ? text + len + 1 : space;
    if (len >= sizeof(q->function) || strlen(named) >= sizeof(q->space))
        return "name: is longer than a function's name can be";
    (void)snprintf(q->function, sizeof(q->function), "%.*s", (int)len, text);
    (void)snprintf(q->space, sizeof(q->space), "%s", named[0] != '\0' ? named : FUNCTION_SPACE);
    return NULL;
}

void invocations_list(struct http_request *r)
{
    struct lookup *l = begin(r, on_listed);
    const char *wrong = read_query(&l->read, r->query);

    if (wrong == NULL)
        wrong = read_name(&l->read.query, r->query);
    if (wrong == NULL)
        records_read(api_of(r)->records, &l->read);
    else
        api_text(r, 422, "%s", wrong);
}

/* ---- one --------------------------------------------------------------------------------- */

/* The trace, the first first. */
static void on_traced(struct records_read *trace)
{
    const struct lookup *l = UF_OWNER(trace, struct lookup, trace);
    json_t *doc = activation_json(&l->read.found[0], true);
    json_t *list = json_array();

    for (size_t i = trace->nfound; i > 0; i--)
        (void)json_array_append_new(list, activation_summary(&trace->found[i - 1]));
    if (trace->code == 0)
        (void)json_object_set(doc, "trace", list);
    json_decref(list);
    api_json(l->request, 200, doc);
}

/* The ids that begin alike, but for those that are equal. */
static bool is_ambiguous(const struct records_read *read, const char *id)
{
    for (size_t i = 1; i < read->nfound; i++)
        if (strcmp(read->found[i].id, read->found[0].id) != 0)
            return strcmp(read->found[0].id, id) != 0;
    return false;
}

/* Bring the newest whose id is just that to the front. */
static void prefer_exact(struct records_read *read, const char *id)
{
    for (size_t i = 0; i < read->nfound; i++) {
        if (strcmp(read->found[i].id, id) == 0) {
            struct record first = read->found[0];

            read->found[0] = read->found[i];
            read->found[i] = first;
            return;
        }
    }
}

static void on_found(struct records_read *read)
{
    struct lookup *l = UF_OWNER(read, struct lookup, read);
    struct http_request *r = l->request;
    const char *id = r->rest;

    prefer_exact(read, id);
    if (read->code < 0) {
        refuse(r, read);
    } else if (read->nfound == 0) {
        api_text(r, 404, "no invocation with the id %.80s is kept", id);
    } else if (is_ambiguous(read, id)) {
        api_text(r, 400,
                 "%.80s is how several ids begin, %s and %s are two of them: say more of it", id,
                 read->found[0].id, read->found[read->nfound - 1].id);
    } else {
        const struct record *rec = &read->found[0];

        l->trace.done = on_traced;
        l->trace.limit = rec->trace[0] != '\0' ? TRACE_MAX : 0;
        if (rec->trace[0] != '\0')
            (void)snprintf(l->trace.query.trace, sizeof(l->trace.query.trace), "%.32s",
                           rec->trace + 3);
        records_read(api_of(r)->records, &l->trace);
    }
}

void invocations_describe(struct http_request *r)
{
    struct lookup *l = begin(r, on_found);
    size_t len = strlen(r->rest);

    if (len == 0 || len >= sizeof(l->read.query.id)) {
        api_text(r, 404, "no invocation has that id");
        return;
    }
    memcpy(l->read.query.id, r->rest, len + 1);
    l->read.query.want_log = true;
    l->read.limit = SAME_MAX;
    records_read(api_of(r)->records, &l->read);
}
