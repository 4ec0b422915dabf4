// SPDX-License-Identifier: MIT
/* cmd_help.c: what there is. */
#include <stdio.h>

#include "cli/options.h"

static void list_commands(void)
{
    printf("Usage: unifaas COMMAND [OPTIONS] [ARGUMENTS]\n\n"
           "UniFaaS runs functions in unikernels, one machine for each event.\n\n"
           "Commands:\n");
    for (const struct command *const *c = cli_commands; *c != NULL; c++)
        printf("  %-11s %s\n", (*c)->name, (*c)->summary);
    printf("\nunifaas COMMAND --help explains one, with examples and exit status.\n\n"
           "A first function:\n"
           "  unifaas new hello && unifaas run hello -d world\n");
}

static int run(const struct command *self, int argc, char **argv)
{
    const struct opt opts[] = {OPT_END};
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (operands.n == 0) {
        list_commands();
        return CLI_OK;
    }
    const struct command *c = cli_find(operands.at[0]);
    if (c == NULL)
        return cli_fail(CLI_USAGE, "there is no command \"%s\"; unifaas help lists them",
                        operands.at[0]);
    char help[] = "--help";
    char *words[] = {operands.at[0], help, NULL};
    return c->run(c, 2, words);
}

const struct command cmd_help = {
    .name = "help",
    .operands = "[COMMAND]",
    .summary = "List the commands, or explain one",
    .examples = "  unifaas help run\n",
    .exits = CLI_BIT(OK) | CLI_BIT(USAGE),
    .max_operands = 1,
    .run = run,
};
