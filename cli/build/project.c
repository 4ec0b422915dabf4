// SPDX-License-Identifier: MIT
/* project.c: see project.h. */
#include "cli/build/project.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/build/script.h"
#include "cli/files.h"
#include "engine/yamltree.h"

#define FOLDERS_DEPTH 8u /* folders in folders */

bool project_is_cxx(const char *source)
{
    return file_name_ends(source, ".cc") || file_name_ends(source, ".cpp") ||
           file_name_ends(source, ".cxx");
}

char *project_path(const struct project *p, const char *name)
{
    char *path;

    if (asprintf(&path, "%s/%s", p->dir, name) < 0)
        abort();
    return path;
}

int project_read_manifest(struct function *f, const char *path, struct uf_err *err)
{
    UF_AUTO_FREE char *text = NULL;
    size_t size;
    int r = file_read(path, YAMLTREE_MAX, &text, &size, err);

    return r < 0 ? r : function_parse_yaml(f, text, size, path, err);
}

/* A manifest need not name the function: its folder does. */
static int name_by_folder(struct project *p, struct uf_err *err)
{
    char real[PATH_MAX];

    if (p->f.name[0] != '\0')
        return 0;
    if (realpath(p->dir, real) == NULL)
        return uf_fail(err, -errno, "%s: %s", p->dir, strerror(errno));
    const char *base = strrchr(real, '/') + 1;
    if (!function_name_ok(base))
        return uf_fail(err, -EINVAL,
                       "%s: the folder's name cannot be a function's (1 to %d of a-z, 0-9 and -); "
                       "write `name:` in function.yaml",
                       p->dir, FUNCTION_NAME_MAX);
    (void)snprintf(p->f.name, sizeof(p->f.name), "%s", base);
    return 0;
}

static int read_manifest(struct project *p, struct uf_err *err)
{
    UF_AUTO_FREE char *path = project_path(p, "function.yaml");
    int r = project_read_manifest(&p->f, path, err);

    return r == -ENOENT ? 0 : r;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_sources(struct project *p, struct uf_err *err)
{
    DIR *d = opendir(p->dir);
    bool cxx = strcmp(p->f.lang, "c++") == 0;
    bool other = false;
    bool scripts = false;
    struct dirent *e;

    if (d == NULL)
        return uf_fail(err, -errno, "%s: %s", p->dir, strerror(errno));
    while ((e = readdir(d)) != NULL) {
        bool is_cxx = project_is_cxx(e->d_name);

        other = other || (is_cxx && !cxx);
        scripts = scripts || script_is_code(e->d_name);
        if (e->d_name[0] == '.' || !(file_name_ends(e->d_name, ".c") || (is_cxx && cxx)))
            continue;
        p->source = xresize(p->source, p->nsources + 1, sizeof(p->source[0]));
        p->source[p->nsources++] = xcopy(e->d_name);
    }
    (void)closedir(d);
    if (function_is_sequence(&p->f))
        return p->nsources == 0
                   ? 0
                   : uf_fail(err, -EINVAL,
                             "%s: a sequence has no code; remove %s, or `lang: sequence` in "
                             "function.yaml",
                             p->dir, p->source[0]);
    if (p->nsources == 0 && other)
        return uf_fail(err, -ENODATA, "%s: only C++ sources; write `lang: c++` in function.yaml",
                       p->dir);
    if (p->nsources == 0 && scripts)
        return uf_fail(err, -ENODATA, "%s: only scripts; write `lang: javascript` in function.yaml",
                       p->dir);
    if (p->nsources == 0)
        return uf_fail(err, -ENODATA, "%s: no C source, such as main.c", p->dir);
    qsort(p->source, p->nsources, sizeof(p->source[0]), compare);
    return 0;
}

struct listing {
    const struct project *p;
    bool (*is_wanted)(const char *name);
    char **name; /* owned, as the names are */
    size_t n;
};

static void add_name(struct listing *l, const char *name)
{
    l->name = xresize(l->name, l->n + 1, sizeof(l->name[0]));
    l->name[l->n++] = xcopy(name);
}

/* Files below dir, which is "" or ends with "/".
 * NOLINTNEXTLINE(misc-no-recursion): depth ends it */
static int add_files(struct listing *l, const char *dir, unsigned depth, struct uf_err *err)
{
    UF_AUTO_FREE char *path = project_path(l->p, dir);
    DIR *d = opendir(path);
    struct dirent *e;
    int r = 0;

    if (d == NULL)
        return uf_fail(err, -errno, "%s: %s", path, strerror(errno));
    while (r == 0 && (e = readdir(d)) != NULL) {
        char name[PATH_MAX];

        if (e->d_name[0] == '.' || strcmp(e->d_name, "node_modules") == 0 ||
            snprintf(name, sizeof(name), "%s%s", dir, e->d_name) >= (int)sizeof(name) - 1)
            continue;
        UF_AUTO_FREE char *full = project_path(l->p, name);
        if (file_is_dir(full)) {
            /* What a linked one has is not in the folder, or is there already. */
            if (file_is_link(full))
                continue;
            name[strlen(name) + 1] = '\0';
            name[strlen(name)] = '/';
            r = depth == 0 ? 0 : add_files(l, name, depth - 1, err);
        } else if (l->is_wanted(name)) {
            add_name(l, name);
        }
    }
    (void)closedir(d);
    return r;
}

/* Which one to begin with: one of these names, or the only one that is not in a folder. */
static int find_first(const struct project *p, size_t *first, struct uf_err *err)
{
    static const char *const names[] = {"main.js",  "main.mjs",  "main.ts",  "main.mts",
                                        "index.js", "index.mjs", "index.ts", "index.mts"};
    size_t n = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (size_t j = 0; j < p->nsources; j++)
            if (strcmp(p->source[j], names[i]) == 0) {
                *first = j;
                return 0;
            }
    for (size_t j = 0; j < p->nsources; j++)
        if (script_is_code(p->source[j]) && strchr(p->source[j], '/') == NULL) {
            *first = j;
            n++;
        }
    if (n == 1)
        return 0;
    return uf_fail(err, -ENODATA, "%s: %s; call the one to begin with main.js", p->dir,
                   n == 0 ? "no script, such as main.js" : "several scripts");
}

static int list_script(struct project *p, struct uf_err *err)
{
    struct listing l = {.p = p, .is_wanted = script_is_file};
    size_t first = 0;
    int r = add_files(&l, "", FOLDERS_DEPTH, err);

    p->source = l.name;
    p->nsources = l.n;
    if (r < 0)
        return r;
    if (p->nsources > 0)
        qsort(p->source, p->nsources, sizeof(p->source[0]), compare);
    r = find_first(p, &first, err);
    if (r < 0)
        return r;
    char *name = p->source[first];
    memmove(p->source + 1, p->source, first * sizeof(p->source[0]));
    p->source[0] = name;
    return 0;
}

int project_open(struct project *p, const char *dir, struct uf_err *err)
{
    size_t len = strlen(dir);

    if (!file_is_dir(dir))
        return uf_fail(err, -ENOENT, "%s: no such folder", dir);
    *p = (struct project){.dir = xcopy(dir)};
    while (len > 1 && p->dir[len - 1] == '/')
        p->dir[--len] = '\0';
    function_defaults(&p->f);
    int r = read_manifest(p, err);
    if (r == 0)
        r = name_by_folder(p, err);
    if (r == 0)
        r = function_is_script(&p->f) ? list_script(p, err) : list_sources(p, err);
    if (r == 0 && !function_is_sequence(&p->f) &&
        asprintf(&p->image, "%s/%s.img", p->dir, p->f.name) < 0)
        abort();
    if (r < 0)
        project_fini(p);
    return r;
}

void project_fini(struct project *p)
{
    for (size_t i = 0; i < p->nsources; i++)
        free(p->source[i]);
    free(p->source);
    free(p->dir);
    free(p->image);
    function_fini(&p->f);
    *p = (struct project){0};
}

bool project_is_input(const char *name)
{
    static const char *const ends[] = {".c",   ".cc",  ".cpp",  ".cxx", ".h",   ".hh",  ".hpp",
                                       ".hxx", ".inc", ".inl",  ".ipp", ".tpp", ".def", ".yaml",
                                       ".js",  ".mjs", ".json", ".ts",  ".mts"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (file_name_ends(name, ends[i]))
            return true;
    return false;
}

char **project_inputs(const struct project *p, size_t *n)
{
    struct listing l = {.p = p, .is_wanted = project_is_input};
    struct uf_err err;

    /* What cannot be looked into no compiler can, either. */
    (void)add_files(&l, "", FOLDERS_DEPTH, &err);
    if (function_is_script(&p->f))
        add_name(&l, "node_modules/.package-lock.json");
    if (l.n > 0)
        qsort(l.name, l.n, sizeof(l.name[0]), compare);
    *n = l.n;
    return l.name;
}
