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

struct page_map {
    int fd;        /* /proc/PID/pagemap of an address space          */
    bool can_scan; /* it answers PAGEMAP_SCAN: see pages_can_scan()  */
    uint64_t base; /* guest address + base = address in that space   */
};

struct page_range {
    uint64_t start; /* guest addresses */
    uint64_t end;
};

/* Does this kernel have PAGEMAP_SCAN? Asked once, before lock-down. */
bool pages_can_scan(int fd);

/*
 * Find ranges of written pages.
 *
 * in        where to look; its start moves on to where the next call begins:
 *           to its end when everything was seen.
 * out, cap  ranges, in order; at most cap of them.
 * Returns   the number of ranges or a negative errno.
 */
long pages_written(const struct page_map *map, struct page_range *in, struct page_range *out,
                   size_t cap);

#endif
