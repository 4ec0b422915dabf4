// SPDX-License-Identifier: MIT
/* main.c: the runtime as a function: see js.h. */
#include "runtime/javascript/js.h"

#include <stdlib.h>
#include <string.h>

/* An interpreter's frames are large, and recursion is how much of JavaScript works.
 * What is not used costs nothing. */
UF_STACK_SIZE(0x100000);

/* Of the stack, for C functions below the last check. */
#define STACK_SPARE ((size_t)128 << 10)

/* Some 2 ms of computing: most events take less, and pay nothing. */
#define FIRST_NOTE 8u

struct js js = {.next_note = FIRST_NOTE};

/* Who waits for a promise often comes after it was rejected, so this only notes; the
 * last word is said when nothing runs any more. */
static void track(JSContext *ctx, JSValueConst promise, JSValueConst reason, JS_BOOL is_handled,
                  void *unused)
{
    JSValueConst what[3] = {promise, reason, JS_NewBool(ctx, is_handled)};
    JSValue done = JS_Call(ctx, js.track, JS_UNDEFINED, 3, what);

    (void)unused;
    js.has_rejected = true;
    /* Without memory to note it something else will fail. */
    if (JS_IsException(done))
        JS_FreeValue(ctx, JS_GetException(ctx));
    JS_FreeValue(ctx, done);
}

/* Gives up when a rejected promise is left that nobody handles. */
static void judge_promises(void)
{
    uint32_t n = 0;

    if (!js.has_rejected)
        return;
    js.has_rejected = false;
    JSValue both = JS_Call(js.ctx, js.unhandled, JS_UNDEFINED, 0, NULL);
    if (JS_IsException(both))
        failure_exception();
    JSValue count = JS_GetPropertyUint32(js.ctx, both, 0);
    (void)JS_ToUint32(js.ctx, &n, count);
    if (n > 0) {
        (void)JS_Throw(js.ctx, JS_GetPropertyUint32(js.ctx, both, 1));
        failure_unhandled(n - 1);
    }
    JS_FreeValue(js.ctx, both);
}

void script_jobs(void)
{
    JSContext *ctx;
    int r;

    do
        r = JS_ExecutePendingJob(js.rt, &ctx);
    while (r > 0);
    if (r < 0)
        failure_exception();
    judge_promises();
}

/* Anything with a then() is as good as a promise. */
static JSValue as_promise(JSValue v)
{
    if (!JS_IsObject(v) || (int)JS_PromiseState(js.ctx, v) >= 0)
        return v;
    JSValue then = JS_GetPropertyStr(js.ctx, v, "then");
    if (JS_IsException(then)) {
        JS_FreeValue(js.ctx, v);
        return then;
    }
    bool is_thenable = JS_IsFunction(js.ctx, then);
    JS_FreeValue(js.ctx, then);
    if (!is_thenable)
        return v;
    JSValue settle[2];
    JSValue promise = JS_NewPromiseCapability(js.ctx, settle);
    JSValue done = JS_Call(js.ctx, settle[0], JS_UNDEFINED, 1, (JSValueConst *)&v);
    JS_FreeValue(js.ctx, done);
    JS_FreeValue(js.ctx, settle[0]);
    JS_FreeValue(js.ctx, settle[1]);
    JS_FreeValue(js.ctx, v);
    return promise;
}

/* Whether there was a timer to wait for. */
static bool run_timer(void)
{
    JSValue v = JS_Call(js.ctx, js.tick, JS_UNDEFINED, 0, NULL);

    if (JS_IsException(v))
        failure_exception();
    return JS_ToBool(js.ctx, v) != 0;
}

/* What is set to happen after the answer does not happen. */
static void forget_timers(void)
{
    JS_FreeValue(js.ctx, JS_Call(js.ctx, js.forget, JS_UNDEFINED, 0, NULL));
}

JSValue script_settle(JSValue v)
{
    v = as_promise(v);
    if (!JS_IsObject(v) || (int)JS_PromiseState(js.ctx, v) < 0)
        return v;
    JSContext *ctx;
    while (JS_PromiseState(js.ctx, v) == JS_PROMISE_PENDING &&
           (JS_ExecutePendingJob(js.rt, &ctx) > 0 || run_timer()))
        ;
    JSPromiseStateEnum state = JS_PromiseState(js.ctx, v);
    if (state == JS_PROMISE_PENDING)
        failure_words("the promise never settles: nothing is left to run that could do it");
    JSValue result = JS_PromiseResult(js.ctx, v);
    if (state == JS_PROMISE_REJECTED) /* somebody watched it: this function */
        track(js.ctx, v, result, true, NULL);
    JS_FreeValue(js.ctx, v);
    return state == JS_PROMISE_REJECTED ? JS_Throw(js.ctx, result) : result;
}

int init(void)
{
    js.rt = JS_NewRuntime();
    if (js.rt == NULL)
        failure_words("no memory for the engine; raise `memory`");
    JS_SetMaxStackSize(js.rt, uf_stack_bytes() - STACK_SPARE);
    /* The heap is the limit, and notes what it could not give. To collect early
     * only makes pages dirty that are put back anyway. */
    JS_SetMemoryLimit(js.rt, (size_t)-1);
    JS_SetGCThreshold(js.rt, uf_heap_bytes() / 2);
    js.ctx = JS_NewContext(js.rt);
    if (js.ctx == NULL)
        failure_words("no memory for the engine; raise `memory`");
    module_start();
    native_start();
    failure_watch();
    JS_SetHostPromiseRejectionTracker(js.rt, track, NULL);
    script_load();
    forget_timers();
    js.next = JS_Call(js.ctx, js.begin, JS_UNDEFINED, 0, NULL);
    if (JS_IsException(js.next))
        failure_exception();
    JS_RunGC(js.rt);
    return 0;
}

static JSValue call_with_event(void)
{
    /* With `reuse: instance` those of the snapshot have been used up. */
    JSValue made =
        JS_IsUndefined(js.next) ? JS_Call(js.ctx, js.begin, JS_UNDEFINED, 0, NULL) : js.next;

    js.next = JS_UNDEFINED;
    if (JS_IsException(made))
        return made;
    JSValue both[2] = {JS_GetPropertyUint32(js.ctx, made, 0),
                       JS_GetPropertyUint32(js.ctx, made, 1)};
    JS_FreeValue(js.ctx, made);
    JSValue result = JS_Call(js.ctx, js.handler, JS_UNDEFINED, 2, (JSValueConst *)both);
    JS_FreeValue(js.ctx, both[0]);
    JS_FreeValue(js.ctx, both[1]);
    return result;
}

static JSValue call(const struct uf_event *event, int *status)
{
    JSValue result;

    if (js.form == JS_FORM_EVENT)
        return call_with_event();
    JSValue params = params_of(event, status);
    if (JS_IsException(params))
        return params;
    result = JS_Call(js.ctx, js.handler, JS_UNDEFINED, 1, (JSValueConst *)&params);
    JS_FreeValue(js.ctx, params);
    return result;
}

/* The request is at fault, not the function. */
static int refuse(struct uf_response *response, int status)
{
    JSValue e = JS_GetException(js.ctx);
    const char *text = JS_ToCString(js.ctx, e);
    /* The engine calls that a mistake of syntax, and may not have seen one. */
    bool is_deep = text != NULL && strcmp(text, "SyntaxError: stack overflow") == 0;

    (void)uf_respond_status(response, status);
    (void)uf_respond_header(response, "content-type", JS_TYPE_TEXT);
    int r = is_deep
                ? uf_respond_printf(response, "the body is JSON that is nested too deeply\n")
                : uf_respond_printf(response, "the body is not the JSON that it says it is: %s\n",
                                    text != NULL ? text : "");
    JS_FreeCString(js.ctx, text);
    JS_FreeValue(js.ctx, e);
    return r;
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    int status = 0;

    js.now = event;
    js.polls = 0;
    js.next_note = FIRST_NOTE;
    JS_UpdateStackTop(js.rt);
    JSValue result = call(event, &status);
    if (status != 0)
        return refuse(response, status);
    result = script_settle(result);
    if (JS_IsException(result))
        failure_exception();
    int r = reply_with(response, result);
    script_jobs();
    forget_timers();
    js.now = NULL;
    return r;
}
