// SPDX-License-Identifier: MIT
/*
 * script.h: images of functions that a runtime of the SDK interprets.
 *
 * There is nothing to compile: the author's files become a bundle behind the runtime's
 * program, so this needs no compiler and takes no time. What is wrong with the script
 * is found when the image is booted, in its jail.
 */
#ifndef CLI_BUILD_SCRIPT_H
#define CLI_BUILD_SCRIPT_H

#include <stdbool.h>

#include "cli/build/build.h"

/* May a file with this name be a part of a script? */
bool script_is_file(const char *name);

/* May it be the one to begin with? */
bool script_is_code(const char *name);

/* As build(), for a project with `lang: javascript`. */
int script_build(const struct project *p, const struct build_options *o, struct built *out,
                 struct uf_err *err);

/* The same for one file; o->out: NAME.img beside it unless given. */
int script_build_file(const char *path, const struct build_options *o, struct built *out,
                      struct uf_err *err);

/* The image of one file, in a memory file whose descriptor is returned; f is what its
 * manifest says. */
int script_build_one(const struct function *f, const char *path, struct uf_err *err);

#endif
