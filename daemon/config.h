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

/* What holds where the operator says nothing, and what may be said. */
#define CONFIG_LISTEN           "127.0.0.1:8080"
#define CONFIG_POOL             2u
#define CONFIG_POOL_MAX         256u
#define CONFIG_QUEUE            1024u
#define CONFIG_QUEUE_MAX        100000u
#define CONFIG_WAIT             UINT64_C(100000000)     /* ns */
#define CONFIG_WAIT_MAX         UINT64_C(3600000000000) /* ns */
#define CONFIG_DEPTH            UINT64_C(1000000)
#define CONFIG_DEPTH_MAX        UINT64_C(1000000000)
#define CONFIG_BODY             (UINT64_C(1) << 20)  /* bytes */
#define CONFIG_BODY_MIN         (UINT64_C(1) << 10)  /* bytes */
#define CONFIG_BODY_MAX         (UINT64_C(64) << 20) /* bytes */
#define CONFIG_BUDGET_MIN       (UINT64_C(16) << 20) /* bytes */
#define CONFIG_UID_BASE         900000u
#define CONFIG_RECORDS          10000u
#define CONFIG_RECORDS_MAX      1000000u
#define CONFIG_RECORDS_SIZE     (UINT64_C(8) << 20)       /* bytes */
#define CONFIG_RECORDS_SIZE_MIN (UINT64_C(64) << 10)      /* bytes */
#define CONFIG_RECORDS_SIZE_MAX (UINT64_C(1) << 30)       /* bytes */
#define CONFIG_RECORDS_AGE      UINT64_C(604800000000000) /* ns */
#define CONFIG_RECORDS_AGE_MIN  UINT64_C(60000000000)
#define CONFIG_RECORDS_AGE_MAX  UINT64_C(315360000000000000)

struct config {
    char listen[128];
    char state_dir[PATH_MAX];
    char backend[16];
    char tender[PATH_MAX];
    char image_dir[PATH_MAX]; /* "": none */
    char ca_file[PATH_MAX];   /* "": none */
    char callback_allow[4096];
    uint64_t pool;
    uint64_t memory_budget; /* bytes */
    uint64_t max_body;      /* bytes */
    uint64_t queue;
    uint64_t max_wait_ns;
    uint64_t queue_depth;
    uint64_t uid_base;
    uint64_t records;
    uint64_t records_size; /* bytes */
    uint64_t records_age_ns;
    bool allow_remote;
    bool no_auth;
};

enum config_action {
    CONFIG_RUN,
    CONFIG_HELP,
    CONFIG_VERSION,
    CONFIG_SET_PASSWORD,
    CONFIG_CHECK,
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
uint64_t config_half_of_memory(void);

#endif
