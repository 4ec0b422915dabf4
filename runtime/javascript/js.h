// SPDX-License-Identifier: MIT
/*
 * js.h: the parts of the JavaScript runtime.
 *
 * A function whose handle() is written in another language: an image like any
 * other, with QuickJS in it and a bundle of the author's files behind it
 * (struct uf_bundle). init() starts the engine, evaluates the script and finds its
 * handler, all before the snapshot; an event only calls the handler.
 *
 *	main.c      init() and handle(); promises
 *	script.c    the first file: script or module? where is its handler?
 *	module.c    import and require() among the files
 *	params.c    an event as OpenWhisk's parameters
 *	event.c     an event as an object, for export default
 *	reply.c     what the handler returned, as a response
 *	binary.c    bytes in a string, for both: base64
 *	failure.c   what it threw, in words; where it was when a limit ended it
 *	sourcemap.c where in the author's files, when they were bundled
 *	native.c    what globals.js is made of
 *	web.c       what the other scripts of the runtime are made of
 *	globals.js  console, kv, queue, ... : evaluated before the script
 *	text.js abort.js timers.js url.js subtle.js fetch.js clone.js
 *	            what browsers and servers have beside the language: likewise
 *
 * What an event does not need it does not call, for each page that it writes to has to
 * be put back: to count a reference is to write.
 *
 * Of one event nothing is freed for the sake of order: the snapshot is put back.
 * With `reuse: instance` it is not, so values are freed where they end.
 */
#ifndef RUNTIME_JAVASCRIPT_JS_H
#define RUNTIME_JAVASCRIPT_JS_H

#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest/core/bundle.h"
#include "guest/include/unifaas.h"
#include "runtime/javascript/sourcemap.h"

/* How the author wants to be called. */
enum js_form {
    JS_FORM_MAIN,  /* main(params): OpenWhisk's                */
    JS_FORM_EVENT, /* export default (event, context)          */
};

struct js {
    JSRuntime *rt;
    JSContext *ctx;
    JSValue handler;
    enum js_form form;
    JSValue begin;              /* makes event and context of an event: globals.js      */
    JSValue next;               /* those of the next one, or undefined                  */
    JSValue tick;               /* wait for a timer and run it: timers.js               */
    JSValue forget;             /* what timers are left                                 */
    uint32_t polls;             /* how often the engine asked whether to go on          */
    uint32_t next_note;         /* of them, the one at which to note the place          */
    const struct uf_event *now; /* NULL outside events                                  */
    JSValue plain;              /* a Response or Headers as a plain object: fetch.js    */
    bool has_plain;             /* has anybody made one?                                */
    JSValue track;              /* a promise was rejected, or is handled now: globals.js */
    JSValue unhandled;          /* those that nobody handles                            */
    bool has_rejected;          /* has there been one since it was asked?               */
    JSClassID class_buffer;     /* of ArrayBuffer, and of the typed arrays, first to last */
    JSClassID class_first;
    JSClassID class_last;
};

extern struct js js;

/* ---- script.c, module.c --------------------------------------------------------- */

/* Evaluate the bundle's first file and find the handler. Gives up by itself when
 * there is none, or when the script fails. */
void script_load(void);

/* Run what waits; an exception of a job is the engine's own, and ends the run. */
void script_jobs(void);

/* What v comes to: itself, or what its promise was fulfilled with. JS_EXCEPTION when it
 * was rejected. Gives up when nothing can settle it any more. Takes v. */
JSValue script_settle(JSValue v);

/* Let import and require() find the files. */
void module_start(void);

/* exports of a file that is evaluated as CommonJS; is_first: as a script whose
 * functions are global. */
JSValue module_require(JSContext *ctx, const char *from, const char *name);

/* ---- params.c, event.c, reply.c ------------------------------------------------- */

/* Returns the parameters, or JS_EXCEPTION; *status is then what to answer, or 0. */
JSValue params_of(const struct uf_event *event, int *status);

/* What the manifest has of them: an object of its own each time, or JS_EXCEPTION. */
JSValue params_defaults(void);

/* Add what "a=1&b=2" says to an object. */
int params_add_form(JSValueConst to, const char *text, size_t size);

/* JS: a header object; body as text. */
JSValue event_headers(const struct uf_event *event);
JSValue event_text(const struct uf_event *event);

/* Give globals.js its functions about the event that is being handled. */
void event_natives(JSValueConst native);

#define JS_TYPE_TEXT "text/plain; charset=utf-8"

/* What handle() returns. Takes result. */
int reply_with(struct uf_response *response, JSValue result);

/* ---- binary.c ------------------------------------------------------------------- */

/* Does a body of this content-type hold bytes, and no text? NULL, "": no. */
bool binary_is_type(const char *type);

/* Bytes as a string in base64. */
JSValue binary_encode(const void *data, size_t size);

/* And back, into out, which has room for size bytes. Returns how many, or -1: it is no
 * base64. */
ptrdiff_t binary_decode(const char *text, size_t size, char *out);

/* ---- failure.c ------------------------------------------------------------------ */

/* The pending exception is how this invocation, or the deployment, ends. */
_Noreturn void failure_exception(void);

/* The pending exception is, of a promise that nobody handled, as `more` others. */
_Noreturn void failure_unhandled(uint32_t more);

/* Tell the log of an error that ends nothing by itself. */
void failure_log(JSValueConst error);

/* A sentence is. */
_Noreturn void failure_words(const char *words);

/* Have the log end with where the script was, should a limit end it. */
void failure_watch(void);

/* ---- native.c ------------------------------------------------------------------- */

/* Evaluate globals.js and the others. */
void native_start(void);

/* web.c: give them theirs. */
void web_natives(JSValueConst native);

/* Bytes of a value: of a string its UTF-8, of a buffer what is in it, of anything else
 * its JSON. Returns 0, or -1 with an exception. free_bytes() later. */
struct js_bytes {
    const char *data;
    size_t size;
    JSValue held;     /* keeps data, or undefined */
    const char *text; /* likewise, or NULL        */
};
int js_bytes_of(JSValueConst v, struct js_bytes *out);
void js_bytes_free(struct js_bytes *b);

/* A text for who ends it at its first NUL: *is_whole says whether that is all of it. To be
 * freed by JS_FreeCString(); NULL with an exception. */
const char *js_text_of(JSValueConst v, bool *is_whole);

/* Is it of text that is not as its language wants it, and not of memory, say? */
bool js_is_syntax_error(JSValueConst error);

#endif
