// SPDX-License-Identifier: MIT
/*
 * image.h: from the linker's output to an image.
 *
 *	[ ELF headers | loaded segments, packed | bundle ][ symbol table ]
 *
 * Section headers, debug information and the linker's own symbols go, like the
 * gaps between segments. The note learns where the symbol table of backtraces
 * lies (abi/image.h). A bundle, if there is one, is a last segment of constants.
 */
#ifndef CLI_BUILD_IMAGE_H
#define CLI_BUILD_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"
#include "base/err.h"

/* Where the bytes of an image went. */
struct image_sizes {
    uint64_t file;
    uint64_t text;
    uint64_t rodata;
    uint64_t data;
    uint64_t symbols;
    uint64_t bss;
    uint64_t stack;
    uint64_t memory; /* of all parts, rounded up to UF_ALIGN: what is not heap */
};

struct image_job {
    const char *elf;     /* path of the linker's output        */
    const uint8_t *blob; /* the symbol table, blob_size bytes  */
    size_t blob_size;
    uint64_t memory;    /* of the function: it must fit into it   */
    const char *out;    /* path of the image                   */
    const void *bundle; /* bundle_size bytes; 0: none          */
    size_t bundle_size;
    const int *fd; /* write to it, and out is for messages; NULL: no */
};

/*
 * Finish an image. What is at job->out is replaced as a whole or not at all.
 *
 * Returns  0 and *sizes; -EINVAL when the program is not what abi/image.h asks
 *          for; -ENOMEM when it does not fit; or an error of the file system.
 */
int image_finish(const struct image_job *job, struct image_sizes *sizes, struct uf_err *err);

#endif
