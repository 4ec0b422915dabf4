// SPDX-License-Identifier: MIT
/* files.h: whole files, in and out; their names; a folder for a while. */
#ifndef CLI_FILES_H
#define CLI_FILES_H

#include <limits.h>
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

/* The same for a text that only its owner may read. */
int file_write_private(const char *path, const char *text, struct uf_err *err);

/* Write to a file that is open; path is for messages only. */
int file_write_to(int fd, const char *path, const struct iovec *parts, int nparts,
                  struct uf_err *err);

bool file_is_dir(const char *path);
bool file_is_link(const char *path);

/* Is it more than this ending, such as ".c"? */
bool file_name_ends(const char *name, const char *end);
/* What is behind the last "/", or all of it. */
const char *file_base(const char *path);

/* A new folder below $TMPDIR or /tmp. On failure out is "". */
int file_make_tmp(char out[static PATH_MAX], struct uf_err *err);
/* With all that is in it; "": nothing. */
void file_remove_tmp(const char *dir);

#endif
