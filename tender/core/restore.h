// SPDX-License-Identifier: MIT
/*
 * restore.h: put a guest's memory back to its snapshot, in place.
 *
 * Copying keeps every mapping, so the next invocation takes no page faults; a
 * page costs about a quarter of a microsecond. Giving pages back to the kernel
 * costs twenty times as much when they are touched again, but it is the only
 * way to get memory back: it happens when a guest has come to own more than
 * RESTORE_KEEP bytes. docs/design/002-restore.md has the measurements.
 */
#ifndef TENDER_CORE_RESTORE_H
#define TENDER_CORE_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "tender/core/machine.h"

#define RESTORE_KEEP (UINT64_C(4) << 20) /* bytes */

struct restore {
    struct machine *machine;
    const struct uf_snapshot *snap;
    const uint8_t *view; /* snap_view()                          */
    uint32_t pages;      /* of the last restore, UF_PAGE each    */
    uint64_t ns;         /* of the last restore                  */
    uint32_t count;
};

/* Returns 0, or a negative errno: then the guest must not run again. */
int restore_run(struct restore *r);

/* What the guest has written since it was loaded, as far as it is a working set. */
void restore_learn(const struct restore *r, struct uf_stretch set[static UF_WORKING_SET]);

#endif
