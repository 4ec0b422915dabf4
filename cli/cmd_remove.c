// SPDX-License-Identifier: MIT
/* cmd_remove.c: take functions away from the daemon. */
#include <stdio.h>

#include "cli/net/api.h"
#include "cli/options.h"

static int remove_one(const char *gateway, const char *space, const char *name)
{
    struct http_response p;
    json_t *doc = json_pack("{s:s, s:s*}", "functionName", name, "namespace", space);
    int r = api_send(gateway, "DELETE", "/system/functions", doc, &p);

    json_decref(doc);
    if (r != OPTS_GO)
        return r;
    r = p.status >= 200 && p.status < 300 ? CLI_OK : api_refused(&p);
    http_response_fini(&p);
    if (r == CLI_OK)
        printf("%s: removed\n", name);
    return r;
}

static int run(const struct command *self, int argc, char **argv)
{
    const char *gateway = NULL;
    const char *space = NULL;
    const struct opt opts[] = {OPT_SPACE(&space), OPT_GATEWAY(&gateway), OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    for (int i = 0; i < operands.n && r == OPTS_GO; i++)
        r = api_check_name(self, operands.at[i]);
    if (r != OPTS_GO)
        return r;
    return api_for_each(&operands, gateway, space, remove_one);
}

const struct command cmd_remove = {
    .name = "remove",
    .operands = "NAME...",
    .summary = "Take functions away from the daemon",
    .details = "Events that are being handled are finished first.\n",
    .examples = "  unifaas remove alert\n"
                "  unifaas remove fib fdc dhs\n",
    .exits =
        CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND),
    .min_operands = 1,
    .max_operands = 64,
    .run = run,
};
