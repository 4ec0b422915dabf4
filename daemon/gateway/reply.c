// SPDX-License-Identifier: MIT
/* reply.c: verdicts as answers; see gateway.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/units.h"
#include "daemon/gateway/gateway.h"
#include "daemon/gateway/name.h"

#define INTERNAL "unifaas"

static void add_duration(struct http_request *r)
{
    uint64_t us = (r->http->loop->now_ns - r->start_ns) / 1000;
    char text[32];
    char *point = units_put(text, us / 1000000, 1);

    *point = '.';
    (void)units_put(point + 1, us % 1000000, 6);
    http_add(r, "X-Duration-Seconds", text);
    (void)units_put(text, r->wall_ns, 1);
    http_add(r, "X-Start-Time", text);
}

/* Headers that every answer of a function has. */
static void mark(const struct invocation *i, const char *isolation)
{
    http_add(i->request, "X-Call-Id", i->id);
    http_add(i->request, "traceparent", i->invoke.traceparent);
    add_duration(i->request);
    if (isolation != NULL)
        http_add(i->request, "X-UniFaaS-Isolation", isolation);
}

static void add_retry(struct http_request *r, unsigned after_s)
{
    char seconds[16];

    if (after_s == 0)
        return;
    (void)snprintf(seconds, sizeof(seconds), "%u", after_s);
    http_add(r, "Retry-After", seconds);
}

void gateway_refuse_later(struct http_request *r, unsigned status, unsigned after_s,
                          const char *text)
{
    http_text(r, status, "%s\n", text);
    add_retry(r, after_s);
    http_add(r, "X-OpenFaaS-Internal", INTERNAL);
    add_duration(r);
    http_send(r);
}

void gateway_refuse(struct http_request *r, unsigned status, const char *text)
{
    gateway_refuse_later(r, status, 0, text);
}

void gateway_refuse_unknown(struct http_request *r, const struct name *name)
{
    char text[2 * NAME_MAX_TEXT + 64];

    (void)snprintf(text, sizeof(text), "error finding function %s.%s: it is not deployed",
                   name->function, name->space);
    gateway_refuse(r, 404, text);
}

static void note_bad_header(struct invocation *i, const char *line)
{
    struct fn *fn = i->invoke.call.fn;
    char text[256];

    (void)snprintf(text, sizeof(text), "a response header was left out, it is not valid: %s", line);
    logring_say(fn->log, i->request->http->loop->wall_ns, "platform", LEVEL_WARN, text);
    logring_tell(fn->log);
}

/* The function's headers; whether it named the type of its body. */
static bool add_functions_headers(struct invocation *i, const struct result *res)
{
    size_t size = res->r.headers_size;
    char *copy = malloc(size + 1);
    char *at = copy;
    struct headers_line line;
    bool has_type = false;
    int r;

    if (copy == NULL)
        return false;
    if (size > 0)
        memcpy(copy, res->headers, size);
    copy[size] = '\0';
    while ((r = headers_next(&at, &line)) != 0) {
        if (r < 0) {
            note_bad_header(i, line.name);
            continue;
        }
        if (!headers_is_functions(line.name))
            continue;
        has_type = has_type || strcasecmp(line.name, "Content-Type") == 0;
        http_add(i->request, line.name, line.value);
    }
    free(copy);
    return has_type;
}

/* What the function answered, as it answered it. */
static void pass_on(struct invocation *i, const struct result *res, unsigned status)
{
    struct http_request *r = i->request;
    size_t size = res->r.body_size;
    char *body = size > 0 ? malloc(size) : NULL;
    const char *type = http_header(r, "Content-Type");

    if (size > 0 && body == NULL) {
        http_text(r, 503, "no memory for a response of this size now\n");
        return;
    }
    if (size > 0)
        memcpy(body, res->body, size);
    http_bytes(r, status, NULL, body, size);
    if (!add_functions_headers(i, res))
        http_add(r, "Content-Type", type != NULL ? type : "text/plain");
}

/* What the platform says about an invocation that failed. */
static void explain(struct invocation *i, const struct verdict *v)
{
    const struct uf_result *res = &v->result->r;
    unsigned status = outcome_http(v->outcome);

    if (res->message[0] != '\0')
        http_text(i->request, status, "%s: %s\n%s%s", outcome_word(v->outcome), res->message,
                  res->trace,
                  res->trace[0] == '\0' || res->trace[strlen(res->trace) - 1] == '\n' ? "" : "\n");
    else
        http_text(i->request, status, "%s: handle returned %d\n", outcome_word(v->outcome),
                  res->status);
    http_add(i->request, "X-OpenFaaS-Internal", INTERNAL);
}

/* handle said that it failed: in its own words and with its own status, if it has any. */
static bool is_functions_own(const struct uf_result *res)
{
    return res->outcome == UF_OUTCOME_OK ||
           (res->outcome == UF_OUTCOME_ERROR && (res->body_size > 0 || res->http_status >= 400));
}

static void answer_result(struct invocation *i, const struct verdict *v)
{
    const struct uf_result *res = &v->result->r;
    unsigned status = result_http(res);

    if (!is_functions_own(res)) {
        explain(i, v);
    } else if (status < 200) {
        /* Interim statuses are no answer (RFC 9110, 15.2). */
        http_text(i->request, 502, "the function answered with status %u, which is not final\n",
                  status);
        http_add(i->request, "X-OpenFaaS-Internal", INTERNAL);
    } else {
        pass_on(i, v->result, status);
    }
}

static void answer_without(struct invocation *i, const struct verdict *v)
{
    if (v->outcome != UF_OUTCOME_OK)
        http_text(i->request, v->http, "%s: %s\n", outcome_word(v->outcome), v->reason);
    else
        http_text(i->request, v->http, "%s\n", v->reason);
    add_retry(i->request, v->retry_after_s);
    http_add(i->request, "X-OpenFaaS-Internal", INTERNAL);
}

void gateway_reply(struct invocation *i, const struct verdict *v)
{
    struct http_request *r = i->request;
    bool has_run = v->result != NULL || v->outcome != UF_OUTCOME_OK;

    if (v->result != NULL)
        answer_result(i, v);
    else
        answer_without(i, v);
    mark(i, has_run ? backend_word(v->backend) : NULL);
    if (v->outcome != UF_OUTCOME_OK)
        http_add(r, "X-UniFaaS-Outcome", outcome_word(v->outcome));
    stats_record(&i->invoke.call.fn->stats, r->status, r->http->loop->now_ns - r->start_ns);
    if (i->sequence != NULL)
        stats_record(&i->sequence->fn->stats, r->status, r->http->loop->now_ns - r->start_ns);
    http_send(r);
}
