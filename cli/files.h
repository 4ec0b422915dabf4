// SPDX-License-Identifier: MIT
/* files.h: whole files, in and out. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/err.h"

/*
 * Read a file, or standard input for "-".
 *
 * max      more bytes than that are refused with -EFBIG.
 * Returns  0, *data (the caller frees) with a NUL after its *size bytes.
 */
int file_read(const char *path, size_t max, char **data, size_t *size, struct uf_err *err);

/* Write a file as a whole or not at all: beside it first, then in its place. */
int file_write(const char *path, const struct iovec *parts, int nparts, struct uf_err *err);

bool file_is_dir(const char *path);

#endif
