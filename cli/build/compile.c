// SPDX-License-Identifier: MIT
/* compile.c: the compiler, and what it is told; see build.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/build/build.h"
#include "cli/build/words.h"
#include "cli/files.h"
#include "cli/paths.h"

#define RULE     "inputs"           /* in t->tmp */
#define RULE_MAX ((size_t)16 << 20) /* bytes     */

void toolchain_compiler(const struct toolchain *t, bool cxx, struct words *w)
{
    /* $CC is for this machine's programs: it says nothing about the other's. */
    const char *named = t->native ? getenv(cxx ? "CXX" : "CC") : NULL;

    if (named != NULL && *named != '\0')
        words_split(w, named);
    else if (t->native)
        words_add(w, "%s", cxx ? "g++" : "gcc");
    else
        words_add(w, "%s-linux-gnu-%s", t->arch->name, cxx ? "g++" : "gcc");
}

static int no_compiler(const struct toolchain *t, bool cxx, const char *name, struct uf_err *err)
{
    const char *package = cxx ? "g++" : "gcc";

    return t->native
               ? uf_fail(err, -ENOENT, "there is no %s; install the package %s", name, package)
               : uf_fail(err, -ENOENT, "there is no %s; install the package %s-%s-linux-gnu", name,
                         package, t->arch->name);
}

/* Run the compiler with one question and take its one-line answer. */
static int ask(const struct toolchain *t, const char *question, char *answer, size_t cap,
               struct uf_err *err)
{
    struct words w = {0};
    UF_AUTO_FD int out = memfd_create("answer", MFD_CLOEXEC);

    toolchain_compiler(t, false, &w);
    words_add(&w, "%s", question);
    int r = out < 0 ? uf_fail(err, -errno, "memfd_create: %s", strerror(errno))
                    : words_run(&w, false, out, -1, err);
    if (r == -ENOENT)
        r = no_compiler(t, false, w.at[0], err);
    words_fini(&w);
    ssize_t n = r == 0 ? pread(out, answer, cap - 1, 0) : 0;
    answer[n > 0 ? n : 0] = '\0';
    answer[strcspn(answer, "\n")] = '\0';
    return r < 0 ? r : 0;
}

/* gcc and clang have their freestanding headers in different places. */
static int find_include(struct toolchain *t, struct uf_err *err)
{
    char dir[PATH_MAX - 16];
    char probe[PATH_MAX];
    int r = ask(t, "-print-file-name=include", dir, sizeof(dir), err);

    (void)snprintf(t->include, sizeof(t->include), "%s", dir);
    (void)snprintf(probe, sizeof(probe), "%s/stddef.h", dir);
    if (r < 0 || (dir[0] == '/' && access(probe, R_OK) == 0))
        return r;
    r = ask(t, "-print-resource-dir", dir, sizeof(dir), err);
    (void)snprintf(t->include, sizeof(t->include), "%s/include", dir);
    return r < 0 || dir[0] == '/' ? r
                                  : uf_fail(err, -ENOENT,
                                            "the compiler does not say where its own "
                                            "headers are");
}

static int find_arch(struct toolchain *t, const char *name, struct uf_err *err)
{
    const struct arch *host = arch_host();
    char probe[PATH_MAX + 64];

    t->arch = name != NULL ? arch_find(name) : host;
    if (t->arch == NULL)
        return uf_fail(err, -EINVAL,
                       "unknown architecture \"%s\"; it must be one of: x86_64, "
                       "aarch64",
                       name != NULL ? name : "of this machine");
    t->native = host == t->arch;
    (void)snprintf(probe, sizeof(probe), "%s/%s/lib/libunifaas.a", t->sdk, t->arch->name);
    if (access(probe, R_OK) != 0)
        return uf_fail(err, -ENOENT, "the SDK at %s was made without %s", t->sdk, t->arch->name);
    return 0;
}

int toolchain_open(struct toolchain *t, const struct build_options *o, struct uf_err *err)
{
    *t = (struct toolchain){.show = o->show};
    int r = paths_sdk(t->sdk, err);
    if (r == 0)
        r = find_arch(t, o->arch, err);
    if (r == 0)
        r = find_include(t, err);
    return r < 0 ? r : file_make_tmp(t->tmp, err);
}

void toolchain_close(struct toolchain *t)
{
    file_remove_tmp(t->tmp);
    t->tmp[0] = '\0';
}

/* What the compiler says that it has read; folder: bytes of the path before the name. */
static int add_inputs(const struct toolchain *t, const char *source, int folder, struct inputs *in,
                      struct uf_err *err)
{
    UF_AUTO_FREE char *rule = NULL;
    char path[PATH_MAX + 16];
    char before[PATH_MAX];
    size_t size;

    (void)snprintf(path, sizeof(path), "%s/" RULE, t->tmp);
    (void)snprintf(before, sizeof(before), "%.*s", folder, source);
    int r = file_read(path, RULE_MAX, &rule, &size, err);
    if (r == 0)
        inputs_add_rule(in, rule, before, t->sdk);
    return r;
}

/*
 * Debug information is always made, since it tells where an unsupported call
 * stands; only -g keeps it. Paths in it, and in assert(), are relative to the
 * function's folder, so that an image depends on nothing but its sources.
 */
static int compile_one(const struct toolchain *t, const char *source, const struct object *o,
                       struct inputs *in, struct uf_err *err)
{
    /* By GCC 14 without being told: what builds with one compiler builds with all. */
    static const char *const refused[] = {"implicit-function-declaration", "implicit-int",
                                          "int-conversion", "incompatible-pointer-types"};
    bool cxx = project_is_cxx(source);
    int folder = (int)(strlen(o->source) - strlen(source)); /* the part of the path before it */
    UF_AUTO_FREE char *cwd = getcwd(NULL, 0);
    struct words w = {0};

    toolchain_compiler(t, cxx, &w);
    words_add(&w, "@%s/%s/%s", t->sdk, t->arch->name, cxx ? "cxxflags" : "cflags");
    words_add(&w, "-g");
    words_add(&w, "-Wall");
    words_add(&w, "-Wextra");
    for (size_t i = 0; !cxx && i < sizeof(refused) / sizeof(refused[0]); i++)
        words_add(&w, "-Werror=%s", refused[i]);
    if (cwd != NULL)
        words_add(&w, "-fdebug-prefix-map=%s=.", cwd);
    if (folder > 0)
        words_add(&w, "-ffile-prefix-map=%.*s=", folder, o->source);
    words_add(&w, "-I%s/include", t->sdk);
    words_add(&w, "-isystem");
    words_add(&w, "%s/%s/musl/include", t->sdk, t->arch->name);
    words_add(&w, "-isystem");
    words_add(&w, "%s", t->include);
    words_add(&w, "-MMD");
    words_add(&w, "-MF");
    words_add(&w, "%s/" RULE, t->tmp);
    words_add(&w, "-MT");
    words_add(&w, "it");
    words_add(&w, "-c");
    words_add(&w, "%s", o->source);
    words_add(&w, "-o");
    words_add(&w, "%s", o->path);
    int r = words_run(&w, t->show, -1, -1, err);
    if (r == -ENOENT)
        r = no_compiler(t, cxx, w.at[0], err);
    else if (r > 0)
        r = uf_fail(err, -EBADMSG, "%s does not compile", o->source);
    words_fini(&w);
    return r == 0 ? add_inputs(t, o->source, folder, in, err) : r;
}

int compile_all(const struct toolchain *t, const struct project *p, struct object *objects,
                struct inputs *in, struct uf_err *err)
{
    int r = 0;

    for (size_t i = 0; i < p->nsources && r == 0; i++)
        r = compile_one(t, p->source[i], &objects[i], in, err);
    return r;
}
