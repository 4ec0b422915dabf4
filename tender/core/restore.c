// SPDX-License-Identifier: MIT
/* restore.c: see restore.h. */
#include "tender/core/restore.h"

#include "tender/core/host.h"

static bool is_writable(const struct uf_region *g)
{
    return (g->prot & UF_PROT_WRITE) != 0;
}

/*
 * What of a range lies in writable regions, a piece for each. Pages of others can be in
 * it: not every kernel tells a page that was read, by a host call that was given its
 * address, from one that was written. Returns the end of the pieces.
 */
static struct piece *add(struct restore *r, struct piece *p, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < r->snap->nregions; i++) {
        const struct uf_region *g = &r->snap->region[i];
        uint64_t from = start > g->start ? start : g->start;
        uint64_t to = end < g->end ? end : g->end;

        if (!is_writable(g) || from >= to)
            continue;
        *p++ = (struct piece){
            .addr = from, .src = r->view + (from - r->snap->ram_start), .len = to - from};
        r->pages += (uint32_t)((to - from) / UF_PAGE);
    }
    return p;
}

static int copy_back(struct restore *r)
{
    /* Ranges are apart, and so are regions: each region cuts at most one in two. */
    struct page_range found[MACHINE_PIECES - UF_SEGMENT_MAX];
    struct piece piece[MACHINE_PIECES];
    struct page_range left = {r->snap->ram_start, r->snap->ram_end};
    int e = 0;

    r->pages = 0;
    while (left.start < left.end && e == 0) {
        long n = pages_written(&r->machine->pages, &left, found, sizeof(found) / sizeof(found[0]));
        struct piece *end = piece;

        for (long i = 0; i < n; i++)
            end = add(r, end, found[i].start, found[i].end);
        e = n < 0 ? (int)n : r->machine->ops->write(r->machine, piece, (size_t)(end - piece));
    }
    return e;
}

static int drop_all(struct restore *r)
{
    for (uint32_t i = 0; i < r->snap->nregions; i++) {
        const struct uf_region *g = &r->snap->region[i];
        int e = 0;

        if (is_writable(g))
            e = r->machine->ops->drop(r->machine, g->start, g->end - g->start);
        if (e < 0)
            return e;
    }
    return 0;
}

int restore_run(struct restore *r)
{
    uint64_t t0 = host_clock(CLOCK_MONOTONIC);
    int e = copy_back(r);

    if (e == 0 && r->pages > RESTORE_KEEP / UF_PAGE)
        e = drop_all(r);
    r->ns = host_clock(CLOCK_MONOTONIC) - t0;
    r->count++;
    return e;
}

void restore_learn(const struct restore *r, struct uf_stretch set[static UF_WORKING_SET])
{
    struct page_range found[UF_WORKING_SET];
    struct page_range left = {r->snap->ram_start, r->snap->ram_end};
    long n = pages_written(&r->machine->pages, &left, found, UF_WORKING_SET);

    for (long i = 0; i < n; i++)
        set[i] = (struct uf_stretch){(uint32_t)((found[i].start - r->snap->ram_start) / UF_PAGE),
                                     (uint32_t)((found[i].end - found[i].start) / UF_PAGE)};
}
