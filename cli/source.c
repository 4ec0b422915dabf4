// SPDX-License-Identifier: MIT
/* source.c: see source.h. */
#include "cli/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/build/build.h"
#include "cli/build/script.h"
#include "cli/files.h"

void source_name_by_file(struct function *f, const char *path)
{
    const char *base = file_base(path);
    char name[FUNCTION_NAME_MAX + 1];

    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(base, "."), base);
    (void)snprintf(f->name, sizeof(f->name), "%s", function_name_ok(name) ? name : "");
}

int source_check_name(const struct function *f, const char *path)
{
    return f->name[0] != '\0'
               ? OPTS_GO
               : cli_fail(CLI_USAGE,
                          "%s: the file's name cannot be a function's (1 to %d of a-z, 0-9 and -); "
                          "give one with --name",
                          path, FUNCTION_NAME_MAX);
}

/* The image of a script, in memory. */
static int make_image(struct source *s, const char *path)
{
    struct uf_err err;
    int fd;

    if (function_set(&s->f, "lang", "javascript", &err) < 0)
        return cli_report(CLI_MANIFEST, &err);
    fd = script_build_one(&s->f, path, &err);
    if (fd < 0)
        return cli_report(CLI_BUILD, &err);
    s->fd = fd;
    if (asprintf(&s->image, "/proc/self/fd/%d", fd) < 0)
        abort();
    return OPTS_GO;
}

/* Sources that are no image and no script, by mistake: what to do with them. */
static int check_kind(const char *path)
{
    static const struct {
        const char *end;
        const char *way_out;
    } all[] = {
        {".cjs", "call it .js, which may use require() and module.exports as well"},
        {".cts", "call it .ts, which may use require() as well"},
        {".jsx", "what esbuild makes of it, a .js file, can be run"},
        {".tsx", "what esbuild makes of it, a .js file, can be run"},
        {".c", "give the folder that it is in"},
        {".cc", "give the folder that it is in"},
        {".cpp", "give the folder that it is in"},
        {".cxx", "give the folder that it is in"},
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (file_name_ends(path, all[i].end))
            return cli_fail(CLI_USAGE,
                            "%s: is neither an image nor a script (.js, .mjs, .ts, .mts); "
                            "%s",
                            path, all[i].way_out);
    return OPTS_GO;
}

/* The manifest of an image: --manifest, or the defaults. */
static int read_settings(struct source *s, const struct source_options *o)
{
    struct uf_err err;

    function_defaults(&s->f);
    if (o->manifest != NULL) {
        int r = project_read_manifest(&s->f, o->manifest, &err);

        if (r < 0)
            return cli_report(build_exit_of_open(r), &err);
        if (function_is_sequence(&s->f))
            return cli_fail(CLI_MANIFEST, "%s: a sequence has no image; give its folder instead",
                            o->manifest);
    }
    return OPTS_GO;
}

static int open_image(struct source *s, const char *path, const struct source_options *o,
                      const struct command *c)
{
    if (access(path, R_OK) != 0)
        return cli_fail(errno == ENOENT ? CLI_NOT_FOUND : CLI_FAILED, "%s: %s", path,
                        errno == ENOENT ? "no such image or folder" : strerror(errno));
    if (check_kind(path) != OPTS_GO)
        return CLI_USAGE;
    int r = read_settings(s, o);
    if (r != OPTS_GO)
        return r;
    if (s->f.name[0] == '\0')
        source_name_by_file(&s->f, path);
    s->shown = xcopy(path);
    if (!script_is_code(path)) {
        s->image = xcopy(path);
        return OPTS_GO;
    }
    /* Only now it is known how much memory there is. */
    r = source_override(&s->f, o, c);
    if (r == OPTS_GO)
        r = make_image(s, path);
    return r;
}

static int open_dir(struct source *s, const char *path, const struct source_options *o,
                    const struct command *c)
{
    struct project p;

    if (o->manifest != NULL)
        return opts_usage(c, "--manifest: %s is a folder, and has its own", path);
    int r = build_when_needed(&p, path, o->lines);
    if (r != CLI_OK)
        return r;
    function_move(&s->f, &p.f);
    s->image = p.image;
    s->shown = p.image != NULL ? xcopy(p.image) : NULL;
    p.image = NULL;
    project_fini(&p);
    return OPTS_GO;
}

int source_override(struct function *f, const struct source_options *o, const struct command *c)
{
    struct uf_err err;
    char name[256];

    if ((o->memory != NULL && function_set(f, "memory", o->memory, &err) < 0) ||
        (o->timeout != NULL && function_set(f, "timeout", o->timeout, &err) < 0))
        return opts_usage(c, "--%s", err.msg);
    for (size_t i = 0; i < o->env.n; i++) {
        const char *equals = strchr(o->env.at[i], '=');

        if (equals == NULL || (size_t)(equals - o->env.at[i]) >= sizeof(name))
            return opts_usage(c, "--env: \"%s\" is not valid; it must be NAME=VALUE", o->env.at[i]);
        (void)snprintf(name, sizeof(name), "%.*s", (int)(equals - o->env.at[i]), o->env.at[i]);
        if (function_env_set(f, name, equals + 1, &err) < 0)
            return opts_usage(c, "--%s", err.msg);
    }
    return OPTS_GO;
}

/* What was opened, or why not, with the options that go before it. */
static int finish(struct source *out, struct source *s, int r, const struct source_options *o,
                  const struct command *c)
{
    if (r == OPTS_GO)
        r = source_override(&s->f, o, c);
    if (r == OPTS_GO)
        *out = *s;
    else
        source_fini(s);
    return r;
}

int source_open(struct source *out, const char *path, const struct source_options *o,
                const struct command *c)
{
    struct source s = {0};
    int r = file_is_dir(path) ? open_dir(&s, path, o, c) : open_image(&s, path, o, c);

    return finish(out, &s, r, o, c);
}

int source_open_hash(struct source *out, const char *hash, const struct source_options *o,
                     const struct command *c)
{
    struct source s = {.shown = xcopy(hash)};

    return finish(out, &s, read_settings(&s, o), o, c);
}

void source_fini(struct source *s)
{
    function_fini(&s->f);
    if (s->fd > 0)
        (void)close(s->fd);
    free(s->image);
    free(s->shown);
    *s = (struct source){0};
}
