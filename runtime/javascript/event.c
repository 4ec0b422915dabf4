// SPDX-License-Identifier: MIT
/* event.c: what globals.js asks about the event that is being handled. */
#include <string.h>

#include "runtime/javascript/js.h"

/* Between events, as in a timer of a warm instance, there is none to ask about. */
static bool is_there(JSContext *ctx)
{
    if (js.now == NULL)
        JS_ThrowTypeError(ctx, "there is no event here");
    return js.now != NULL;
}

JSValue event_text(const struct uf_event *event)
{
    return JS_NewStringLen(js.ctx, uf_event_body(event), uf_event_body_size(event));
}

/* Headers of one name, joined as the Fetch standard and, cookies, HTTP/2 do. Takes before. */
static JSValue joined(JSValue before, const char *name, const char *value)
{
    const char *between = strcmp(name, "cookie") == 0 ? "; " : ", ";
    const char *text = JS_ToCString(js.ctx, before);
    size_t size = text == NULL ? 0 : strlen(text) + strlen(between) + strlen(value);
    char *all = text == NULL ? NULL : js_malloc(js.ctx, size + 1);
    JSValue v = JS_EXCEPTION;

    if (all != NULL) {
        (void)stpcpy(stpcpy(stpcpy(all, text), between), value);
        v = JS_NewStringLen(js.ctx, all, size);
    }
    js_free(js.ctx, all);
    JS_FreeCString(js.ctx, text);
    JS_FreeValue(js.ctx, before);
    return v;
}

static int add_header(JSValueConst to, const char *name, const char *value)
{
    JSPropertyDescriptor before;
    JSAtom atom = JS_NewAtom(js.ctx, name);
    int has = JS_GetOwnProperty(js.ctx, &before, to, atom);
    JSValue v = has == 0  ? JS_NewString(js.ctx, value)
                : has > 0 ? joined(before.value, name, value)
                          : JS_EXCEPTION;
    int r = JS_IsException(v) ? -1 : JS_DefinePropertyValue(js.ctx, to, atom, v, JS_PROP_C_W_E);

    JS_FreeAtom(js.ctx, atom);
    return r;
}

JSValue event_headers(const struct uf_event *event)
{
    JSValue o = JS_NewObject(js.ctx);

    for (unsigned i = 0; i < uf_event_header_count(event) && !JS_IsException(o); i++)
        if (add_header(o, uf_event_header_name(event, i), uf_event_header_value(event, i)) < 0) {
            JS_FreeValue(js.ctx, o);
            o = JS_EXCEPTION;
        }
    return o;
}

static JSValue field(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int which)
{
    static const char *(*const get[])(const struct uf_event *) = {
        uf_event_id, uf_event_trigger, uf_event_method, uf_event_path, uf_event_query};

    (void)self;
    (void)argc;
    (void)argv;
    return is_there(ctx) ? JS_NewString(ctx, get[which](js.now)) : JS_EXCEPTION;
}

static JSValue headers(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    return is_there(ctx) ? event_headers(js.now) : JS_EXCEPTION;
}

static JSValue attribute(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    bool is_whole;
    const char *name = argc > 0 ? js_text_of(argv[0], &is_whole) : NULL;
    const char *v = NULL;

    (void)self;
    if (name == NULL || !is_there(ctx))
        return JS_EXCEPTION;
    if (is_whole)
        v = uf_event_attribute(js.now, name);
    JS_FreeCString(ctx, name);
    return v != NULL ? JS_NewString(ctx, v) : JS_UNDEFINED;
}

static JSValue attempt(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    return is_there(ctx) ? JS_NewInt64(ctx, uf_event_attempt(js.now)) : JS_EXCEPTION;
}

static JSValue time_left(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    return is_there(ctx) ? JS_NewFloat64(ctx, (double)uf_event_time_left(js.now) / 1e6)
                         : JS_EXCEPTION;
}

/* Of a batch the body is how its events are packed. */
static bool has_body(JSContext *ctx)
{
    if (!is_there(ctx))
        return false;
    unsigned items = uf_event_item_count(js.now);
    if (items > 1)
        JS_ThrowTypeError(ctx,
                          "this is a batch of %u events, each with a body of its own: use "
                          "event.items, or no `batch`",
                          items);
    return items == 1;
}

static JSValue text(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    return has_body(ctx) ? event_text(js.now) : JS_EXCEPTION;
}

static JSValue bytes(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    if (!has_body(ctx))
        return JS_EXCEPTION;
    return JS_NewArrayBufferCopy(ctx, (const uint8_t *)uf_event_body(js.now),
                                 uf_event_body_size(js.now));
}

static JSValue params(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)ctx;
    (void)self;
    (void)argc;
    (void)argv;
    return params_defaults();
}

/* ---- the items of a batch --------------------------------------------------------- */

static JSValue item_count(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    return is_there(ctx) ? JS_NewInt64(ctx, uf_event_item_count(js.now)) : JS_EXCEPTION;
}

static JSValue item(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int is_text)
{
    int32_t index = -1;
    size_t size = 0;

    (void)self;
    if (argc < 1 || JS_ToInt32(ctx, &index, argv[0]) < 0 || !is_there(ctx))
        return JS_EXCEPTION;
    const void *data = index < 0 ? NULL : uf_event_item(js.now, (unsigned)index, &size);
    if (data == NULL)
        return JS_UNDEFINED;
    return is_text ? JS_NewStringLen(ctx, data, size) : JS_NewArrayBufferCopy(ctx, data, size);
}

static JSValue item_id(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t index = -1;

    (void)self;
    if (argc < 1 || JS_ToInt32(ctx, &index, argv[0]) < 0 || !is_there(ctx))
        return JS_EXCEPTION;
    const char *id = index < 0 ? NULL : uf_event_item_id(js.now, (unsigned)index);
    return id != NULL ? JS_NewString(ctx, id) : JS_UNDEFINED;
}

/* "a=1&b=2" as an object. */
static JSValue form(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t size;
    const char *from = argc > 0 ? JS_ToCStringLen(ctx, &size, argv[0]) : NULL;

    (void)self;
    if (from == NULL)
        return JS_EXCEPTION;
    JSValue o = JS_NewObject(ctx);
    int r = params_add_form(o, from, size);
    JS_FreeCString(ctx, from);
    if (r == 0)
        return o;
    JS_FreeValue(ctx, o);
    return JS_EXCEPTION;
}

void event_natives(JSValueConst native)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_MAGIC_DEF("eventId", 0, field, 0),
        JS_CFUNC_MAGIC_DEF("eventTrigger", 0, field, 1),
        JS_CFUNC_MAGIC_DEF("eventMethod", 0, field, 2),
        JS_CFUNC_MAGIC_DEF("eventPath", 0, field, 3),
        JS_CFUNC_MAGIC_DEF("eventQuery", 0, field, 4),
        JS_CFUNC_DEF("eventHeaders", 0, headers),
        JS_CFUNC_DEF("eventAttribute", 1, attribute),
        JS_CFUNC_DEF("eventAttempt", 0, attempt),
        JS_CFUNC_DEF("eventTimeLeft", 0, time_left),
        JS_CFUNC_DEF("params", 0, params),
        JS_CFUNC_DEF("eventText", 0, text),
        JS_CFUNC_DEF("eventBytes", 0, bytes),
        JS_CFUNC_DEF("itemCount", 0, item_count),
        JS_CFUNC_MAGIC_DEF("itemText", 1, item, 1),
        JS_CFUNC_MAGIC_DEF("itemBytes", 1, item, 0),
        JS_CFUNC_DEF("itemId", 1, item_id),
        JS_CFUNC_DEF("form", 1, form),
    };

    JS_SetPropertyFunctionList(js.ctx, native, functions,
                               (int)(sizeof(functions) / sizeof(functions[0])));
}
