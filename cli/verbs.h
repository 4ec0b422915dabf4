// SPDX-License-Identifier: MIT
/*
 * verbs.h: commands that are a group of others: "unifaas kv get KEY".
 *
 * Each verb is a struct command of its own whose name is "kv get"; the group has
 * a table of them, .verbs, and verbs_run as its .run.
 */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/cli.h"

/* Find the verb that argv[1] names and run it; --help lists them. */
int verbs_run(const struct command *self, int argc, char **argv);

/* All ends that the verbs can come to, for .exits of a group is what its help tells. */
#define VERBS_EXITS \
    (CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(UNREACHABLE) | CLI_BIT(NOT_FOUND))

#endif
