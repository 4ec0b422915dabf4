// SPDX-License-Identifier: MIT
/*
 * memfile.h: files in memory, for what travels between platform and tender.
 */
#ifndef ENGINE_MEMFILE_H
#define ENGINE_MEMFILE_H

#include <stdint.h>

#include "base/err.h"

/*
 * Make an anonymous file.
 *
 * size     bytes; more than 0: of exactly that size, sealed, so that nobody
 *          who maps it can be surprised. 0: empty and free to grow.
 * Returns  the descriptor (close-on-exec), or a negative errno.
 */
int memfile_make(const char *name, uint64_t size, struct uf_err *err);

#endif
