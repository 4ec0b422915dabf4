// SPDX-License-Identifier: MIT
/* pages.c: see pages.h. */
#include "tender/core/pages.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tender/core/host.h"

/* linux/fs.h has these from 6.7 on; Debian 12's headers are older. */
struct scan_region {
    uint64_t start;
    uint64_t end;
    uint64_t categories;
};

struct scan_arg {
    uint64_t size;
    uint64_t flags;
    uint64_t start;
    uint64_t end;
    uint64_t walk_end;
    uint64_t vec;
    uint64_t vec_len;
    uint64_t max_pages;
    uint64_t category_inverted;
    uint64_t category_mask;
    uint64_t category_anyof_mask;
    uint64_t return_mask;
};

#define SCAN_IOCTL   _IOWR('f', 16, struct scan_arg)
#define SCAN_FILE    (UINT64_C(1) << 2)
#define SCAN_PRESENT (UINT64_C(1) << 3)
#define SCAN_SWAPPED (UINT64_C(1) << 4)
#define SCAN_ZERO    (UINT64_C(1) << 5) /* the shared zero page: read, not written */
#define SCAN_BATCH   256u

#define MAP_PRESENT (UINT64_C(1) << 63)
#define MAP_SWAPPED (UINT64_C(1) << 62)
#define MAP_FILE    (UINT64_C(1) << 61)

static long scan(const struct page_map *m, struct page_range *in, struct page_range *out,
                 size_t cap)
{
    struct scan_region found[SCAN_BATCH];
    struct scan_arg arg = {
        .size = sizeof(arg),
        .start = in->start + m->base,
        .end = in->end + m->base,
        .vec = (uint64_t)(uintptr_t)found,
        .vec_len = cap < SCAN_BATCH ? cap : SCAN_BATCH,
        .category_inverted = SCAN_FILE | SCAN_ZERO,
        .category_mask = SCAN_FILE | SCAN_ZERO,
        .category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
        .return_mask = SCAN_PRESENT,
    };
    long n = host_ioctl(m->fd, SCAN_IOCTL, &arg);

    if (n < 0)
        return -errno;
    for (long i = 0; i < n; i++)
        out[i] = (struct page_range){found[i].start - m->base, found[i].end - m->base};
    in->start = arg.walk_end > arg.start ? arg.walk_end - m->base : in->end;
    return n;
}

bool pages_can_scan(int fd)
{
    uint64_t page = host_page_size();
    struct page_range in = {page, 2 * page};
    struct page_range r;

    return scan(&(struct page_map){.fd = fd}, &in, &r, 1) >= 0;
}

static bool is_written(uint64_t entry)
{
    return (entry & (MAP_PRESENT | MAP_SWAPPED)) != 0 && (entry & MAP_FILE) == 0;
}

/* The zero page cannot be told from a written one here; restoring it as well
 * costs a little time and changes nothing. */
static long walk(const struct page_map *m, struct page_range *in, struct page_range *out,
                 size_t cap)
{
    uint64_t entries[512];
    uint64_t page = host_page_size();
    size_t n = 0;

    while (in->start < in->end) {
        uint64_t left = (in->end - in->start) / page;
        size_t want = left < 512 ? (size_t)left : 512;
        int r = host_pread(m->fd, entries, want * sizeof(entries[0]),
                           (in->start + m->base) / page * sizeof(entries[0]));

        if (r < 0)
            return r;
        for (size_t i = 0; i < want; i++, in->start += page) {
            if (!is_written(entries[i]))
                continue;
            if (n > 0 && out[n - 1].end == in->start) {
                out[n - 1].end += page;
                continue;
            }
            if (n == cap)
                return (long)n;
            out[n++] = (struct page_range){in->start, in->start + page};
        }
    }
    return (long)n;
}

long pages_written(const struct page_map *map, struct page_range *in, struct page_range *out,
                   size_t cap)
{
    return map->can_scan ? scan(map, in, out, cap) : walk(map, in, out, cap);
}
