// SPDX-License-Identifier: MIT
/*
 * dump.c: see dump.h.
 *
 * Memory is read twice: once to find which host pages are not all zero, once
 * to write them. Between the two, extents that lie close together are merged
 * until they fit the header's table: a few zero pages in the file cost less
 * than a mapping each.
 */
#include "tender/core/dump.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tender/core/host.h"

#define CHUNK     UF_ALIGN
#define RUNS_MAX  16384u
#define MERGE_GAP 4u /* pages: joining across so few is always worth it */

struct run {
    uint64_t start; /* guest addresses */
    uint64_t end;
};

struct runs {
    uint32_t n;
    struct run run[RUNS_MAX];
};

static bool is_zero(const uint8_t *p, size_t len)
{
    return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static void add_page(struct runs *rs, uint64_t addr, uint64_t page)
{
    if (rs->n > 0 && addr - rs->run[rs->n - 1].end <= MERGE_GAP * page) {
        rs->run[rs->n - 1].end = addr + page;
        return;
    }
    if (rs->n == RUNS_MAX) { /* pathological: from here on, one long extent */
        rs->run[rs->n - 1].end = addr + page;
        return;
    }
    rs->run[rs->n++] = (struct run){addr, addr + page};
}

static int find_runs(const struct gmem *g, struct runs *rs, uint64_t page)
{
    static uint8_t buf[CHUNK];

    rs->n = 0;
    for (uint32_t i = 0; i < g->snap->nregions; i++) {
        const struct uf_region *r = &g->snap->region[i];

        /* The event entry starts on an empty stack: what init left on it is
         * nobody's, so it is not kept. */
        if (r->start < UF_IMAGE_BASE)
            continue;
        for (uint64_t at = r->start; at < r->end; at += CHUNK) {
            int e = gmem_read(g, (struct uf_gva){at}, buf, CHUNK);

            if (e < 0)
                return e;
            for (uint64_t k = 0; k < CHUNK; k += page)
                if (!is_zero(buf + k, page))
                    add_page(rs, at + k, page);
        }
    }
    return 0;
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
static int put_run(const struct gmem *g, int out, const struct run *r, uint64_t offset,
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

static int put_symbols(const struct uf_snapshot *from, int from_fd, int out, struct uf_snapshot *s)
{
    static uint8_t buf[CHUNK];
    uint64_t size = (from->symbols_size + s->page_size - 1) / s->page_size * s->page_size;

    if (from->symbols_size == 0)
        return 0;
    s->symbols_offset = s->file_size;
    s->symbols_size = from->symbols_size;
    for (uint64_t at = 0; at < size; at += sizeof(buf)) {
        size_t n = size - at < sizeof(buf) ? (size_t)(size - at) : sizeof(buf);
        int e = host_pread(from_fd, buf, n, from->symbols_offset + at);

        if (e == 0)
            e = host_pwrite(out, buf, n, s->file_size + at);
        if (e < 0)
            return e;
    }
    s->file_size += size;
    return 0;
}

int dump_snapshot(const struct gmem *g, const struct uf_snapshot *from, int from_fd, int out,
                  struct uf_err *err)
{
    static struct runs rs;
    struct uf_snapshot s = *from;
    int e;

    s.entry = from->event_entry;
    s.nextents = 0;
    memset(s.extent, 0, sizeof(s.extent));
    s.symbols_offset = 0;
    s.file_size = UF_SNAPSHOT_HEADER > s.page_size ? UF_SNAPSHOT_HEADER : s.page_size;
    e = put_symbols(from, from_fd, out, &s);
    if (e == 0)
        e = find_runs(g, &rs, s.page_size);
    if (e < 0)
        return uf_fail(err, e, "snapshot: cannot be taken: %s", strerror(-e));
    merge_to(&rs, UF_SNAPSHOT_EXTENTS);
    for (uint32_t i = 0; i < rs.n && e == 0; i++) {
        const struct run *r = &rs.run[i];

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
