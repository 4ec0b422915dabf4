// SPDX-License-Identifier: MIT
/*
 * script.c: evaluate the author's first file and find its handler.
 *
 * .mjs is a module. .js may be either: what compiles as a script is one, as all
 * OpenWhisk actions are, and what compiles only as a module is a module. When
 * neither does, the attempt that got further is the one that the author meant.
 *
 * A script runs as global code, so that its functions and variables are where
 * main is looked for, beside exports, module and require().
 */
#include <stdio.h>
#include <string.h>

#include "runtime/javascript/js.h"

static bool ends_with(const struct bundle_file *f, const char *end)
{
    size_t n = strlen(end);

    return f->name_size > n && memcmp(f->name + f->name_size - n, end, n) == 0;
}

static JSValue compile(const struct bundle_file *f, int type)
{
    return JS_Eval(js.ctx, f->data, f->data_size, f->name, type | JS_EVAL_FLAG_COMPILE_ONLY);
}

/* Where the engine stumbled, as one number that grows with the text. */
static int64_t place_of(JSValueConst error)
{
    JSValue line = JS_GetPropertyStr(js.ctx, error, "lineNumber");
    JSValue column = JS_GetPropertyStr(js.ctx, error, "columnNumber");
    int32_t l = 0;
    int32_t c = 0;

    (void)JS_ToInt32(js.ctx, &l, line);
    (void)JS_ToInt32(js.ctx, &c, column);
    JS_FreeValue(js.ctx, line);
    JS_FreeValue(js.ctx, column);
    return ((int64_t)l << 32) + c;
}

/* Did the second attempt end before the first? Not when it got as far as the imports:
 * then it is a module, and what is wrong is one of those. */
static bool went_further(const struct bundle_file *f, JSValueConst first, JSValueConst second)
{
    JSValue file = JS_GetPropertyStr(js.ctx, second, "fileName");
    const char *name = JS_IsString(file) ? JS_ToCString(js.ctx, file) : NULL;
    bool is_here = name != NULL && strcmp(name, f->name) == 0 && place_of(second) > 0;

    JS_FreeCString(js.ctx, name);
    JS_FreeValue(js.ctx, file);
    return is_here && place_of(first) >= place_of(second);
}

/* The compiled first file, or no return. */
static JSValue compile_either(const struct bundle_file *f, bool *is_module)
{
    JSValue code;
    JSValue error = JS_UNDEFINED;

    if (!ends_with(f, ".mjs")) {
        code = compile(f, JS_EVAL_TYPE_GLOBAL);
        if (!JS_IsException(code)) {
            *is_module = false;
            return code;
        }
        error = JS_GetException(js.ctx);
    }
    code = compile(f, JS_EVAL_TYPE_MODULE);
    *is_module = true;
    if (!JS_IsException(code)) {
        JS_FreeValue(js.ctx, error);
        return code;
    }
    if (JS_IsUndefined(error))
        failure_exception();
    JSValue second = JS_GetException(js.ctx);
    (void)JS_Throw(js.ctx, went_further(f, error, second) ? error : second);
    failure_exception();
}

/* The value when it is a function, or else JS_UNDEFINED. Takes v. */
static JSValue if_function(JSValue v)
{
    if (JS_IsFunction(js.ctx, v))
        return v;
    if (JS_IsException(v))
        failure_exception();
    JS_FreeValue(js.ctx, v);
    return JS_UNDEFINED;
}

static JSValue member(JSValueConst of, const char *name)
{
    return JS_IsObject(of) ? if_function(JS_GetPropertyStr(js.ctx, of, name)) : JS_UNDEFINED;
}

static bool take(JSValue v, enum js_form form)
{
    if (JS_IsUndefined(v))
        return false;
    js.handler = v;
    js.form = form;
    return true;
}

/* Of a module: what it exports. */
static bool find_export(JSValueConst names)
{
    return take(member(names, "main"), JS_FORM_MAIN) ||
           take(member(names, "default"), JS_FORM_EVENT);
}

/* Of a script: exports.main, module.exports, or what it calls main. */
static bool find_in_script(void)
{
    static const char ask[] = "typeof main === 'function' ? main : undefined";
    JSValue global = JS_GetGlobalObject(js.ctx);
    JSValue module = JS_GetPropertyStr(js.ctx, global, "module");
    JSValue exports = JS_GetPropertyStr(js.ctx, module, "exports");
    bool found = take(member(exports, "main"), JS_FORM_MAIN);

    if (!found)
        found = take(if_function(JS_DupValue(js.ctx, exports)), JS_FORM_EVENT);
    if (!found)
        found = take(if_function(JS_Eval(js.ctx, ask, sizeof(ask) - 1, "<main>", 0)), JS_FORM_MAIN);
    JS_FreeValue(js.ctx, exports);
    JS_FreeValue(js.ctx, module);
    JS_FreeValue(js.ctx, global);
    return found;
}

static bool run_module(JSValue code)
{
    JSModuleDef *m = JS_VALUE_GET_PTR(code);
    JSValue done = script_settle(JS_EvalFunction(js.ctx, code));

    if (JS_IsException(done))
        failure_exception();
    JS_FreeValue(js.ctx, done);
    script_jobs();
    JSValue names = JS_GetModuleNamespace(js.ctx, m);
    bool found = find_export(names);
    JS_FreeValue(js.ctx, names);
    return found;
}

static bool run_script(JSValue code)
{
    JSValue done = JS_EvalFunction(js.ctx, code);

    if (JS_IsException(done))
        failure_exception();
    JS_FreeValue(js.ctx, done);
    script_jobs();
    return find_in_script();
}

void script_load(void)
{
    struct bundle_file f = uf_bundle_file(0);
    bool is_module;

    if (f.name == NULL)
        failure_words("there is no script in this image; unifaas deploy FILE.js makes one");
    JSValue code = compile_either(&f, &is_module);
    if (is_module ? run_module(code) : run_script(code))
        return;
    char words[256];
    (void)snprintf(words, sizeof(words),
                   "%s: no handler: define function main(params), or export default (event, "
                   "context) => ...",
                   f.name);
    failure_words(words);
}
