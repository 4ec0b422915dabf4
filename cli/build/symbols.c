// SPDX-License-Identifier: MIT
/* symbols.c: see symbols.h. */
#include "cli/build/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/build/dw.h"

/* An array that grows by doubling, so that n may be large. */
static void *grow(void *p, size_t n, size_t each)
{
    return n != 0 && (n & (n - 1)) != 0 ? p : xresize(p, n == 0 ? 1 : 2 * n, each);
}

/* ---- functions ------------------------------------------------------------------ */

static bool is_code(const struct dw *dw, Elf *elf, const GElf_Sym *sym)
{
    GElf_Shdr shdr;
    int type = GELF_ST_TYPE(sym->st_info);

    if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= SHN_LORESERVE ||
        (type != STT_FUNC && type != STT_NOTYPE))
        return false;
    Elf_Scn *scn = dw->elf_getscn(elf, sym->st_shndx);
    return scn != NULL && dw->gelf_getshdr(scn, &shdr) != NULL &&
           (shdr.sh_flags & SHF_EXECINSTR) != 0;
}

/* Mapping symbols of the Arm ABI ("$x"), and labels. */
static bool is_label(const char *name)
{
    return name[0] == '\0' || name[0] == '$' || name[0] == '.';
}

/* The compiler splits functions into "f.cold" and "f.part.0"; to the author all
 * of them are f. */
static char *plain_name(const char *name)
{
    char *plain = xcopy(name);

    plain[strcspn(plain, ".")] = '\0';
    return plain;
}

static void read_funcs(struct symbols *s, const struct dw *dw, Elf *elf, Elf_Scn *scn,
                       const GElf_Shdr *shdr)
{
    Elf_Data *data = dw->elf_getdata(scn, NULL);
    GElf_Sym sym;

    for (int i = 1; data != NULL && dw->gelf_getsym(data, i, &sym) != NULL; i++) {
        const char *name = dw->elf_strptr(elf, shdr->sh_link, sym.st_name);

        if (name == NULL || is_label(name) || !is_code(dw, elf, &sym))
            continue;
        s->funcs = grow(s->funcs, s->nfuncs, sizeof(s->funcs[0]));
        s->funcs[s->nfuncs++] = (struct symbols_func){
            .addr = sym.st_value, .size = sym.st_size, .name = plain_name(name)};
    }
}

/* By address; of several names for one, the one to keep comes first: it has a
 * size, and the fewest underscores before it. */
static int compare_funcs(const void *a, const void *b)
{
    const struct symbols_func *x = a;
    const struct symbols_func *y = b;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    if ((x->size == 0) != (y->size == 0))
        return x->size == 0 ? 1 : -1;
    size_t ux = strspn(x->name, "_");
    size_t uy = strspn(y->name, "_");
    return ux != uy ? (ux < uy ? -1 : 1) : strcmp(x->name, y->name);
}

static void sort_funcs(struct symbols *s)
{
    size_t kept = 0;

    if (s->nfuncs == 0)
        return;
    qsort(s->funcs, s->nfuncs, sizeof(s->funcs[0]), compare_funcs);
    for (size_t i = 0; i < s->nfuncs; i++) {
        if (kept > 0 && s->funcs[kept - 1].addr == s->funcs[i].addr)
            free(s->funcs[i].name);
        else
            s->funcs[kept++] = s->funcs[i];
    }
    s->nfuncs = kept;
}

/* ---- lines ---------------------------------------------------------------------- */

static uint32_t file_index(struct symbols *s, const char *name)
{
    for (size_t i = s->nfiles; i-- > 0;)
        if (strcmp(s->files[i], name) == 0)
            return (uint32_t)i;
    s->files = grow(s->files, s->nfiles, sizeof(s->files[0]));
    s->files[s->nfiles] = xcopy(name);
    return (uint32_t)s->nfiles++;
}

/* Names relative to the function's folder; of the SDK's headers the last part. */
static const char *short_name(const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    return path[0] == '/' ? strrchr(path, '/') + 1 : path;
}

static void add_line(struct symbols *s, const struct dw *dw, Dwarf_Line *l)
{
    Dwarf_Addr addr;
    int line = 0;
    bool end = false;

    if (dw->dwarf_lineaddr(l, &addr) != 0 || dw->dwarf_lineno(l, &line) != 0 ||
        dw->dwarf_lineendsequence(l, &end) != 0)
        return;
    /* The linker leaves lines of code that it dropped, at addresses near 0; the
     * compiler gives line 0 to code that belongs to the line before. */
    if (addr < UF_IMAGE_BASE || addr >= UF_RAM_LIMIT || (line <= 0 && !end))
        return;
    const char *src = end ? NULL : dw->dwarf_linesrc(l, NULL, NULL);
    s->lines = grow(s->lines, s->nlines, sizeof(s->lines[0]));
    s->lines[s->nlines++] = (struct symbols_line){
        .addr = addr,
        .line = src != NULL ? (uint32_t)line : 0,
        .file = src != NULL ? file_index(s, short_name(src)) : 0,
    };
}

static bool is_own(const char *unit, char *const *sources, size_t nsources)
{
    unit = short_name(unit);
    for (size_t i = 0; i < nsources; i++)
        if (strcmp(unit, sources[i]) == 0)
            return true;
    return false;
}

static void read_lines(struct symbols *s, const struct dw *dw, Dwarf *dwarf, char *const *sources,
                       size_t nsources)
{
    Dwarf_Off at = 0;
    Dwarf_Off next;
    size_t head;

    while (dw->dwarf_nextcu(dwarf, at, &next, &head, NULL, NULL, NULL) == 0) {
        Dwarf_Die die;
        Dwarf_Lines *lines;
        size_t n;
        const char *unit =
            dw->dwarf_offdie(dwarf, at + head, &die) != NULL ? dw->dwarf_diename(&die) : NULL;

        at = next;
        if (unit == NULL || !is_own(unit, sources, nsources) ||
            dw->dwarf_getsrclines(&die, &lines, &n) != 0)
            continue;
        for (size_t i = 0; i < n; i++)
            add_line(s, dw, dw->dwarf_onesrcline(lines, i));
    }
}

struct indexed {
    struct symbols_line l;
    size_t at;
};

/* By address; at one address the end of a run before the start of the next,
 * and else as they came. */
static int compare_lines(const void *a, const void *b)
{
    const struct indexed *x = a;
    const struct indexed *y = b;

    if (x->l.addr != y->l.addr)
        return x->l.addr < y->l.addr ? -1 : 1;
    if ((x->l.line == 0) != (y->l.line == 0))
        return x->l.line == 0 ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

/* Sort, and drop marks that say what the one before says. */
static void sort_lines(struct symbols *s)
{
    size_t kept = 0;

    if (s->nlines == 0)
        return;
    struct indexed *all = xresize(NULL, s->nlines, sizeof(all[0]));
    for (size_t i = 0; i < s->nlines; i++)
        all[i] = (struct indexed){.l = s->lines[i], .at = i};
    qsort(all, s->nlines, sizeof(all[0]), compare_lines);
    for (size_t i = 0; i < s->nlines; i++) {
        const struct symbols_line *l = &all[i].l;
        struct symbols_line *last = kept > 0 ? &s->lines[kept - 1] : NULL;

        if (last != NULL && last->addr == l->addr) {
            *last = *l;
        } else if (last == NULL || last->line != l->line || last->file != l->file) {
            s->lines[kept++] = *l;
        }
    }
    s->nlines = kept;
    free(all);
}

/* ---- both ----------------------------------------------------------------------- */

static int read_elf(struct symbols *s, const struct dw *dw, Elf *elf, char *const *sources,
                    size_t nsources)
{
    Elf_Scn *scn = NULL;
    GElf_Shdr shdr;

    while ((scn = dw->elf_nextscn(elf, scn)) != NULL)
        if (dw->gelf_getshdr(scn, &shdr) != NULL && shdr.sh_type == SHT_SYMTAB)
            read_funcs(s, dw, elf, scn, &shdr);
    sort_funcs(s);
    Dwarf *dwarf = nsources == 0 ? NULL : dw->dwarf_begin_elf(elf, DWARF_C_READ, NULL);
    if (dwarf == NULL)
        return 0;
    read_lines(s, dw, dwarf, sources, nsources);
    sort_lines(s);
    (void)dw->dwarf_end(dwarf);
    return 0;
}

int symbols_read(struct symbols *s, const char *elf, char *const *sources, size_t nsources,
                 struct uf_err *err)
{
    const struct dw *dw = dw_load(err);
    UF_AUTO_FD int fd = open(elf, O_RDONLY | O_CLOEXEC);

    *s = (struct symbols){0};
    if (dw == NULL)
        return -ELIBACC;
    Elf *e = fd < 0 ? NULL : dw->elf_begin(fd, ELF_C_READ, NULL);
    if (e == NULL)
        return uf_fail(err, -EIO, "%s: the linked program cannot be read", elf);
    int r = read_elf(s, dw, e, sources, nsources);
    (void)dw->elf_end(e);
    return r;
}

void symbols_fini(struct symbols *s)
{
    for (size_t i = 0; i < s->nfuncs; i++)
        free(s->funcs[i].name);
    for (size_t i = 0; i < s->nfiles; i++)
        free(s->files[i]);
    free(s->funcs);
    free(s->lines);
    free(s->files);
    *s = (struct symbols){0};
}

/* Append a string to the names. Returns its offset. */
static uint32_t put_name(uint8_t *names, size_t *at, const char *name)
{
    uint32_t offset = (uint32_t)*at;

    memcpy(names + *at, name, strlen(name) + 1);
    *at += strlen(name) + 1;
    return offset;
}

int symbols_format(const struct symbols *s, uint8_t **blob, size_t *size, struct uf_err *err)
{
    size_t names = 0;

    for (size_t i = 0; i < s->nfuncs; i++)
        names += strlen(s->funcs[i].name) + 1;
    for (size_t i = 0; i < s->nfiles; i++)
        names += strlen(s->files[i]) + 1;
    size_t funcs_at = sizeof(struct uf_symtab);
    size_t lines_at = funcs_at + s->nfuncs * sizeof(struct uf_symtab_func);
    size_t names_at = lines_at + s->nlines * sizeof(struct uf_symtab_line);
    if (names_at + names > UF_SYMTAB_MAX)
        return uf_fail(err, -EFBIG,
                       "%zu bytes of symbols, at most %u are allowed; build without -g",
                       names_at + names, UF_SYMTAB_MAX);
    uint8_t *out = xnew(names_at + names);
    uint32_t *file = xnew((s->nfiles + 1) * sizeof(file[0]));
    struct uf_symtab head = {.magic = UF_SYMTAB_MAGIC,
                             .nfuncs = (uint32_t)s->nfuncs,
                             .nlines = (uint32_t)s->nlines,
                             .names_size = (uint32_t)names};
    size_t at = 0;

    memcpy(out, &head, sizeof(head));
    for (size_t i = 0; i < s->nfuncs; i++) {
        struct uf_symtab_func f = {.addr = (uint32_t)s->funcs[i].addr,
                                   .size = (uint32_t)s->funcs[i].size,
                                   .name = put_name(out + names_at, &at, s->funcs[i].name)};

        memcpy(out + funcs_at + i * sizeof(f), &f, sizeof(f));
    }
    for (size_t i = 0; i < s->nfiles; i++)
        file[i] = put_name(out + names_at, &at, s->files[i]);
    for (size_t i = 0; i < s->nlines; i++) {
        struct uf_symtab_line l = {.addr = (uint32_t)s->lines[i].addr,
                                   .line = s->lines[i].line,
                                   .file = s->lines[i].line != 0 ? file[s->lines[i].file] : 0};

        memcpy(out + lines_at + i * sizeof(l), &l, sizeof(l));
    }
    free(file);
    *blob = out;
    *size = names_at + names;
    return 0;
}
