// SPDX-License-Identifier: MIT
/*
 * gmem.h: guest memory as the tender may touch it.
 *
 * The guest is hostile. Three rules follow, and the API is shaped so that
 * breaking one takes effort:
 *   1. every address is checked against the snapshot's regions before use;
 *   2. every value is copied out once, then judged, then used from the copy;
 *   3. the tender writes only where the guest itself could write.
 */
#ifndef TENDER_CORE_GMEM_H
#define TENDER_CORE_GMEM_H

#include <stddef.h>
#include <stdint.h>

#include "abi/snapshot.h"
#include "tender/core/machine.h"

/* Guest address. A struct, so that no one can dereference it. */
struct uf_gva {
    uint64_t v;
};

struct gmem {
    struct machine *machine;
    const struct uf_snapshot *snap;
};

/*
 * Copy len bytes at gva out of the guest.
 *
 * dst      caller's buffer, at least len bytes; undefined on failure.
 * len      bytes; 0 is allowed and reads nothing.
 * Returns  0, or -EFAULT when [gva, gva + len) is not within readable regions.
 */
int gmem_read(const struct gmem *g, struct uf_gva gva, void *dst, size_t len);

/* Copy into the guest; -EFAULT when not all of it lies in writable regions. */
int gmem_write(const struct gmem *g, struct uf_gva gva, const void *src, size_t len);

/* Is [gva, gva + len) covered by regions that all have these protections? */
int gmem_check(const struct uf_snapshot *s, struct uf_gva gva, size_t len, uint32_t prot);

#endif
