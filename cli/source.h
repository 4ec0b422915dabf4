// SPDX-License-Identifier: MIT
/*
 * source.h: "IMAGE|DIR" on the command line: an image and its manifest.
 *
 * A folder brings its own manifest and is built when need be; an image comes
 * with --manifest, or has the defaults and its file's name. A script alone is like an
 * image, which is made of it in memory.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include "cli/options.h"
#include "engine/function.h"

struct source_options {
    const char *manifest;
    const char *memory;
    const char *timeout;
    struct opt_list env; /* "NAME=VALUE" */
    bool lines;
};

/* clang-format off */
#define SOURCE_OPTIONS(s, letter)                                                                  \
    {'e', "env", "NAME=VALUE", "set a variable; may be repeated", OPT_MANY, &(s)->env},    \
    {0, "memory", "SIZE", "instead of the manifest's memory", OPT_TEXT, &(s)->memory},     \
    {0, "timeout", "TIME", "instead of the manifest's timeout", OPT_TEXT, &(s)->timeout},  \
    {0, "manifest", "FILE", "the function.yaml of an image", OPT_TEXT, &(s)->manifest},    \
    {(letter), "lines", NULL, "build it anew, with file and line for backtraces", OPT_FLAG, \
     &(s)->lines}
/* clang-format on */

struct source {
    struct function f;
    char *image; /* path; owned; NULL: a sequence, or the daemon has it */
    char *shown; /* what it is called in messages; owned */
    int fd;      /* behind image, when that was made in memory; 0: it was not */
};

/*
 * Find the image (build it if need be) and settle the manifest.
 *
 * Returns  OPTS_GO and *out, whose name is "" when a file does not give one; or an exit
 *          status after a complaint.
 */
int source_open(struct source *out, const char *path, const struct source_options *o,
                const struct command *c);

/* The same for an image that only the daemon has, under the hash that is its name here:
 * out->image is NULL. */
int source_open_hash(struct source *out, const char *hash, const struct source_options *o,
                     const struct command *c);

/* Apply --env, --memory and --timeout; source_open() has done it. Returns
 * OPTS_GO, or an exit status after a complaint. */
int source_override(struct function *f, const struct source_options *o, const struct command *c);

/* "dir/hello.img" names the function "hello"; "", if that is no name. */
void source_name_by_file(struct function *f, const char *path);

/* For commands that need a name: OPTS_GO, or an exit status after a complaint about the
 * one of the file at path. */
int source_check_name(const struct function *f, const char *path);

void source_fini(struct source *s);

#endif
