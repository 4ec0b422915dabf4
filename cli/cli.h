// SPDX-License-Identifier: MIT
/*
 * cli.h: what a command is, how it ends, and what all commands share.
 *
 * main.c holds the table of commands, cmd_VERB.c one command each. A command
 * declares its options as a table (options.h); its help is printed from that
 * table, so help cannot lie about options.
 *
 * What a user asked for goes to stdout; everything else goes to stderr.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* How the program ends: X(NAME, status, words). Part of the interface. */
#define CLI_EXITS(X)                                                             \
    X(OK, 0, "done")                                                             \
    X(FAILED, 1, "it failed, or the function answered with an error")            \
    X(USAGE, 2, "wrong options or arguments")                                    \
    X(UNREACHABLE, 3, "the daemon cannot be reached")                            \
    X(NOT_FOUND, 4, "no such function, file or folder")                          \
    X(BUILD, 5, "the function could not be built")                               \
    X(MANIFEST, 6, "function.yaml or the stack file is not valid")               \
    X(CRASHED, 7, "the function crashed or exceeded a limit other than of time") \
    X(TIMEOUT, 8, "the function ran out of time")

enum cli_exit {
#define X(name, nr, words) CLI_##name = (nr),
    CLI_EXITS(X)
#undef X
};

#define CLI_BIT(name) (1u << CLI_##name)

struct command {
    const char *name;
    const char *operands; /* "NAME", "[DIR]", ""                     */
    const char *summary;  /* one line, without full stop             */
    const char *details;  /* paragraphs for --help, each line's end included */
    const char *examples; /* lines                                   */
    unsigned exits;       /* CLI_BIT()s that it can end with         */
    int min_operands;
    int max_operands;
    int (*run)(const struct command *self, int argc, char **argv);
    const struct command *const *verbs; /* of a group (verbs.h), ends with NULL; or NULL */
};

/* Every command, ended by an entry without name. */
extern const struct command *const cli_commands[];

const struct command *cli_find(const char *name);

/* Print "unifaas: " and a line to stderr. Returns status, to be returned. */
int cli_fail(enum cli_exit status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Print "unifaas: note: " and a line to stderr. */
void cli_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* cli_fail() with the reason in err. */
int cli_report(enum cli_exit status, const struct uf_err *err);

/* How to end after an outcome of abi/control.h. */
enum cli_exit cli_exit_of(uint32_t outcome, unsigned http_status);

/* "9.1 KiB", for reports; exact sizes are base/units.h's. Returns out. */
#define CLI_HUMAN 24
const char *cli_human(uint64_t bytes, char out[static CLI_HUMAN]);

/* Write bytes to a descriptor, all of them. 0 or a negative errno. */
int cli_write(int fd, const void *data, size_t size);

extern const struct command cmd_build;
extern const struct command cmd_dead;
extern const struct command cmd_deploy;
extern const struct command cmd_describe;
extern const struct command cmd_dev;
extern const struct command cmd_doctor;
extern const struct command cmd_help;
extern const struct command cmd_invocation;
extern const struct command cmd_invocations;
extern const struct command cmd_invoke;
extern const struct command cmd_kv;
extern const struct command cmd_list;
extern const struct command cmd_login;
extern const struct command cmd_logout;
extern const struct command cmd_logs;
extern const struct command cmd_namespace;
extern const struct command cmd_new;
extern const struct command cmd_password;
extern const struct command cmd_queue;
extern const struct command cmd_remove;
extern const struct command cmd_run;
extern const struct command cmd_secret;
extern const struct command cmd_version;

#endif
