// SPDX-License-Identifier: MIT
/*
 * options.h: options of a command, as a table that parses and documents them.
 *
 *	const struct opt opts[] = {
 *	    {'o', "output", "FILE", "write the image to FILE", OPT_TEXT, &out},
 *	    OPT_END,
 *	};
 *
 * Options may stand before, between and after operands; "--" ends them.
 * Values: -oFILE, -o FILE, --output=FILE, --output FILE. Flags combine: -gv.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

/* Texts in the order in which they were given; they belong to argv. */
#define OPT_LIST_MAX 128u

struct opt_list {
    const char *at[OPT_LIST_MAX];
    size_t n;
};

enum opt_kind {
    OPT_STOP,  /* end of the table     */
    OPT_FLAG,  /* bool *               */
    OPT_TEXT,  /* const char **        */
    OPT_COUNT, /* uint32_t *, from 1   */
    OPT_MANY,  /* struct opt_list *    */
    OPT_JSON,  /* bool *: json or table */
};

struct opt {
    char letter;      /* or 0                  */
    const char *name; /* "output"              */
    const char *arg;  /* "FILE"; NULL: none    */
    const char *help;
    enum opt_kind kind;
    void *to;
};

/* clang-format off */
#define OPT_END {0, NULL, NULL, NULL, OPT_STOP, NULL}
/* clang-format on */

struct operands {
    char **at;
    int n;
};

/* What opts_parse() returns when the command should go on. */
#define OPTS_GO (-1)

/*
 * Read a command line. argv[0] is the command's name; argv is reordered.
 *
 * Returns  OPTS_GO and *operands, or an exit status: CLI_OK after --help has
 *          been printed, CLI_USAGE after a complaint.
 */
int opts_parse(const struct command *c, const struct opt *opts, int argc, char **argv,
               struct operands *operands);

/* Complain about usage, with a hint at --help. Returns CLI_USAGE. */
int opts_usage(const struct command *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The part of a help text about how a command ends. */
void opts_print_exits(unsigned exits);

/* How every command that shows something says it as JSON. */
#define OPT_AS_JSON(to)                                                                        \
    {'j', "json", NULL, "print the daemon's own document: -o json", OPT_FLAG, (to)},           \
    {                                                                                          \
        'o', "output", "FORMAT", "how to print it: table (for people) or json", OPT_JSON, (to) \
    }

/* The option that every command which talks to the daemon has. */
#define OPT_GATEWAY(to)                                                                           \
    {                                                                                             \
        'g', "gateway", "URL",                                                                    \
            "the daemon's address (else $UNIFAAS_GATEWAY, else http://127.0.0.1:8080)", OPT_TEXT, \
            (to)                                                                                  \
    }

/* And of every one that is about functions. */
/* clang-format off */
#define OPT_SPACE(to)                                                             \
    {'n', "namespace", "NAME", "of the functions (openfaas-fn)", OPT_TEXT, (to)}
/* clang-format on */

#endif
