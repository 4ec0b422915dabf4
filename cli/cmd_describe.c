// SPDX-License-Identifier: MIT
/* cmd_describe.c: everything about one function. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
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

/* "queue orders, batch 8, batch_window 0s", or the item itself. */
static void print_item(json_t *item)
{
    const char *between = "";
    const char *key;
    json_t *v;
    char text[512];

    if (!json_is_object(item)) {
        printf("%s\n", api_text(item, "", text, sizeof(text)));
        return;
    }
    json_object_foreach(item, key, v)
    {
        printf("%s%s %s", between, key, api_text(v, "", text, sizeof(text)));
        between = ", ";
    }
    printf("\n");
}

static void print_list(const char *label, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        printf("%-16s ", i == 0 ? label : "");
        print_item(json_array_get(list, i));
    }
}

/* 4 attempts, 1s to 1m apart, after 408 429 500 */
static void print_retry(const json_t *retry)
{
    const json_t *codes = json_object_get(retry, "codes");
    char text[3][64];

    if (retry == NULL)
        return;
    printf("%-16s %s attempts, %s to %s apart, after", "retry",
           api_text(retry, "attempts", text[0], sizeof(text[0])),
           api_text(retry, "min_wait", text[1], sizeof(text[1])),
           api_text(retry, "max_wait", text[2], sizeof(text[2])));
    for (size_t i = 0; i < json_array_size(codes); i++)
        printf(" %s", api_text(json_array_get(codes, i), "", text[0], sizeof(text[0])));
    printf("\n");
}

static void print_events(const json_t *manifest)
{
    print_list("triggers", json_object_get(manifest, "triggers"));
    print_line(manifest, "access", "access");
    print_line(manifest, "threshold", "scale_threshold");
    print_retry(json_object_get(manifest, "retry"));
    print_line(manifest, "max age", "max_age");
    print_line(manifest, "on success", "on_success");
    print_line(manifest, "on failure", "on_failure");
    print_list("functions", json_object_get(manifest, "functions"));
    print_list("allow", json_object_get(manifest, "allow"));
    print_list("secrets", json_object_get(manifest, "secrets"));
}

static void print_all(const json_t *fn, const char *gateway, const char *name)
{
    const json_t *u = json_object_get(fn, "unifaas");
    const json_t *manifest = json_object_get(u, "manifest");
    char space[FUNCTION_NAME_MAX + 1];
    char access[16];

    print_line(fn, "name", "name");
    print_line(fn, "problem", "unifaas.problem");
    (void)api_text(fn, "namespace", space, sizeof(space));
    bool is_usual = strcmp(space, FUNCTION_SPACE) == 0 || strcmp(space, "-") == 0;
    if (!is_usual)
        print_line(fn, "namespace", "namespace");
    if (strcmp(api_text(manifest, "access", access, sizeof(access)), "internal") != 0)
        printf("%-16s %s/function/%s%s%s\n", "url", http_gateway(gateway), name,
               is_usual ? "" : ".", is_usual ? "" : space);
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
    print_events(manifest);
    print_mapping("limits", json_object_get(manifest, "limits"));
    print_mapping("env", json_object_get(manifest, "env"));
    print_mapping("labels", json_object_get(fn, "labels"));
    print_mapping("annotations", json_object_get(fn, "annotations"));
}

static int run(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const char *space = NULL;
    bool json = false;
    const struct opt opts[] = {
        OPT_AS_JSON(&json),
        OPT_SPACE(&space),
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
    UF_AUTO_FREE char *whole = api_path(path, space);
    r = api_get(gateway, whole, &fn);
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
