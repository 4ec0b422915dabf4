// SPDX-License-Identifier: MIT
/* cmd_list.c: the functions that are deployed. */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cli/net/api.h"
#include "cli/options.h"

#define ROW "%-24s %-12.12s %-9s %11s  "

static void print_function(const json_t *fn, const char *name, const char *count)
{
    char image[80];
    char isolation[16];
    char busy[24];
    char idle[24];
    const char *digest = api_text(fn, "unifaas.image", image, sizeof(image));

    if (strncmp(digest, "sha256:", 7) == 0)
        digest += 7;
    printf(ROW "%s busy, %s idle\n", name, digest,
           api_text(fn, "unifaas.isolation", isolation, sizeof(isolation)), count,
           api_text(fn, "unifaas.instances.busy", busy, sizeof(busy)),
           api_text(fn, "unifaas.instances.idle", idle, sizeof(idle)));
}

static void print_one(const json_t *fn)
{
    const json_t *manifest = json_object_get(json_object_get(fn, "unifaas"), "manifest");
    size_t steps = json_array_size(json_object_get(manifest, "functions"));
    char name[72];
    char count[24];
    char problem[256];

    (void)api_text(fn, "name", name, sizeof(name));
    (void)api_text(fn, "invocationCount", count, sizeof(count));
    if (steps > 0)
        printf(ROW "%zu functions\n", name, "sequence", "-", count, steps);
    else
        print_function(fn, name, count);
    if (strcmp(api_text(fn, "unifaas.problem", problem, sizeof(problem)), "-") != 0)
        printf("  problem: %s\n", problem);
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
    json_t *list;
    size_t i;
    json_t *fn;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    UF_AUTO_FREE char *path = api_path("/system/functions", space);
    r = api_list(gateway, path, space, &list);
    if (r != OPTS_GO)
        return r;
    if (json) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        printf("\n");
    } else if (json_array_size(list) == 0) {
        cli_note("no function is deployed; unifaas deploy DIR deploys one");
    } else {
        printf("%-24s %-12s %-9s %11s  %s\n", "NAME", "IMAGE", "ISOLATION", "INVOCATIONS",
               "INSTANCES");
        json_array_foreach(list, i, fn) print_one(fn);
    }
    json_decref(list);
    return CLI_OK;
}

const struct command cmd_list = {
    .name = "list",
    .operands = "",
    .summary = "List the functions that are deployed",
    .examples = "  unifaas list\n"
                "  unifaas list --json | jq -r '.[].name'\n",
    .exits =
        CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND),
    .run = run,
};
