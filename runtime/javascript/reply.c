// SPDX-License-Identifier: MIT
/*
 * reply.c: what a handler returned, as a response.
 *
 *	{body, statusCode, headers}   any of them: as OpenWhisk's web actions
 *	a Response                    as it says
 *	{error}                       the invocation failed; the object is the answer
 *	nothing                       204
 *	a string, a number, a boolean text
 *	bytes                         as they are
 *	another object, an array      JSON
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "abi/control.h"
#include "guest/core/core.h"
#include "runtime/javascript/js.h"

#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_JSON "application/json"
#define TYPE_DATA "application/octet-stream"
#define TYPE_MAX  128u /* bytes of a content-type that are looked at */

static bool is_buffer(JSValueConst v)
{
    return JS_IsObject(v) && JS_GetClassID(v) == js.class_buffer;
}

/* The engine numbers its typed arrays one after the other. */
static bool is_array_of_bytes(JSValueConst v)
{
    JSClassID id = JS_IsObject(v) ? JS_GetClassID(v) : JS_INVALID_CLASS_ID;

    return id >= js.class_first && id <= js.class_last;
}

int js_bytes_of(JSValueConst v, struct js_bytes *out)
{
    size_t offset;
    size_t element;

    *out = (struct js_bytes){.held = JS_UNDEFINED};
    if (is_buffer(v)) {
        const uint8_t *p = JS_GetArrayBuffer(js.ctx, &out->size, v);

        out->data = (const char *)p;
        return p != NULL ? 0 : -1;
    }
    if (is_array_of_bytes(v)) {
        out->held = JS_GetTypedArrayBuffer(js.ctx, v, &offset, &out->size, &element);
        if (JS_IsException(out->held))
            return -1;
        const uint8_t *p = JS_GetArrayBuffer(js.ctx, &element, out->held);
        out->data = p != NULL ? (const char *)p + offset : "";
        return 0;
    }
    if (JS_IsObject(v)) {
        out->held = JS_JSONStringify(js.ctx, v, JS_UNDEFINED, JS_UNDEFINED);
        if (JS_IsUndefined(out->held))
            JS_ThrowTypeError(js.ctx, "what has no JSON, as a function, is no value and no body");
        if (!JS_IsString(out->held))
            return -1;
    }
    out->text = JS_ToCStringLen(js.ctx, &out->size, JS_IsUndefined(out->held) ? v : out->held);
    out->data = out->text;
    return out->text != NULL ? 0 : -1;
}

void js_bytes_free(struct js_bytes *b)
{
    if (b->text != NULL)
        JS_FreeCString(js.ctx, b->text);
    JS_FreeValue(js.ctx, b->held);
}

static bool is_bytes(JSValueConst v)
{
    return is_buffer(v) || is_array_of_bytes(v);
}

static int put_body(struct uf_response *response, JSValueConst v)
{
    struct js_bytes b;

    if (js_bytes_of(v, &b) < 0)
        failure_exception();
    int r = uf_respond_body(response, b.data, b.size);
    js_bytes_free(&b);
    return r;
}

static int put_json(struct uf_response *response, JSValueConst v)
{
    int r = uf_respond_header(response, "content-type", TYPE_JSON);

    return r == 0 ? put_body(response, v) : r;
}

/* In a string, and the content-type says that it is no text: base64, as OpenWhisk has it.
 * What is none stays as it is. */
static int put_binary(struct uf_response *response, JSValueConst v)
{
    struct js_bytes b;

    if (js_bytes_of(v, &b) < 0)
        failure_exception();
    char *to = js_malloc(js.ctx, b.size + 1);
    if (to == NULL)
        failure_exception();
    ptrdiff_t n = binary_decode(b.data, b.size, to);
    int r = n >= 0 ? uf_respond_body(response, to, (size_t)n)
                   : uf_respond_body(response, b.data, b.size);
    js_free(js.ctx, to);
    js_bytes_free(&b);
    return r;
}

static const char *type_of(JSValueConst v, const char *for_text)
{
    if (is_bytes(v))
        return TYPE_DATA;
    return JS_IsObject(v) ? TYPE_JSON : for_text;
}

static JSValue member(JSValueConst of, const char *name)
{
    JSValue v = JS_GetPropertyStr(js.ctx, of, name);

    if (JS_IsException(v))
        failure_exception();
    return v;
}

/* ---- headers ---------------------------------------------------------------------- */

static _Noreturn void refuse_header(const char *name)
{
    (void)JS_ThrowTypeError(js.ctx,
                            "headers: \"%s\" is not the name of a header, or its value has a "
                            "control character",
                            name);
    failure_exception();
}

/* One that nobody could send is an exception, with its name. */
static void put_header(struct uf_response *response, const char *name, JSValueConst v,
                       char type[static TYPE_MAX])
{
    /* As in JSON: not there. */
    if (JS_IsUndefined(v) || JS_IsNull(v))
        return;
    bool is_whole;
    const char *text = js_text_of(v, &is_whole);
    if (text == NULL)
        failure_exception();
    int r = is_whole ? uf_respond_header(response, name, text) : UF_INVALID;
    if (r == UF_TOO_LARGE) {
        (void)JS_ThrowRangeError(js.ctx, "headers: more than %u bytes, with %s", UF_HEADERS_MAX,
                                 name);
        failure_exception();
    }
    if (r != UF_OK)
        refuse_header(name);
    if (strcasecmp(name, "content-type") == 0)
        (void)snprintf(type, TYPE_MAX, "%s", text);
    JS_FreeCString(js.ctx, text);
}

/* An array is several headers of that name, such as set-cookie. */
static void put_headers_of(struct uf_response *response, const char *name, JSValueConst v,
                           char type[static TYPE_MAX])
{
    uint32_t n = 0;

    if (!JS_IsArray(js.ctx, v)) {
        put_header(response, name, v, type);
        return;
    }
    JSValue length = member(v, "length");
    (void)JS_ToUint32(js.ctx, &n, length);
    for (uint32_t i = 0; i < n; i++) {
        JSValue one = JS_GetPropertyUint32(js.ctx, v, i);

        if (JS_IsException(one))
            failure_exception();
        put_header(response, name, one, type);
        JS_FreeValue(js.ctx, one);
    }
}

/* A Response or Headers as a plain object; anything else as it is. */
static JSValue plain(JSValueConst v)
{
    if (!js.has_plain)
        return JS_DupValue(js.ctx, v);
    JSValue made = JS_Call(js.ctx, js.plain, JS_UNDEFINED, 1, &v);
    if (JS_IsException(made))
        failure_exception();
    return JS_IsUndefined(made) ? JS_DupValue(js.ctx, v) : made;
}

/* type: becomes what they say of it. */
static void put_headers(struct uf_response *response, JSValueConst v, char type[static TYPE_MAX])
{
    JSPropertyEnum *names;
    uint32_t n;

    if (!JS_IsObject(v))
        return;
    JSValue headers = plain(v);
    if (JS_GetOwnPropertyNames(js.ctx, &names, &n, headers, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) <
        0)
        failure_exception();
    for (uint32_t i = 0; i < n; i++) {
        JSValue value = JS_GetProperty(js.ctx, headers, names[i].atom);
        JSValue key = JS_AtomToString(js.ctx, names[i].atom);
        bool is_whole;
        const char *name = js_text_of(key, &is_whole);

        if (JS_IsException(value) || name == NULL)
            failure_exception();
        if (!is_whole)
            refuse_header(name);
        put_headers_of(response, name, value, type);
        JS_FreeCString(js.ctx, name);
        JS_FreeValue(js.ctx, key);
        JS_FreeValue(js.ctx, value);
        JS_FreeAtom(js.ctx, names[i].atom);
    }
    js_free(js.ctx, names);
    JS_FreeValue(js.ctx, headers);
}

/* ---- objects ---------------------------------------------------------------------- */

static int put_status(struct uf_response *response, JSValueConst v)
{
    int32_t status = 0;

    if (JS_IsUndefined(v) || JS_IsNull(v))
        return 0;
    if (JS_ToInt32(js.ctx, &status, v) < 0)
        failure_exception();
    if (status >= 100 && status <= 599)
        return uf_respond_status(response, status);
    (void)JS_ThrowRangeError(js.ctx, "statusCode: %d is none; it must be from 100 to 599",
                             (int)status);
    failure_exception();
}

/* Without a body there is nothing, unless the author says what. */
static int put_web_body(struct uf_response *response, JSValueConst body, JSValueConst status,
                        const char *type)
{
    bool is_empty = JS_IsUndefined(body) || JS_IsNull(body);

    if (is_empty)
        return JS_IsUndefined(status) || JS_IsNull(status) ? uf_respond_status(response, 204) : 0;
    if (type[0] != '\0')
        return JS_IsString(body) && binary_is_type(type) ? put_binary(response, body)
                                                         : put_body(response, body);
    int r = uf_respond_header(response, "content-type", type_of(body, TYPE_HTML));
    return r == 0 ? put_body(response, body) : r;
}

/* body, statusCode and headers, if any of them is there. */
static bool put_web(struct uf_response *response, JSValueConst v, int *r)
{
    JSValue o = plain(v);
    JSValue body = member(o, "body");
    JSValue status = member(o, "statusCode");
    JSValue headers = member(o, "headers");
    bool is_web = !JS_IsUndefined(body) || !JS_IsUndefined(status) || !JS_IsUndefined(headers);
    char type[TYPE_MAX] = "";

    if (is_web) {
        *r = put_status(response, status);
        put_headers(response, headers, type);
        if (*r == 0)
            *r = put_web_body(response, body, status, type);
    }
    JS_FreeValue(js.ctx, body);
    JS_FreeValue(js.ctx, status);
    JS_FreeValue(js.ctx, headers);
    JS_FreeValue(js.ctx, o);
    return is_web;
}

/* {error: new Error(...)}: JSON would have nothing of it. Its words, and its statusCode. */
static int put_thrown(struct uf_response *response, JSValueConst o, JSValueConst error)
{
    JSValue text = JS_ToString(js.ctx, error);
    JSValue status = member(error, "statusCode");

    if (JS_IsException(text) ||
        JS_DefinePropertyValueStr(js.ctx, o, "error", text, JS_PROP_C_W_E | JS_PROP_THROW) < 0)
        failure_exception();
    int r = put_status(response, status);
    JS_FreeValue(js.ctx, status);
    failure_log(error);
    return r == 0 ? put_json(response, o) : r;
}

static void log_error(JSValueConst error)
{
    struct js_bytes b;

    if (js_bytes_of(error, &b) < 0)
        failure_exception();
    uf_log_line(UF_LOG_ERROR, b.data, b.size < 4096 ? b.size : 4096);
    js_bytes_free(&b);
}

/* OpenWhisk's {error: ...}: what is in it is the answer, and it is no success. */
static int put_error(struct uf_response *response, JSValueConst o, JSValueConst error)
{
    int r = 0;

    (void)uf_respond_status(response, 500);
    if (JS_IsError(js.ctx, error)) {
        r = put_thrown(response, o, error);
    } else {
        log_error(error);
        if (!JS_IsObject(error) || !put_web(response, error, &r))
            r = put_json(response, o);
    }
    return r != 0 ? r : 1;
}

static int put_object(struct uf_response *response, JSValueConst o)
{
    JSValue error = member(o, "error");
    int r = 0;

    if (!JS_IsUndefined(error))
        r = put_error(response, o, error);
    else if (!put_web(response, o, &r))
        r = put_json(response, o);
    JS_FreeValue(js.ctx, error);
    return r;
}

int reply_with(struct uf_response *response, JSValue result)
{
    int r;

    if (JS_IsUndefined(result) || JS_IsNull(result)) {
        r = uf_respond_status(response, 204);
    } else if (JS_IsObject(result) && !is_bytes(result) && !JS_IsArray(js.ctx, result)) {
        r = put_object(response, result);
    } else {
        r = uf_respond_header(response, "content-type", type_of(result, JS_TYPE_TEXT));
        if (r == 0)
            r = put_body(response, result);
    }
    JS_FreeValue(js.ctx, result);
    return r;
}
