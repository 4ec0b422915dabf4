// SPDX-License-Identifier: MIT
/*
 * trace.h: where a stopped guest was, in words.
 */
#ifndef TENDER_CORE_TRACE_H
#define TENDER_CORE_TRACE_H

#include "tender/core/gmem.h"
#include "tender/core/machine.h"
#include "tender/core/symbols.h"

#define TRACE_FRAMES 24u

/*
 * Write a backtrace, innermost frame first, "name+0x12 (file.c:34)\n" a frame.
 *
 * out  cap bytes, NUL-terminated; "" when nothing could be told.
 * Follows frame pointers; where a function keeps none, looks for a return
 * address in its stack. Everything read is the guest's word, so the trace may
 * be wrong, but it is bounded and printable.
 */
void trace_format(char *out, size_t cap, const struct gmem *g, const struct symbols *syms,
                  const struct machine_regs *regs);

#endif
