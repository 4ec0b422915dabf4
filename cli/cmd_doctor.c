// SPDX-License-Identifier: MIT
/* cmd_doctor.c: what this machine can do, and how to mend what it can't. */
#include <stdio.h>

#include "cli/options.h"
#include "cli/paths.h"
#include "engine/probe.h"

static int run(const struct command *self, int argc, char **argv)
{
    const struct opt opts[] = {OPT_END};
    struct operands operands;
    struct probe all[PROBE_MAX];
    struct uf_err err;
    char tender[PATH_MAX];
    bool fatal = false;
    int worse = 0;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (paths_tender(tender, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    int n = probe_all(tender, all);
    for (int i = 0; i < n; i++) {
        const struct probe *p = &all[i];

        printf("%-4s %-16s %s\n", p->ok ? "ok" : p->fatal ? "FAIL" : "less", p->name, p->found);
        if (!p->ok && p->mend[0] != '\0')
            printf("%22smend: %s\n", "", p->mend);
        fatal = fatal || (!p->ok && p->fatal);
        worse += !p->ok;
    }
    if (fatal)
        printf("\nUniFaaS cannot run here until what is marked FAIL is mended.\n");
    else if (worse > 0)
        printf("\nUniFaaS runs here; with what is marked \"less\" mended it would run better.\n");
    else
        printf("\nUniFaaS runs here, with everything it can use.\n");
    return fatal ? CLI_FAILED : CLI_OK;
}

const struct command cmd_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "Say what this machine can do, and how to mend what it can't",
    .details = "Creates and ends a virtual machine and a jailed tender to see how they do.\n",
    .examples = "  unifaas doctor\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE),
    .run = run,
};
