// SPDX-License-Identifier: MIT
/* build.c: see build.h. */
#include "cli/build/build.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "base/units.h"
#include "cli/build/fresh.h"
#include "cli/build/hold.h"
#include "cli/build/script.h"
#include "cli/cli.h"

#define BIGGEST 5u /* functions that the report names */

/* As a compiler is told it, to which "@x.c" is a file of options, and "-x.c" one. */
static char *source_path(const struct project *p, const char *name)
{
    UF_AUTO_FREE char *path = strcmp(p->dir, ".") == 0 ? xcopy(name) : project_path(p, name);
    char *safe;

    if (asprintf(&safe, "%s%s", path[0] == '-' || path[0] == '@' ? "./" : "", path) < 0)
        abort();
    return safe;
}

static struct object *name_objects(const struct toolchain *t, const struct project *p)
{
    struct object *o = xnew(p->nsources * sizeof(o[0]));

    for (size_t i = 0; i < p->nsources; i++) {
        if (asprintf(&o[i].path, "%s/%zu.o", t->tmp, i) < 0)
            abort();
        o[i].source = source_path(p, p->source[i]);
    }
    return o;
}

static void free_objects(struct object *o, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(o[i].path);
        free(o[i].source);
    }
    free(o);
}

static int finish(const struct project *p, const struct build_options *o, const char *elf,
                  struct built *b, struct uf_err *err)
{
    UF_AUTO_FREE uint8_t *blob = NULL;
    size_t size = 0;
    int r = symbols_read(&b->symbols, elf, p->source, o->lines ? p->nsources : 0, err);

    if (r == 0)
        r = symbols_format(&b->symbols, &blob, &size, err);
    if (r == 0)
        r = image_finish(
            &(struct image_job){
                .elf = elf, .blob = blob, .blob_size = size, .memory = p->f.memory, .out = b->out},
            &b->sizes, err);
    return r;
}

static int build_in(const struct toolchain *t, const struct project *p,
                    const struct build_options *o, struct built *b, struct uf_err *err)
{
    struct object *objects = name_objects(t, p);
    char elf[PATH_MAX + 16];
    char listed[PATH_MAX + 32];

    (void)snprintf(elf, sizeof(elf), "%s/linked", t->tmp);
    (void)snprintf(listed, sizeof(listed), "%s/unsupported.txt", t->sdk);
    int r = compile_all(t, p, objects, &b->inputs, err);
    if (r == 0)
        r = objects_check(objects, p->nsources, p->dir, listed, err);
    if (r == 0)
        r = link_all(t, p, objects, elf, err);
    free_objects(objects, p->nsources);
    if (r == 0)
        r = finish(p, o, elf, b, err);
    return r;
}

/* An image for another architecture must not take the place of our own. */
static char *usual_place(const struct toolchain *t, const struct project *p,
                         const struct build_options *o)
{
    char *out;

    if (o->out != NULL)
        return xcopy(o->out);
    if (t->native)
        return xcopy(p->image);
    if (asprintf(&out, "%s/%s.%s.img", p->dir, p->f.name, t->arch->name) < 0)
        abort();
    return out;
}

static int build_code(const struct project *p, const struct build_options *o, struct built *out,
                      struct uf_err *err)
{
    struct toolchain t;
    int r = toolchain_open(&t, o, err);

    out->arch = t.arch;
    if (r == 0) {
        out->out = usual_place(&t, p, o);
        r = build_in(&t, p, o, out, err);
    }
    toolchain_close(&t);
    return r;
}

int build(const struct project *p, const struct build_options *o, struct built *out,
          struct uf_err *err)
{
    *out = (struct built){.arch = NULL};
    if (function_is_sequence(&p->f))
        return uf_fail(err, -ENODATA,
                       "%s: %s is a sequence, which has no image; unifaas deploy %s is all", p->dir,
                       p->f.name, p->dir);
    struct fresh made_of;
    sigset_t before;

    hold_begin(&before);
    fresh_take(&made_of, p);
    int r = function_is_script(&p->f) ? script_build(p, o, out, err) : build_code(p, o, out, err);
    if (r == 0 && out->arch == arch_host() && strcmp(out->out, p->image) == 0)
        r = fresh_write(p, &made_of, &out->inputs, err);
    free(made_of.list);
    if (r < 0)
        built_fini(out);
    hold_end(&before);
    return r;
}

void built_fini(struct built *b)
{
    symbols_fini(&b->symbols);
    inputs_fini(&b->inputs);
    free(b->out);
}

static int by_size(const void *a, const void *b)
{
    const struct symbols_func *x = a;
    const struct symbols_func *y = b;

    return x->size != y->size ? (x->size < y->size ? 1 : -1) : strcmp(x->name, y->name);
}

static void print_biggest(const struct symbols *s)
{
    struct symbols_func *all = xnew((s->nfuncs + 1) * sizeof(all[0]));
    char h[CLI_HUMAN];

    if (s->nfuncs > 0)
        memcpy(all, s->funcs, s->nfuncs * sizeof(all[0]));
    qsort(all, s->nfuncs, sizeof(all[0]), by_size);
    printf("  biggest functions: ");
    for (size_t i = 0; i < s->nfuncs && i < BIGGEST; i++)
        printf("%s%s %s", i > 0 ? ", " : "", all[i].name, cli_human(all[i].size, h));
    printf("\n");
    free(all);
}

void built_print(const struct built *b, uint64_t memory)
{
    const struct image_sizes *z = &b->sizes;
    char h[7][CLI_HUMAN];
    char text[UNITS_TEXT];

    printf("%s: %s, for %s\n", b->out, cli_human(z->file, h[0]), b->arch->name);
    printf("  code %s, constants %s, data %s, symbols %s\n", cli_human(z->text, h[1]),
           cli_human(z->rodata, h[2]), cli_human(z->data, h[3]), cli_human(z->symbols, h[4]));
    if (b->symbols.nfuncs > 0)
        print_biggest(&b->symbols);
    printf("  memory %s: image %s (%s of it zeroed data), stack %s, heap %s\n",
           units_format_size(memory, text), cli_human(z->memory - z->stack, h[0]),
           cli_human(z->bss, h[1]), cli_human(z->stack, h[2]), cli_human(memory - z->memory, h[3]));
}

enum cli_exit build_exit_of_open(int code)
{
    switch (code) {
    case -ENOENT:
        return CLI_NOT_FOUND;
    case -EINVAL:
        return CLI_MANIFEST;
    case -ENODATA:
        return CLI_BUILD;
    default:
        return CLI_FAILED;
    }
}

int build_when_needed(struct project *p, const char *dir, bool lines)
{
    const struct build_options o = {.lines = lines};
    struct built b;
    struct uf_err err;
    int r = project_open(p, dir, &err);

    if (r < 0)
        return cli_report(build_exit_of_open(r), &err);
    if (function_is_sequence(&p->f))
        return 0;
    if (!lines && fresh_is(p))
        return 0;
    if (build(p, &o, &b, &err) < 0) {
        project_fini(p);
        return cli_report(CLI_BUILD, &err);
    }
    char size[CLI_HUMAN];
    cli_note("built %s, %s", b.out, cli_human(b.sizes.file, size));
    built_fini(&b);
    return 0;
}
