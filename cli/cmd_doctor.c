// SPDX-License-Identifier: MIT
/* cmd_doctor.c: what this machine can do, and how to mend what it can't. */
#include <stdio.h>

#include "cli/floors/floors.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "engine/probe.h"

static void print_floor(struct floor *f, bool is_json, bool is_last)
{
    double p50 = (double)series_permille(&f->ns, 500) / 1e3;
    double p99 = (double)series_permille(&f->ns, 990) / 1e3;

    if (is_json && f->ns.n > 0)
        printf("  {\"id\": \"%s\", \"us\": %.2f, \"p99_us\": %.2f, \"times\": %zu}%s\n", f->id, p50,
               p99, f->ns.n, is_last ? "" : ",");
    else if (is_json)
        printf("  {\"id\": \"%s\", \"us\": null, \"p99_us\": null, \"times\": 0}%s\n", f->id,
               is_last ? "" : ",");
    else if (f->ns.n > 0)
        printf("%9.1f %9.1f  %s\n", p50, p99, f->words);
    else
        printf("%9s %9s  %s: %s\n", "-", "-", f->words, f->why.msg);
}

/* What could not be measured is said in its line, so that is no failure. */
static int bench(const char *dir, bool is_json)
{
    struct floor all[FLOOR_COUNT];

    floors_measure(dir, all);
    printf("%s", is_json ? "[\n" : " p50 (us)  p99 (us)\n");
    for (int i = 0; i < FLOOR_COUNT; i++)
        print_floor(&all[i], is_json, i + 1 == FLOOR_COUNT);
    printf("%s", is_json ? "]\n" : "");
    floors_fini(all);
    return CLI_OK;
}

static int look(void)
{
    struct probe all[PROBE_MAX];
    struct uf_err err;
    char tender[PATH_MAX];
    bool fatal = false;
    int worse = 0;

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

static int run(const struct command *self, int argc, char **argv)
{
    bool wants_bench = false;
    bool wants_json = false;
    const char *dir = NULL;
    const struct opt opts[] = {
        {'b', "bench", NULL, "instead, measure what this machine takes for what we build on",
         OPT_FLAG, &wants_bench},
        {'j', "json", NULL, "with --bench: as JSON", OPT_FLAG, &wants_json},
        {'d', "dir", "DIR", "with --bench: whose disk to measure (the current folder's)", OPT_TEXT,
         &dir},
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (!wants_bench && (wants_json || dir != NULL))
        return opts_usage(self, "--json and --dir go with --bench");
    return wants_bench ? bench(dir != NULL ? dir : ".", wants_json) : look();
}

const struct command cmd_doctor = {
    .name = "doctor",
    .operands = "",
    .summary = "Say what this machine can do, and how to mend what it can't",
    .details = "Creates and ends a virtual machine and a jailed tender to see how they do.\n"
               "With --bench it prints this machine's floors: times of the kernel and the\n"
               "processor without anything of ours, below which no invocation can be.\n",
    .examples = "  unifaas doctor\n"
                "  unifaas doctor --bench --dir /var/lib/unifaas\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE),
    .run = run,
};
