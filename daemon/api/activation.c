// SPDX-License-Identifier: MIT
/*
 * activation.c: a record as a document. The fields that OpenWhisk's activations have
 * are called and mean the same (milliseconds, annotations as a list of key and value,
 * the four status codes); all else is in a member "unifaas".
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"

#define MS 1000000u /* ns */

/* As the number of OpenWhisk's ActivationResponse has it: 0 to 3. */
static int status_code(const char *outcome)
{
    if (strcmp(outcome, outcome_word(UF_OUTCOME_OK)) == 0)
        return 0;
    if (strcmp(outcome, outcome_word(UF_OUTCOME_ERROR)) == 0)
        return 1;
    return strcmp(outcome, outcome_word(UF_OUTCOME_TENDER_LOST)) == 0 || record_is_lost(outcome)
               ? 3
               : 2;
}

static json_t *response(const struct record *r)
{
    static const char *const words[] = {"success", "application error", "action developer error",
                                        "internal error"};
    int code = status_code(r->outcome);
    json_t *result = json_object();

    if (r->message != NULL)
        (void)json_object_set_new(result, "error", json_string(r->message));
    return json_pack("{s:s,s:i,s:b,s:I,s:o}", "status", words[code], "statusCode", code, "success",
                     code == 0, "size", (json_int_t)r->bytes_out, "result", result);
}

static void annotate(json_t *list, const char *key, json_t *value)
{
    (void)json_array_append_new(list, json_pack("{s:s,s:o}", "key", key, "value", value));
}

static json_t *milliseconds(uint64_t ns)
{
    return json_integer((json_int_t)(ns / MS));
}

static json_t *annotations(const struct record *r)
{
    json_t *list = json_array();

    annotate(list, "path", json_sprintf("%s/%s", r->space, r->function));
    annotate(list, "kind", json_string(r->lang));
    annotate(list, "limits",
             json_pack("{s:I,s:I}", "timeout", (json_int_t)(r->timeout_ns / MS), "memory",
                       (json_int_t)(r->memory >> 20)));
    annotate(list, "waitTime", milliseconds(r->wait_ns));
    if (r->is_cold)
        annotate(list, "initTime", milliseconds(r->init_ns));
    if (r->cause[0] != '\0')
        annotate(list, "causedBy", json_string(r->trigger));
    return list;
}

static json_t *lines(const char *log)
{
    json_t *list = json_array();

    while (log != NULL && *log != '\0') {
        size_t n = strcspn(log, "\n");

        (void)json_array_append_new(list, json_stringn(log, n));
        log += n + (log[n] == '\n');
    }
    return list;
}

static void set(json_t *o, const char *key, uint64_t n)
{
    (void)json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void set_text(json_t *o, const char *key, const char *text)
{
    if (text[0] != '\0')
        (void)json_object_set_new(o, key, json_string(text));
}

static json_t *details(const struct record *r)
{
    json_t *o = json_object();

    set_text(o, "trigger", r->trigger);
    set_text(o, "sequence", r->sequence);
    set_text(o, "outcome", r->outcome);
    set(o, "status", r->status);
    set(o, "attempt", r->attempt);
    set(o, "reruns", r->reruns);
    set_text(o, "isolation", r->isolation);
    (void)json_object_set_new(o, "cold", json_boolean(r->is_cold));
    set(o, "wait_us", r->wait_ns / 1000);
    if (r->is_cold)
        set(o, "init_us", r->init_ns / 1000);
    set(o, "run_us", r->duration_ns / 1000);
    set(o, "cpu_us", r->cpu_ns / 1000);
    set(o, "dirty_pages", r->dirty_pages);
    set(o, "host_calls", r->host_calls);
    set(o, "bytes_in", r->bytes_in);
    set(o, "bytes_out", r->bytes_out);
    if (r->image[0] != '\0')
        (void)json_object_set_new(o, "image", json_sprintf("sha256:%s", r->image));
    set_text(o, "traceparent", r->trace);
    set_text(o, "parent_span", r->parent);
    return o;
}

/* What both forms begin with. */
static json_t *head(const struct record *r)
{
    json_t *o = json_object();
    uint64_t run_ms = r->duration_ns / MS;

    set_text(o, "activationId", r->id);
    set_text(o, "namespace", r->space);
    set_text(o, "name", r->function);
    set_text(o, "cause", r->cause);
    set(o, "start", r->start_ms);
    set(o, "end", r->start_ms + run_ms);
    set(o, "duration", run_ms);
    return o;
}

json_t *activation_json(const struct record *r, bool with_logs)
{
    json_t *o = head(r);

    (void)json_object_set_new(o, "version", json_sprintf("%.12s", r->image));
    (void)json_object_set_new(o, "response", response(r));
    if (with_logs)
        (void)json_object_set_new(o, "logs", lines(r->log));
    (void)json_object_set_new(o, "annotations", annotations(r));
    (void)json_object_set_new(o, "unifaas", details(r));
    return o;
}

json_t *activation_summary(const struct record *r)
{
    json_t *o = head(r);

    (void)json_object_set_new(o, "unifaas", details(r));
    return o;
}
