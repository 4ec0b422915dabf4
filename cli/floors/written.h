// SPDX-License-Identifier: MIT
/*
 * written.h: which pages of a private mapping were written since it was made.
 * One call where the kernel has PAGEMAP_SCAN (6.7), else a walk through the
 * page map.
 */
#ifndef CLI_FLOORS_WRITTEN_H
#define CLI_FLOORS_WRITTEN_H

#include <stddef.h>
#include <stdint.h>

struct written_range {
    uint64_t start;
    uint64_t end;
};

/*
 * Look through *in, which begins and ends with a page, for written ones.
 *
 * fd       /proc/self/pagemap, opened by this process.
 * in       moved on to what has not been looked at; empty at the end.
 * Returns  how many ranges it put into out, at most cap, or a negative errno.
 */
int written_find(int fd, struct written_range *in, struct written_range *out, size_t cap);

#endif
