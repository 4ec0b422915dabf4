// SPDX-License-Identifier: MIT
/*
 * written.c: see written.h. Source: Linux Documentation/admin-guide/mm/pagemap.rst.
 *
 * A tender has the like in tender/core/pages.c. A floor is measured without a line of
 * what is compared with it: else what is slow there would be slow here.
 */
#include "cli/floors/written.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Debian 12's linux/fs.h is older than the call: its types, as the kernel has them. */
struct page_region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};

struct scan {
    uint64_t size;
    uint64_t flags;
    uint64_t start;
    uint64_t end;
    uint64_t walk_end;
    uint64_t vec;
    uint64_t vec_len;
    uint64_t max_pages;
    uint64_t inverted;
    uint64_t all_of;
    uint64_t any_of;
    uint64_t tell;
};

#define SCAN         _IOWR('f', 16, struct scan)
#define IS_FILE      (UINT64_C(1) << 2)
#define IS_PRESENT   (UINT64_C(1) << 3)
#define REGIONS      128
#define MAP_PRESENT  (UINT64_C(1) << 63)
#define MAP_OF_FILE  (UINT64_C(1) << 61)
#define WALK_ENTRIES 512

static int scan(int fd, struct written_range *in, struct written_range *out, size_t cap)
{
    struct page_region found[REGIONS];
    struct scan s = {
        .size = sizeof(s),
        .start = in->start,
        .end = in->end,
        .vec = (uint64_t)(uintptr_t)found,
        .vec_len = cap < REGIONS ? cap : REGIONS,
        /* A page of a private mapping that is there and not the file's. */
        .inverted = IS_FILE,
        .all_of = IS_FILE | IS_PRESENT,
        .tell = IS_PRESENT,
    };
    int n = ioctl(fd, SCAN, &s);

    if (n < 0)
        return -errno;
    for (int i = 0; i < n; i++)
        out[i] = (struct written_range){found[i].start, found[i].end};
    in->start = s.walk_end > in->start ? s.walk_end : in->end;
    return n;
}

static int walk(int fd, struct written_range *in, struct written_range *out, size_t cap)
{
    uint64_t entry[WALK_ENTRIES];
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    size_t n = 0;

    while (in->start < in->end && n < cap) {
        uint64_t want = (in->end - in->start) / page;
        size_t size = sizeof(entry[0]) * (want < WALK_ENTRIES ? want : WALK_ENTRIES);
        ssize_t got = pread(fd, entry, size, (off_t)(in->start / page * sizeof(entry[0])));

        if (got <= 0)
            return got < 0 ? -errno : -EIO;
        for (size_t i = 0; i < (size_t)got / sizeof(entry[0]) && n < cap; i++) {
            if ((entry[i] & MAP_PRESENT) != 0 && (entry[i] & MAP_OF_FILE) == 0)
                out[n++] = (struct written_range){in->start, in->start + page};
            in->start += page;
        }
    }
    return (int)n;
}

int written_find(int fd, struct written_range *in, struct written_range *out, size_t cap)
{
    int n = scan(fd, in, out, cap);

    return n == -ENOTTY || n == -EINVAL ? walk(fd, in, out, cap) : n;
}
