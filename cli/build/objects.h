// SPDX-License-Identifier: MIT
/*
 * objects.h: a look at the function's own objects before they are linked.
 *
 * The C library that they are linked with has fork() and socket() like any
 * other; only here, before the library's own references join, can it be told
 * that the function's author meant to call them.
 */
#ifndef CLI_BUILD_OBJECTS_H
#define CLI_BUILD_OBJECTS_H

#include <stddef.h>

#include "base/err.h"

struct object {
    char *path;   /* of the object             */
    char *source; /* as messages should call it */
};

/*
 * Refuse calls that a unikernel cannot serve, and a function without handle().
 *
 * dir      of the sources: put before the file names in debug information.
 * listed   path of unsupported.txt: "symbol<TAB>advice" lines.
 * Returns  0; -ENOSYS after each unsupported call has been printed to stderr;
 *          -ENOENT when there is no handle(); or another negative errno.
 */
int objects_check(const struct object *o, size_t n, const char *dir, const char *listed,
                  struct uf_err *err);

#endif
