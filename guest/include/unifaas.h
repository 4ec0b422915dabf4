// SPDX-License-Identifier: MIT
/*
 * unifaas.h: everything a function can ask of UniFaaS.
 *
 * A function is one C function, handle(), linked with a library OS into an
 * image that runs alone in its own machine. For every event the image starts
 * from the memory that init() left behind; nothing that one event changes can
 * be seen by the next (unless function.yaml says `reuse: instance`).
 *
 *	#include <unifaas.h>
 *
 *	int handle(const struct uf_event *event, struct uf_response *response)
 *	{
 *	    return uf_respond_printf(response, "You sent %zu bytes\n",
 *	                             uf_event_body_size(event));
 *	}
 *
 * The C library is musl: strings, printf and scanf, math, malloc, qsort,
 * regex, time and so on work as usual. What printf and stderr write becomes
 * the log of the invocation. There are no files, sockets, processes, threads
 * or signals; `unifaas build` names a call that needs one.
 *
 * Errors    A function that can fail returns 0 (or a count) when it did what
 *           its comment says, and a negative enum uf_code when it did not;
 *           then nothing has changed and no output was written.
 * Units     Sizes are bytes, times are nanoseconds. A size never counts the
 *           NUL after a string.
 * Owners    What an event function returns belongs to the event: it is
 *           read-only and lives until handle() returns. What is passed to a
 *           function here is not kept, except by uf_respond_borrow().
 * Threads   There is one.
 *
 * May be included from C (C99 or later) and from C++.
 */
#ifndef UNIFAAS_H
#define UNIFAAS_H

#include <stddef.h>
#include <stdint.h>

/* The interface's version, as major * 1000 + minor. A function that compiles
 * with one minor version compiles with every later one of that major. */
#define UF_VERSION 1000

#if defined(__GNUC__)
#define UF_PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#else
#define UF_PRINTF_LIKE(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What a call came to. Negative values are failures. */
enum uf_code {
    UF_OK = 0,
    UF_NOT_AVAILABLE = -1, /* nothing serves this call here                   */
    UF_INVALID = -2,       /* an argument makes no sense                      */
    UF_NOT_FOUND = -3,     /* no such parameter, key or message               */
    UF_TOO_LARGE = -4,     /* it does not fit: the buffer, or a limit         */
    UF_DENIED = -5,        /* the function's manifest does not allow it       */
    UF_NO_MEMORY = -16,    /* the function's memory is used up                */
};

/* Words for a code; "unknown code" for a number that is none. Static. */
const char *uf_code_text(int code);

struct uf_event;
struct uf_response;

/* ---- what a function defines ------------------------------------------------ */

/*
 * Handle one event.
 *
 * Returns  0 when the event was handled; whatever HTTP status was set is an
 *          answer like any other, 4xx and 5xx included. Anything else: it was
 *          not handled; the invocation counts as failed, with outcome `error` and
 *          the beginning of the body as a reason. The status is the one that was
 *          set when that is 400 or more, or else 500.
 */
int handle(const struct uf_event *event, struct uf_response *response);

/*
 * Prepare once, before the first event: tables, configuration, interpreters.
 * Optional. Runs when the function is deployed; its memory is what every event
 * starts from. There is no event here, and so no randomness: random bytes that
 * were kept in memory would be the same for all events.
 *
 * Returns  0, or anything else to refuse the deployment.
 */
int init(void);

/*
 * Give the function a stack of another size than the usual 256 KiB. At file
 * level, once: UF_STACK_SIZE(0x100000);
 *
 * bytes    a multiple of 0x10000 (64 KiB), at most 0x800000 (8 MiB), written
 *          as one number. Counts towards the function's `memory`.
 */
#define UF_STACK_SIZE(bytes)                                      \
    __asm__(".globl uf_stack_size\n.set uf_stack_size, " #bytes); \
    extern char uf_stack_size[]

/* ---- the event -------------------------------------------------------------- */

/* Strings of the event, never NULL, "" when there is nothing to say.
 * id: of this invocation. trigger: what brought the event, e.g. "http".
 * method: e.g. "POST". path: what follows the function's name, e.g. "/a/b", or
 * "/". query: what follows "?", still encoded. */
const char *uf_event_id(const struct uf_event *event);
const char *uf_event_trigger(const struct uf_event *event);
const char *uf_event_method(const struct uf_event *event);
const char *uf_event_path(const struct uf_event *event);
const char *uf_event_query(const struct uf_event *event);

/*
 * One parameter of the query, decoded: "%41" is "A", "+" is a blank.
 *
 * buf      cap bytes; gets the value and a NUL.
 * Returns  the size of the value, UF_NOT_FOUND, UF_TOO_LARGE (it and its NUL
 *          exceed cap), or UF_INVALID (a broken "%" escape, or one for NUL).
 *          The first of several parameters with the same name counts.
 */
int uf_event_query_param(const struct uf_event *event, const char *name, char *buf, size_t cap);

/* The value of a header, the first of several with that name; or NULL. Case does not
 * matter in its name. */
const char *uf_event_header(const struct uf_event *event, const char *name);

/* All headers, in the order in which they came; names are in lower case. */
unsigned uf_event_header_count(const struct uf_event *event);
const char *uf_event_header_name(const struct uf_event *event, unsigned index);  /* or NULL */
const char *uf_event_header_value(const struct uf_event *event, unsigned index); /* or NULL */

/* A CloudEvents attribute, e.g. "type", "source", "subject", "time"; or NULL. */
const char *uf_event_attribute(const struct uf_event *event, const char *name);

/* The body. A NUL follows it, so that text can be used as a string; "" when
 * there is none. It may hold NULs of its own: then mind the size. */
const char *uf_event_body(const struct uf_event *event);
size_t uf_event_body_size(const struct uf_event *event);

/* Which attempt at this event this is, from 1. */
unsigned uf_event_attempt(const struct uf_event *event);

/*
 * The items of a batch: with `batch` in function.yaml, events of a queue that wait
 * are handed over together, as one event, and are handled or not together. An event
 * that is no batch has one item, itself.
 */
unsigned uf_event_item_count(const struct uf_event *event);

/* The body of an item, followed by a NUL, aligned to 8 bytes; *size (or NULL) gets
 * its size. NULL when there is no such item. */
const void *uf_event_item(const struct uf_event *event, unsigned index, size_t *size);

/* Its id, as it was given when it was pushed; or NULL. */
const char *uf_event_item_id(const struct uf_event *event, unsigned index);

/* The value of one of its headers, or NULL. Case does not matter in the name. */
const char *uf_event_item_header(const struct uf_event *event, unsigned index, const char *name);

/* Nanoseconds until the time limit ends this invocation; 0 when they are up. */
uint64_t uf_event_time_left(const struct uf_event *event);

/* ---- the response ----------------------------------------------------------- */
/*
 * Status 200, no headers and an empty body are the defaults.
 *
 * A failure here is never lost: if a call fails and handle() returns 0 all the
 * same, the invocation still ends with outcome `error` (or `out-of-memory`),
 * and its log names the call. So `return uf_respond_text(...)` is enough.
 */

/* Set the HTTP status, 100 to 599. UF_INVALID for another number. */
int uf_respond_status(struct uf_response *response, int status);

/* Add a header. UF_INVALID when the name is no HTTP token or the value holds
 * control characters; UF_TOO_LARGE when all headers together exceed 16 KiB. */
int uf_respond_header(struct uf_response *response, const char *name, const char *value);

/* Append to the body; the bytes are copied. UF_NO_MEMORY. */
int uf_respond_write(struct uf_response *response, const void *data, size_t size);
int uf_respond_text(struct uf_response *response, const char *text);
int uf_respond_printf(struct uf_response *response, const char *format, ...) UF_PRINTF_LIKE(2, 3);

/* Replace the body, if anything was there; the bytes are copied. UF_NO_MEMORY. */
int uf_respond_body(struct uf_response *response, const void *data, size_t size);

/*
 * Replace the body by bytes that are used in place: for large bodies.
 *
 * data     stays as it is until handle() has returned: static or allocated
 *          memory that is not freed, or a part of the event.
 * Returns  0, or UF_INVALID for memory of the stack, which ends earlier.
 */
int uf_respond_borrow(struct uf_response *response, const void *data, size_t size);

/* ---- the log ---------------------------------------------------------------- */

enum uf_log_level {
    UF_LOG_DEBUG,
    UF_LOG_INFO,
    UF_LOG_WARN,
    UF_LOG_ERROR,
};

/* Write a line "level: message" to the log of the invocation. Lines that
 * printf or stderr write go to the same log, as they are. */
void uf_log(enum uf_log_level level, const char *format, ...) UF_PRINTF_LIKE(2, 3);

/* ---- time and chance -------------------------------------------------------- */

/* Nanoseconds since 1970-01-01T00:00:00Z. */
uint64_t uf_now(void);

/* Nanoseconds of a clock that never steps back; its zero means nothing. */
uint64_t uf_monotonic(void);

/* Fill buf with random bytes fit for keys, different for every event.
 * UF_NOT_AVAILABLE in init(). */
int uf_random(void *buf, size_t size);

/* The function's name, as it was deployed. */
const char *uf_function_name(void);

/* ---- the platform's store --------------------------------------------------- */
/*
 * Each of these answers UF_NOT_AVAILABLE where the platform doesn't serve it:
 * under `unifaas run`, and in init(). What is written becomes visible to others
 * when the invocation ends with outcome `ok`, all at once, and not at all
 * otherwise; the invocation itself sees it at once. When somebody else has
 * changed meanwhile what was read here, the function runs again from its start,
 * so that functions are as if they ran one after another (docs/delivery.md).
 *
 * Names of keys, queues, topics and secrets are UTF-8 of 1 to 255 bytes without
 * control characters; UF_INVALID otherwise. Values and messages have at most
 * 1 MiB; all that one invocation writes has at most `limits.effects` of function.yaml,
 * with its names and some bytes more: by default 1 MiB, which a value of 1 MiB exceeds.
 */

/* Read a value. *size gets its size. UF_NOT_FOUND; UF_TOO_LARGE when it is
 * larger than cap. */
int uf_kv_get(const char *key, void *buf, size_t cap, size_t *size);

/* Write a value, over an old one if there is any. UF_TOO_LARGE. */
int uf_kv_set(const char *key, const void *value, size_t size);

/* The same for a value that is gone after ttl_ms milliseconds, at least 1; more than
 * ten years are ten years. */
int uf_kv_set_ttl(const char *key, const void *value, size_t size, uint64_t ttl_ms);

/* Remove a key. UF_NOT_FOUND. */
int uf_kv_delete(const char *key);

/* Add to a number; a missing key counts as 0. *value (or NULL) gets the sum.
 * UF_INVALID when the value there is no decimal number or the sum overflows. */
int uf_kv_incr(const char *key, int64_t by, int64_t *value);

/* The keys that begin with prefix ("": all), sorted, each followed by a NUL.
 * *size gets the bytes written. UF_TOO_LARGE when they exceed cap. */
int uf_kv_list(const char *prefix, char *buf, size_t cap, size_t *size);

/* Put a message at the end of a queue. UF_TOO_LARGE. */
int uf_queue_push(const char *queue, const void *data, size_t size);

/* The same for a message that nobody gets before delay_ms milliseconds are over; more
 * than ten years are ten years. */
int uf_queue_push_later(const char *queue, const void *data, size_t size, uint64_t delay_ms);

/* Take the oldest message of a queue. UF_NOT_FOUND when it is empty;
 * UF_TOO_LARGE when the message is larger than cap: then it stays; UF_DENIED when
 * the queue's messages go to a function. */
int uf_queue_pop(const char *queue, void *buf, size_t cap, size_t *size);

/* Send a message to everyone who listens to a topic. UF_TOO_LARGE. */
int uf_publish(const char *topic, const void *data, size_t size);

/* ---- secrets ---------------------------------------------------------------- */

/* Read a secret that function.yaml lists. UF_DENIED when it doesn't; UF_NOT_FOUND;
 * UF_TOO_LARGE when it is larger than cap. */
int uf_secret(const char *name, void *buf, size_t cap, size_t *size);

/* ---- other services --------------------------------------------------------- */

struct uf_http_request {
    const char *method;  /* NULL: "GET"                                        */
    const char *url;     /* "https://host/path"                                */
    const char *headers; /* "Name: value\n" lines, or NULL                     */
    const void *body;    /* or NULL                                            */
    size_t body_size;
    uint64_t timeout; /* nanoseconds; 0: as long as the invocation may take */
};

struct uf_http_response {
    char *buf;           /* in: where headers and body go, one after the other */
    size_t cap;          /* in: its size                                       */
    int64_t status;      /* out: of HTTP                                       */
    size_t headers_size; /* out: bytes of "name: value\n" lines at buf         */
    size_t body_size;    /* out: bytes of body at buf + headers_size           */
};

/*
 * Ask another service, and follow where it redirects to. Any status is an answer.
 * Names of the answer's headers are in lower case.
 *
 * The request is made at once, and so is made again when the invocation runs
 * again; it has a header Idempotency-Key, the same each time.
 *
 * Returns  UF_OK; UF_DENIED: function.yaml does not `allow` the URL, or what it
 *          redirects to; UF_INVALID: URL, method or a header makes no sense;
 *          UF_TOO_LARGE: the answer exceeds cap, or request or answer 1 MiB;
 *          UF_NOT_FOUND: there was no answer, for which the log has the reason.
 */
int uf_http_fetch(const struct uf_http_request *request, struct uf_http_response *response);

#ifdef __cplusplus
}
#endif

#endif
