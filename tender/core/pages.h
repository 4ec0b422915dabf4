// SPDX-License-Identifier: MIT
/*
 * pages.h: which pages of a private mapping are its own by now.
 *
 * A snapshot is mapped privately, so a page that the guest wrote is anonymous
 * and present (or swapped out), and all others are still the file's or were
 * never touched. PAGEMAP_SCAN (Linux 6.7) answers in one call; older kernels
 * are asked page by page through the page map (bit 61: file or shared).
 * Source: Linux Documentation/admin-guide/mm/pagemap.rst.
 */
#ifndef TENDER_CORE_PAGES_H
#define TENDER_CORE_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page_range {
    uint64_t start; /* in the address space of the page map */
    uint64_t end;
};

/* Does this kernel have PAGEMAP_SCAN? Asked once, before lock-down. */
bool pages_can_scan(int pagemap);

/*
 * Find ranges of written pages in [start, end).
 *
 * pagemap   /proc/PID/pagemap of that address space.
 * scan      what pages_can_scan() said.
 * out, cap  ranges, in order; at most cap of them.
 * resume    gets where to start the next call: end when everything was seen.
 * Returns   the number of ranges or a negative errno.
 */
long pages_written(int pagemap, bool scan, uint64_t start, uint64_t end, struct page_range *out,
                   size_t cap, uint64_t *resume);

#endif
