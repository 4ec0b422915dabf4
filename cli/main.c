// SPDX-License-Identifier: MIT
/* main.c: the command line of UniFaaS: its table of commands. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/options.h"

/* In the order in which a new user meets them. */
const struct command *const cli_commands[] = {
    &cmd_new,    &cmd_build,    &cmd_run,         &cmd_deploy,     &cmd_dev,       &cmd_invoke,
    &cmd_list,   &cmd_logs,     &cmd_invocations, &cmd_invocation, &cmd_describe,  &cmd_remove,
    &cmd_kv,     &cmd_queue,    &cmd_dead,        &cmd_secret,     &cmd_namespace, &cmd_login,
    &cmd_logout, &cmd_password, &cmd_doctor,      &cmd_version,    &cmd_help,      NULL,
};

const struct command *cli_find(const char *name)
{
    for (const struct command *const *c = cli_commands; *c != NULL; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}

int main(int argc, char **argv)
{
    const struct command *c = &cmd_help;

    /* A reader that went away ends us through EPIPE, after we have cleaned up. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        int r = c->run(c, 1, argv);

        return argc < 2 ? CLI_USAGE : r;
    }
    c = strcmp(argv[1], "--version") == 0 ? &cmd_version : cli_find(argv[1]);
    if (c == NULL)
        return cli_fail(CLI_USAGE, "there is no command \"%s\"; unifaas help lists them", argv[1]);
    int r = c->run(c, argc - 1, argv + 1);
    if (fflush(stdout) != 0 && r == CLI_OK)
        r = CLI_FAILED;
    return r;
}
