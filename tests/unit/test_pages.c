// SPDX-License-Identifier: MIT
// LINK: tender/core/pages.c tender/core/host.c @arch
/* Both ways to find written pages, on a private mapping of a file like a guest's. */
#include "tender/core/pages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tender/core/host.h"
#include "tests/tap.h"

#define NPAGES 600u /* more than one batch of either way */

static uint8_t *map; /* the first half a file's, the second anonymous */
static size_t page;
static int pagemap;
static bool has_scan;

static void set_up(void)
{
    page = host_page_size();
    size_t half = NPAGES / 2 * page;
    int fd = memfd_create("pages", MFD_CLOEXEC);

    if (ftruncate(fd, (off_t)half) < 0)
        abort();
    map = mmap(NULL, 2 * half, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)madvise(map, 2 * half, MADV_NOHUGEPAGE);
    (void)mmap(map, half, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, 0);
    (void)close(fd);
    pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    has_scan = pages_can_scan(pagemap);
}

/* Mark in seen[] what is reported, asking for `cap` ranges at a time. */
static bool find(bool can_scan, size_t cap, uint8_t seen[static NPAGES])
{
    const struct page_map m = {.fd = pagemap, .can_scan = can_scan};
    uint64_t base = (uint64_t)(uintptr_t)map;
    struct page_range left = {base, base + NPAGES * page};
    struct page_range got[64];

    memset(seen, 0, NPAGES);
    while (left.start < left.end) {
        long n = pages_written(&m, &left, got, cap);

        if (n < 0 || n > (long)cap)
            return false;
        for (long i = 0; i < n; i++)
            for (uint64_t at = got[i].start; at < got[i].end; at += page) {
                if (at < base || at >= base + NPAGES * page || seen[(at - base) / page] != 0)
                    return false;
                seen[(at - base) / page] = 1;
            }
    }
    return true;
}

static bool is_wanted(size_t i)
{
    return i % 7 == 0 || (i > 100 && i < 120) || i == NPAGES - 1;
}

static void check(bool can_scan, size_t cap)
{
    static uint8_t seen[NPAGES];
    bool same = true;

    CHECK(find(can_scan, cap, seen));
    for (size_t i = 0; i < NPAGES; i++)
        same = same && (seen[i] != 0) == is_wanted(i);
    CHECK(same);
}

static void write_some(void)
{
    for (size_t i = 0; i < NPAGES; i++)
        if (is_wanted(i))
            map[i * page] = 1;
}

static void what_was_not_written_is_not_found(void)
{
    static uint8_t seen[NPAGES];
    volatile uint8_t sum = 0;

    for (size_t i = 0; i < NPAGES / 2; i++)
        sum = (uint8_t)(sum + map[i * page]); /* reads of the file's half */
    CHECK(find(false, 64, seen));
    CHECK(memchr(seen, 1, NPAGES) == NULL);
}

static void older_kernels_find_every_written_page_and_no_other(void)
{
    write_some();
    check(false, 64);
}

static void a_full_list_is_gone_on_with(void)
{
    check(false, 3);
    check(has_scan, 3);
}

static void both_ways_agree(void)
{
    if (!has_scan) {
        printf("# no PAGEMAP_SCAN here: the other way was tried alone\n");
        return;
    }
    check(true, 64);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_was_not_written_is_not_found),
        TAP_CASE(older_kernels_find_every_written_page_and_no_other),
        TAP_CASE(a_full_list_is_gone_on_with),
        TAP_CASE(both_ways_agree),
    };

    set_up();
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
