// SPDX-License-Identifier: MIT
/* cmd_invocations.c: what is kept of the last invocations. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "cli/net/api.h"
#include "engine/function.h"

static void print_one(const json_t *doc)
{
    char id[80];
    char name[72];
    char trigger[24];
    char outcome[32];
    char status[16];
    char at[API_TIME];
    double run_us = json_number_value(json_object_get(json_object_get(doc, "unifaas"), "run_us"));
    bool is_cold = json_is_true(json_object_get(json_object_get(doc, "unifaas"), "cold"));

    printf("%-24s  %-36s  %-20s %-7s %-12s %6s %s %10.2f ms\n",
           api_time(json_integer_value(json_object_get(doc, "start")), at),
           api_text(doc, "activationId", id, sizeof(id)), api_text(doc, "name", name, sizeof(name)),
           api_text(doc, "unifaas.trigger", trigger, sizeof(trigger)),
           api_text(doc, "unifaas.outcome", outcome, sizeof(outcome)),
           api_text(doc, "unifaas.status", status, sizeof(status)), is_cold ? "cold" : "warm",
           run_us / 1000);
}

static void print_logs(const json_t *doc)
{
    const json_t *logs = json_object_get(doc, "logs");
    size_t i;
    json_t *line;

    json_array_foreach(logs, i, line) printf("  %s\n", json_string_value(line));
}

static void print_table(const json_t *list)
{
    size_t i;
    json_t *doc;

    if (json_array_size(list) == 0) {
        cli_note("no such invocation is kept");
        return;
    }
    printf("%-24s  %-36s  %-20s %-7s %-12s %6s %s %13s\n", "START", "ID", "FUNCTION", "TRIGGER",
           "OUTCOME", "STATUS", "INIT", "RUN");
    json_array_foreach(list, i, doc)
    {
        print_one(doc);
        print_logs(doc);
    }
}

struct wish {
    const char *gateway;
    const char *since;
    const char *outcome;
    const char *before;
    const char *space;
    uint32_t limit;
    bool logs;
    bool json;
};

/* "&KEY=VALUE", if there is one. */
static void add(struct text *t, const char *key, const char *value)
{
    UF_AUTO_FREE char *encoded = value == NULL ? NULL : http_encode(value);

    if (encoded != NULL)
        text_add(t, "&%s=%s", key, encoded);
}

static int show(const struct wish *w, const char *name)
{
    char path[1024];
    struct text t = text_over(path, sizeof(path));
    UF_AUTO_FREE char *since = w->since == NULL ? NULL : api_since(w->since);
    json_t *list = NULL;

    text_add(&t, "/system/invocations?logs=%s", w->logs ? "true" : "false");
    add(&t, "name", name);
    add(&t, "namespace", w->space);
    add(&t, "outcome", w->outcome);
    add(&t, "before", w->before);
    if (since != NULL)
        text_add(&t, "&since=%s", since);
    if (w->limit > 0)
        text_add(&t, "&limit=%u", w->limit);
    int r = api_list(w->gateway, path, w->space, &list);
    if (r != OPTS_GO)
        return r;
    if (w->json) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_table(list);
    }
    json_decref(list);
    return CLI_OK;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct wish w = {.gateway = NULL};
    const struct opt opts[] = {
        {'s', "since", "TIME", "those of the last TIME (10m, 1h30m), or since 2030-01-31T12:00:00Z",
         OPT_TEXT, &w.since},
        {0, "outcome", "WORD",
         "those that ended so (ok, fault, time-limit ...); failed: all but ok", OPT_TEXT,
         &w.outcome},
        {'l', "limit", "N", "the last N, at most 200 (30)", OPT_COUNT, &w.limit},
        {0, "before", "ID", "those that came before that one: the next page", OPT_TEXT, &w.before},
        {0, "logs", NULL, "with the lines that they logged", OPT_FLAG, &w.logs},
        OPT_SPACE(&w.space),
        OPT_AS_JSON(&w.json),
        OPT_GATEWAY(&w.gateway),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO && operands.n > 0)
        r = api_check_name(self, operands.at[0]);
    return r != OPTS_GO ? r : show(&w, operands.n > 0 ? operands.at[0] : NULL);
}

const struct command cmd_invocations = {
    .name = "invocations",
    .operands = "[NAME]",
    .summary = "List the last invocations, of one function or of all",
    .details = "The newest first. The daemon keeps the last so many: unifaasd(8), --records.\n"
               "Of a sequence those of its steps, under the names of their functions.\n"
               "INIT says whether the event had to wait for an instance to start.\n",
    .examples = "  unifaas invocations\n"
                "  unifaas invocations alert --outcome failed --since 1h --logs\n"
                "  unifaas invocations -o json | jq -r '.[].activationId'\n",
    .exits =
        CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND),
    .max_operands = 1,
    .run = run,
};
