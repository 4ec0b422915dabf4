// SPDX-License-Identifier: MIT
/*
 * dump.c: see dump.h.
 *
 * Only pages that came from the image or that the guest has written are looked
 * at, so a large function costs what it uses. Extents that lie close together
 * are merged until they fit the header's table: a few zero pages in the file
 * cost less than a mapping each.
 */
#include "tender/core/dump.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tender/core/host.h"

#define RUNS_MAX  16384u
#define MERGE_GAP 4u /* pages: joining across so few is always worth it */

struct runs {
    uint32_t n;
    struct page_range run[RUNS_MAX];
};

static bool is_zero(const uint8_t *p, size_t len)
{
    return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static void add_page(struct runs *rs, uint64_t addr, uint64_t page)
{
    /* Too many are pathological: from there on, one long extent. */
    if (rs->n == RUNS_MAX || (rs->n > 0 && addr - rs->run[rs->n - 1].end <= MERGE_GAP * page))
        rs->run[rs->n - 1].end = addr + page;
    else
        rs->run[rs->n++] = (struct page_range){addr, addr + page};
}

/* Which host pages may hold something: from the image, or written since. */
struct touched {
    uint64_t page; /* bytes */
    uint64_t base; /* address of bit 0 */
    uint8_t bits[(UF_MEMORY_MAX / UF_PAGE) / 8];
};

static void touch(struct touched *t, uint64_t start, uint64_t end)
{
    for (uint64_t at = start; at < end; at += t->page) {
        uint64_t i = (at - t->base) / t->page;

        t->bits[i / 8] |= (uint8_t)(1u << (i % 8));
    }
}

static int find_touched(const struct gmem *g, const struct uf_region *r, struct touched *t)
{
    struct page_range got[64];
    struct page_range left = {r->start, r->end};

    while (left.start < left.end) {
        long n = pages_written(&g->machine->pages, &left, got, 64);

        if (n < 0)
            return (int)n;
        for (long i = 0; i < n; i++)
            touch(t, got[i].start, got[i].end);
    }
    return 0;
}

static int add_touched(const struct gmem *g, const struct touched *t, struct runs *rs,
                       const struct uf_region *r)
{
    static uint8_t buf[UF_ALIGN];

    for (uint64_t at = r->start; at < r->end; at += t->page) {
        uint64_t i = (at - t->base) / t->page;

        if ((t->bits[i / 8] >> (i % 8) & 1) == 0)
            continue;
        int e = gmem_read(g, (struct uf_gva){at}, buf, t->page);
        if (e < 0)
            return e;
        if (!is_zero(buf, t->page))
            add_page(rs, at, t->page);
    }
    return 0;
}

static int find_runs(const struct gmem *g, struct runs *rs, uint64_t page)
{
    static struct touched t;
    int e = 0;

    t.page = page;
    t.base = g->snap->ram_start;
    rs->n = 0;
    for (uint32_t i = 0; i < g->snap->nextents; i++)
        touch(&t, g->snap->extent[i].addr, g->snap->extent[i].addr + g->snap->extent[i].size);
    for (uint32_t i = 0; i < g->snap->nregions && e == 0; i++) {
        const struct uf_region *r = &g->snap->region[i];

        /* The event entry starts on an empty stack: what init left on it is
         * nobody's, so it is not kept. */
        if (r->start < UF_IMAGE_BASE)
            continue;
        e = find_touched(g, r, &t);
        if (e == 0)
            e = add_touched(g, &t, rs, r);
    }
    return e;
}

/* Join the neighbours with the smallest gap until n runs are left. */
static void merge_to(struct runs *rs, uint32_t n)
{
    while (rs->n > n) {
        uint32_t best = 1;

        for (uint32_t i = 2; i < rs->n; i++)
            if (rs->run[i].start - rs->run[i - 1].end < rs->run[best].start - rs->run[best - 1].end)
                best = i;
        rs->run[best - 1].end = rs->run[best].end;
        memmove(&rs->run[best], &rs->run[best + 1], (rs->n - best - 1) * sizeof(rs->run[0]));
        rs->n--;
    }
}

/* Runs may span unmapped gaps between regions after merging: those are zero. */
static int put_run(const struct gmem *g, int out, const struct page_range *r, uint64_t offset,
                   uint64_t page)
{
    static uint8_t buf[UF_ALIGN];

    for (uint64_t at = r->start; at < r->end; at += page) {
        int e = 0;

        memset(buf, 0, page);
        if (gmem_check(g->snap, (struct uf_gva){at}, page, UF_PROT_READ) == 0)
            e = gmem_read(g, (struct uf_gva){at}, buf, page);
        if (e == 0)
            e = host_pwrite(out, buf, page, offset + (at - r->start));
        if (e < 0)
            return e;
    }
    return 0;
}

static int put_symbols(const struct symbols *syms, int out, struct uf_snapshot *s)
{
    s->symbols_offset = syms->size == 0 ? 0 : s->file_size;
    s->symbols_size = syms->size;
    s->file_size += (syms->size + s->page_size - 1) / s->page_size * s->page_size;
    return host_pwrite(out, syms->blob, syms->size, s->symbols_offset);
}

int dump_snapshot(const struct gmem *g, const struct symbols *syms, int out, struct uf_err *err)
{
    static struct runs rs;
    const struct uf_snapshot *from = g->snap;
    struct uf_snapshot s = *from;
    int e;

    if (syms->size != from->symbols_size)
        return uf_fail(err, -ENOMEM, "snapshot: its symbols could not be mapped");
    s.entry = from->event_entry;
    s.nextents = 0;
    memset(s.extent, 0, sizeof(s.extent));
    s.file_size = UF_SNAPSHOT_HEADER > s.page_size ? UF_SNAPSHOT_HEADER : s.page_size;
    e = put_symbols(syms, out, &s);
    if (e == 0)
        e = find_runs(g, &rs, s.page_size);
    if (e < 0)
        return uf_fail(err, e, "snapshot: cannot be taken: %s", strerror(-e));
    merge_to(&rs, UF_SNAPSHOT_EXTENTS);
    for (uint32_t i = 0; i < rs.n && e == 0; i++) {
        const struct page_range *r = &rs.run[i];

        s.extent[s.nextents++] =
            (struct uf_extent){.addr = r->start, .size = r->end - r->start, .offset = s.file_size};
        e = put_run(g, out, r, s.file_size, s.page_size);
        s.file_size += r->end - r->start;
    }
    if (e == 0)
        e = host_pwrite(out, &s, sizeof(s), 0);
    if (e < 0)
        return uf_fail(err, e, "snapshot: cannot be written: %s", strerror(-e));
    return 0;
}
