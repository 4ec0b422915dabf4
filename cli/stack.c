// SPDX-License-Identifier: MIT
/* stack.c: see stack.h. */
#include "cli/stack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/expand.h"
#include "cli/files.h"
#include "engine/function.h"
#include "engine/yamltree.h"

#define FUNCTIONS_MAX   256u
#define HASH_MIN        8u /* digits; the daemon takes no fewer */
#define HASH_LEN        64u
#define FOLDER_MANIFEST "/function.yaml"

struct reader {
    struct stack *s;
    const char *path;
    void (*ignored)(const char *function, const char *key);
    struct stack_pairs *pairs; /* that a mapping goes into */
    char *image;               /* of the function being read, as it is written */
};

static struct stack_function *current(const struct reader *r)
{
    return &r->s->functions[r->s->n - 1];
}

/* A value, with its variables replaced. */
static int take_text(struct yamltree *t, const char *key, const yaml_node_t *value, char **to)
{
    const char *text;
    int code = yamltree_text(t, value, key, &text);

    return code < 0 ? code : expand(text, to, t->err);
}

/* An empty setting is none: what a variable that is not set leaves. */
static int take_said(struct yamltree *t, const char *key, const yaml_node_t *value, char **to)
{
    int code = take_text(t, key, value, to);

    if (code == 0 && **to == '\0') {
        free(*to);
        *to = NULL;
    }
    return code;
}

static int on_pair(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const struct reader *r = t->arg;
    char *text;
    int code = take_text(t, key, value, &text);

    if (code < 0)
        return code;
    r->pairs->at = xresize(r->pairs->at, r->pairs->n + 1, sizeof(r->pairs->at[0]));
    r->pairs->at[r->pairs->n++] = (struct stack_pair){.name = xcopy(key), .value = text};
    return 0;
}

static int read_pairs(struct yamltree *t, struct stack_pairs *to, const char *what,
                      const yaml_node_t *value)
{
    struct reader *r = t->arg;

    r->pairs = to;
    return yamltree_pairs(t, value, what, on_pair);
}

/* A path in the file, relative to the file. */
static char *beside(const struct reader *r, const char *text)
{
    const char *slash = strrchr(r->path, '/');
    char *whole;

    while (strncmp(text, "./", 2) == 0)
        text += 2;
    if (text[0] == '/' || slash == NULL)
        return xcopy(*text != '\0' ? text : ".");
    if (asprintf(&whole, "%.*s/%s", (int)(slash - r->path), r->path, text) < 0)
        abort();
    return whole;
}

static int take_path(struct yamltree *t, const char *key, const yaml_node_t *value, char **to)
{
    UF_AUTO_FREE char *text = NULL;
    int code = take_said(t, key, value, &text);

    if (code == 0 && text != NULL)
        *to = beside(t->arg, text);
    return code;
}

/* Names that function.yaml would take. */
static int on_secret(struct yamltree *t, const yaml_node_t *n)
{
    struct stack_names *to = &current(t->arg)->secrets;
    struct function probe;
    char *text;
    int code = take_text(t, "a secret", n, &text);

    if (code < 0)
        return code;
    function_defaults(&probe);
    code = function_secret_add(&probe, text, t->err);
    function_fini(&probe);
    if (code < 0) {
        free(text);
        return code;
    }
    to->at = xresize(to->at, to->n + 1, sizeof(to->at[0]));
    to->at[to->n++] = text;
    return 0;
}

static int on_limit(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const struct reader *r = t->arg;
    char show[YAMLTREE_SHOW];

    if (strcmp(key, "memory") == 0)
        return take_said(t, key, value, &current(r)->memory);
    if (strcmp(key, "cpu") != 0)
        return uf_fail(t->err, -EINVAL, "unknown key \"%s\" in limits; valid keys: memory, cpu",
                       yamltree_show(key, show));
    r->ignored(current(r)->name, "limits.cpu");
    return 0;
}

static bool means_nothing(const char *key)
{
    static const char *const keys[] = {
        "fprocess",      "skip_build", "build_args",  "build_options",
        "build_secrets", "requests",   "constraints", "readonly_root_filesystem",
        "copy",          "platforms"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static int on_function_key(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    struct reader *r = t->arg;
    struct stack_function *f = current(r);
    char show[YAMLTREE_SHOW];

    if (strcmp(key, "handler") == 0)
        return take_path(t, key, value, &f->path);
    if (strcmp(key, "image") == 0)
        return take_said(t, key, value, &r->image);
    if (strcmp(key, "lang") == 0)
        return take_said(t, key, value, &f->lang);
    if (strcmp(key, "environment") == 0)
        return read_pairs(t, &f->env, key, value);
    if (strcmp(key, "labels") == 0)
        return read_pairs(t, &f->labels, key, value);
    if (strcmp(key, "annotations") == 0)
        return read_pairs(t, &f->annotations, key, value);
    if (strcmp(key, "limits") == 0)
        return yamltree_pairs(t, value, key, on_limit);
    if (strcmp(key, "namespace") == 0)
        return take_said(t, key, value, &f->space);
    if (strcmp(key, "secrets") == 0)
        return yamltree_items(t, value, key, on_secret);
    if (strcmp(key, "environment_file") == 0)
        return uf_fail(t->err, -EINVAL,
                       "environment_file is not read; write its variables below environment, or "
                       "give them with -e");
    if (!means_nothing(key))
        return uf_fail(t->err, -EINVAL,
                       "unknown key \"%s\"; valid keys: handler, image, lang, environment, limits, "
                       "labels, annotations, secrets, namespace",
                       yamltree_show(key, show));
    r->ignored(f->name, key);
    return 0;
}

/* What the daemon takes for the hash of an image: HEX or its beginning, either with
 * "sha256:" before it; "anything@sha256:HEX" for all of it. */
static bool is_hash(const char *image)
{
    const char *at = strrchr(image, '@');
    const char *text = at != NULL ? at + 1 : image;
    bool has_kind = strncmp(text, "sha256:", 7) == 0;
    const char *hex = has_kind ? text + 7 : text;
    size_t n = strlen(hex);

    return strspn(hex, "0123456789abcdef") == n && n <= HASH_LEN &&
           (at == NULL ? n >= HASH_MIN : n == HASH_LEN && has_kind);
}

static bool is_there(const char *folder, const char *name)
{
    UF_AUTO_FREE char *path = NULL;

    if (asprintf(&path, "%s%s", folder, name) < 0)
        abort();
    return access(path, F_OK) == 0;
}

/* One of function.yaml's. */
static bool is_own_lang(const char *lang)
{
    struct function probe;
    struct uf_err unused;

    function_defaults(&probe);
    return function_set(&probe, "lang", lang, &unused) == 0;
}

/* The lang of an image says nothing, nor does that of another template for a folder
 * with a manifest of its own. */
static void forget_lang(const struct reader *r, struct stack_function *f)
{
    r->ignored(f->name, "lang");
    free(f->lang);
    f->lang = NULL;
}

/* Which of handler and image it is. */
static int settle(const struct reader *r, struct stack_function *f, struct uf_err *err)
{
    UF_AUTO_FREE char *image = r->image != NULL ? beside(r, r->image) : NULL;
    bool is_file = image != NULL && is_there(image, "");
    bool is_ref = image != NULL && !is_file && is_hash(r->image);
    bool is_foreign = f->lang != NULL && !is_own_lang(f->lang);

    if (f->path == NULL && image == NULL)
        return uf_fail(err, -EINVAL, "%s: neither handler (a folder) nor image (a file or a hash)",
                       f->name);
    if (f->path != NULL && is_foreign && !is_there(f->path, FOLDER_MANIFEST)) {
        if (!is_file && !is_ref)
            return uf_fail(err, -EINVAL,
                           "%s: nothing here builds \"%.40s\"; give %.60s a function.yaml "
                           "(`unifaas new` makes one) with lang c, c++ or javascript, or name an "
                           "image that is built (a file or a hash)",
                           f->name, f->lang, f->path);
        r->ignored(f->name, "handler");
        free(f->path);
        f->path = NULL;
    }
    if (f->lang != NULL && (is_foreign || f->path == NULL))
        forget_lang(r, f);
    if (f->path != NULL)
        return 0;
    if (is_ref) {
        f->hash = xcopy(r->image);
    } else {
        f->path = image;
        image = NULL;
    }
    return 0;
}

static int on_function(struct yamltree *t, const char *name, const yaml_node_t *value)
{
    struct reader *r = t->arg;
    char show[YAMLTREE_SHOW];

    if (!function_name_ok(name))
        return uf_fail(t->err, -EINVAL,
                       "\"%s\" is not a function's name; it must be 1 to %d of a-z, 0-9 and -",
                       yamltree_show(name, show), FUNCTION_NAME_MAX);
    if (r->s->n == FUNCTIONS_MAX)
        return uf_fail(t->err, -EINVAL, "more than %u functions in one file", FUNCTIONS_MAX);
    r->s->functions = xresize(r->s->functions, r->s->n + 1, sizeof(r->s->functions[0]));
    r->s->functions[r->s->n++] = (struct stack_function){.name = xcopy(name)};
    int code = yamltree_pairs(t, value, "a function", on_function_key);
    if (code == 0)
        code = settle(r, current(r), t->err);
    free(r->image);
    r->image = NULL;
    return code;
}

static int on_provider(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const struct reader *r = t->arg;
    char show[YAMLTREE_SHOW];

    if (strcmp(key, "gateway") == 0)
        return take_said(t, key, value, &r->s->gateway);
    if (strcmp(key, "name") == 0)
        return 0;
    return uf_fail(t->err, -EINVAL, "unknown key \"%s\" in provider; valid keys: name, gateway",
                   yamltree_show(key, show));
}

static int on_top(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const struct reader *r = t->arg;
    char show[YAMLTREE_SHOW];

    if (strcmp(key, "functions") == 0)
        return yamltree_pairs(t, value, key, on_function);
    if (strcmp(key, "provider") == 0)
        return yamltree_pairs(t, value, key, on_provider);
    if (strcmp(key, "version") == 0)
        return 0;
    if (strcmp(key, "configuration") == 0) {
        r->ignored(r->path, key);
        return 0;
    }
    return uf_fail(t->err, -EINVAL, "unknown key \"%s\"; valid keys: version, provider, functions",
                   yamltree_show(key, show));
}

int stack_read(struct stack *s, const char *path,
               void (*ignored)(const char *function, const char *key), struct uf_err *err)
{
    struct stack out = {0};
    struct reader r = {.s = &out, .path = path, .ignored = ignored};
    UF_AUTO_FREE char *text = NULL;
    size_t size;
    int code = file_read(path, YAMLTREE_MAX, &text, &size, err);

    if (code == 0)
        code = yamltree_load(&(struct yamltree_file){text, size, path, "a stack file"}, on_top, &r,
                             err);
    if (code == 0 && out.n == 0)
        code = uf_fail(err, -EINVAL, "%s: no functions in it", path);
    if (code < 0)
        stack_fini(&out);
    else
        *s = out;
    return code;
}

static void free_pairs(struct stack_pairs *p)
{
    for (size_t i = 0; i < p->n; i++) {
        free(p->at[i].name);
        free(p->at[i].value);
    }
    free(p->at);
}

void stack_fini(struct stack *s)
{
    for (size_t i = 0; i < s->n; i++) {
        struct stack_function *f = &s->functions[i];

        free(f->name);
        free(f->path);
        free(f->hash);
        free(f->lang);
        free(f->memory);
        free(f->space);
        free_pairs(&f->env);
        free_pairs(&f->labels);
        free_pairs(&f->annotations);
        for (size_t k = 0; k < f->secrets.n; k++)
            free(f->secrets.at[k]);
        free(f->secrets.at);
    }
    free(s->functions);
    free(s->gateway);
    *s = (struct stack){0};
}
