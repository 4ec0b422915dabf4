// SPDX-License-Identifier: MIT
/* script.c: see script.h. */
#include "cli/build/script.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/build/bundle.h"
#include "cli/build/bundler.h"
#include "cli/build/hold.h"
#include "cli/files.h"
#include "cli/paths.h"
#include "engine/memfile.h"

bool script_is_code(const char *name)
{
    return file_name_ends(name, ".js") || file_name_ends(name, ".mjs") ||
           bundler_is_typescript(name);
}

bool script_is_file(const char *name)
{
    return script_is_code(name) ||
           (file_name_ends(name, ".json") && strcmp(name, "package-lock.json") != 0 &&
            strcmp(name, "tsconfig.json") != 0);
}

/* The runtime's program in the SDK. */
static int find_runtime(const struct build_options *o, const struct arch **arch,
                        char out[static PATH_MAX + 64], struct uf_err *err)
{
    char sdk[PATH_MAX];
    int r = paths_sdk(sdk, err);

    if (r < 0)
        return r;
    *arch = o->arch != NULL ? arch_find(o->arch) : arch_host();
    if (*arch == NULL)
        return uf_fail(err, -EINVAL,
                       "unknown architecture \"%s\"; it must be one of: x86_64, aarch64",
                       o->arch != NULL ? o->arch : "of this machine");
    (void)snprintf(out, PATH_MAX + 64, "%s/%s/javascript.elf", sdk, (*arch)->name);
    if (access(out, R_OK) != 0)
        return uf_fail(err, -ENOENT,
                       "the SDK at %s was made without JavaScript for %s: when it was built, its "
                       "engine could not be fetched",
                       sdk, (*arch)->name);
    return 0;
}

/* The files of a folder, or what becomes of them. */
static int add_files(struct bundle *b, const struct project *p, bool show, struct inputs *in,
                     struct uf_err *err)
{
    int r = 0;

    if (bundler_is_needed(p))
        return bundler_run(p->dir, p->source[0], show, b, in, err);
    for (size_t i = 0; i < p->nsources && r == 0; i++) {
        UF_AUTO_FREE char *path = project_path(p, p->source[i]);

        r = bundle_add(b, path, p->source[i], err);
    }
    return r;
}

/* A script alone, or what becomes of it. */
static int add_file(struct bundle *b, const char *path, bool show, struct uf_err *err)
{
    const char *base = file_base(path);

    if (!bundler_is_typescript(path))
        return bundle_add(b, path, base, err);
    UF_AUTO_FREE char *dir = base == path ? xcopy(".") : xcopy(path);
    if (base != path)
        dir[base - path - (base - path > 1 ? 1 : 0)] = '\0';
    return bundler_run(dir, base, show, b, NULL, err);
}

/* What is put behind the runtime. */
struct content {
    const struct project *p; /* NULL: a script alone, at path */
    const char *path;
    const char *params;    /* NULL: none */
    bool show;             /* the commands */
    struct inputs *inputs; /* of p */
};

/* Put it there, into the file of job. */
static int make(const struct content *c, struct image_job *job, struct image_sizes *sizes,
                struct uf_err *err)
{
    sigset_t before;
    struct bundle b = {.files = NULL};
    UF_AUTO_FREE uint8_t *bytes = NULL;

    hold_begin(&before);
    int r = c->p != NULL ? add_files(&b, c->p, c->show, c->inputs, err)
                         : add_file(&b, c->path, c->show, err);

    if (r == 0 && c->params != NULL)
        bundle_take(&b, UF_BUNDLE_PARAMS, xcopy(c->params), strlen(c->params));
    if (r == 0)
        r = bundle_format(&b, &bytes, &job->bundle_size, err);
    job->bundle = bytes;
    if (r == 0)
        r = image_finish(job, sizes, err);
    bundle_fini(&b);
    hold_end(&before);
    return r;
}

int script_build(const struct project *p, const struct build_options *o, struct built *out,
                 struct uf_err *err)
{
    char runtime[PATH_MAX + 64];
    int r = find_runtime(o, &out->arch, runtime, err);

    if (r < 0)
        return r;
    if (o->out != NULL)
        out->out = xcopy(o->out);
    else if (out->arch == arch_host())
        out->out = xcopy(p->image);
    else if (asprintf(&out->out, "%s/%s.%s.img", p->dir, p->f.name, out->arch->name) < 0)
        abort();
    struct image_job job = {.elf = runtime, .memory = p->f.memory, .out = out->out};
    return make(
        &(struct content){.p = p, .params = p->f.params, .show = o->show, .inputs = &out->inputs},
        &job, &out->sizes, err);
}

int script_build_file(const char *path, const struct build_options *o, struct built *out,
                      struct uf_err *err)
{
    char runtime[PATH_MAX + 64];
    struct function f;

    *out = (struct built){.arch = NULL};
    int r = find_runtime(o, &out->arch, runtime, err);
    if (r < 0)
        return r;
    if (o->out != NULL)
        out->out = xcopy(o->out);
    else if (asprintf(&out->out, "%.*s%s%s.img", (int)(strrchr(path, '.') - path), path,
                      out->arch == arch_host() ? "" : ".",
                      out->arch == arch_host() ? "" : out->arch->name) < 0)
        abort();
    function_defaults(&f);
    struct image_job job = {.elf = runtime, .memory = f.memory, .out = out->out};
    function_fini(&f);
    r = make(&(struct content){.path = path, .show = o->show}, &job, &out->sizes, err);
    if (r < 0)
        built_fini(out);
    return r;
}

int script_build_one(const struct function *f, const char *path, struct uf_err *err)
{
    const struct build_options o = {.arch = NULL};
    const struct arch *arch;
    char runtime[PATH_MAX + 64];
    struct image_sizes sizes;
    int r = find_runtime(&o, &arch, runtime, err);

    if (r < 0)
        return r;
    int fd = memfile_make("unifaas-image", 0, err);
    if (fd < 0)
        return fd;
    struct image_job job = {.elf = runtime, .memory = f->memory, .out = path, .fd = &fd};
    r = make(&(struct content){.path = path, .params = f->params}, &job, &sizes, err);
    if (r == 0)
        return fd;
    (void)close(fd);
    return r;
}
