// SPDX-License-Identifier: MIT
/*
 * failure.c: what the script threw, in words.
 *
 * Message and stack go into the record, and into the log as well. Of a syntax error the
 * log has the line of source, with a caret.
 */
#include <stdio.h>
#include <string.h>

#include "guest/core/core.h"
#include "runtime/javascript/js.h"

#define LINE_SHOWN   160 /* bytes of a source line                            */
#define BEHIND_SHOWN 8u  /* causes, and errors of an AggregateError           */

/* They outlive the engine: nothing of it is asked any more once they are full. */
static char message[UF_MESSAGE_MAX];
static char trace[UF_TRACE_MAX];

static JSValue error_class; /* as it is before a script changes it */

static int32_t number_of(JSValueConst error, const char *name)
{
    JSValue v = JS_GetPropertyStr(js.ctx, error, name);
    int32_t n = 0;

    if (JS_IsNumber(v))
        (void)JS_ToInt32(js.ctx, &n, v);
    JS_FreeValue(js.ctx, v);
    return n;
}

/* How many bytes of a text, at most so many, are whole characters. */
static int whole(const char *text, size_t most)
{
    size_t n = strlen(text);

    for (n = n < most ? n : most; n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
        ;
    return (int)n;
}

static void forget_exception(void)
{
    JS_FreeValue(js.ctx, JS_GetException(js.ctx));
}

/* Its JSON, of what else would be "[object Object]" or less; or undefined. */
static JSValue json_of(JSValueConst v, const char *text)
{
    if (!JS_IsObject(v) || JS_IsError(js.ctx, v) ||
        (text != NULL && strncmp(text, "[object ", 8) != 0 && !JS_IsArray(js.ctx, v)))
        return JS_UNDEFINED;
    return JS_JSONStringify(js.ctx, v, JS_UNDEFINED, JS_UNDEFINED);
}

static void text_of(JSValueConst v, char *out, size_t cap)
{
    const char *text = JS_ToCString(js.ctx, v);
    JSValue json = json_of(v, text);

    if (JS_IsString(json)) {
        JS_FreeCString(js.ctx, text);
        text = JS_ToCString(js.ctx, json);
    } else if (JS_IsException(json)) {
        forget_exception();
    }
    JS_FreeValue(js.ctx, json);
    if (text == NULL) {
        forget_exception();
        (void)snprintf(out, cap, "out of memory");
        return;
    }
    (void)snprintf(out, cap, "%.*s", whole(text, cap - 1), text);
    JS_FreeCString(js.ctx, text);
}

static void property_text(JSValueConst of, const char *name, char *out, size_t cap)
{
    JSValue v = JS_GetPropertyStr(js.ctx, of, name);

    out[0] = '\0';
    if (JS_IsException(v))
        forget_exception();
    else if (JS_IsString(v))
        text_of(v, out, cap);
    JS_FreeValue(js.ctx, v);
}

/* "    at f (a.js:1:2)\n" becomes "f (a.js:1:2)\n", as in other backtraces. */
static void set_trace(const char *stack)
{
    size_t at = 0;

    while (*stack != '\0' && at < sizeof(trace) - 1) {
        size_t n = strcspn(stack, "\n");
        const char *line = stack;
        size_t len = n;

        while (len > 0 && *line == ' ') {
            line++;
            len--;
        }
        if (len > 3 && memcmp(line, "at ", 3) == 0) {
            line += 3;
            len -= 3;
        }
        if (len > sizeof(trace) - 2 - at)
            len = sizeof(trace) - 2 - at;
        memcpy(trace + at, line, len);
        at += len;
        if (len > 0)
            trace[at++] = '\n';
        stack += n + (stack[n] == '\n');
    }
    trace[at] = '\0';
}

static struct bundle_file file_named(const char *name)
{
    for (uint32_t i = 0; i < uf_bundle_count(); i++) {
        struct bundle_file f = uf_bundle_file(i);

        if (f.name != NULL && strcmp(f.name, name) == 0)
            return f;
    }
    return (struct bundle_file){.name = NULL};
}

/* The line of the source, and a caret below the column. */
static void show_source(const char *file, int32_t line, int32_t column)
{
    struct bundle_file f = file_named(file);
    char shown[LINE_SHOWN + 1];
    char caret[LINE_SHOWN + 2];

    if (f.name == NULL || line < 1)
        return;
    const char *at = f.data;
    const char *end = f.data + f.data_size;
    for (int32_t i = 1; i < line && at < end; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        at = newline != NULL ? newline + 1 : end;
    }
    size_t len = 0;
    while (at + len < end && at[len] != '\n' && len < LINE_SHOWN) {
        shown[len] = at[len] == '\t' || at[len] == '\r' ? ' ' : at[len];
        len++;
    }
    shown[len] = '\0';
    size_t below = column > 0 && (size_t)column <= len + 1 ? (size_t)column - 1 : 0;
    memset(caret, ' ', below);
    caret[below] = '^';
    caret[below + 1] = '\0';
    printf("    %s\n    %s\n", shown, caret);
}

/* An error that the compiler found in one of the author's files has no frame but the place
 * itself. Text that a script has read, as JSON, is no file. */
static bool is_of_compiler(JSValueConst error, char *file, size_t cap)
{
    property_text(error, "fileName", file, cap);
    return js_is_syntax_error(error) && file_named(file).name != NULL &&
           number_of(error, "lineNumber") > 0;
}

/* An error and what is behind it: causes, errors, and what is behind these. */
struct told {
    char words[UF_MESSAGE_MAX];
    char stack[UF_TRACE_MAX]; /* with the author's places */
    struct behind {
        const char *head;
        JSValue v; /* owned */
    } behind[BEHIND_SHOWN];
    unsigned nbehind;
};

static void append(char *to, size_t cap, const char *head, const char *text)
{
    size_t n = strlen(to);

    (void)snprintf(to + n, cap - n, "%s%s", head, text);
}

static void add_stack(struct told *t, JSValueConst error)
{
    char stack[UF_TRACE_MAX];
    char mapped[UF_TRACE_MAX];

    property_text(error, "stack", stack, sizeof(stack));
    (void)sourcemap_stack(stack, mapped, sizeof(mapped));
    append(t->stack, sizeof(t->stack), "", mapped);
}

/* Takes v. */
static void note_behind(struct told *t, const char *head, JSValue v)
{
    if (JS_IsException(v))
        forget_exception();
    else if (JS_IsUndefined(v) || t->nbehind == BEHIND_SHOWN)
        JS_FreeValue(js.ctx, v);
    else
        t->behind[t->nbehind++] = (struct behind){head, v};
}

static void look_behind(struct told *t, JSValueConst error)
{
    JSValue errors = JS_GetPropertyStr(js.ctx, error, "errors");

    if (JS_IsException(errors))
        forget_exception();
    if (JS_IsArray(js.ctx, errors))
        for (int32_t i = 0, n = number_of(errors, "length"); i < n && t->nbehind < BEHIND_SHOWN;
             i++)
            note_behind(t, "error: ", JS_GetPropertyUint32(js.ctx, errors, (uint32_t)i));
    JS_FreeValue(js.ctx, errors);
    note_behind(t, "cause: ", JS_GetPropertyStr(js.ctx, error, "cause"));
}

static void add_behind(struct told *t, const struct behind *b)
{
    char text[UF_MESSAGE_MAX];

    text_of(b->v, text, sizeof(text));
    append(t->words, sizeof(t->words), "; ", b->head);
    append(t->words, sizeof(t->words), text, "");
    append(t->stack, sizeof(t->stack), b->head, text);
    append(t->stack, sizeof(t->stack), "\n", "");
    if (JS_IsError(js.ctx, b->v)) {
        add_stack(t, b->v);
        look_behind(t, b->v);
    }
    JS_FreeValue(js.ctx, b->v);
}

static void describe_compiler(JSValueConst error, const char *file, const char *words)
{
    int32_t line = number_of(error, "lineNumber");
    int32_t column = number_of(error, "columnNumber");
    struct place p = {file, (int)strlen(file), (uint32_t)line, (uint32_t)column};

    (void)sourcemap_find(file, strlen(file), p.line, p.column, &p);
    (void)snprintf(message, sizeof(message), "%.*s:%u:%u: %.*s",
                   p.file_size < 100 ? p.file_size : 100, p.file, (unsigned)p.line,
                   (unsigned)p.column, whole(words, 300), words);
    show_source(file, line, column);
}

/* more: others that ended like it. */
static void describe(JSValueConst error, uint32_t more)
{
    struct told t = {.nbehind = 0};
    bool is_error = JS_IsError(js.ctx, error);
    char also[80] = "";
    char file[256];

    trace[0] = '\0';
    text_of(error, t.words, sizeof(t.words));
    if (is_error && is_of_compiler(error, file, sizeof(file))) {
        describe_compiler(error, file, t.words);
        return;
    }
    if (is_error) {
        add_stack(&t, error);
        set_trace(t.stack); /* what is behind it the log has */
        look_behind(&t, error);
        for (unsigned i = 0; i < t.nbehind; i++)
            add_behind(&t, &t.behind[i]);
    }
    /* What is told of a failure has half of its room: both parts must show. */
    if (more > 0) {
        (void)snprintf(also, sizeof(also), " (and %u more rejected promise%s that nobody handles)",
                       (unsigned)more, more == 1 ? "" : "s");
        t.words[whole(t.words, sizeof(message) / 2 - sizeof(also) - 1)] = '\0';
    }
    (void)snprintf(message, sizeof(message), "%s%.*s%s",
                   is_error ? "" : "thrown: ", whole(t.words, 400), t.words, also);
    if (is_error)
        printf("error: %s\n%s", message, t.stack);
}

void failure_log(JSValueConst error)
{
    describe(error, 0);
}

/* ---- where a script was that a limit ended ------------------------------------------ */

/*
 * The engine asks every 10,000 jumps and calls whether to go on. Nobody can ask a script
 * where it is when its time is over, so the place is noted here before, the more rarely the
 * longer it takes, and told only if the run is cut off.
 */
static int note_place(JSRuntime *rt, void *unused)
{
    static const char head[] = "error: ended by a limit; a moment before it was here:\n";
    static char note[UF_TRACE_MAX];
    uint32_t oom = uf_door_block.oom;

    (void)rt;
    (void)unused;
    if (++js.polls < js.next_note)
        return 0;
    JSValue error = JS_CallConstructor(js.ctx, error_class, 0, NULL);
    if (JS_IsException(error))
        forget_exception();
    property_text(error, "stack", trace, sizeof(trace));
    JS_FreeValue(js.ctx, error);
    uf_door_block.oom = oom; /* what this may have missed the script did not */
    /* Between two jobs there is no place. */
    if (trace[0] == '\0')
        return 0;
    js.next_note += js.next_note / 2;
    memcpy(note, head, sizeof(head));
    (void)sourcemap_stack(trace, note + sizeof(head) - 1, sizeof(note) - sizeof(head) + 1);
    uf_log_unless_more(note, strlen(note));
    return 0;
}

void failure_watch(void)
{
    JSValue global = JS_GetGlobalObject(js.ctx);

    error_class = JS_GetPropertyStr(js.ctx, global, "Error");
    JS_FreeValue(js.ctx, global);
    JS_SetInterruptHandler(js.rt, note_place, NULL);
}

_Noreturn void failure_unhandled(uint32_t more)
{
    JSValue error = JS_GetException(js.ctx);

    describe(error, more);
    uf_give_up_traced(message, trace);
}

_Noreturn void failure_exception(void)
{
    failure_unhandled(0);
}

_Noreturn void failure_words(const char *words)
{
    printf("error: %s\n", words);
    uf_give_up_traced(words, "");
}
