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

#define FUNCTION_SPACE "openfaas-fn" /* the namespace where none is named */

/* What holds where a manifest says nothing ... */
#define FUNCTION_MEMORY       (UINT64_C(8) << 20) /* bytes */
#define FUNCTION_TIMEOUT_NS   UINT64_C(3000000000)
#define FUNCTION_INSTANCES    10u
#define FUNCTION_KEEP_WARM_NS UINT64_C(60000000000)
#define FUNCTION_LOG          (UINT32_C(64) << 10) /* bytes */
#define FUNCTION_BODY         (UINT32_C(1) << 20)  /* bytes */
#define FUNCTION_HOST_CALLS   1000u
#define FUNCTION_EFFECTS      (UINT32_C(1) << 20) /* bytes */
#define FUNCTION_THRESHOLD    10u
#define FUNCTION_ATTEMPTS     4u
#define FUNCTION_MIN_WAIT_NS  UINT64_C(1000000000)
#define FUNCTION_MAX_WAIT_NS  UINT64_C(60000000000)
#define FUNCTION_MAX_AGE_NS   UINT64_C(86400000000000)

/* ... and what it may say, where abi/ does not bound it. */
#define FUNCTION_TIME_MIN_NS      UINT64_C(1000000)
#define FUNCTION_TIME_MAX_NS      UINT64_C(3600000000000)
#define FUNCTION_INSTANCES_MAX    1000u
#define FUNCTION_KEEP_WARM_MAX_NS UINT64_C(86400000000000)
#define FUNCTION_HOST_CALLS_MAX   1000000u
#define FUNCTION_THRESHOLD_MAX    1000000u
#define FUNCTION_ATTEMPTS_MAX     100u
#define FUNCTION_WAIT_MAX_NS      UINT64_C(86400000000000) /* retry.min_wait, .max_wait */
#define FUNCTION_CODE_MIN         300u                     /* retry.codes               */
#define FUNCTION_CODE_MAX         599u
#define FUNCTION_MAX_AGE_MIN_NS   UINT64_C(1000000000)
#define FUNCTION_MAX_AGE_MAX_NS   UINT64_C(31536000000000000)
#define FUNCTION_BATCH_MAX        1000u
#define FUNCTION_WINDOW_MAX_NS    UINT64_C(60000000000)
#define FUNCTION_SECRET_NAME_MAX  253u        /* bytes */
#define FUNCTION_PARAMS_MAX       (32u << 10) /* bytes, as JSON */

enum isolation {
    ISOLATION_AUTO,    /* the best that the machine has   */
    ISOLATION_KVM,     /* refuse to run without           */
    ISOLATION_PROCESS, /* a confined process is enough    */
};

enum reuse {
    REUSE_INVOCATION, /* every event finds the snapshot's state           */
    REUSE_INSTANCE,   /* memory is kept between events of one instance    */
};

/* Who may call it over HTTP. */
enum access {
    ACCESS_PUBLIC,   /* anybody                                       */
    ACCESS_PASSWORD, /* who knows the password of /system             */
    ACCESS_INTERNAL, /* nobody: queues, topics and other functions do */
};

#define FUNCTION_QUEUES_MAX  16u /* that trigger one function      */
#define FUNCTION_TOPICS_MAX  16u
#define FUNCTION_ALLOW_MAX   32u
#define FUNCTION_SECRETS_MAX 32u
#define FUNCTION_STEPS_MIN   2u /* functions of a sequence         */
#define FUNCTION_STEPS_MAX   32u
#define FUNCTION_CODES_MAX   16u

/* A queue that triggers the function. */
struct function_queue {
    char *name;               /* owned                                        */
    uint32_t batch;           /* events handed over together, at least 1      */
    uint64_t batch_window_ns; /* how long the first waits for others; 0: not  */
};

/* What happens to a queued event that failed. */
struct function_retry {
    uint32_t attempts; /* in all, at least 1                              */
    uint64_t min_wait_ns;
    uint64_t max_wait_ns;
    uint16_t codes[FUNCTION_CODES_MAX]; /* statuses that are failures; at least one, 0 ends them */
};

/* A list of strings, each and the array owned. */
struct function_list {
    char **item;
    uint32_t n;
};

struct function {
    char space[FUNCTION_NAME_MAX + 1]; /* namespace; not of the manifest         */
    char name[FUNCTION_NAME_MAX + 1];
    char lang[16]; /* "c", "c++", "javascript" or "sequence"     */
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
    uint32_t effects_max;     /* limits.effects: bytes of one invocation    */
    uint32_t scale_threshold; /* waiting events for each instance        */
    struct function_queue queue[FUNCTION_QUEUES_MAX];
    uint32_t nqueues;
    struct function_retry retry;
    uint64_t max_age_ns;         /* then a queued event is parked         */
    struct function_list topics; /* that trigger it                       */
    struct function_list allow;  /* URLs that it may fetch                */
    struct function_list secrets;
    char *params; /* default parameters of a script: an object as JSON; owned; NULL: none */
    struct function_list steps;             /* lang sequence: names of functions     */
    char on_success[FUNCTION_NAME_MAX + 1]; /* gets the result; "": nobody */
    char on_failure[FUNCTION_NAME_MAX + 1]; /* gets the event that is parked */
    enum access access;
};

/* Set every field to its default (memory 8 MiB, timeout 3 s, ...); name "". */
void function_defaults(struct function *f);
/* Free what it owns; nothing but zeroes is left. */
void function_fini(struct function *f);
/* The only way to hand one on: *to, which owns nothing yet, gets all of *from, of
 * which zeroes are left. */
void function_move(struct function *to, struct function *from);

/* What it is called in messages: its name, with the namespace after it, "NAME.SPACE",
 * where that is not FUNCTION_SPACE. Returns out. */
#define FUNCTION_LABEL 128 /* two names, what is between them, and a NUL */
_Static_assert(FUNCTION_LABEL == 2 * (FUNCTION_NAME_MAX + 1), "room for both");
const char *function_label(const struct function *f, char out[static FUNCTION_LABEL]);

/* Is it a name that every part of the platform accepts? */
bool function_name_ok(const char *name);

/* Has it steps, which are other functions, in the place of an image? */
bool function_is_sequence(const struct function *f);

/* Is it made of a script, which a runtime interprets, and not compiled? */
bool function_is_script(const struct function *f);

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
 * Change one thing of a function that has been read, as an option, an annotation
 * or a stack file does.
 *
 * key      as in function.yaml, "memory"; inside another with a dot, "limits.log",
 *          "retry.codes", "env.NAME". Triggers: "queue", "topic" (lists of names),
 *          and "queue.batch", "queue.batch_window" of all queues that there are.
 * value    of a list: its items with commas between them; "" is none.
 *          A CPU time that equals the timeout follows it.
 * Returns  0, or -EINVAL with what is valid in err; then nothing has changed.
 */
int function_set(struct function *f, const char *key, const char *value, struct uf_err *err);

/* Do the keys make sense together? After the last function_set(); the parsers have
 * asked. 0, or -EINVAL. */
int function_check(const struct function *f, struct uf_err *err);

/* Set a variable, in the place of one of that name if there is one. */
int function_env_set(struct function *f, const char *name, const char *value, struct uf_err *err);
/* Add the name of a secret; one that it has already is fine. */
int function_secret_add(struct function *f, const char *name, struct uf_err *err);

/* What the tender enforces for it. event_max: bytes of the event part. */
void function_limits(const struct function *f, uint32_t event_max, struct uf_limits *l);

#endif
