// SPDX-License-Identifier: MIT
/* gmem.c: the one door through which the tender touches guest memory. */
#include "tender/core/gmem.h"

#include <errno.h>

int gmem_check(const struct uf_snapshot *s, struct uf_gva gva, size_t len, uint32_t prot)
{
    uint64_t at = gva.v;
    uint64_t end = gva.v + len;

    if (len == 0)
        return 0;
    if (end < at)
        return -EFAULT;
    /* Regions are sorted, so one pass walks a range over several of them. */
    for (uint32_t i = 0; i < s->nregions && at < end; i++) {
        const struct uf_region *r = &s->region[i];

        if (at >= r->end)
            continue;
        if (at < r->start || (r->prot & prot) != prot)
            return -EFAULT;
        at = r->end;
    }
    return at >= end ? 0 : -EFAULT;
}

int gmem_read(const struct gmem *g, struct uf_gva gva, void *dst, size_t len)
{
    int r = gmem_check(g->snap, gva, len, UF_PROT_READ);

    if (r < 0 || len == 0)
        return r;
    r = g->machine->ops->read(g->machine, gva.v, dst, len);
    /* From here on the copy is the truth, even inlined, even with LTO. */
    __asm__ volatile("" ::: "memory");
    return r;
}

int gmem_write(const struct gmem *g, struct uf_gva gva, const void *src, size_t len)
{
    int r = gmem_check(g->snap, gva, len, UF_PROT_READ | UF_PROT_WRITE);

    if (r < 0 || len == 0)
        return r;
    struct piece p = {.addr = gva.v, .src = src, .len = len};
    return g->machine->ops->write(g->machine, &p, 1);
}
