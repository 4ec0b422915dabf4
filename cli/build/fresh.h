// SPDX-License-Identifier: MIT
/*
 * fresh.h: is an image what its folder would become?
 *
 * Beside DIR/NAME.img lies DIR/.NAME.built, which says what the image was made of: the
 * hash of what the SDK puts into each, then, sorted by name, that of each file of the folder
 * that could matter, so that one more is seen; then, with a "*" before the name, that of each
 * other file that the compiler or esbuild reported; and last the image's own. sha256sum
 * writes them so. Times say nothing: a file may be replaced by an older one, or be gone; a
 * folder may be copied.
 */
#ifndef CLI_BUILD_FRESH_H
#define CLI_BUILD_FRESH_H

#include <stdbool.h>
#include <time.h>

#include "cli/build/inputs.h"
#include "cli/build/project.h"

struct fresh {
    char *list; /* the caller frees it */
    struct timespec since;
};

/* What an image that is made now is made of, for fresh_write(): taken before it is made,
 * so that what changes meanwhile is a change. */
void fresh_take(struct fresh *f, const struct project *p);

/* Beside the image, once that is there. in: what was reported; it gets sorted. */
int fresh_write(const struct project *p, const struct fresh *f, struct inputs *in,
                struct uf_err *err);

/* Is there an image, made of what is there now? Without an SDK, as on a board, whatever
 * SDK that was, whatever became of files that were reported and are not there, and whatever
 * it was made of when nothing says so. */
bool fresh_is(const struct project *p);

#endif
