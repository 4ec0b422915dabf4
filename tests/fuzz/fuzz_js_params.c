// SPDX-License-Identifier: MIT
// LINK: @quickjs runtime/javascript/params.c runtime/javascript/event.c runtime/javascript/binary.c
// LINK: runtime/javascript/text.c guest/core/batch.c guest/core/event.c engine/batch.c engine/event.c
// LIBS: libsodium
/*
 * fuzz_js_params.c: an event from anybody, as a script gets it.
 *
 * The input is the content-type, a line; the query, a line; the body. Parameters are an
 * object that has no prototype but that of all objects, or else there is an exception;
 * 400 is answered to JSON only. Whatever the event, what the script asks about it is
 * answered, and nothing is left of it afterwards.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "engine/event.h"
#include "guest/core/bundle.h"
#include "runtime/javascript/js.h"

#define FIRST_MAX ((size_t)256) /* bytes of each of the first two lines */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct js js;

/* The library OS asks the door. */
uint64_t uf_now(void)
{
    return 0;
}

/* A function.yaml with defaults. */
uint32_t uf_bundle_count(void)
{
    return 1;
}

struct bundle_file uf_bundle_file(uint32_t index)
{
    static const char name[] = UF_BUNDLE_PARAMS;
    static const char data[] = "{\"a\": 1, \"of\": {\"list\": [true, null]}}";

    (void)index;
    return (struct bundle_file){name, sizeof(name) - 1, data, sizeof(data) - 1};
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* All that globals.js asks. */
static const char ask[] =
    "(native, params) => {\n"
    "    const seen = [JSON.stringify(params), native.eventId(), native.eventTrigger(),\n"
    "        native.eventMethod(), native.eventPath(), native.eventQuery(), native.eventAttempt(),\n"
    "        native.eventTimeLeft(), native.eventAttribute('type')];\n"
    "    const n = native.itemCount();\n"
    "    for (const get of [native.eventText, native.eventBytes])\n"
    "        try {\n"
    "            seen.push(native.form(get()));\n"
    "            if (n > 1)\n"
    "                throw new Error('a batch has no body');\n"
    "        } catch (e) {\n"
    "            if (n <= 1 || !(e instanceof TypeError))\n"
    "                throw e;\n"
    "        }\n"
    "    const headers = native.eventHeaders();\n"
    "    seen.push(JSON.stringify(headers));\n"
    "    if (!headers.x.includes(', '))\n"
    "        throw new Error('one of two headers');\n"
    "    for (let i = -1; i <= n; i++)\n"
    "        seen.push(native.itemId(i), native.itemText(i), native.itemBytes(i)?.byteLength);\n"
    "    if (Object.getPrototypeOf(params) !== Object.prototype)\n"
    "        throw new Error('another prototype');\n"
    "    for (const name in {})\n"
    "        throw new Error(`all objects have a ${name}`);\n"
    "    return seen.length;\n"
    "}";

static void check_event(const struct uf_event *e)
{
    int status = 0;
    JSValue params = params_of(e, &status);

    if (JS_IsException(params)) {
        const char *type = uf_event_header(e, "content-type");
        JSValue error = JS_GetException(js.ctx);

        bool is_batch = uf_event_item_count(e) > 1;
        must(is_batch || (status == 400 && type != NULL && strcasestr(type, "json") != NULL));
        must(JS_IsError(js.ctx, error));
        JS_FreeValue(js.ctx, error);
        if (!is_batch)
            return;
        /* Which are no parameters, but has items. */
        params = JS_NewObject(js.ctx);
    }
    must(status == 0 && JS_IsObject(params));
    JSValue native = JS_NewObject(js.ctx);
    event_natives(native);
    JSValue f = JS_Eval(js.ctx, ask, sizeof(ask) - 1, "ask.js", JS_EVAL_TYPE_GLOBAL);
    JSValueConst argv[2] = {native, params};
    JSValue n = JS_Call(js.ctx, f, JS_UNDEFINED, 2, argv);
    must(JS_IsNumber(n));
    JS_FreeValue(js.ctx, n);
    JS_FreeValue(js.ctx, f);
    JS_FreeValue(js.ctx, native);
    JS_FreeValue(js.ctx, params);
}

/* An engine for each, so that nothing hides in what another has left. When it ends it
 * aborts if a value was not freed. */
static void with_engine(const struct uf_event *e)
{
    js = (struct js){.rt = JS_NewRuntime()};
    must(js.rt != NULL);
    /* The sanitizers' frames are large. */
    JS_SetMaxStackSize(js.rt, (size_t)1 << 20);
    js.ctx = JS_NewContext(js.rt);
    must(js.ctx != NULL);
    js.now = e;
    check_event(e);
    JS_FreeContext(js.ctx);
    JS_FreeRuntime(js.rt);
}

/* The next line of the input, without what would end it earlier. */
static const uint8_t *take_line(const uint8_t *at, const uint8_t *end, char out[FIRST_MAX + 1])
{
    size_t n = 0;

    for (; at < end && *at != '\n'; at++)
        if (*at != '\0' && n < FIRST_MAX)
            out[n++] = (char)*at;
    out[n] = '\0';
    return at < end ? at + 1 : end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char type[FIRST_MAX + 1];
    char query[FIRST_MAX + 1];
    const uint8_t *body = take_line(data, data + size, type);
    body = take_line(body, data + size, query);
    const struct event_header headers[] = {{"x", query}, {"X", type}, {"content-type", type}};
    struct event e = {.id = "id",
                      .trigger = "http",
                      .method = "POST",
                      .path = "/",
                      .query = query,
                      .headers = headers,
                      .nheaders = type[0] != '\0' ? 3 : 2,
                      .body = body,
                      .body_size = (size_t)(data + size - body)};
    struct uf_err err;
    size_t cap = size + 4096;
    /* Exactly as large as it is: what is read behind it is seen. */
    void *area = aligned_alloc(16, (cap + 15) / 16 * 16);
    int64_t used = area == NULL ? -1 : event_format(area, cap, cap, &e, &err);
    void *exact = used < 0 ? NULL : malloc((size_t)used);

    if (exact != NULL) {
        memcpy(exact, area, (size_t)used);
        with_engine(exact);
    }
    free(exact);
    free(area);
    return 0;
}
