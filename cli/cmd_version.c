// SPDX-License-Identifier: MIT
/* cmd_version.c: which version this is. */
#include <stdio.h>

#include "abi/control.h"
#include "abi/image.h"
#include "abi/snapshot.h"
#include "base/version.h"
#include "cli/options.h"

static int run(const struct command *self, int argc, char **argv)
{
    const struct opt opts[] = {OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    printf("unifaas %s\nimage ABI %u, snapshot format %u, tender protocol %u\n", UNIFAAS_VERSION,
           UF_ABI_VERSION, UF_SNAPSHOT_VERSION, UF_CONTROL_VERSION);
    return CLI_OK;
}

const struct command cmd_version = {
    .name = "version",
    .operands = "",
    .summary = "Print the version of the program and of its formats",
    .examples = "  unifaas version\n",
    .exits = CLI_BIT(OK) | CLI_BIT(USAGE),
    .run = run,
};
