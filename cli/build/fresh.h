// SPDX-License-Identifier: MIT
/*
 * fresh.h: is an image what its folder would become?
 *
 * Beside DIR/NAME.img lies DIR/.NAME.built, which says what the image was made of: the
 * hash of what the SDK puts into each, then that of each file, sorted by name, as sha256sum
 * writes them, and last the image's own. Times say nothing: a file may be replaced by an
 * older one, or be gone; a folder may be copied.
 */
#ifndef CLI_BUILD_FRESH_H
#define CLI_BUILD_FRESH_H

#include <stdbool.h>

#include "cli/build/project.h"

/* What an image that is made now is made of, for fresh_write(): taken before it is made,
 * so that what changes meanwhile is a change. The caller frees it. */
char *fresh_take(const struct project *p);

/* Beside the image, once that is there. */
int fresh_write(const struct project *p, const char *made_of, struct uf_err *err);

/* Is there an image, made of what is there now? Without an SDK, as on a board, whatever
 * SDK that was, and whatever it was made of when nothing says so. */
bool fresh_is(const struct project *p);

#endif
