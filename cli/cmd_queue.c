// SPDX-License-Identifier: MIT
/* cmd_queue.c: queues and their events. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "base/text.h"
#include "cli/files.h"
#include "cli/net/api.h"
#include "cli/verbs.h"

#define BODY_MAX ((size_t)16 << 20) /* bytes; the daemon takes no more */
#define SHOW_MAX 120                /* bytes of a body that a table shows */

struct where {
    const char *gateway;
    const char *space;
};

#define WHERE_OPTIONS(w) OPT_SPACE(&(w)->space), OPT_GATEWAY(&(w)->gateway)

/* "/system/queues/NAME/MORE"; the caller frees. */
static char *path_of(const struct where *w, const char *name, const char *more)
{
    UF_AUTO_FREE char *encoded = http_encode(name);
    UF_AUTO_FREE char *path = NULL;

    if (asprintf(&path, "/system/queues/%s%s", encoded, more) < 0)
        abort();
    return api_path(path, w->space);
}

/* ---- push ---------------------------------------------------------------------------- */

struct push {
    struct where where;
    const char *file;
    const char *delay;
    const char *not_before;
    const char *key;
    struct opt_list headers;
    bool is_batch;
};

static char *push_path(const struct push *p, const char *name)
{
    UF_AUTO_FREE char *delay = http_encode(p->delay != NULL ? p->delay : "");
    UF_AUTO_FREE char *at = http_encode(p->not_before != NULL ? p->not_before : "");
    UF_AUTO_FREE char *more = NULL;

    if (asprintf(&more, "?%s%s%s%s%s", p->delay != NULL ? "&delay=" : "", delay,
                 p->not_before != NULL ? "&not_before=" : "", at,
                 p->is_batch ? "&batch=1" : "") < 0)
        abort();
    return path_of(&p->where, name, more);
}

/* "NAME: VALUE" texts, cut apart in place; false: one is none. */
static bool cut_headers(const struct opt_list *lines, char **text, struct event_header *out)
{
    size_t size = 1;
    char *at;

    for (size_t i = 0; i < lines->n; i++)
        size += strlen(lines->at[i]) + 1;
    at = *text = xnew(size);
    for (size_t i = 0; i < lines->n; i++) {
        char *colon;

        memcpy(at, lines->at[i], strlen(lines->at[i]) + 1);
        colon = strchr(at, ':');
        if (colon == NULL || colon == at)
            return false;
        *colon = '\0';
        out[i] = (struct event_header){.name = at, .value = colon + 1 + strspn(colon + 1, " ")};
        at += strlen(lines->at[i]) + 1;
    }
    return true;
}

static bool is_json(const char *data, size_t size)
{
    json_t *j = json_loadb(data, size, JSON_DECODE_ANY, NULL);
    bool is = j != NULL;

    json_decref(j);
    return is;
}

static int print_pushed(const struct http_response *p, bool is_batch)
{
    json_t *doc = json_loadb(p->body, p->body_size, 0, NULL);
    char a[64];
    char b[24];

    if (is_batch)
        printf("%s pushed, %s known before\n", api_text(doc, "pushed", a, sizeof(a)),
               api_text(doc, "known", b, sizeof(b)));
    else
        printf("%s\n", api_text(doc, "id", a, sizeof(a)));
    json_decref(doc);
    return CLI_OK;
}

static int send(const struct push *p, const char *name, const char *data, size_t size)
{
    struct event_header headers[OPT_LIST_MAX + 2];
    UF_AUTO_FREE char *text = NULL;
    UF_AUTO_FREE char *path = push_path(p, name);
    size_t n = p->headers.n;
    struct http_response answer;
    struct uf_err err;

    if (!cut_headers(&p->headers, &text, headers))
        return cli_fail(CLI_USAGE, "--header: must be 'NAME: VALUE'");
    if (p->key != NULL)
        headers[n++] = (struct event_header){"Idempotency-Key", p->key};
    if (p->headers.n == 0 && !p->is_batch)
        headers[n++] = (struct event_header){
            "Content-Type", is_json(data, size) ? "application/json" : "text/plain"};
    const struct http_request q = {.gateway = p->where.gateway,
                                   .method = "POST",
                                   .path = path,
                                   .headers = headers,
                                   .nheaders = n,
                                   .body = data,
                                   .body_size = size,
                                   .has_body = true};
    int r = http_do(&q, &answer, &err);
    if (r < 0)
        return api_unreachable(r, &err);
    r = answer.status == 202 ? print_pushed(&answer, p->is_batch) : api_refused(&answer);
    http_response_fini(&answer);
    return r;
}

static int run_push(const struct command *self, int argc, char **argv)
{
    struct push p = {.file = NULL};
    const struct opt opts[] = {
        {'f', "file", "FILE", "the event, from a file; - is standard input", OPT_TEXT, &p.file},
        {'b', "batch", NULL, "each line is an event", OPT_FLAG, &p.is_batch},
        {'d', "delay", "TIME", "handle it after that time, e.g. 30s", OPT_TEXT, &p.delay},
        {0, "not-before", "TIME", "handle it then, e.g. 2026-01-31T06:00:00Z", OPT_TEXT,
         &p.not_before},
        {'k', "key", "KEY", "pushes with the same key are one event", OPT_TEXT, &p.key},
        {'H', "header", "'NAME: VALUE'", "add a header; may be repeated", OPT_MANY, &p.headers},
        WHERE_OPTIONS(&p.where),
        OPT_END,
    };
    struct operands operands;
    UF_AUTO_FREE char *data = NULL;
    size_t size = 0;
    struct uf_err err;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (p.delay != NULL && p.not_before != NULL)
        return opts_usage(self, "--delay and --not-before exclude each other");
    if (operands.n == 2 && p.file != NULL)
        return opts_usage(self, "--file: the event is given already");
    if (operands.n == 2)
        return send(&p, operands.at[0], operands.at[1], strlen(operands.at[1]));
    r = file_read(p.file != NULL ? p.file : "-", BODY_MAX, &data, &size, &err);
    if (r < 0)
        return cli_report(r == -ENOENT ? CLI_NOT_FOUND : CLI_FAILED, &err);
    return send(&p, operands.at[0], data, size);
}

/* ---- look ---------------------------------------------------------------------------- */

static int print_json(json_t *doc)
{
    (void)json_dumpf(doc, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(doc);
    return CLI_OK;
}

static void print_event(const json_t *e)
{
    char number[24];
    char id[72];
    char pushed[40];
    char attempts[24];
    const char *body = json_string_value(json_object_get(e, "body"));
    size_t len = body == NULL ? 0 : strcspn(body, "\r\n");

    printf("%-8s %-36s  %.19s  %8s  ", api_text(e, "number", number, sizeof(number)),
           api_text(e, "id", id, sizeof(id)), api_text(e, "pushed", pushed, sizeof(pushed)),
           api_text(e, "attempts", attempts, sizeof(attempts)));
    if (body == NULL)
        printf("(binary)\n");
    else
        printf("%.*s%s\n", (int)(len < SHOW_MAX ? len : SHOW_MAX), body,
               len < strlen(body) || len > SHOW_MAX ? "..." : "");
}

static int run_peek(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    uint32_t limit = 10;
    bool json = false;
    const struct opt opts[] = {
        {'l', "limit", "N", "at most so many (10)", OPT_COUNT, &limit},
        OPT_AS_JSON(&json),
        WHERE_OPTIONS(&w),
        OPT_END,
    };
    struct operands operands;
    char more[48];
    json_t *list;
    size_t i;
    json_t *e;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    (void)snprintf(more, sizeof(more), "/events?limit=%u", limit);
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0], more);
    r = api_get(w.gateway, path, &list);
    if (r != OPTS_GO)
        return r;
    if (json)
        return print_json(list);
    printf("%-8s %-36s  %-19s  %8s  %s\n", "NUMBER", "ID", "PUSHED", "ATTEMPTS", "BODY");
    json_array_foreach(list, i, e) print_event(e);
    json_decref(list);
    return CLI_OK;
}

static int run_len(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    bool json = false;
    const struct opt opts[] = {OPT_AS_JSON(&json), WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    char depth[24];
    json_t *doc;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0], "");
    r = api_get(w.gateway, path, &doc);
    if (r != OPTS_GO)
        return r;
    if (json)
        return print_json(doc);
    printf("%s\n", api_text(doc, "depth", depth, sizeof(depth)));
    json_decref(doc);
    return CLI_OK;
}

static void print_queue(const json_t *q)
{
    char name[72];
    char depth[24];
    char later[24];
    char function[72];

    printf("%-24s %9s %9s %8.0fs  %s\n", api_text(q, "name", name, sizeof(name)),
           api_text(q, "depth", depth, sizeof(depth)), api_text(q, "later", later, sizeof(later)),
           json_number_value(json_object_get(q, "age_seconds")),
           api_text(q, "function", function, sizeof(function)));
}

static int run_list(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    bool json = false;
    const struct opt opts[] = {OPT_AS_JSON(&json), WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    json_t *list;
    size_t i;
    json_t *q;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = api_path("/system/queues", w.space);
    r = api_get(w.gateway, path, &list);
    if (r != OPTS_GO)
        return r;
    if (json)
        return print_json(list);
    if (json_array_size(list) == 0)
        cli_note("there is no queue; the first push makes one");
    else
        printf("%-24s %9s %9s %9s  %s\n", "NAME", "DEPTH", "LATER", "AGE", "FUNCTION");
    json_array_foreach(list, i, q) print_queue(q);
    json_decref(list);
    return CLI_OK;
}

/* ---- remove -------------------------------------------------------------------------- */

static int run_purge(const struct command *self, int argc, char **argv)
{
    struct where w = {NULL, NULL};
    const struct opt opts[] = {WHERE_OPTIONS(&w), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = path_of(&w, operands.at[0], "/events");
    return api_remove(w.gateway, path);
}

static int run_cancel(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const struct opt opts[] = {OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *id = http_encode(operands.at[0]);
    UF_AUTO_FREE char *path = NULL;
    if (asprintf(&path, "/async-function/%s", id) < 0)
        abort();
    return api_change(gateway, "DELETE", path);
}

static const struct command push = {
    .name = "queue push",
    .operands = "NAME [EVENT]",
    .summary = "Push an event, from standard input if none is given; prints its id",
    .details = "It is on the disk when this ends. A queue is made by its first event. A name\n"
               "@FUNCTION is the function's own queue: the event is handled by that one.\n",
    .examples = "  unifaas queue push jobs '{\"n\": 7}'\n"
                "  unifaas queue push jobs --delay 30s --key order-17 later\n"
                "  unifaas queue push jobs --batch < lines.txt\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 2,
    .run = run_push,
};

static const struct command peek = {
    .name = "queue peek",
    .operands = "NAME",
    .summary = "Show the oldest events of a queue, and leave them there",
    .examples = "  unifaas queue peek jobs --limit 3\n"
                "  unifaas queue peek jobs -o json | jq -r '.[].body'\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_peek,
};

static const struct command len = {
    .name = "queue len",
    .operands = "NAME",
    .summary = "Print how many events a queue has, and nothing else",
    .examples = "  unifaas queue len jobs\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_len,
};

static const struct command list = {
    .name = "queue list",
    .operands = "",
    .summary = "List the queues, and which functions they trigger",
    .details = "LATER are those of DEPTH that wait for their time or for another attempt; AGE is\n"
               "that of the oldest.\n",
    .examples = "  unifaas queue list\n",
    .exits = VERBS_EXITS,
    .run = run_list,
};

static const struct command purge = {
    .name = "queue purge",
    .operands = "NAME",
    .summary = "Remove all events of a queue",
    .examples = "  unifaas queue purge jobs\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_purge,
};

static const struct command cancel = {
    .name = "queue cancel",
    .operands = "ID",
    .summary = "Remove one event, by the id that its push or call gave",
    .details = "Once it is cancelled it has no effect, even if it runs already.\n",
    .examples = "  unifaas queue cancel \"$(unifaas invoke report --async)\"\n",
    .exits = VERBS_EXITS,
    .min_operands = 1,
    .max_operands = 1,
    .run = run_cancel,
};

static const struct command *const verbs[] = {&push, &peek, &len, &list, &purge, &cancel, NULL};

const struct command cmd_queue = {
    .name = "queue",
    .operands = "VERB",
    .summary = "Push events into queues, and see what is in them",
    .details = "A function is triggered by the queues that its function.yaml lists.\n",
    .examples = "  unifaas queue push jobs '{\"n\": 7}'\n"
                "  unifaas queue len jobs\n",
    .exits = VERBS_EXITS,
    .max_operands = 256,
    .run = verbs_run,
    .verbs = verbs,
};
