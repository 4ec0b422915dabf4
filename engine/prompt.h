// SPDX-License-Identifier: MIT
/* prompt.h: ask a person, or a script, for something that must not be seen. */
#ifndef ENGINE_PROMPT_H
#define ENGINE_PROMPT_H

#include <stddef.h>

#include "base/err.h"

/*
 * Read a line from standard input. When that is a terminal, `what` is asked for
 * first, on standard error, and what is typed is not shown.
 *
 * out      the line without its end; wiping it is the caller's.
 * Returns  0, -ENODATA when there is none, -E2BIG when it is longer than cap
 *          allows, or another negative errno, with the reason.
 */
int prompt_hidden(const char *what, char *out, size_t cap, struct uf_err *err);

#endif
