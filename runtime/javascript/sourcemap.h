// SPDX-License-Identifier: MIT
/*
 * sourcemap.h: places in bundled code, as places in the author's files.
 *
 * Behind a bundled file X lies X.map (cli/build/bundler.h): names of sources, a line
 * each, an empty line, and the mappings of ECMA-426 as they are. They are read when
 * something is shown, and not before; nothing is allocated, for that may be what failed.
 */
#ifndef RUNTIME_JAVASCRIPT_SOURCEMAP_H
#define RUNTIME_JAVASCRIPT_SOURCEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
    const char *file; /* not ended by a NUL   */
    int file_size;
    uint32_t line; /* from 1, as the column */
    uint32_t column;
};

/* Where a place in a bundled file comes from. false: nobody knows. */
bool sourcemap_find(const char *file, size_t size, uint32_t line, uint32_t column,
                    struct place *out);

/* The text of a stack with the author's places. Returns what snprintf() does. */
size_t sourcemap_stack(const char *stack, char *out, size_t cap);

#endif
