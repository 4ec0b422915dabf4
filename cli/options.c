// SPDX-License-Identifier: MIT
/* options.c: see options.h. */
#include "cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN 28 /* where explanations begin */

int opts_usage(const struct command *c, const char *fmt, ...)
{
    va_list ap;

    (void)fprintf(stderr, "unifaas %s: ", c->name);
    va_start(ap, fmt);
    (void)vfprintf(stderr, fmt, ap);
    va_end(ap);
    (void)fprintf(stderr, "\nTry: unifaas %s --help\n", c->name);
    return CLI_USAGE;
}

static void print_option(const struct opt *o)
{
    char left[64];
    char letter[8] = "    ";

    if (o->letter != 0)
        (void)snprintf(letter, sizeof(letter), "-%c, ", o->letter);
    int n = snprintf(left, sizeof(left), "  %s--%s%s%s", letter, o->name, o->arg != NULL ? " " : "",
                     o->arg != NULL ? o->arg : "");
    if (n >= COLUMN)
        printf("%s\n%*s%s\n", left, COLUMN, "", o->help);
    else
        printf("%-*s%s\n", COLUMN, left, o->help);
}

void opts_print_exits(unsigned exits)
{
    static const struct {
        unsigned status;
        const char *words;
    } all[] = {
#define X(name, nr, words) {(nr), (words)},
        CLI_EXITS(X)
#undef X
    };

    printf("\nExit status:\n");
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if ((exits & 1u << all[i].status) != 0)
            printf("  %u  %s\n", all[i].status, all[i].words);
}

static void print_help(const struct command *c, const struct opt *opts)
{
    static const struct opt help = {'h', "help", NULL, "show this text", OPT_FLAG, NULL};

    printf("Usage: unifaas %s [OPTIONS]%s%s\n\n%s.\n", c->name, *c->operands != '\0' ? " " : "",
           c->operands, c->summary);
    if (c->details != NULL)
        printf("\n%s", c->details);
    printf("\nOptions:\n");
    for (; opts->kind != OPT_STOP; opts++)
        print_option(opts);
    print_option(&help);
    printf("\nExamples:\n%s", c->examples);
    opts_print_exits(c->exits);
}

/* value is NULL for a flag, and for nothing else. */
static int set(const struct command *c, const struct opt *o, const char *value)
{
    if (value == NULL) {
        *(bool *)o->to = true;
        return OPTS_GO;
    }
    switch (o->kind) {
    case OPT_TEXT:
        *(const char **)o->to = value;
        return OPTS_GO;
    case OPT_COUNT: {
        char *end;
        unsigned long v = strtoul(value, &end, 10);

        if (*value < '0' || *value > '9' || *end != '\0' || v == 0 || v > UINT32_MAX)
            return opts_usage(c, "--%s: \"%s\" is not valid; it must be a whole number from 1",
                              o->name, value);
        *(uint32_t *)o->to = (uint32_t)v;
        return OPTS_GO;
    }
    case OPT_JSON:
        if (strcmp(value, "json") != 0 && strcmp(value, "table") != 0)
            return opts_usage(c, "--%s: \"%s\" is not valid; it must be table or json", o->name,
                              value);
        *(bool *)o->to = value[0] == 'j';
        return OPTS_GO;
    case OPT_MANY: {
        struct opt_list *l = o->to;

        if (l->n == OPT_LIST_MAX)
            return opts_usage(c, "--%s is given more than %u times", o->name, OPT_LIST_MAX);
        l->at[l->n++] = value;
        return OPTS_GO;
    }
    case OPT_FLAG:
    case OPT_STOP:
        break;
    }
    abort();
}

struct parse {
    const struct command *c;
    const struct opt *opts;
    char **argv;
    int argc;
    int at;
    bool help;
};

/* The value of an option without one attached: the next word. */
static int take_value(struct parse *p, const struct opt *o, const char *attached)
{
    if (attached == NULL && p->at + 1 >= p->argc)
        return opts_usage(p->c, "--%s needs a value: %s", o->name, o->arg);
    return set(p->c, o, attached != NULL ? attached : p->argv[++p->at]);
}

static int take_long(struct parse *p, const char *word)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);

    if (strcmp(word, "help") == 0) {
        p->help = true;
        return OPTS_GO;
    }
    for (const struct opt *o = p->opts; o->kind != OPT_STOP; o++) {
        if (strlen(o->name) != len || strncmp(o->name, word, len) != 0)
            continue;
        if (o->arg != NULL)
            return take_value(p, o, equals != NULL ? equals + 1 : NULL);
        if (equals != NULL)
            return opts_usage(p->c, "--%s takes no value", o->name);
        return set(p->c, o, NULL);
    }
    return opts_usage(p->c, "unknown option --%.*s", (int)len, word);
}

static const struct opt *find_letter(const struct opt *o, char letter)
{
    for (; o->kind != OPT_STOP; o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

/* "-gv", "-oFILE" or "-o FILE". */
static int take_letters(struct parse *p, const char *word)
{
    for (; *word != '\0'; word++) {
        const struct opt *o = find_letter(p->opts, *word);

        if (o == NULL && *word == 'h') {
            p->help = true;
            continue;
        }
        if (o == NULL)
            return opts_usage(p->c, "unknown option -%c", *word);
        if (o->arg != NULL)
            return take_value(p, o, word[1] != '\0' ? word + 1 : NULL);
        int r = set(p->c, o, NULL);
        if (r != OPTS_GO)
            return r;
    }
    return OPTS_GO;
}

int opts_parse(const struct command *c, const struct opt *opts, int argc, char **argv,
               struct operands *operands)
{
    struct parse p = {.c = c, .opts = opts, .argv = argv, .argc = argc};
    int kept = 0;
    int r = OPTS_GO;
    bool ended = false;

    for (p.at = 1; p.at < argc && r == OPTS_GO; p.at++) {
        char *word = argv[p.at];

        if (ended || word[0] != '-' || word[1] == '\0')
            argv[kept++] = word;
        else if (strcmp(word, "--") == 0)
            ended = true;
        else
            r = word[1] == '-' ? take_long(&p, word + 2) : take_letters(&p, word + 1);
    }
    if (r != OPTS_GO)
        return r;
    if (p.help) {
        print_help(c, opts);
        return CLI_OK;
    }
    if (kept < c->min_operands)
        return opts_usage(c, "an argument is missing: unifaas %s %s", c->name, c->operands);
    if (kept > c->max_operands)
        return opts_usage(c, "one argument too many: %s", argv[c->max_operands]);
    *operands = (struct operands){.at = argv, .n = kept};
    return OPTS_GO;
}
