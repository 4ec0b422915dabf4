// SPDX-License-Identifier: MIT
/*
 * config.h: what the operator decides.
 *
 * One table of options; each is a long option of the command line and a key of
 * the configuration file. The command line wins over the file, the file over
 * the defaults. A value is checked where it is read, with the same words.
 */
#ifndef DAEMON_CONFIG_H
#define DAEMON_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct config {
    char listen[128];
    char state_dir[PATH_MAX];
    char backend[16];
    char tender[PATH_MAX];
    uint64_t pool;
    uint64_t memory_budget; /* bytes */
    uint64_t max_body;      /* bytes */
    uint64_t queue;
    uint64_t uid_base;
    bool allow_remote;
};

enum config_action {
    CONFIG_RUN,
    CONFIG_HELP,
    CONFIG_VERSION,
};

/* Defaults; those that depend on the machine or the user come from it. */
void config_defaults(struct config *c);

/* Set one option. 0, or -EINVAL with what is valid. */
int config_set(struct config *c, const char *name, const char *value, struct uf_err *err);

/* Read a configuration file's text. path is for messages: "path:line: reason". */
int config_read_yaml(struct config *c, const char *text, size_t size, const char *path,
                     struct uf_err *err);

/*
 * Read the command line, and the file that it names.
 *
 * Returns  0 and *action, or -EINVAL or an error of reading with the reason.
 */
int config_read(struct config *c, int argc, char **argv, enum config_action *action,
                struct uf_err *err);

/* The text of --help. */
void config_help(void);

/* config_paths.c: where things are when nobody says. 0, or -ENOENT. */
int config_find_tender(char out[static PATH_MAX], struct uf_err *err);
void config_state_dir(char out[static PATH_MAX]);
uint64_t config_half_of_memory(void);

#endif
