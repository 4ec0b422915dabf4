// SPDX-License-Identifier: MIT
/* restore.c: see restore.h. */
#include "tender/core/restore.h"

#include "tender/core/host.h"

static int restore_region(struct restore *r, const struct uf_region *g, uint64_t *bytes)
{
    struct page_range dirty[MACHINE_PIECES];
    struct piece piece[MACHINE_PIECES];
    uint64_t base = r->machine->host_base;
    struct page_range left = {g->start + base, g->end + base};

    while (left.start < left.end) {
        long n = pages_written(&r->machine->pages, &left, dirty, MACHINE_PIECES);

        if (n < 0)
            return (int)n;
        for (long i = 0; i < n; i++) {
            uint64_t addr = dirty[i].start - base;

            piece[i] = (struct piece){.addr = addr,
                                      .src = r->view + (addr - r->snap->ram_start),
                                      .len = dirty[i].end - dirty[i].start};
            *bytes += piece[i].len;
        }
        int e = r->machine->ops->write(r->machine, piece, (size_t)n);
        if (e < 0)
            return e;
    }
    return 0;
}

static int drop_all(struct restore *r)
{
    for (uint32_t i = 0; i < r->snap->nregions; i++) {
        const struct uf_region *g = &r->snap->region[i];
        int e = 0;

        if ((g->prot & UF_PROT_WRITE) != 0)
            e = r->machine->ops->drop(r->machine, g->start, g->end - g->start);
        if (e < 0)
            return e;
    }
    return 0;
}

int restore_run(struct restore *r)
{
    uint64_t t0 = host_clock(CLOCK_MONOTONIC);
    uint64_t bytes = 0;
    int e = 0;

    for (uint32_t i = 0; i < r->snap->nregions && e == 0; i++)
        if ((r->snap->region[i].prot & UF_PROT_WRITE) != 0)
            e = restore_region(r, &r->snap->region[i], &bytes);
    if (e == 0 && bytes > RESTORE_KEEP)
        e = drop_all(r);
    r->ns = host_clock(CLOCK_MONOTONIC) - t0;
    r->pages = (uint32_t)(bytes / UF_PAGE);
    r->count++;
    return e;
}
