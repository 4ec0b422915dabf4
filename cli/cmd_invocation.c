// SPDX-License-Identifier: MIT
/* cmd_invocation.c: everything that is kept of one invocation, and its trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "cli/net/api.h"
#include "cli/trace.h"

static void print_line(const json_t *doc, const char *label, const char *path)
{
    char text[2048];

    if (strcmp(api_text(doc, path, text, sizeof(text)), "-") != 0)
        printf("%-14s %s\n", label, text);
}

static void print_ms(const json_t *doc, const char *label, const char *key)
{
    const json_t *us = json_object_get(json_object_get(doc, "unifaas"), key);

    if (json_is_integer(us))
        printf("%-14s %.3f ms\n", label, (double)json_integer_value(us) / 1000);
}

/* The reason may have lines: a backtrace. */
static void print_error(const json_t *doc)
{
    const json_t *result = json_object_get(json_object_get(doc, "response"), "result");
    const char *text = json_string_value(json_object_get(result, "error"));
    const char *label = "error";

    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, "\n");

        printf("%-14s %.*s\n", label, (int)n, text);
        text += n + (text[n] == '\n');
        label = "";
    }
}

static void print_log(const json_t *doc)
{
    const json_t *logs = json_object_get(doc, "logs");
    const char *label = "log";
    size_t i;
    json_t *line;

    json_array_foreach(logs, i, line)
    {
        printf("%-14s %s\n", label, json_string_value(line));
        label = "";
    }
}

static void print_all(const json_t *doc)
{
    char at[API_TIME];

    print_line(doc, "id", "activationId");
    print_line(doc, "function", "name");
    print_line(doc, "sequence", "unifaas.sequence");
    print_line(doc, "namespace", "namespace");
    print_line(doc, "image", "unifaas.image");
    print_line(doc, "trigger", "unifaas.trigger");
    print_line(doc, "cause", "cause");
    printf("%-14s %s\n", "start", api_time(json_integer_value(json_object_get(doc, "start")), at));
    print_line(doc, "outcome", "unifaas.outcome");
    print_error(doc);
    print_line(doc, "status", "unifaas.status");
    print_line(doc, "attempt", "unifaas.attempt");
    print_line(doc, "reruns", "unifaas.reruns");
    print_line(doc, "isolation", "unifaas.isolation");
    print_ms(doc, "waited", "wait_us");
    print_ms(doc, "cold start", "init_us");
    print_ms(doc, "ran", "run_us");
    print_ms(doc, "CPU time", "cpu_us");
    print_line(doc, "host calls", "unifaas.host_calls");
    print_line(doc, "dirty pages", "unifaas.dirty_pages");
    print_line(doc, "bytes in", "unifaas.bytes_in");
    print_line(doc, "bytes out", "unifaas.bytes_out");
    print_line(doc, "traceparent", "unifaas.traceparent");
    print_line(doc, "parent span", "unifaas.parent_span");
    print_log(doc);
}

static int run(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    bool json = false;
    const struct opt opts[] = {
        OPT_AS_JSON(&json),
        OPT_GATEWAY(&gateway),
        OPT_END,
    };
    struct operands operands;
    json_t *doc = NULL;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *id = http_encode(operands.at[0]);
    UF_AUTO_FREE char *path = NULL;
    if (id == NULL || asprintf(&path, "/system/invocation/%s", id) < 0)
        abort();
    r = api_get(gateway, path, &doc);
    if (r != OPTS_GO)
        return r;
    if (json) {
        (void)json_dumpf(doc, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_all(doc);
        trace_print(doc, stdout);
    }
    json_decref(doc);
    return CLI_OK;
}

const struct command cmd_invocation = {
    .name = "invocation",
    .operands = "ID",
    .summary = "Say everything that is kept of an invocation, with its trace",
    .details = "ID is that of the X-Call-Id header of the answer, or how it begins: the 8\n"
               "characters that unifaas logs shows. The trace is all that one request or event\n"
               "led to; the one asked for is marked.\n",
    .examples = "  unifaas invocation 5f0c2b9e\n"
                "  unifaas invocation 5f0c2b9e -o json | jq .unifaas\n",
    .exits =
        CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
