// SPDX-License-Identifier: MIT
// LINK: cli/options.c
#include "cli/options.h"

#include <string.h>

#include "tests/tap.h"

static struct {
    bool flag;
    bool other;
    const char *text;
    uint32_t count;
    struct opt_list list;
    struct operands operands;
} got;

static const struct command command = {
    .name = "test",
    .operands = "[A] [B]",
    .summary = "Be tested",
    .examples = "  none\n",
    .exits = CLI_BIT(OK),
    .max_operands = 2,
};

/* Parse blank-separated words. */
static int parse(const char *line)
{
    static char words[1024];
    static char *argv[2 * OPT_LIST_MAX];
    int argc = 0;
    char *save = NULL;
    const struct opt opts[] = {
        {'f', "flag", NULL, "a flag", OPT_FLAG, &got.flag},
        {'o', "other", NULL, "another", OPT_FLAG, &got.other},
        {'t', "text", "TEXT", "a text", OPT_TEXT, &got.text},
        {0, "count", "N", "a count", OPT_COUNT, &got.count},
        {'m', "many", "TEXT", "texts", OPT_MANY, &got.list},
        OPT_END,
    };

    memset(&got, 0, sizeof(got));
    (void)snprintf(words, sizeof(words), "test %s", line);
    for (char *w = strtok_r(words, " ", &save); w != NULL && argc < 2 * (int)OPT_LIST_MAX - 1;
         w = strtok_r(NULL, " ", &save))
        argv[argc++] = w;
    argv[argc] = NULL;
    return opts_parse(&command, opts, argc, argv, &got.operands);
}

static bool is(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

static void values_may_be_written_in_four_ways(void)
{
    const char *const ways[] = {"-tx", "-t x", "--text=x", "--text x"};

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        CHECK(parse(ways[i]) == OPTS_GO && is(got.text, "x"));
    CHECK(parse("--text=") == OPTS_GO && is(got.text, ""));
    CHECK(parse("--text=a=b") == OPTS_GO && is(got.text, "a=b"));
    CHECK(parse("-t -f") == OPTS_GO && is(got.text, "-f") && !got.flag);
}

static void flags_combine(void)
{
    CHECK(parse("-fo") == OPTS_GO && got.flag && got.other);
    CHECK(parse("-fox") == CLI_USAGE);
    CHECK(parse("-fotx") == OPTS_GO && got.flag && got.other && is(got.text, "x"));
    CHECK(parse("--flag=yes") == CLI_USAGE);
}

static void operands_and_options_mix(void)
{
    CHECK(parse("a -f b --text c") == OPTS_GO);
    CHECK(got.operands.n == 2 && is(got.operands.at[0], "a") && is(got.operands.at[1], "b"));
    CHECK(got.flag && is(got.text, "c"));
    CHECK(parse("-- -f a") == OPTS_GO && !got.flag && got.operands.n == 2);
    CHECK(is(got.operands.at[0], "-f"));
    CHECK(parse("- -f") == OPTS_GO && got.operands.n == 1 && is(got.operands.at[0], "-"));
}

static void too_many_operands_are_refused(void)
{
    CHECK(parse("a b c") == CLI_USAGE);
}

static void counts_are_whole_and_positive(void)
{
    CHECK(parse("--count 7") == OPTS_GO && got.count == 7);
    CHECK(parse("--count 4294967295") == OPTS_GO && got.count == UINT32_MAX);
    CHECK(parse("--count 4294967296") == CLI_USAGE);
    CHECK(parse("--count 0") == CLI_USAGE);
    CHECK(parse("--count -1") == CLI_USAGE);
    CHECK(parse("--count 7x") == CLI_USAGE);
    CHECK(parse("--count=") == CLI_USAGE);
}

static void lists_keep_order_and_are_bounded(void)
{
    char line[5 * OPT_LIST_MAX] = "";

    CHECK(parse("-m a --many=b") == OPTS_GO && got.list.n == 2);
    CHECK(is(got.list.at[0], "a") && is(got.list.at[1], "b"));
    for (unsigned i = 0; i < OPT_LIST_MAX; i++)
        memcpy(line + (size_t)4 * i, "-mx ", 5);
    CHECK(parse(line) == OPTS_GO && got.list.n == OPT_LIST_MAX);
    memcpy(line + (size_t)4 * OPT_LIST_MAX, "-mx ", 5);
    CHECK(parse(line) == CLI_USAGE);
}

static void what_is_unknown_or_lacks_its_value_is_refused(void)
{
    CHECK(parse("--nothing") == CLI_USAGE);
    CHECK(parse("--fla") == CLI_USAGE);
    CHECK(parse("-x") == CLI_USAGE);
    CHECK(parse("--text") == CLI_USAGE);
    CHECK(parse("-t") == CLI_USAGE);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(values_may_be_written_in_four_ways),
        TAP_CASE(flags_combine),
        TAP_CASE(operands_and_options_mix),
        TAP_CASE(too_many_operands_are_refused),
        TAP_CASE(counts_are_whole_and_positive),
        TAP_CASE(lists_keep_order_and_are_bounded),
        TAP_CASE(what_is_unknown_or_lacks_its_value_is_refused),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
