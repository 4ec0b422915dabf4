// SPDX-License-Identifier: MIT
/*
 * inputs.h: the files that an image was made of, as the compiler and esbuild report them:
 * whatever they are called, and wherever they lie.
 */
#ifndef CLI_BUILD_INPUTS_H
#define CLI_BUILD_INPUTS_H

#include <stddef.h>

struct inputs {
    char **name; /* owned, as the names are; relative to the function's folder, or absolute */
    size_t n;
};

/* Add a name that is so. */
void inputs_add(struct inputs *in, const char *name);

/*
 * Add what a compiler depended on, which it writes as a rule for make(1).
 *
 * folder   how the names of what lies in the function's begin: "DIR/"; "" for this one.
 * sdk      what lies in there is left out.
 */
void inputs_add_rule(struct inputs *in, const char *rule, const char *folder, const char *sdk);

/* Sort them, each once. */
void inputs_sort(struct inputs *in);

void inputs_fini(struct inputs *in);

#endif
