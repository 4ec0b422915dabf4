// SPDX-License-Identifier: MIT
/* symbols.c: see symbols.h. Every read is copied, then checked. */
#include "tender/core/symbols.h"

#include <string.h>

#include "abi/image.h"

struct table {
    struct uf_symtab head;
    size_t funcs; /* offsets in the blob */
    size_t lines;
    size_t names;
};

static bool open_table(const struct symbols *s, struct table *t)
{
    if (s->blob == NULL || s->size < sizeof(t->head))
        return false;
    memcpy(&t->head, s->blob, sizeof(t->head));
    size_t left = s->size - sizeof(t->head);
    if (t->head.magic != UF_SYMTAB_MAGIC || t->head.nfuncs > left / sizeof(struct uf_symtab_func))
        return false;
    left -= t->head.nfuncs * sizeof(struct uf_symtab_func);
    if (t->head.nlines > left / sizeof(struct uf_symtab_line))
        return false;
    left -= t->head.nlines * sizeof(struct uf_symtab_line);
    if (t->head.names_size > left)
        return false;
    t->funcs = sizeof(t->head);
    t->lines = t->funcs + t->head.nfuncs * sizeof(struct uf_symtab_func);
    t->names = t->lines + t->head.nlines * sizeof(struct uf_symtab_line);
    return true;
}

/*
 * Index of the last entry at or below addr, or -1. Entries of both kinds begin
 * with their address. An unsorted table gives a wrong answer, nothing worse.
 */
static int64_t last_at(const struct symbols *s, size_t from, uint32_t n, size_t each, uint64_t addr)
{
    uint32_t lo = 0;
    uint32_t hi = n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        uint32_t v;

        memcpy(&v, s->blob + from + mid * each, sizeof(v));
        if (v <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return (int64_t)lo - 1;
}

static void copy_name(const struct symbols *s, const struct table *t, uint32_t at,
                      char out[static 64])
{
    size_t i = 0;

    for (; i < 63 && at < t->head.names_size && t->head.names_size - at > i; i++) {
        char c = (char)s->blob[t->names + at + i];

        if (c == '\0')
            break;
        out[i] = c >= ' ' && c <= '~' ? c : '?';
    }
    out[i] = '\0';
}

static void find_line(const struct symbols *s, const struct table *t, uint64_t addr,
                      struct symbol *out)
{
    struct uf_symtab_line l;
    int64_t i = last_at(s, t->lines, t->head.nlines, sizeof(l), addr);

    if (i < 0)
        return;
    memcpy(&l, s->blob + t->lines + (size_t)i * sizeof(l), sizeof(l));
    if (l.line == 0 || l.addr < out->start)
        return;
    out->line = l.line;
    copy_name(s, t, l.file, out->file);
}

bool symbols_find(const struct symbols *s, uint64_t addr, struct symbol *out)
{
    struct table t;
    struct uf_symtab_func f;

    memset(out, 0, sizeof(*out));
    if (!open_table(s, &t))
        return false;
    int64_t i = last_at(s, t.funcs, t.head.nfuncs, sizeof(f), addr);
    if (i < 0)
        return false;
    memcpy(&f, s->blob + t.funcs + (size_t)i * sizeof(f), sizeof(f));
    if (addr < f.addr || (f.size != 0 && addr - f.addr >= f.size))
        return false;
    out->start = f.addr;
    copy_name(s, &t, f.name, out->name);
    find_line(s, &t, addr, out);
    return true;
}
