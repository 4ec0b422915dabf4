// SPDX-License-Identifier: MIT
/* bundler.c: see bundler.h. */
#include "cli/build/bundler.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/image.h"
#include "base/alloc.h"
#include "base/auto.h"
#include "cli/build/words.h"
#include "cli/files.h"
#include "cli/paths.h"
#include "engine/arch.h"

#define SAID_MAX  ((size_t)1 << 20)  /* bytes of complaints             */
#define META_MAX  ((size_t)16 << 20) /* bytes of what a build was made of */
#define TABLE_MAX ((size_t)1 << 16)

struct bundler {
    const char *dir;
    const char *first;
    bool show;
    char sdk[PATH_MAX];
    char program[PATH_MAX];
    char real[PATH_MAX]; /* dir, whatever the way to it */
    char tmp[PATH_MAX];  /* a folder of ours            */
    char code[PATH_MAX + 16];
    char map[PATH_MAX + 16];
    char meta[PATH_MAX + 16];
};

bool bundler_is_typescript(const char *name)
{
    return (file_name_ends(name, ".ts") || file_name_ends(name, ".mts")) &&
           !file_name_ends(name, ".d.ts") && !file_name_ends(name, ".d.mts");
}

static json_t *read_json(const char *path, size_t max)
{
    UF_AUTO_FREE char *text = NULL;
    size_t size;
    struct uf_err err;

    return file_read(path, max, &text, &size, &err) < 0 ? NULL : json_loadb(text, size, 0, NULL);
}

bool bundler_is_needed(const struct project *p)
{
    for (size_t i = 0; i < p->nsources; i++)
        if (bundler_is_typescript(p->source[i]))
            return true;
    UF_AUTO_FREE char *path = project_path(p, "package.json");
    json_t *package = read_json(path, META_MAX);
    bool has_some = json_object_size(json_object_get(package, "dependencies")) > 0;
    json_decref(package);
    return has_some;
}

/* ---- running it ------------------------------------------------------------------- */

static int open_bundler(struct bundler *u, struct uf_err *err)
{
    int r = paths_sdk(u->sdk, err);

    if (r < 0)
        return r;
    char ours[PATH_MAX + 64];
    (void)snprintf(ours, sizeof(ours), "%s/javascript/esbuild-%s", u->sdk, arch_host()->name);
    /* It runs in another folder. */
    if (access(ours, X_OK) != 0 || realpath(ours, u->program) == NULL)
        (void)snprintf(u->program, sizeof(u->program), "esbuild");
    if (realpath(u->dir, u->real) == NULL)
        return uf_fail(err, -errno, "%s: %s", u->dir, strerror(errno));
    char tmp[PATH_MAX];
    r = file_make_tmp(tmp, err);
    if (r < 0)
        return r;
    if (realpath(tmp, u->tmp) == NULL) {
        r = uf_fail(err, -errno, "%s: %s", tmp, strerror(errno));
        file_remove_tmp(tmp);
        u->tmp[0] = '\0';
        return r;
    }
    (void)snprintf(u->code, sizeof(u->code), "%s/code.js", u->tmp);
    (void)snprintf(u->map, sizeof(u->map), "%s/code.js.map", u->tmp);
    (void)snprintf(u->meta, sizeof(u->meta), "%s/meta.json", u->tmp);
    return 0;
}

/* Say in our words what it said. */
static void explain(const struct bundler *u, int said)
{
    char path[PATH_MAX + 64];
    UF_AUTO_FREE char *table = NULL;
    UF_AUTO_FREE char *text = xnew(SAID_MAX);
    size_t size;
    struct uf_err err;

    ssize_t n = pread(said, text, SAID_MAX - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    (void)snprintf(path, sizeof(path), "%s/javascript/builtins.txt", u->sdk);
    if (file_read(path, TABLE_MAX, &table, &size, &err) < 0)
        table = xcopy("");
    bundler_explain(text, u->dir, table);
}

/*
 * In the folder, so that neither code nor names depend on where it lies. A script's
 * functions are looked for by their names, so none of them may be dropped as unused.
 * Code is plain ASCII, so that a column is a byte. What packages have for browsers and
 * their workers needs nothing of Node's; only `env` says what NODE_ENV is.
 */
static int run(const struct bundler *u, bool is_module, struct uf_err *err)
{
    struct words w = {.dir = u->real};
    UF_AUTO_FD int said = memfd_create("said", MFD_CLOEXEC);

    if (said < 0)
        return uf_fail(err, -errno, "memfd_create: %s", strerror(errno));
    words_add(&w, "%s", u->program);
    words_add(&w, "./%s", u->first);
    words_split(&w, "--bundle --target=es2023 --platform=browser --conditions=worker,module "
                    "--define:process.env.NODE_ENV=process.env.NODE_ENV "
                    "--sourcemap=external --sources-content=false --log-level=warning "
                    "--color=false");
    words_split(&w, is_module ? "--format=esm" : "--format=cjs --tree-shaking=false");
    words_add(&w, "--outfile=%s", u->code);
    words_add(&w, "--metafile=%s", u->meta);
    int r = words_run(&w, u->show, -1, said, err);
    words_fini(&w);
    if (r == -ENOENT)
        return uf_fail(
            err, r,
            "TypeScript and packages need esbuild, which is neither in the SDK at %s nor "
            "in $PATH; to install it: npm install --global esbuild (npm is in the "
            "package npm)",
            u->sdk);
    if (r >= 0)
        explain(u, said);
    return r <= 0 ? r
                  : uf_fail(err, -EBADMSG, "%s%s%s cannot be bundled",
                            strcmp(u->dir, ".") == 0 ? "" : u->dir,
                            strcmp(u->dir, ".") == 0 ? "" : "/", u->first);
}

/* Of the first file: has it import or export? */
static bool is_module(const struct bundler *u)
{
    json_t *meta = read_json(u->meta, META_MAX);
    const char *entry = NULL;
    const char *key;
    json_t *output;

    json_object_foreach(json_object_get(meta, "outputs"), key, output)
    {
        json_t *e = json_object_get(output, "entryPoint");

        entry = e != NULL ? json_string_value(e) : entry;
    }
    json_t *input = entry != NULL ? json_object_get(json_object_get(meta, "inputs"), entry) : NULL;
    const char *format = json_string_value(json_object_get(input, "format"));
    bool is = format != NULL && strcmp(format, "esm") == 0;
    json_decref(meta);
    return is;
}

/* ---- what comes of it --------------------------------------------------------------- */

/* A source as the map names it, relative to the code; shown as the author knows it. */
static char *shown_name(const struct bundler *u, const char *source)
{
    UF_AUTO_FREE char *path = NULL;
    char real[PATH_MAX];
    size_t n = strlen(u->real);

    if (asprintf(&path, "%s/%s", u->tmp, source) < 0)
        abort();
    if (realpath(path, real) == NULL)
        return xcopy(source);
    if (strncmp(real, u->real, n) == 0 && real[n] == '/')
        return xcopy(real + n + 1);
    /* Packages may lie in a folder above. */
    const char *package = strstr(real, "/node_modules/");
    return xcopy(package != NULL ? package + 1 : file_base(real));
}

static int add_map(const struct bundler *u, const char *name, struct bundle *b, struct uf_err *err)
{
    json_t *map = read_json(u->map, UF_BUNDLE_MAX);
    const char *mappings = json_string_value(json_object_get(map, "mappings"));
    const json_t *sources = json_object_get(map, "sources");
    char *text = NULL;
    size_t size = 0;

    if (mappings == NULL) {
        json_decref(map);
        return uf_fail(err, -EBADMSG, "%s: esbuild made no source map", u->first);
    }
    FILE *f = open_memstream(&text, &size);
    for (size_t i = 0; f != NULL && i < json_array_size(sources); i++) {
        UF_AUTO_FREE char *shown = shown_name(u, json_string_value(json_array_get(sources, i)));

        (void)fprintf(f, "%s\n", shown);
    }
    if (f == NULL || fprintf(f, "\n%s", mappings) < 0 || fclose(f) != 0)
        abort();
    json_decref(map);
    bundle_take(b, name, text, size);
    return 0;
}

static int add_all(const struct bundler *u, bool as_module, struct bundle *b, struct uf_err *err)
{
    const char *base = file_base(u->first);
    UF_AUTO_FREE char *name = NULL;
    UF_AUTO_FREE char *map = NULL;

    if (asprintf(&name, "%.*s.bundle.%s", (int)(strrchr(base, '.') - base), base,
                 as_module ? "mjs" : "js") < 0 ||
        asprintf(&map, "%s.map", name) < 0)
        abort();
    int r = bundle_add(b, u->code, name, err);
    return r == 0 ? add_map(u, map, b, err) : r;
}

/* Names of what is no file have no file, and that is all. */
static void add_inputs(const struct bundler *u, struct inputs *in)
{
    json_t *meta = read_json(u->meta, META_MAX);
    const char *name;
    json_t *input;

    json_object_foreach(json_object_get(meta, "inputs"), name, input)
    {
        inputs_add(in, name);
    }
    json_decref(meta);
}

int bundler_run(const char *dir, const char *first, bool show, struct bundle *b, struct inputs *in,
                struct uf_err *err)
{
    struct bundler u = {.dir = dir, .first = first, .show = show};
    bool as_module = true;
    int r = open_bundler(&u, err);

    if (r == 0)
        r = run(&u, true, err);
    if (r == 0 && !is_module(&u)) {
        as_module = false;
        r = run(&u, false, err);
    }
    if (r == 0)
        r = add_all(&u, as_module, b, err);
    if (r == 0 && in != NULL)
        add_inputs(&u, in);
    file_remove_tmp(u.tmp);
    return r;
}
