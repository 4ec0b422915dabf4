// SPDX-License-Identifier: MIT
/* words.h: a command of another program, built word by word, and run. */
#ifndef CLI_BUILD_WORDS_H
#define CLI_BUILD_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct words {
    char **at; /* ends with NULL once something is in it */
    size_t n;
    size_t cap;
    const char *dir; /* where to run it; NULL: here */
};

void words_add(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Add what stands between blanks, as words each. */
void words_split(struct words *w, const char *text);

void words_fini(struct words *w);

/*
 * Run a command and wait for it.
 *
 * show     print it to stderr first.
 * out, errors  where its stdout and stderr go; -1: where ours go.
 * Returns  its exit status (128 + signal when a signal ended it), or -ENOENT
 *          when there is no such program, -EINTR when we are to end (hold.h), or
 *          another negative errno.
 */
int words_run(const struct words *w, bool show, int out, int errors, struct uf_err *err);

#endif
