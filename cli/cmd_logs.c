// SPDX-License-Identifier: MIT
/* cmd_logs.c: what a function wrote, and what the platform says about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/units.h"
#include "cli/net/api.h"
#include "engine/function.h"

#define LINE_MAX_BYTES ((size_t)1 << 20)

struct reader {
    bool json;
    char *line; /* what came after the last newline; owned */
    size_t size;
    size_t room;
};

static void print_line(const struct reader *r, const char *line, size_t size)
{
    char at[40];
    char instance[48];
    json_t *m = r->json ? NULL : json_loadb(line, size, 0, NULL);
    const char *text = json_string_value(json_object_get(m, "text"));

    if (text == NULL)
        printf("%.*s\n", (int)size, line);
    else
        printf("%s %s %s%s", api_text(m, "timestamp", at, sizeof(at)),
               api_text(m, "instance", instance, sizeof(instance)), text,
               *text != '\0' && text[strlen(text) - 1] == '\n' ? "" : "\n");
    json_decref(m);
}

/* Lines come in pieces of any size. */
static int on_data(void *arg, const char *data, size_t size)
{
    struct reader *r = arg;

    if (size > LINE_MAX_BYTES || r->size + size > 2 * LINE_MAX_BYTES)
        return -1;
    if (r->size + size > r->room) {
        char *grown = realloc(r->line, 2 * (r->size + size));

        if (grown == NULL)
            return -1;
        r->line = grown;
        r->room = 2 * (r->size + size);
    }
    memcpy(r->line + r->size, data, size);
    r->size += size;
    size_t from = 0;
    for (const char *end; (end = memchr(r->line + from, '\n', r->size - from)) != NULL;) {
        size_t len = (size_t)(end - (r->line + from));

        if (len > 0)
            print_line(r, r->line + from, len);
        from += len + 1;
    }
    memmove(r->line, r->line + from, r->size - from);
    r->size -= from;
    return fflush(stdout);
}

static int fetch(const char *gateway, const char *path, bool json)
{
    struct reader reader = {.json = json};
    const struct http_request q = {
        .gateway = gateway, .method = "GET", .path = path, .on_data = on_data, .arg = &reader};
    struct http_response p;
    struct uf_err err;
    int r = http_do(&q, &p, &err);

    if (reader.size > 0)
        print_line(&reader, reader.line, reader.size);
    free(reader.line);
    if (r < 0)
        return api_unreachable(r, &err);
    r = p.status == 200 ? CLI_OK : api_refused(&p);
    http_response_fini(&p);
    return r;
}

static int run(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const char *space = NULL;
    const char *since = NULL;
    const char *level = NULL;
    uint32_t tail = 0;
    bool follow = false;
    bool json = false;
    const struct opt opts[] = {
        {'f', "follow", NULL, "go on with lines as they come, until Ctrl-C", OPT_FLAG, &follow},
        {'s', "since", "TIME", "lines of the last TIME (10m, 1h30m), or since 2030-01-31T12:00:00Z",
         OPT_TEXT, &since},
        {'l', "level", "LEVEL", "lines that are as important, or more: debug, info, warn or error",
         OPT_TEXT, &level},
        {'t', "tail", "N", "the last N lines only", OPT_COUNT, &tail},
        OPT_AS_JSON(&json),
        OPT_SPACE(&space),
        OPT_GATEWAY(&gateway),
        OPT_END,
    };
    struct operands operands;
    char last[32] = "";
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO)
        r = api_check_name(self, operands.at[0]);
    if (r != OPTS_GO)
        return r;
    if (tail != 0)
        (void)snprintf(last, sizeof(last), "&tail=%u", tail);
    UF_AUTO_FREE char *from = since != NULL ? api_since(since) : NULL;
    UF_AUTO_FREE char *least = level != NULL ? http_encode(level) : NULL;
    UF_AUTO_FREE char *path = NULL;
    if (asprintf(&path, "/system/logs?name=%s&follow=%s%s%s%s%s%s", operands.at[0],
                 follow ? "true" : "false", last, from != NULL ? "&since=" : "",
                 from != NULL ? from : "", least != NULL ? "&level=" : "",
                 least != NULL ? least : "") < 0)
        abort();
    UF_AUTO_FREE char *whole = api_path(path, space);
    return fetch(gateway, whole, json);
}

const struct command cmd_logs = {
    .name = "logs",
    .operands = "NAME",
    .summary = "Show what a function wrote to its log",
    .details = "Each line: when, which instance, what. The platform's own remarks on a function\n"
               "(why an invocation failed, with a backtrace) are among them. A sequence's log\n"
               "has what its steps wrote.\n",
    .examples = "  unifaas logs alert\n"
                "  unifaas logs alert -f\n"
                "  unifaas logs alert --since 10m --tail 20 --level warn\n",
    .exits =
        CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
