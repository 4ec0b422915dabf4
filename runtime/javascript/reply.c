// SPDX-License-Identifier: MIT
/*
 * reply.c: what a handler returned, as a response.
 *
 *	{body, statusCode, headers}   any of them: as OpenWhisk's web actions
 *	{error}                       the invocation failed; the object is the answer
 *	nothing                       204
 *	a string, a number, a boolean text
 *	bytes                         as they are
 *	another object, an array      JSON
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/javascript/js.h"

#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_HTML "text/html; charset=utf-8"
#define TYPE_JSON "application/json"
#define TYPE_DATA "application/octet-stream"

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
        if (JS_IsException(out->held))
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

static int put_header(struct uf_response *response, const char *name, JSValueConst v)
{
    const char *text = JS_ToCString(js.ctx, v);

    if (text == NULL)
        failure_exception();
    int r = uf_respond_header(response, name, text);
    JS_FreeCString(js.ctx, text);
    return r;
}

/* An array is several headers of that name, such as set-cookie. */
static int put_headers_of(struct uf_response *response, const char *name, JSValueConst v)
{
    int r = 0;

    if (!JS_IsArray(js.ctx, v))
        return put_header(response, name, v);
    JSValue length = member(v, "length");
    uint32_t n = 0;
    (void)JS_ToUint32(js.ctx, &n, length);
    for (uint32_t i = 0; i < n && r == 0; i++) {
        JSValue one = JS_GetPropertyUint32(js.ctx, v, i);

        if (JS_IsException(one))
            failure_exception();
        r = put_header(response, name, one);
        JS_FreeValue(js.ctx, one);
    }
    return r;
}

static int put_headers(struct uf_response *response, JSValueConst headers, bool *has_type)
{
    JSPropertyEnum *names;
    uint32_t n;
    int r = 0;

    if (!JS_IsObject(headers))
        return 0;
    if (JS_GetOwnPropertyNames(js.ctx, &names, &n, headers, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) <
        0)
        failure_exception();
    for (uint32_t i = 0; i < n && r == 0; i++) {
        JSValue v = JS_GetProperty(js.ctx, headers, names[i].atom);
        const char *name = JS_AtomToCString(js.ctx, names[i].atom);

        if (JS_IsException(v) || name == NULL)
            failure_exception();
        *has_type = *has_type || strcasecmp(name, "content-type") == 0;
        r = put_headers_of(response, name, v);
        JS_FreeCString(js.ctx, name);
        JS_FreeValue(js.ctx, v);
    }
    for (uint32_t i = 0; i < n; i++)
        JS_FreeAtom(js.ctx, names[i].atom);
    js_free(js.ctx, names);
    return r;
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

/* body, statusCode and headers, if any of them is there. */
static bool put_web(struct uf_response *response, JSValueConst o, int *r)
{
    JSValue body = member(o, "body");
    JSValue status = member(o, "statusCode");
    JSValue headers = member(o, "headers");
    bool is_web = !JS_IsUndefined(body) || !JS_IsUndefined(status) || !JS_IsUndefined(headers);
    bool has_type = false;

    if (is_web) {
        *r = put_status(response, status);
        if (*r == 0)
            *r = put_headers(response, headers, &has_type);
        if (*r == 0 && !JS_IsUndefined(body) && !JS_IsNull(body)) {
            if (!has_type)
                *r = uf_respond_header(response, "content-type", type_of(body, TYPE_HTML));
            if (*r == 0)
                *r = put_body(response, body);
        }
    }
    JS_FreeValue(js.ctx, body);
    JS_FreeValue(js.ctx, status);
    JS_FreeValue(js.ctx, headers);
    return is_web;
}

/* OpenWhisk's {error: ...}: what is in it is the answer, and it is no success. */
static int put_error(struct uf_response *response, JSValueConst o, JSValueConst error)
{
    struct js_bytes b;
    int r = 0;

    if (js_bytes_of(error, &b) < 0)
        failure_exception();
    uf_log(UF_LOG_ERROR, "%.*s", (int)(b.size < 4096 ? b.size : 4096), b.data);
    js_bytes_free(&b);
    (void)uf_respond_status(response, 500);
    if (!JS_IsObject(error) || !put_web(response, error, &r)) {
        r = uf_respond_header(response, "content-type", TYPE_JSON);
        if (r == 0)
            r = put_body(response, o);
    }
    return r != 0 ? r : 1;
}

static int put_object(struct uf_response *response, JSValueConst o)
{
    JSValue error = member(o, "error");
    int r = 0;

    if (!JS_IsUndefined(error)) {
        r = put_error(response, o, error);
    } else if (!put_web(response, o, &r)) {
        r = uf_respond_header(response, "content-type", TYPE_JSON);
        if (r == 0)
            r = put_body(response, o);
    }
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
        r = uf_respond_header(response, "content-type", type_of(result, TYPE_TEXT));
        if (r == 0)
            r = put_body(response, result);
    }
    JS_FreeValue(js.ctx, result);
    return r;
}
