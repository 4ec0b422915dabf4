// SPDX-License-Identifier: MIT
/* objects.c: see objects.h. ELF gABI chapter 4; DWARF through libdwfl. */
#include "cli/build/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/build/dw.h"
#include "cli/files.h"

#define LIST_MAX   ((size_t)1 << 20) /* bytes of unsupported.txt       */
#define PLACES_MAX 8u                /* that are named for one symbol  */

struct missing {
    char *name;   /* into the list's text */
    char *advice; /* likewise             */
    bool defined; /* the function has its own */
    unsigned places;
};

struct check {
    const struct dw *dw;
    const char *dir;
    char *text; /* the list */
    struct missing *missing;
    size_t n;
    bool handle;         /* a global function of that name             */
    bool handle_static;  /* ... or one that others cannot see          */
    bool handle_mangled; /* ... or one with C++ linkage                */
    const char *source;  /* of the object that is being looked at      */
    size_t calls;        /* places that were printed, or would be      */
};

static int read_list(struct check *c, const char *path, struct uf_err *err)
{
    size_t size;
    int r = file_read(path, LIST_MAX, &c->text, &size, err);
    char *save = NULL;

    if (r < 0)
        return r;
    for (char *line = strtok_r(c->text, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *tab = strchr(line, '\t');

        if (tab == NULL)
            continue;
        *tab = '\0';
        if (c->n % 64 == 0)
            c->missing = xresize(c->missing, c->n + 64, sizeof(c->missing[0]));
        c->missing[c->n++] = (struct missing){.name = line, .advice = tab + 1};
    }
    return 0;
}

static struct missing *find(const struct check *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->missing[i].name, name) == 0)
            return &c->missing[i];
    return NULL;
}

/* ---- walking symbols and relocations ------------------------------------------ */

struct table {
    Elf *elf;
    Elf_Data *data;
    GElf_Shdr shdr;
};

typedef void symbol_fn(struct check *c, const GElf_Sym *sym, const char *name);

static void each_symbol(struct check *c, Elf *elf, symbol_fn *fn)
{
    Elf_Scn *scn = NULL;
    GElf_Shdr shdr;

    while ((scn = c->dw->elf_nextscn(elf, scn)) != NULL) {
        if (c->dw->gelf_getshdr(scn, &shdr) == NULL || shdr.sh_type != SHT_SYMTAB)
            continue;
        Elf_Data *data = c->dw->elf_getdata(scn, NULL);
        GElf_Sym sym;

        for (int i = 1; data != NULL && c->dw->gelf_getsym(data, i, &sym) != NULL; i++) {
            const char *name = c->dw->elf_strptr(elf, shdr.sh_link, sym.st_name);

            if (name != NULL)
                fn(c, &sym, name);
        }
    }
}

static void note_definition(struct check *c, const GElf_Sym *sym, const char *name)
{
    bool local = GELF_ST_BIND(sym->st_info) == STB_LOCAL;

    if (sym->st_shndx == SHN_UNDEF)
        return;
    if (GELF_ST_TYPE(sym->st_info) == STT_FUNC) {
        c->handle = c->handle || (!local && strcmp(name, "handle") == 0);
        c->handle_static = c->handle_static || (local && strcmp(name, "handle") == 0);
        c->handle_mangled = c->handle_mangled || strncmp(name, "_Z6handle", 9) == 0;
    }
    struct missing *m = local ? NULL : find(c, name);
    if (m != NULL)
        m->defined = true;
}

static void print_call(struct check *c, struct missing *m, const char *file, int line)
{
    static const char nothing[] = "nothing: ";
    bool none = strncmp(m->advice, nothing, sizeof(nothing) - 1) == 0;

    c->calls++;
    if (m->places++ >= PLACES_MAX)
        return;
    if (line > 0)
        (void)fprintf(stderr, "%s:%d: ", file, line);
    else
        (void)fprintf(stderr, "%s: ", file);
    (void)fprintf(
        stderr, "error: %s() is not available in a unikernel%s%s\n", m->name,
        none ? ": " : "; use instead: ", none ? m->advice + sizeof(nothing) - 1 : m->advice);
}

/* Where in the source an address of a relocatable module lies. */
static void print_place(struct check *c, struct missing *m, Dwfl_Module *mod, GElf_Addr addr)
{
    Dwfl_Line *l = c->dw->dwfl_module_getsrc(mod, addr);
    int line = 0;
    const char *file = l == NULL ? NULL : c->dw->dwfl_lineinfo(l, NULL, &line, NULL, NULL, NULL);

    if (file == NULL || line <= 0) {
        print_call(c, m, c->source, 0);
        return;
    }
    char path[4096];
    while (strncmp(file, "./", 2) == 0)
        file += 2;
    (void)snprintf(path, sizeof(path), "%s/%s", c->dir, file);
    print_call(c, m, file[0] == '/' || strcmp(c->dir, ".") == 0 ? file : path, line);
}

static void check_relocations(struct check *c, Dwfl_Module *mod, Elf *elf, Elf_Scn *scn,
                              const GElf_Shdr *rel, GElf_Addr base)
{
    Elf_Scn *symscn = c->dw->elf_getscn(elf, rel->sh_link);
    Elf_Data *relocs = c->dw->elf_getdata(scn, NULL);
    Elf_Data *syms = symscn != NULL ? c->dw->elf_getdata(symscn, NULL) : NULL;
    GElf_Shdr symhdr;
    GElf_Rela r;

    if (relocs == NULL || syms == NULL || c->dw->gelf_getshdr(symscn, &symhdr) == NULL)
        return;
    for (int i = 0; c->dw->gelf_getrela(relocs, i, &r) != NULL; i++) {
        GElf_Sym sym;

        if (c->dw->gelf_getsym(syms, (int)GELF_R_SYM(r.r_info), &sym) == NULL ||
            sym.st_shndx != SHN_UNDEF || sym.st_name == 0)
            continue;
        const char *name = c->dw->elf_strptr(elf, symhdr.sh_link, sym.st_name);
        struct missing *m = name != NULL ? find(c, name) : NULL;
        if (m != NULL && !m->defined)
            print_place(c, m, mod, base + r.r_offset);
    }
}

/* Every relocation against code or data; those of debug information repeat. */
static void check_module(struct check *c, Dwfl_Module *mod)
{
    GElf_Addr bias;
    Elf *elf = c->dw->dwfl_module_getelf(mod, &bias);
    Elf_Scn *scn = NULL;
    GElf_Shdr rel;
    GElf_Shdr target;

    while (elf != NULL && (scn = c->dw->elf_nextscn(elf, scn)) != NULL) {
        if (c->dw->gelf_getshdr(scn, &rel) == NULL || rel.sh_type != SHT_RELA)
            continue;
        Elf_Scn *to = c->dw->elf_getscn(elf, rel.sh_info);
        if (to == NULL || c->dw->gelf_getshdr(to, &target) == NULL ||
            (target.sh_flags & SHF_ALLOC) == 0)
            continue;
        check_relocations(c, mod, elf, scn, &rel, target.sh_addr + bias);
    }
}

static int check_calls(struct check *c, const struct object *o, struct uf_err *err)
{
    const Dwfl_Callbacks callbacks = {
        .section_address = c->dw->dwfl_offline_section_address,
        .find_debuginfo = c->dw->dwfl_standard_find_debuginfo,
    };
    Dwfl *dwfl = c->dw->dwfl_begin(&callbacks);
    Dwfl_Module *mod = dwfl == NULL ? NULL : c->dw->dwfl_report_offline(dwfl, o->path, o->path, -1);

    if (mod == NULL) {
        if (dwfl != NULL)
            c->dw->dwfl_end(dwfl);
        return uf_fail(err, -EIO, "%s: the compiled object cannot be read", o->source);
    }
    (void)c->dw->dwfl_report_end(dwfl, NULL, NULL);
    c->source = o->source;
    check_module(c, mod);
    c->dw->dwfl_end(dwfl);
    return 0;
}

static int note_definitions(struct check *c, const struct object *o, struct uf_err *err)
{
    UF_AUTO_FD int fd = open(o->path, O_RDONLY | O_CLOEXEC);
    Elf *elf = fd < 0 ? NULL : c->dw->elf_begin(fd, ELF_C_READ, NULL);

    if (elf == NULL)
        return uf_fail(err, -EIO, "%s: the compiled object cannot be read", o->source);
    each_symbol(c, elf, note_definition);
    (void)c->dw->elf_end(elf);
    return 0;
}

static int check_handle(const struct check *c, struct uf_err *err)
{
    const char *why =
        c->handle_mangled  ? "handle() has C++ linkage: include <unifaas.h> and keep its parameters"
        : c->handle_static ? "handle() is static, so nobody can call it: remove `static`"
                           : "there is no handle(); write: int handle(const struct uf_event "
                             "*event, struct uf_response *response)";

    return c->handle ? 0 : uf_fail(err, -ENOENT, "%s: %s", c->dir, why);
}

int objects_check(const struct object *o, size_t n, const char *dir, const char *listed,
                  struct uf_err *err)
{
    struct check c = {.dw = dw_load(err), .dir = dir};
    int r = c.dw == NULL ? -ELIBACC : read_list(&c, listed, err);

    for (size_t i = 0; i < n && r == 0; i++)
        r = note_definitions(&c, &o[i], err);
    for (size_t i = 0; i < n && r == 0; i++)
        r = check_calls(&c, &o[i], err);
    if (r == 0 && c.calls > 0)
        r = uf_fail(err, -ENOSYS, "%s: %zu call%s that a unikernel cannot serve", dir, c.calls,
                    c.calls == 1 ? "" : "s");
    if (r == 0)
        r = check_handle(&c, err);
    free(c.missing);
    free(c.text);
    return r;
}
