// SPDX-License-Identifier: MIT
/* reply.c: verdicts as answers; see gateway.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/gateway/gateway.h"

#define INTERNAL "unifaas"

static void add_duration(struct http_request *r)
{
    char text[32];

    (void)snprintf(text, sizeof(text), "%.6f", (double)(r->http->loop->now_ns - r->start_ns) / 1e9);
    http_add(r, "X-Duration-Seconds", text);
    (void)snprintf(text, sizeof(text), "%" PRIu64, r->wall_ns);
    http_add(r, "X-Start-Time", text);
}

/* Headers that every answer of a function has. */
static void mark(const struct invocation *i, const char *isolation)
{
    http_add(i->request, "X-Call-Id", i->id);
    add_duration(i->request);
    if (isolation != NULL)
        http_add(i->request, "X-UniFaaS-Isolation", isolation);
}

void gateway_refuse(struct http_request *r, unsigned status, const char *text)
{
    http_text(r, status, "%s\n", text);
    http_add(r, "X-OpenFaaS-Internal", INTERNAL);
    add_duration(r);
    http_send(r);
}

static void note_bad_header(struct invocation *i, const char *line)
{
    struct fn *fn = i->call.fn;
    char text[256];

    (void)snprintf(text, sizeof(text), "a response header was left out, it is not valid: %s", line);
    logring_add(fn->log, i->request->http->loop->wall_ns, "platform", text, strlen(text));
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

/* handle said that it failed: 500, in its own words if it has any. */
static bool is_functions_own(const struct uf_result *res)
{
    return res->outcome == UF_OUTCOME_OK ||
           (res->outcome == UF_OUTCOME_ERROR && res->body_size > 0);
}

static unsigned own_status(const struct uf_result *res)
{
    if (res->outcome != UF_OUTCOME_OK)
        return outcome_http(res->outcome);
    return res->http_status == 0 ? 200 : res->http_status;
}

static void answer_result(struct invocation *i, const struct verdict *v)
{
    const struct uf_result *res = &v->result->r;
    unsigned status = own_status(res);

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
    char seconds[16];

    if (v->outcome != UF_OUTCOME_OK)
        http_text(i->request, v->http, "%s: %s\n", outcome_word(v->outcome), v->reason);
    else
        http_text(i->request, v->http, "%s\n", v->reason);
    if (v->retry_after_s > 0) {
        (void)snprintf(seconds, sizeof(seconds), "%u", v->retry_after_s);
        http_add(i->request, "Retry-After", seconds);
    }
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
    stats_record(&i->call.fn->stats, r->status, r->http->loop->now_ns - r->start_ns);
    http_send(r);
}
