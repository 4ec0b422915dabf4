// SPDX-License-Identifier: MIT
/*
 * function.h: what a function is configured to be (function.yaml).
 *
 * One struct for the command line, which reads it from YAML, and the daemon,
 * which gets it as JSON and keeps it in its registry.
 */
#ifndef ENGINE_FUNCTION_H
#define ENGINE_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/control.h"
#include "base/err.h"

#define FUNCTION_NAME_MAX 63 /* DNS label: [a-z0-9]([-a-z0-9]*[a-z0-9])? */

enum isolation {
    ISOLATION_AUTO,    /* the best that the machine has   */
    ISOLATION_KVM,     /* refuse to run without           */
    ISOLATION_PROCESS, /* a confined process is enough    */
};

enum reuse {
    REUSE_INVOCATION, /* every event finds the snapshot's state           */
    REUSE_INSTANCE,   /* memory is kept between events of one instance    */
};

struct function {
    char name[FUNCTION_NAME_MAX + 1];
    char lang[16]; /* "c" or "c++"                               */
    uint64_t memory;
    uint64_t timeout_ns;
    uint32_t max_instances; /* at least 1                                 */
    enum isolation isolation;
    enum reuse reuse;
    uint64_t keep_warm_ns; /* how long an idle instance lives            */
    uint64_t cpu_ns;       /* limits.cpu_time; default: timeout          */
    uint32_t log_max;      /* limits.log                                 */
    uint32_t body_max;     /* limits.response                            */
    uint32_t host_calls;   /* limits.host_calls                          */
    char *env;             /* "NAME=value\0"... ; owned                  */
    uint32_t env_size;
};

/* Set every field to its default (memory 8 MiB, timeout 3 s, ...); name "". */
void function_defaults(struct function *f);
void function_fini(struct function *f);

/* Is it a name that every part of the platform accepts? */
bool function_name_ok(const char *name);

/*
 * Read a function.yaml.
 *
 * text     size bytes; path is for messages only. No key is required: without
 *          `name`, f->name is "" and the caller knows a better one.
 * Returns  0, or -EINVAL with "path:line: reason; valid choices" in err.
 */
int function_parse_yaml(struct function *f, const char *text, size_t size, const char *path,
                        struct uf_err *err);

/* Between the struct and the JSON document that travels and is stored; here
 * `name` is required. The string of _format is malloc'ed, the caller's; NULL
 * when memory is out. *f is untouched when a parse fails. */
int function_parse_json(struct function *f, const char *text, size_t size, struct uf_err *err);
char *function_format_json(const struct function *f);

/*
 * Change one thing of a function that has been read, as an option or a stack
 * file does.
 *
 * key      as in function.yaml, "memory"; those of limits as "limits.log". A
 *          CPU time that equals the timeout follows it.
 * Returns  0, or -EINVAL with what is valid in err; then nothing has changed.
 */
int function_set(struct function *f, const char *key, const char *value, struct uf_err *err);

/* Set a variable, in the place of one of that name if there is one. */
int function_env_set(struct function *f, const char *name, const char *value, struct uf_err *err);

/* What the tender enforces for it. event_max: bytes of the event part. */
void function_limits(const struct function *f, uint32_t event_max, struct uf_limits *l);

#endif
