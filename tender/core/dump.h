// SPDX-License-Identifier: MIT
/*
 * dump.h: write a stopped guest's memory as a snapshot file.
 */
#ifndef TENDER_CORE_DUMP_H
#define TENDER_CORE_DUMP_H

#include "tender/core/gmem.h"
#include "tender/core/symbols.h"

/*
 * Write the memory of a guest that has just been booted; the run starts at the
 * event entry.
 *
 * syms     of the snapshot that it was booted from.
 * out      empty, writable. The checksum stays zero: the platform seals it.
 * Returns  0 or a negative errno with the reason in err.
 */
int dump_snapshot(const struct gmem *g, const struct symbols *syms, int out, struct uf_err *err);

#endif
