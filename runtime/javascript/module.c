// SPDX-License-Identifier: MIT
/*
 * module.c: import and require() among the bundle's files.
 *
 * A name that begins with "./" or "../" is relative to the file that asks, and may
 * leave out .js, .mjs or .json, or name a folder with an index.js. Any other name is
 * a package or a built-in of Node's, and there are none of either: packages are
 * bundled before, and for built-ins there is a table of what to use instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/javascript/js.h"

#define PATH_BYTES 512u

/* builtins.txt: what Node has, a tab, and what there is in its place; a line each. */
extern const char js_builtins[];

/* "node:fs/promises" is of "fs". Into out; false: it is none of Node's. */
static bool builtin_instead(const char *name, char *out, size_t cap)
{
    if (strncmp(name, "node:", 5) == 0)
        name += 5;
    size_t n = strcspn(name, "/");
    for (const char *line = js_builtins; *line != '\0'; line += strcspn(line, "\n") + 1) {
        if (strncmp(line, name, n) != 0 || line[n] != '\t')
            continue;
        (void)snprintf(out, cap, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
        return true;
    }
    return false;
}

static void throw_missing(JSContext *ctx, const char *from, const char *name)
{
    char instead[128];

    if (name[0] != '.' && name[0] != '/' && builtin_instead(name, instead, sizeof(instead)))
        JS_ThrowTypeError(ctx, "%s: \"%s\" is Node's own and not here; use %s", from, name,
                          instead);
    else if (name[0] == '.' || name[0] == '/')
        JS_ThrowTypeError(ctx, "%s: there is no file %s", from, name);
    else
        JS_ThrowTypeError(ctx,
                          "%s: package \"%s\" is not here; npm install it in a folder of the "
                          "function's own, and it is bundled",
                          from, name);
}

/* Take the next part of a path into out, which holds *len bytes. */
static bool add_part(char *out, size_t *len, const char *part, size_t n)
{
    if (n == 0 || (n == 1 && part[0] == '.'))
        return true;
    if (n == 2 && part[0] == '.' && part[1] == '.') {
        if (*len == 0)
            return false;
        while (*len > 0 && out[*len - 1] != '/')
            (*len)--;
        if (*len > 0)
            (*len)--;
        out[*len] = '\0';
        return true;
    }
    if (*len + n + 2 > PATH_BYTES)
        return false;
    if (*len > 0)
        out[(*len)++] = '/';
    memcpy(out + *len, part, n);
    *len += n;
    out[*len] = '\0';
    return true;
}

/* name, as seen from the folder of the file `from`. */
static bool join(char out[static PATH_BYTES], const char *from, const char *name)
{
    const char *slash = strrchr(from, '/');
    size_t len = 0;

    out[0] = '\0';
    if (slash != NULL) {
        len = (size_t)(slash - from);
        if (len + 2 > PATH_BYTES)
            return false;
        memcpy(out, from, len);
        out[len] = '\0';
    }
    for (const char *p = name;; p++) {
        size_t n = strcspn(p, "/");

        if (!add_part(out, &len, p, n))
            return false;
        p += n;
        if (*p == '\0')
            return true;
    }
}

static struct bundle_file find_exactly(const char *name, size_t size)
{
    for (uint32_t i = 0; i < uf_bundle_count(); i++) {
        struct bundle_file f = uf_bundle_file(i);

        if (f.name_size == size && memcmp(f.name, name, size) == 0)
            return f;
    }
    return (struct bundle_file){.name = NULL};
}

static struct bundle_file find(const char *from, const char *name)
{
    static const char *const ends[] = {"", ".js", ".mjs", ".json", "/index.js"};
    char path[PATH_BYTES + 16];
    struct bundle_file f = {.name = NULL};

    if (name[0] != '.' || !join(path, from, name))
        return f;
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && f.name == NULL; i++) {
        memcpy(path + len, ends[i], strlen(ends[i]) + 1);
        f = find_exactly(path, strlen(path));
    }
    return f;
}

static char *normalize(JSContext *ctx, const char *from, const char *name, void *unused)
{
    struct bundle_file f = find(from, name);

    (void)unused;
    if (f.name == NULL) {
        throw_missing(ctx, from, name);
        return NULL;
    }
    return js_strdup(ctx, f.name);
}

static bool is_json(const struct bundle_file *f)
{
    return f->name_size > 5 && memcmp(f->name + f->name_size - 5, ".json", 5) == 0;
}

/* The value of a JSON module waits in a private value of its own until it is run. */
static int set_json(JSContext *ctx, JSModuleDef *m)
{
    JSAtom name = JS_GetModuleName(ctx, m);
    const char *text = JS_AtomToCString(ctx, name);
    struct bundle_file f = find_exactly(text, strlen(text));
    JSValue v = JS_ParseJSON(ctx, f.data, f.data_size, f.name);

    JS_FreeCString(ctx, text);
    JS_FreeAtom(ctx, name);
    return JS_IsException(v) ? -1 : JS_SetModuleExport(ctx, m, "default", v);
}

static JSModuleDef *load(JSContext *ctx, const char *name, void *unused)
{
    struct bundle_file f = find_exactly(name, strlen(name));

    (void)unused;
    if (is_json(&f)) {
        JSModuleDef *m = JS_NewCModule(ctx, f.name, set_json);

        if (m != NULL)
            (void)JS_AddModuleExport(ctx, m, "default");
        return m;
    }
    JSValue code =
        JS_Eval(ctx, f.data, f.data_size, f.name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(code))
        return NULL;
    JSModuleDef *m = JS_VALUE_GET_PTR(code);
    JS_FreeValue(ctx, code);
    return m;
}

/* ---- require() -------------------------------------------------------------------- */

static JSValue require(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int magic,
                       JSValue *data)
{
    const char *from = JS_ToCString(ctx, data[0]);
    const char *name = argc > 0 ? JS_ToCString(ctx, argv[0]) : NULL;
    JSValue v = JS_EXCEPTION;

    (void)self;
    (void)magic;
    if (from != NULL && name != NULL)
        v = module_require(ctx, from, name);
    else if (argc == 0)
        JS_ThrowTypeError(ctx, "require: give the name of a file");
    JS_FreeCString(ctx, name);
    JS_FreeCString(ctx, from);
    return v;
}

static JSValue make_require(JSContext *ctx, const char *from)
{
    JSValue name = JS_NewString(ctx, from);
    JSValue f = JS_NewCFunctionData(ctx, require, 1, 0, 1, (JSValueConst *)&name);

    JS_FreeValue(ctx, name);
    return f;
}

/* What has been required already, by name. */
static JSValue cache;

/* A file as the body of a function of exports, require and module. */
static JSValue run_file(JSContext *ctx, const struct bundle_file *f, JSValueConst module)
{
    static const char head[] = "(function (exports, require, module) {";
    static const char tail[] = "\n})";
    size_t size = sizeof(head) - 1 + f->data_size + sizeof(tail) - 1;
    char *text = js_malloc(ctx, size + 1);

    if (text == NULL)
        return JS_EXCEPTION;
    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + sizeof(head) - 1, f->data, f->data_size);
    /* "#!/usr/bin/env node" is for other programs; in a function's body it is an error. */
    if (f->data_size > 1 && memcmp(f->data, "#!", 2) == 0)
        memcpy(text + sizeof(head) - 1, "//", 2);
    memcpy(text + sizeof(head) - 1 + f->data_size, tail, sizeof(tail));
    JSValue fn = JS_Eval(ctx, text, size, f->name, JS_EVAL_TYPE_GLOBAL);
    js_free(ctx, text);
    if (JS_IsException(fn))
        return fn;
    JSValue exports = JS_GetPropertyStr(ctx, module, "exports");
    JSValue req = make_require(ctx, f->name);
    JSValueConst argv[3] = {exports, req, module};
    JSValue r = JS_Call(ctx, fn, exports, 3, argv);
    JS_FreeValue(ctx, fn);
    JS_FreeValue(ctx, req);
    JS_FreeValue(ctx, exports);
    return r;
}

static JSValue new_module(JSContext *ctx)
{
    JSValue module = JS_NewObject(ctx);

    (void)JS_SetPropertyStr(ctx, module, "exports", JS_NewObject(ctx));
    return module;
}

JSValue module_require(JSContext *ctx, const char *from, const char *name)
{
    struct bundle_file f = find(from, name);

    if (f.name == NULL) {
        throw_missing(ctx, from, name);
        return JS_EXCEPTION;
    }
    JSValue module = JS_GetPropertyStr(ctx, cache, f.name);
    if (JS_IsUndefined(module)) {
        module = new_module(ctx);
        /* Before it runs: files may require each other. */
        (void)JS_SetPropertyStr(ctx, cache, f.name, JS_DupValue(ctx, module));
        JSValue r = is_json(&f) ? JS_ParseJSON(ctx, f.data, f.data_size, f.name)
                                : run_file(ctx, &f, module);
        if (JS_IsException(r)) {
            /* Who asks again is told again, and does not get what is half made. */
            (void)JS_SetPropertyStr(ctx, cache, f.name, JS_UNDEFINED);
            JS_FreeValue(ctx, module);
            return r;
        }
        if (is_json(&f))
            (void)JS_SetPropertyStr(ctx, module, "exports", r);
        else
            JS_FreeValue(ctx, r);
    }
    JSValue exports = JS_GetPropertyStr(ctx, module, "exports");
    JS_FreeValue(ctx, module);
    return exports;
}

void module_start(void)
{
    struct bundle_file f = uf_bundle_file(0);
    JSValue global = JS_GetGlobalObject(js.ctx);
    JSValue module = new_module(js.ctx);

    JS_SetModuleLoaderFunc(js.rt, normalize, load, NULL);
    cache = JS_NewObjectProto(js.ctx, JS_NULL);
    (void)JS_SetPropertyStr(js.ctx, global, "exports",
                            JS_GetPropertyStr(js.ctx, module, "exports"));
    (void)JS_SetPropertyStr(js.ctx, global, "module", module);
    (void)JS_SetPropertyStr(js.ctx, global, "require",
                            make_require(js.ctx, f.name != NULL ? f.name : "main.js"));
    JS_FreeValue(js.ctx, global);
}
