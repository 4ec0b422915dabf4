// SPDX-License-Identifier: MIT
/*
 * project.h: a function's folder: its manifest, its sources, its image.
 *
 *	NAME/function.yaml   the manifest; may be missing, then all is default
 *	NAME/<any>.c         sources; with `lang: c++` also .cc, .cpp and .cxx
 *	NAME/<any>.js        with `lang: javascript`, and .mjs, .ts, .json, in folders too
 *	NAME/NAME.img        the image, when it has been built
 *	NAME/.NAME.built     what it was built from: fresh.h
 *
 * A sequence (lang: sequence) is a manifest and nothing else.
 */
#ifndef CLI_BUILD_PROJECT_H
#define CLI_BUILD_PROJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/function.h"

struct project {
    char *dir;   /* as given, without "/" at its end  */
    char *image; /* NULL: a sequence has none            */
    struct function f;
    char **source; /* names in dir, sorted; of a script: what it begins with first */
    size_t nsources;
};

/*
 * Read a folder.
 *
 * Returns  0; -ENOENT when there is no such folder; -EINVAL when the manifest
 *          is bad; -ENODATA when there is nothing to compile. p is only to be
 *          finished after 0.
 */
int project_open(struct project *p, const char *dir, struct uf_err *err);

void project_fini(struct project *p);

/* The path of a file in the folder; the caller frees. */
char *project_path(const struct project *p, const char *name);

bool project_is_cxx(const char *source);

/* Could an image depend on a file with this name? */
bool project_is_input(const char *name);

/* All files of the folder, and of those in it, that an image could depend on, sorted; one
 * of them may be missing. The caller frees the *n names and what is returned. */
char **project_inputs(const struct project *p, size_t *n);

/* Read a manifest file over the defaults; f->name may stay "". */
int project_read_manifest(struct function *f, const char *path, struct uf_err *err);

#endif
