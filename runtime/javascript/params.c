// SPDX-License-Identifier: MIT
/*
 * params.c: an event as OpenWhisk hands it to main().
 *
 * The members of a JSON body or a form, over those of the query, over those of the
 * manifest; of a web call also
 * __ow_method, __ow_path, __ow_headers, __ow_query, and __ow_body when the body is
 * neither: its text, or base64 when the content-type says that it is none. What a body is follows from its content-type, and when that says nothing
 * (as curl -d does, which calls everything a form), from its first character.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "abi/image.h"
#include "runtime/javascript/js.h"

static const char json_type[] = "application/json";
static const char form_type[] = "application/x-www-form-urlencoded";

/* Does the content-type begin with this one? */
static bool is_type(const char *have, const char *want)
{
    size_t n = strlen(want);

    return have != NULL && strncasecmp(have, want, n) == 0 &&
           (have[n] == '\0' || have[n] == ';' || have[n] == ' ');
}

/* "application/cloudevents+json" is JSON, too. */
static bool is_json_type(const char *have)
{
    size_t n = have == NULL ? 0 : strcspn(have, "; ");

    return is_type(have, json_type) || (n > 5 && strncasecmp(have + n - 5, "+json", 5) == 0);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "a%20b+c" is "a b c"; a broken escape stays as it is. */
static JSValue decoded(const char *from, size_t size)
{
    if (memchr(from, '%', size) == NULL && memchr(from, '+', size) == NULL)
        return JS_NewStringLen(js.ctx, from, size);
    char *out = js_malloc(js.ctx, size + 1);
    size_t n = 0;

    if (out == NULL)
        return JS_EXCEPTION;
    for (size_t i = 0; i < size; i++) {
        int high = from[i] == '%' && size - i > 2 ? hex(from[i + 1]) : -1;
        int low = high >= 0 ? hex(from[i + 2]) : -1;

        if (low >= 0) {
            out[n++] = (char)(high << 4 | low);
            i += 2;
        } else {
            out[n++] = from[i] == '+' ? ' ' : from[i];
        }
    }
    JSValue v = JS_NewStringLen(js.ctx, out, n);
    js_free(js.ctx, out);
    return v;
}

static int add_pair(JSValueConst to, const char *pair, size_t size)
{
    const char *eq = memchr(pair, '=', size);
    size_t nname = eq != NULL ? (size_t)(eq - pair) : size;
    JSValue name = decoded(pair, nname);
    JSValue value = eq != NULL ? decoded(eq + 1, size - nname - 1) : JS_NewString(js.ctx, "");

    if (JS_IsException(name) || JS_IsException(value)) {
        JS_FreeValue(js.ctx, name);
        JS_FreeValue(js.ctx, value);
        return -1;
    }
    JSAtom atom = JS_ValueToAtom(js.ctx, name);
    JS_FreeValue(js.ctx, name);
    int r = JS_DefinePropertyValue(js.ctx, to, atom, value, JS_PROP_C_W_E);
    JS_FreeAtom(js.ctx, atom);
    return r < 0 ? -1 : 0;
}

int params_add_form(JSValueConst to, const char *text, size_t size)
{
    const char *end = text + size;

    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));

        if (stop == NULL)
            stop = end;
        if (stop > text && add_pair(to, text, (size_t)(stop - text)) < 0)
            return -1;
        text = stop + 1;
    }
    return 0;
}

static int set(JSValueConst to, const char *name, JSValue v)
{
    return JS_IsException(v) || JS_DefinePropertyValueStr(js.ctx, to, name, v, JS_PROP_C_W_E) < 0
               ? -1
               : 0;
}

/* Members of one object into another. Takes from. */
static int merge(JSValueConst to, JSValue from)
{
    JSPropertyEnum *names;
    uint32_t n;
    int r = JS_GetOwnPropertyNames(js.ctx, &names, &n, from, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY);

    for (uint32_t i = 0; r >= 0 && i < n; i++) {
        JSValue v = JS_GetProperty(js.ctx, from, names[i].atom);

        r = JS_IsException(v) ? -1
                              : JS_DefinePropertyValue(js.ctx, to, names[i].atom, v, JS_PROP_C_W_E);
        JS_FreeAtom(js.ctx, names[i].atom);
    }
    if (r >= 0)
        js_free(js.ctx, names);
    JS_FreeValue(js.ctx, from);
    return r < 0 ? -1 : 0;
}

static bool begins_as_object(const char *body)
{
    while (isspace((unsigned char)*body))
        body++;
    return *body == '{';
}

/* The body's members; *plain: it has none. */
static JSValue body_object(const struct uf_event *event, bool *plain, int *status)
{
    const char *type = uf_event_header(event, "content-type");
    const char *body = uf_event_body(event);
    size_t size = uf_event_body_size(event);
    bool says_json = is_json_type(type);

    *plain = false;
    if (size == 0)
        return JS_NewObject(js.ctx);
    if (says_json || begins_as_object(body)) {
        JSValue v = JS_ParseJSON(js.ctx, body, size, "body");

        if (JS_IsObject(v) && !JS_IsArray(js.ctx, v))
            return v;
        if (JS_IsException(v)) {
            JSValue error = JS_GetException(js.ctx);
            /* What there was no memory for may well be JSON. */
            bool is_syntax = js_is_syntax_error(error);

            if (is_syntax && says_json)
                *status = 400;
            if (says_json || !is_syntax)
                return JS_Throw(js.ctx, error);
            JS_FreeValue(js.ctx, error);
        }
        JS_FreeValue(js.ctx, v);
        *plain = true;
        return JS_NewObject(js.ctx);
    }
    JSValue v = JS_NewObject(js.ctx);
    if (!is_type(type, form_type) || memchr(body, '=', size) == NULL)
        *plain = true;
    else if (params_add_form(v, body, size) < 0) {
        JS_FreeValue(js.ctx, v);
        return JS_EXCEPTION;
    }
    return v;
}

static int add_web(JSValueConst params, const struct uf_event *event)
{
    char method[32];
    size_t n = 0;

    for (const char *m = uf_event_method(event); *m != '\0' && n < sizeof(method) - 1; m++)
        method[n++] = (char)tolower((unsigned char)*m);
    return set(params, "__ow_method", JS_NewStringLen(js.ctx, method, n)) < 0 ||
                   set(params, "__ow_headers", event_headers(event)) < 0 ||
                   set(params, "__ow_path", JS_NewString(js.ctx, uf_event_path(event))) < 0 ||
                   set(params, "__ow_query", JS_NewString(js.ctx, uf_event_query(event))) < 0
               ? -1
               : 0;
}

/* Behind the script's own files. */
static struct bundle_file defaults_file(void)
{
    uint32_t n = uf_bundle_count();
    struct bundle_file f = uf_bundle_file(n > 0 ? n - 1 : 0);

    return f.name != NULL && strcmp(f.name, UF_BUNDLE_PARAMS) == 0
               ? f
               : (struct bundle_file){.name = NULL};
}

JSValue params_defaults(void)
{
    struct bundle_file f = defaults_file();

    /* Read anew, for a script may change what it gets, at any depth. */
    return f.name != NULL ? JS_ParseJSON(js.ctx, f.data, f.data_size, "function.yaml: params")
                          : JS_NewObject(js.ctx);
}

JSValue params_of(const struct uf_event *event, int *status)
{
    const char *query = uf_event_query(event);
    unsigned items = uf_event_item_count(event);

    /* Its body is how they are packed, which is nothing to take for parameters. */
    if (items > 1)
        return JS_ThrowTypeError(js.ctx,
                                 "this is a batch of %u events, and main(params) takes one: use "
                                 "`export default (event) => ...` with event.items, or no `batch`",
                                 items);
    bool plain;
    JSValue params = body_object(event, &plain, status);
    int r = 0;

    if (JS_IsException(params))
        return params;
    if (*query != '\0' || defaults_file().name != NULL) {
        JSValue over = params;

        params = params_defaults();
        r = JS_IsException(params) ? -1 : params_add_form(params, query, strlen(query));
        r = merge(params, over) < 0 ? -1 : r;
    }
    if (r == 0 && strcmp(uf_event_trigger(event), "http") == 0)
        r = add_web(params, event);
    if (r == 0 && plain)
        r = set(params, "__ow_body",
                binary_is_type(uf_event_header(event, "content-type"))
                    ? binary_encode(uf_event_body(event), uf_event_body_size(event))
                    : event_text(event));
    if (r == 0)
        return params;
    JS_FreeValue(js.ctx, params);
    return JS_EXCEPTION;
}
