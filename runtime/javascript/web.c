// SPDX-License-Identifier: MIT
/*
 * web.c: what text.js, subtle.js, timers.js and fetch.js are made of: UTF-8, hashes,
 * waiting, and asking other services.
 */
#include <sha1.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/javascript/js.h"

#define ANSWER ((size_t)1 << 20) /* bytes: the most that the platform gives */

/* ---- UTF-8 ------------------------------------------------------------------------ */

/*
 * The character at p, of n > 0 bytes: returns its size when it is well-formed, or else
 * minus the size of what one U+FFFD stands for, as the Encoding standard has it.
 * *is_cut: it would go on where the bytes end.
 */
static int look(const uint8_t *p, size_t n, bool *is_cut)
{
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    int size = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

    *is_cut = false;
    if (p[0] >= 0x80 && (p[0] < 0xc2 || p[0] > 0xf4))
        return -1;
    /* Overlong forms, surrogates, and beyond U+10FFFF. */
    if (p[0] == 0xe0)
        low = 0xa0;
    else if (p[0] == 0xed)
        high = 0x9f;
    else if (p[0] == 0xf0)
        low = 0x90;
    else if (p[0] == 0xf4)
        high = 0x8f;
    for (int i = 1; i < size; i++) {
        if ((size_t)i == n) {
            *is_cut = true;
            return -i;
        }
        if (p[i] < low || p[i] > high)
            return -i;
        low = 0x80;
        high = 0xbf;
    }
    return size;
}

/* Well-formed text of the same, into out when there is one. Returns its size. */
static size_t mend(const char *data, size_t size, char *out, bool *is_good)
{
    static const char replacement[] = "\xef\xbf\xbd";
    size_t n = 0;
    bool is_cut;

    *is_good = true;
    for (size_t i = 0; i < size;) {
        int found = look((const uint8_t *)data + i, size - i, &is_cut);
        size_t from = (size_t)(found > 0 ? found : -found);
        size_t to = found > 0 ? from : sizeof(replacement) - 1;

        *is_good = *is_good && found > 0;
        if (out != NULL)
            memcpy(out + n, found > 0 ? data + i : replacement, to);
        n += to;
        i += from;
    }
    return n;
}

/* Bytes as text. Returns undefined when they are not UTF-8 and the second argument says
 * that this matters. */
static JSValue utf8_decode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct js_bytes b;

    (void)self;
    if (argc < 2 || js_bytes_of(argv[0], &b) < 0)
        return JS_EXCEPTION;
    bool is_good;
    size_t size = mend(b.data, b.size, NULL, &is_good);
    JSValue v = JS_UNDEFINED;
    if (is_good) {
        v = JS_NewStringLen(ctx, b.data, b.size);
    } else if (JS_ToBool(ctx, argv[1]) == 0) {
        char *out = js_malloc(ctx, size);

        v = JS_EXCEPTION;
        if (out != NULL)
            v = JS_NewStringLen(ctx, out, mend(b.data, b.size, out, &is_good));
        js_free(ctx, out);
    }
    js_bytes_free(&b);
    return v;
}

/* How many bytes at the end are the beginning of a character. */
static JSValue utf8_tail(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct js_bytes b;
    size_t tail = 0;

    (void)self;
    if (argc < 1 || js_bytes_of(argv[0], &b) < 0)
        return JS_EXCEPTION;
    for (size_t back = 1; back <= 3 && back <= b.size; back++) {
        const uint8_t *p = (const uint8_t *)b.data + b.size - back;
        bool is_cut;

        if ((*p & 0xc0) == 0x80)
            continue;
        if (*p >= 0x80 && look(p, back, &is_cut) == -(int)back && is_cut)
            tail = back;
        break;
    }
    js_bytes_free(&b);
    return JS_NewInt32(ctx, (int32_t)tail);
}

static JSValue utf8_encode(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    size_t size;
    const char *text = argc > 0 ? JS_ToCStringLen(ctx, &size, argv[0]) : NULL;

    (void)self;
    if (text == NULL)
        return JS_EXCEPTION;
    JSValue v = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, size);
    JS_FreeCString(ctx, text);
    return v;
}

/* ---- hashes ----------------------------------------------------------------------- */

/* As subtle.js numbers them. */
enum hash { HASH_SHA1, HASH_SHA256, HASH_SHA384, HASH_SHA512, HASHES };

#define DIGEST_MAX SHA512_DIGEST_LENGTH
#define BLOCK_MAX  SHA512_BLOCK_LENGTH

static const size_t digest_size[HASHES] = {SHA1_DIGEST_LENGTH, SHA256_DIGEST_LENGTH,
                                           SHA384_DIGEST_LENGTH, SHA512_DIGEST_LENGTH};
static const size_t block_size[HASHES] = {SHA1_BLOCK_LENGTH, SHA256_BLOCK_LENGTH,
                                          SHA384_BLOCK_LENGTH, SHA512_BLOCK_LENGTH};

/* Of one piece of data behind another; a size of 0 is none. */
static void hash_two(enum hash which, const void *a, size_t a_size, const void *b, size_t b_size,
                     uint8_t out[static DIGEST_MAX])
{
    static void (*const begin[HASHES])(SHA2_CTX *) = {NULL, SHA256Init, SHA384Init, SHA512Init};
    static void (*const add[HASHES])(SHA2_CTX *, const uint8_t *,
                                     size_t) = {NULL, SHA256Update, SHA384Update, SHA512Update};
    static void (*const end[HASHES])(uint8_t *, SHA2_CTX *) = {NULL, SHA256Final, SHA384Final,
                                                               SHA512Final};
    SHA1_CTX one;
    SHA2_CTX two;

    if (which == HASH_SHA1) {
        SHA1Init(&one);
        SHA1Update(&one, a, a_size);
        SHA1Update(&one, b, b_size);
        SHA1Final(out, &one);
        return;
    }
    begin[which](&two);
    add[which](&two, a, a_size);
    add[which](&two, b, b_size);
    end[which](out, &two);
}

/* RFC 2104. */
static void hmac_of(enum hash which, const struct js_bytes *key, const struct js_bytes *data,
                    uint8_t out[static DIGEST_MAX])
{
    uint8_t secret[BLOCK_MAX] = {0};
    uint8_t pad[BLOCK_MAX];
    uint8_t inner[DIGEST_MAX];
    size_t block = block_size[which];

    if (key->size > block)
        hash_two(which, key->data, key->size, "", 0, secret);
    else
        memcpy(secret, key->data, key->size);
    for (size_t i = 0; i < block; i++)
        pad[i] = secret[i] ^ 0x36;
    hash_two(which, pad, block, data->data, data->size, inner);
    for (size_t i = 0; i < block; i++)
        pad[i] = secret[i] ^ 0x5c;
    hash_two(which, pad, block, inner, digest_size[which], out);
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(pad, sizeof(pad));
}

static bool hash_number(JSContext *ctx, JSValueConst v, enum hash *which)
{
    int32_t n = -1;

    if (JS_ToInt32(ctx, &n, v) < 0)
        return false;
    if (n < 0 || n >= HASHES) {
        JS_ThrowRangeError(ctx, "there is no hash %d", (int)n);
        return false;
    }
    *which = (enum hash)n;
    return true;
}

static JSValue digest(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint8_t out[DIGEST_MAX];
    enum hash which;
    struct js_bytes b;

    (void)self;
    if (argc < 2 || !hash_number(ctx, argv[0], &which) || js_bytes_of(argv[1], &b) < 0)
        return JS_EXCEPTION;
    hash_two(which, b.data, b.size, "", 0, out);
    js_bytes_free(&b);
    return JS_NewArrayBufferCopy(ctx, out, digest_size[which]);
}

static JSValue hmac(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    uint8_t out[DIGEST_MAX];
    enum hash which;
    struct js_bytes key;
    struct js_bytes data;

    (void)self;
    if (argc < 3 || !hash_number(ctx, argv[0], &which) || js_bytes_of(argv[1], &key) < 0)
        return JS_EXCEPTION;
    JSValue v = JS_EXCEPTION;
    if (js_bytes_of(argv[2], &data) == 0) {
        hmac_of(which, &key, &data, out);
        js_bytes_free(&data);
        v = JS_NewArrayBufferCopy(ctx, out, digest_size[which]);
    }
    js_bytes_free(&key);
    return v;
}

/* How long it takes says nothing about where they differ. */
static JSValue is_same(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct js_bytes a;
    struct js_bytes b;

    (void)self;
    if (argc < 2 || js_bytes_of(argv[0], &a) < 0)
        return JS_EXCEPTION;
    if (js_bytes_of(argv[1], &b) < 0) {
        js_bytes_free(&a);
        return JS_EXCEPTION;
    }
    volatile unsigned differs = a.size != b.size;
    for (size_t i = 0; i < a.size && i < b.size; i++)
        differs |= (uint8_t)a.data[i] ^ (uint8_t)b.data[i];
    js_bytes_free(&a);
    js_bytes_free(&b);
    return JS_NewBool(ctx, differs == 0);
}

/* ---- waiting ---------------------------------------------------------------------- */

/* Until when, in the milliseconds of performance.now(). */
static JSValue wait_for(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    double ms = 0;

    (void)self;
    if (argc < 1 || JS_ToFloat64(ctx, &ms, argv[0]) < 0)
        return JS_EXCEPTION;
    uint64_t ns = ms > 0 ? (uint64_t)(ms * 1e6) : 0;
    const struct timespec due = {.tv_sec = (time_t)(ns / 1000000000u),
                                 .tv_nsec = (long)(ns % 1000000000u)};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    return JS_UNDEFINED;
}

/* ---- other services --------------------------------------------------------------- */

static const char *words_of(int code)
{
    switch (code) {
    case UF_NOT_AVAILABLE:
        return "not available here: a daemon serves it, in an event";
    case UF_INVALID:
        return "URL, method or a header makes no sense";
    case UF_NOT_FOUND:
        return "there was no answer; the function's log says why";
    case UF_TOO_LARGE:
        return "the request or the answer is too large: each has at most 1 MiB, its headers 16 KiB";
    case UF_DENIED:
        return "not allowed: `allow` of function.yaml has no pattern for it, or it leads to an "
               "address that must be named there; the function's log says which";
    default:
        return uf_code_text(code);
    }
}

static JSValue answer(JSContext *ctx, const struct uf_http_response *got)
{
    JSValue o = JS_NewObject(ctx);
    const uint8_t *body = (const uint8_t *)got->buf + got->headers_size;

    (void)JS_SetPropertyStr(ctx, o, "status", JS_NewInt64(ctx, got->status));
    (void)JS_SetPropertyStr(ctx, o, "headers", JS_NewStringLen(ctx, got->buf, got->headers_size));
    (void)JS_SetPropertyStr(ctx, o, "body", JS_NewArrayBufferCopy(ctx, body, got->body_size));
    return o;
}

/* method, url, headers: text; body: bytes or undefined; milliseconds, 0: no matter.
 * Returns {status, headers, body}, or why there is none as text. */
static JSValue fetch(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    struct uf_http_response got = {.cap = ANSWER};
    struct js_bytes body = {.held = JS_UNDEFINED};
    const char *text[3] = {NULL, NULL, NULL};
    double ms = 0;
    JSValue v = JS_EXCEPTION;

    (void)self;
    if (argc < 5 || JS_ToFloat64(ctx, &ms, argv[4]) < 0)
        return JS_EXCEPTION;
    bool ok = JS_IsUndefined(argv[3]) || js_bytes_of(argv[3], &body) == 0;
    for (int i = 0; i < 3 && ok; i++)
        ok = (text[i] = JS_ToCString(ctx, argv[i])) != NULL;
    if (ok && (got.buf = malloc(got.cap)) == NULL)
        JS_ThrowOutOfMemory(ctx);
    if (got.buf != NULL) {
        struct uf_http_request q = {.method = text[0],
                                    .url = text[1],
                                    .headers = text[2],
                                    .body = body.data,
                                    .body_size = body.size,
                                    .timeout = (uint64_t)(ms * 1e6)};
        int code = uf_http_fetch(&q, &got);

        v = code == UF_OK ? answer(ctx, &got) : JS_NewString(ctx, words_of(code));
    }
    free(got.buf);
    for (int i = 0; i < 3; i++)
        JS_FreeCString(ctx, text[i]);
    js_bytes_free(&body);
    return v;
}

/* Headers, which each Response has, too. */
static JSValue made_plain(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
    (void)ctx;
    (void)self;
    (void)argc;
    (void)argv;
    js.has_plain = true;
    return JS_UNDEFINED;
}

void web_natives(JSValueConst native)
{
    static const JSCFunctionListEntry functions[] = {
        JS_CFUNC_DEF("utf8Decode", 2, utf8_decode),
        JS_CFUNC_DEF("utf8Tail", 1, utf8_tail),
        JS_CFUNC_DEF("utf8Encode", 1, utf8_encode),
        JS_CFUNC_DEF("digest", 2, digest),
        JS_CFUNC_DEF("hmac", 3, hmac),
        JS_CFUNC_DEF("isSame", 2, is_same),
        JS_CFUNC_DEF("waitUntil", 1, wait_for),
        JS_CFUNC_DEF("fetch", 5, fetch),
        JS_CFUNC_DEF("madePlain", 0, made_plain),
    };

    JS_SetPropertyFunctionList(js.ctx, native, functions,
                               (int)(sizeof(functions) / sizeof(functions[0])));
}
