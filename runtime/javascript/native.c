// SPDX-License-Identifier: MIT
/*
 * native.c: what globals.js is made of: calls of the platform, the log, chance and
 * time. A call that fails throws an Error that names it.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/door.h"
#include "guest/core/core.h"
#include "runtime/javascript/js.h"

#define SMALL ((size_t)16 << 10) /* bytes: most values fit            */
#define LARGE ((size_t)1 << 20)  /* bytes: none is larger             */

/* globals.S */
struct text {
    const char *name;
    const char *data;
    uint64_t size;
};
extern const struct text js_globals[];
extern const struct text js_globals_end[];

extern char **environ;

enum call {
    KV_SET,
    QUEUE_PUSH,
    PUBLISH,
    KV_GET,
    QUEUE_POP,
    SECRET,
    KV_LIST,
    KV_DELETE,
    KV_INCR,
};

static const char *const calls[] = {"kv.set", "queue.push", "publish",   "kv.get", "queue.pop",
                                    "secret", "kv.list",    "kv.delete", "kv.incr"};

static const char bad_name[] = "a name has 1 to 255 bytes of UTF-8 without control characters";

static bool is_name(const char *name)
{
    size_t n = 0;

    /* Control characters: C0, DEL, and C1 in UTF-8. */
    for (; n <= UF_NAME_MAX && name[n] != '\0'; n++)
        if ((unsigned char)name[n] < ' ' || name[n] == 0x7f ||
            ((unsigned char)name[n] == 0xc2 && (unsigned char)name[n + 1] < 0xa0))
            return false;
    return n > 0 && n <= UF_NAME_MAX;
}

/* Why, with the limit or the key of function.yaml that was met. */
static const char *words_of(enum call call, const char *name, int code)
{
    if (code == UF_NOT_AVAILABLE)
        return "not available here: a daemon serves it, in an event";
    if (code == UF_INVALID && call == KV_INCR && is_name(name))
        return "its value is no whole number, or the sum has more than 64 bits";
    if (code == UF_INVALID)
        return bad_name;
    if (code == UF_DENIED)
        return call == SECRET ? "it is not in `secrets` of function.yaml"
                              : "its events go to a function, which alone gets them";
    if (code == UF_TOO_LARGE && call == KV_LIST)
        return "the keys have more than 1 MiB; give a longer prefix";
    return uf_code_text(code);
}

/* size: of what was to be written. */
static JSValue refused(JSContext *ctx, enum call call, const char *name, size_t size, int code)
{
    if (code == UF_NO_MEMORY)
        return JS_ThrowOutOfMemory(ctx);
    if (code == UF_TOO_LARGE && size > LARGE)
        return JS_ThrowTypeError(ctx, "%s(\"%.64s\"): %zu bytes; one value has at most %zu (1 MiB)",
                                 calls[call], name, size, LARGE);
    if (code == UF_TOO_LARGE && size > 0)
        return JS_ThrowTypeError(
            ctx,
            "%s(\"%.64s\"): with these %zu bytes the event writes more than "
            "`limits.effects` of function.yaml allows in all (1Mi unless said)",
            calls[call], name, size);
    return JS_ThrowTypeError(ctx, "%s(\"%.64s\"): %s", calls[call], name,
                             words_of(call, name, code));
}

/* To be freed; NULL with an exception. The platform would take what is before a NUL for it. */
static const char *name_of(JSContext *ctx, enum call call, JSValueConst v)
{
    bool is_whole;
    const char *name = js_text_of(v, &is_whole);

    if (name == NULL || is_whole)
        return name;
    JS_ThrowTypeError(ctx, "%s(\"%.64s\"): %s", calls[call], name, bad_name);
    JS_FreeCString(ctx, name);
    return NULL;
}

/* A name, bytes and a number. */
static int tell_one(enum call what, const char *name, const struct js_bytes *b, uint64_t number)
{
    if (what == PUBLISH)
        return uf_publish(name, b->data, b->size);
    if (what == KV_SET)
        return number == 0 ? uf_kv_set(name, b->data, b->size)
                           : uf_kv_set_ttl(name, b->data, b->size, number);
    return number == 0 ? uf_queue_push(name, b->data, b->size)
                       : uf_queue_push_later(name, b->data, b->size, number);
}

static JSValue tell(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int what)
{
    struct js_bytes b;
    double number = 0;

    (void)self;
    if (argc < 3 || JS_ToFloat64(ctx, &number, argv[2]) < 0)
        return JS_EXCEPTION;
    const char *name = name_of(ctx, (enum call)what, argv[0]);
    if (name == NULL)
        return JS_EXCEPTION;
    JSValue v = JS_EXCEPTION;
    if (JS_IsUndefined(argv[1]))
        JS_ThrowTypeError(ctx, "%s(\"%.64s\"): undefined is no value; null is one", calls[what],
                          name);
    else if (js_bytes_of(argv[1], &b) == 0) {
        int r = tell_one((enum call)what, name, &b, number > 0 ? (uint64_t)number : 0);

        v = r == UF_OK ? JS_UNDEFINED : refused(ctx, (enum call)what, name, b.size, r);
        js_bytes_free(&b);
    }
    JS_FreeCString(ctx, name);
    return v;
}

/* A name, for bytes. */
static int ask_one(enum call what, const char *name, char *buf, size_t cap, size_t *size)
{
    if (what == KV_GET)
        return uf_kv_get(name, buf, cap, size);
    if (what == QUEUE_POP)
        return uf_queue_pop(name, buf, cap, size);
    return what == SECRET ? uf_secret(name, buf, cap, size) : uf_kv_list(name, buf, cap, size);
}

/* The second argument: whether bytes are wanted and not text. */
static JSValue ask(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv, int what)
{
    const char *name = argc > 0 ? name_of(ctx, (enum call)what, argv[0]) : NULL;
    size_t cap = SMALL;
    size_t size = 0;

    (void)self;
    if (name == NULL)
        return JS_EXCEPTION;
    char *buf = malloc(cap);
    int r = buf != NULL ? ask_one((enum call)what, name, buf, cap, &size) : UF_NO_MEMORY;
    if (r == UF_TOO_LARGE) {
        free(buf);
        cap = LARGE;
        buf = malloc(cap);
        r = buf != NULL ? ask_one((enum call)what, name, buf, cap, &size) : UF_NO_MEMORY;
    }
    JSValue v = JS_UNDEFINED;
    if (r == UF_OK)
        v = argc > 1 && JS_ToBool(ctx, argv[1])
                ? JS_NewArrayBufferCopy(ctx, (const uint8_t *)buf, size)
                : JS_NewStringLen(ctx, buf, size);
    else if (r != UF_NOT_FOUND)
        v = refused(ctx, (enum call)what, name, 0, r);
    free(buf);
    JS_FreeCString(ctx, name);
    return v;
}

static JSValue kv_delete(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    const char *name = argc > 0 ? name_of(ctx, KV_DELETE, argv[0]) : NULL;

    (void)self;
    if (name == NULL)
        return JS_EXCEPTION;
    int r = uf_kv_delete(name);
    JSValue v = r == UF_OK || r == UF_NOT_FOUND ? JS_NewBool(ctx, r == UF_OK)
                                                : refused(ctx, KV_DELETE, name, 0, r);
    JS_FreeCString(ctx, name);
    return v;
}

static JSValue kv_incr(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int64_t by = 1;
    int64_t sum = 0;

    (void)self;
    if (argc < 2 || JS_ToInt64(ctx, &by, argv[1]) < 0)
        return JS_EXCEPTION;
    const char *name = name_of(ctx, KV_INCR, argv[0]);
    if (name == NULL)
        return JS_EXCEPTION;
    int r = uf_kv_incr(name, by, &sum);
    JSValue v = r == UF_OK ? JS_NewInt64(ctx, sum) : refused(ctx, KV_INCR, name, 0, r);
    JS_FreeCString(ctx, name);
    return v;
}

/* ---- log, time, chance ------------------------------------------------------------ */

/* log(level, text); a level of -1: the text says it. */
static JSValue log_line(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    int32_t level = UF_LOG_INFO;
    size_t size = 0;
    const char *text = argc > 1 ? JS_ToCStringLen(ctx, &size, argv[1]) : NULL;

    (void)self;
    if (text == NULL || JS_ToInt32(ctx, &level, argv[0]) < 0)
        return JS_EXCEPTION;
    if (level >= 0) {
        uf_log_line((unsigned)level, text, size);
    } else {
        uf_log_fresh_line();
        uf_log_bytes(text, size);
        uf_log_bytes("\n", 1);
    }
    JS_FreeCString(ctx, text);
    return JS_UNDEFINED;
}

static JSValue monotonic(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)self;
    (void)argc;
    (void)argv;
    return JS_NewFloat64(ctx, (double)uf_monotonic() / 1e6);
}

static JSValue engine_random;

/* The engine's own would go on from the snapshot's state, the same for every event. So it
 * serves the script only while that loads: packages ask then for names that are unlikely
 * to be taken, and promise nobody that they are secret. */
static JSValue math_random(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint64_t bits;

    if (uf_random(&bits, sizeof(bits)) != UF_OK)
        return JS_Call(ctx, engine_random, self, argc, argv);
    return JS_NewFloat64(ctx, (double)(bits >> 11) * 0x1p-53);
}

/* Fill a typed array. What is drawn here may become a key, which the snapshot must not hold. */
static JSValue fill(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t offset;
    size_t size;
    size_t whole;

    (void)self;
    if (argc < 1)
        return JS_EXCEPTION;
    JSValue buffer = JS_GetTypedArrayBuffer(ctx, argv[0], &offset, &size, &whole);
    if (JS_IsException(buffer))
        return buffer;
    uint8_t *p = JS_GetArrayBuffer(ctx, &whole, buffer);
    JSValue v = p != NULL ? JS_UNDEFINED : JS_EXCEPTION;
    if (p != NULL && uf_random(p + offset, size) != UF_OK)
        v = JS_ThrowTypeError(ctx,
                              "crypto: not while the script loads, for every event would get the "
                              "same; call it in the handler, or import() there the package that "
                              "calls it");
    JS_FreeValue(ctx, buffer);
    return v;
}

static JSValue environment(JSContext *ctx)
{
    JSValue o = JS_NewObject(ctx);

    for (char **e = environ; e != NULL && *e != NULL; e++) {
        size_t n = strcspn(*e, "=");
        JSAtom name = JS_NewAtomLen(ctx, *e, n);

        (void)JS_DefinePropertyValue(ctx, o, name, JS_NewString(ctx, *e + n + ((*e)[n] == '=')),
                                     JS_PROP_C_W_E);
        JS_FreeAtom(ctx, name);
    }
    return o;
}

/* The text of a stack with the author's places. */
static JSValue places(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    const char *stack = JS_ToCString(ctx, argv[0]);

    (void)self;
    (void)argc;
    if (stack == NULL)
        return JS_EXCEPTION;
    size_t n = sourcemap_stack(stack, NULL, 0);
    char *text = js_malloc(ctx, n + 1);
    JSValue v = JS_EXCEPTION;
    if (text != NULL) {
        (void)sourcemap_stack(stack, text, n + 1);
        v = JS_NewStringLen(ctx, text, n);
    }
    js_free(ctx, text);
    JS_FreeCString(ctx, stack);
    return v;
}

static JSValue natives(void)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_MAGIC_DEF("kvSet", 3, tell, KV_SET),
        JS_CFUNC_MAGIC_DEF("queuePush", 3, tell, QUEUE_PUSH),
        JS_CFUNC_MAGIC_DEF("publish", 3, tell, PUBLISH),
        JS_CFUNC_MAGIC_DEF("kvGet", 2, ask, KV_GET),
        JS_CFUNC_MAGIC_DEF("queuePop", 2, ask, QUEUE_POP),
        JS_CFUNC_MAGIC_DEF("secret", 2, ask, SECRET),
        JS_CFUNC_MAGIC_DEF("kvList", 2, ask, KV_LIST),
        JS_CFUNC_DEF("kvDelete", 1, kv_delete),
        JS_CFUNC_DEF("kvIncr", 2, kv_incr),
        JS_CFUNC_DEF("log", 2, log_line),
        JS_CFUNC_DEF("monotonic", 0, monotonic),
        JS_CFUNC_DEF("fill", 1, fill),
        JS_CFUNC_DEF("random", 0, math_random),
        JS_CFUNC_DEF("places", 1, places),
    };
    JSValue native = JS_NewObject(js.ctx);
    JSValue global = JS_GetGlobalObject(js.ctx);
    JSValue math = JS_GetPropertyStr(js.ctx, global, "Math");

    engine_random = JS_GetPropertyStr(js.ctx, math, "random");
    JS_FreeValue(js.ctx, math);
    JS_FreeValue(js.ctx, global);
    JS_SetPropertyFunctionList(js.ctx, native, functions,
                               (int)(sizeof(functions) / sizeof(functions[0])));
    (void)JS_SetPropertyStr(js.ctx, native, "env", environment(js.ctx));
    (void)JS_SetPropertyStr(js.ctx, native, "functionName",
                            JS_NewString(js.ctx, uf_function_name()));
    event_natives(native);
    web_natives(native);
    return native;
}

static JSClassID class_of_array(JSTypedArrayEnum type)
{
    JSValueConst none[3] = {JS_NewInt32(js.ctx, 0), JS_UNDEFINED, JS_UNDEFINED};
    JSValue v = JS_NewTypedArray(js.ctx, 1, none, type);
    JSClassID id = JS_GetClassID(v);

    JS_FreeValue(js.ctx, v);
    return id;
}

static void learn_classes(void)
{
    JSValue buffer = JS_NewArrayBufferCopy(js.ctx, NULL, 0);

    js.class_buffer = JS_GetClassID(buffer);
    JS_FreeValue(js.ctx, buffer);
    js.class_first = class_of_array(JS_TYPED_ARRAY_UINT8C);
    js.class_last = class_of_array(JS_TYPED_ARRAY_FLOAT64);
}

/* Each is a function of the natives and of what the first one made. */
static JSValue evaluate(const struct text *t, JSValueConst native, JSValueConst made)
{
    JSValueConst both[2] = {native, made};
    JSValue make =
        JS_Eval(js.ctx, t->data, t->size, t->name, JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_STRICT);

    if (JS_IsException(make))
        failure_exception();
    JSValue v = JS_Call(js.ctx, make, JS_UNDEFINED, 2, both);
    if (JS_IsException(v))
        failure_exception();
    JS_FreeValue(js.ctx, make);
    return v;
}

void native_start(void)
{
    learn_classes();
    JSValue native = natives();

    /* Nobody asks for the text of these, and every snapshot would hold it. */
    JS_SetStripInfo(js.rt, JS_STRIP_SOURCE);
    JSValue made = evaluate(js_globals, native, JS_UNDEFINED);
    for (const struct text *t = js_globals + 1; t < js_globals_end; t++)
        JS_FreeValue(js.ctx, evaluate(t, native, made));
    JS_SetStripInfo(js.rt, 0);
    js.begin = JS_GetPropertyStr(js.ctx, made, "begin");
    js.plain = JS_GetPropertyStr(js.ctx, made, "plain");
    js.track = JS_GetPropertyStr(js.ctx, made, "track");
    js.unhandled = JS_GetPropertyStr(js.ctx, made, "unhandled");
    js.tick = JS_GetPropertyStr(js.ctx, made, "tick");
    js.forget = JS_GetPropertyStr(js.ctx, made, "forget");
    JS_FreeValue(js.ctx, made);
    JS_FreeValue(js.ctx, native);
}
