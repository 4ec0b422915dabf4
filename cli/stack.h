// SPDX-License-Identifier: MIT
/*
 * stack.h: several functions in one file, as OpenFaaS writes it (stack.yaml).
 *
 *	provider:
 *	  gateway: http://127.0.0.1:8080
 *	functions:
 *	  alert:
 *	    handler: ./alert          a function's folder; it is built
 *	    environment: {LEVEL: 50}
 *	    limits: {memory: 16Mi}
 *	    secrets: [token]
 *	    annotations: {topic: alarms}	engine/annotation.h
 *	  echo:
 *	    image: echo.img           or an image that is there already: a file, or
 *	                              the hash of one that the daemon has
 *
 * Paths are relative to the file. Values have variables replaced (cli/expand.h).
 * Keys that mean nothing here (those of container builds) are named and ignored;
 * unknown ones are refused.
 */
#ifndef CLI_STACK_H
#define CLI_STACK_H

#include <stddef.h>

#include "base/err.h"

struct stack_pair {
    char *name;
    char *value;
};

struct stack_pairs {
    struct stack_pair *at;
    size_t n;
};

struct stack_names {
    char **at;
    size_t n;
};

struct stack_function {
    char *name;
    char *path; /* of the folder or image; NULL: hash is there */
    char *hash; /* of an image that the daemon has, as it is written; NULL: path is there */
    char *lang; /* NULL: not said, or it says nothing */
    char *memory;
    char *space; /* NULL: not said */
    struct stack_pairs env;
    struct stack_pairs labels;
    struct stack_pairs annotations;
    struct stack_names secrets;
};

struct stack {
    struct stack_function *functions;
    size_t n;
    char *gateway; /* NULL: not said */
};

/*
 * Read a stack file.
 *
 * ignored  is told of each key without meaning here; of one at the top with the file's
 *          path for the function.
 * Returns  0 and *s (stack_fini() later), -EINVAL with file, line and the valid
 *          choices in err, or an error of reading.
 */
int stack_read(struct stack *s, const char *path,
               void (*ignored)(const char *function, const char *key), struct uf_err *err);

void stack_fini(struct stack *s);

#endif
