// SPDX-License-Identifier: MIT
/*
 * snap.h: reading a snapshot file that nobody vouches for.
 */
#ifndef TENDER_CORE_SNAP_H
#define TENDER_CORE_SNAP_H

#include <stdint.h>

#include "abi/door.h"
#include "abi/snapshot.h"
#include "base/err.h"

/*
 * Clauses (1), (2) and (4) to (6) of abi/snapshot.h; pure.
 *
 * file_size  bytes of the file that s came from.
 * host_page  bytes.
 * Returns    0, or -EINVAL with the clause that failed in words.
 */
int snap_check(const struct uf_snapshot *s, uint64_t file_size, uint64_t host_page,
               struct uf_err *err);

/* Do the memory and the stack that a snapshot was made with fit? Pure. */
int snap_check_ram(uint64_t ram_start, uint64_t ram_end, struct uf_err *err);

/* Read the header from fd (with pread) and check it. *out is valid on success. */
int snap_read(struct uf_snapshot *out, int fd, struct uf_err *err);

/*
 * Map the memory of a checked snapshot, read-only: the source of every
 * restore. Byte i of the result is guest address ram_start + i.
 *
 * Returns  the mapping (for the rest of the process's life), or NULL and err.
 */
const uint8_t *snap_view(const struct uf_snapshot *s, int fd, struct uf_err *err);

#endif
