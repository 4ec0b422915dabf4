// SPDX-License-Identifier: MIT
/*
 * image.h: from an ELF file that nobody vouches for to a snapshot that is
 * ready to boot. Knows no backend: loading is a change of file format.
 */
#ifndef TENDER_CORE_IMAGE_H
#define TENDER_CORE_IMAGE_H

#include <stdint.h>

#include "abi/control.h"
#include "abi/snapshot.h"
#include "base/err.h"

struct image_boot {
    const char *name; /* of the function, for struct uf_boot       */
    const char *env;  /* "NAME=value\0"..., env_size bytes         */
    uint32_t env_size;
    uint64_t memory;    /* bytes of RAM, a multiple of UF_ALIGN       */
    uint64_t page_size; /* bytes of the host's pages                  */
};

/*
 * Write to out (empty, writable) the snapshot that an image is before its
 * first instruction: entry is the boot entry.
 *
 * Returns  0 and *snap, or a negative errno and the reason: what is wrong with
 *          the image, or that it doesn't fit into memory, with numbers.
 */
int image_to_snapshot(int image, int out, const struct image_boot *boot, struct uf_snapshot *snap,
                      struct uf_err *err);

#endif
