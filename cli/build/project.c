// SPDX-License-Identifier: MIT
/* project.c: see project.h. */
#include "cli/build/project.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/files.h"
#include "engine/yamltree.h"

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name);
    size_t e = strlen(end);

    return n > e && strcmp(name + n - e, end) == 0;
}

bool project_is_cxx(const char *source)
{
    return ends_with(source, ".cc") || ends_with(source, ".cpp") || ends_with(source, ".cxx");
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
    struct dirent *e;

    if (d == NULL)
        return uf_fail(err, -errno, "%s: %s", p->dir, strerror(errno));
    while ((e = readdir(d)) != NULL) {
        bool is_cxx = project_is_cxx(e->d_name);

        other = other || (is_cxx && !cxx);
        if (e->d_name[0] == '.' || !(ends_with(e->d_name, ".c") || (is_cxx && cxx)))
            continue;
        p->source = xresize(p->source, p->nsources + 1, sizeof(p->source[0]));
        p->source[p->nsources++] = xcopy(e->d_name);
    }
    (void)closedir(d);
    if (p->nsources == 0 && other)
        return uf_fail(err, -ENODATA, "%s: only C++ sources; write `lang: c++` in function.yaml",
                       p->dir);
    if (p->nsources == 0)
        return uf_fail(err, -ENODATA, "%s: no C source, such as main.c", p->dir);
    qsort(p->source, p->nsources, sizeof(p->source[0]), compare);
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
        r = list_sources(p, err);
    if (r == 0 && asprintf(&p->image, "%s/%s.img", p->dir, p->f.name) < 0)
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

/* Is the file newer than `than`? One that isn't there is not. */
static bool newer(const char *path, const struct timespec *than)
{
    struct stat st;

    return stat(path, &st) == 0 &&
           (st.st_mtim.tv_sec > than->tv_sec ||
            (st.st_mtim.tv_sec == than->tv_sec && st.st_mtim.tv_nsec >= than->tv_nsec));
}

static bool is_input(const char *name)
{
    static const char *const ends[] = {".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".inc", ".yaml"};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends_with(name, ends[i]))
            return true;
    return false;
}

/* Was something of the folder written, added or removed after the image? */
static bool folder_changed(const struct project *p, const struct timespec *than)
{
    DIR *d = opendir(p->dir);
    bool changed = d == NULL;
    struct dirent *e;

    while (!changed && (e = readdir(d)) != NULL) {
        UF_AUTO_FREE char *path = is_input(e->d_name) ? project_path(p, e->d_name) : NULL;

        changed = path != NULL && newer(path, than);
    }
    if (d != NULL)
        (void)closedir(d);
    return changed;
}

bool project_is_fresh(const struct project *p, const char *sdk)
{
    char stamp[PATH_MAX + 32];
    struct stat st;

    (void)snprintf(stamp, sizeof(stamp), "%s/include/unifaas.h", sdk);
    return stat(p->image, &st) == 0 && !newer(stamp, &st.st_mtim) &&
           !folder_changed(p, &st.st_mtim);
}
