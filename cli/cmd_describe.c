// SPDX-License-Identifier: MIT
/* cmd_describe.c: everything about one function. */
#include <stdio.h>
#include <string.h>

#include "cli/net/api.h"
#include "cli/options.h"
#include "engine/function.h"

static void print_line(const json_t *fn, const char *label, const char *path)
{
    char text[512];

    if (strcmp(api_text(fn, path, text, sizeof(text)), "-") != 0)
        printf("%-16s %s\n", label, text);
}

static void print_mapping(const char *label, const json_t *map)
{
    /* Jansson iterates over what it may change; we change nothing. */
    union {
        const json_t *in;
        json_t *out;
    } cast = {.in = map};
    const char *key;
    json_t *v;
    char text[512];

    json_object_foreach(cast.out, key, v)
    {
        printf("%-16s %s: %s\n", label, key, api_text(v, "", text, sizeof(text)));
        label = "";
    }
}

static void print_all(const json_t *fn, const char *gateway, const char *name)
{
    const json_t *u = json_object_get(fn, "unifaas");
    const json_t *manifest = json_object_get(u, "manifest");

    print_line(fn, "name", "name");
    print_line(fn, "problem", "unifaas.problem");
    printf("%-16s %s/function/%s\n", "url", http_gateway(gateway), name);
    print_line(fn, "created", "createdAt");
    print_line(fn, "isolation", "unifaas.isolation");
    print_line(fn, "image", "unifaas.image");
    print_line(fn, "snapshot", "unifaas.snapshot");
    print_line(fn, "invocations", "invocationCount");
    print_line(fn, "cold starts", "unifaas.cold_starts");
    print_mapping("instances", json_object_get(u, "instances"));
    print_line(fn, "waiting events", "unifaas.waiting");
    print_line(manifest, "lang", "lang");
    print_line(manifest, "memory", "memory");
    print_line(manifest, "timeout", "timeout");
    print_line(manifest, "max instances", "max_instances");
    print_line(manifest, "reuse", "reuse");
    print_line(manifest, "keep warm", "keep_warm");
    print_mapping("limits", json_object_get(manifest, "limits"));
    print_mapping("env", json_object_get(manifest, "env"));
    print_mapping("labels", json_object_get(fn, "labels"));
    print_mapping("annotations", json_object_get(fn, "annotations"));
}

static int run(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    bool json = false;
    const struct opt opts[] = {
        {'j', "json", NULL, "print the daemon's own document", OPT_FLAG, &json},
        OPT_GATEWAY(&gateway),
        OPT_END,
    };
    struct operands operands;
    char path[32 + FUNCTION_NAME_MAX];
    json_t *fn;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r == OPTS_GO)
        r = api_check_name(self, operands.at[0]);
    if (r != OPTS_GO)
        return r;
    (void)snprintf(path, sizeof(path), "/system/function/%s", operands.at[0]);
    r = api_get(gateway, path, &fn);
    if (r != OPTS_GO)
        return r;
    if (json) {
        (void)json_dumpf(fn, stdout, JSON_INDENT(2));
        printf("\n");
    } else {
        print_all(fn, gateway, operands.at[0]);
    }
    json_decref(fn);
    return CLI_OK;
}

const struct command cmd_describe = {
    .name = "describe",
    .operands = "NAME",
    .summary = "Say everything about a function that is deployed",
    .examples = "  unifaas describe alert\n"
                "  unifaas describe alert --json | jq .unifaas.instances\n",
    .exits =
        CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
