// SPDX-License-Identifier: MIT
/* hostcall.c: the door, and the calls that are nothing but a door call. */
#include <limits.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

UF_HOT __attribute__((aligned(16))) struct uf_door uf_door_block;

/* The results that the header documents are the door's own. */
_Static_assert((int)UF_OK == (int)UF_R_OK, "results");
_Static_assert((int)UF_NOT_AVAILABLE == (int)UF_R_NOT_AVAILABLE, "results");
_Static_assert((int)UF_INVALID == (int)UF_R_INVALID, "results");
_Static_assert((int)UF_NOT_FOUND == (int)UF_R_NOT_FOUND, "results");
_Static_assert((int)UF_TOO_LARGE == (int)UF_R_TOO_LARGE, "results");
_Static_assert((int)UF_DENIED == (int)UF_R_DENIED, "results");

int64_t uf_door_call(const struct uf_call *call)
{
    void (*open_door)(void) = (void (*)(void))(uintptr_t)UF_DOOR_BASE;
    struct uf_door *d = &uf_door_block;

    d->op = call->op;
    memcpy(d->a, call->a, sizeof(d->a));
    uf_log_pend(d);
    open_door();
    return d->ret;
}

_Noreturn void uf_door_last(const struct uf_call *call)
{
    (void)uf_door_call(call);
    __builtin_trap(); /* the tender never lets these calls return */
}

/* A name's length, or 0 when it isn't one. */
static size_t name_size(const char *name)
{
    size_t n = name == NULL ? 0 : strnlen(name, UF_NAME_MAX + 1);

    return n <= UF_NAME_MAX ? n : 0;
}

/* A name, bytes, and a number. */
static int tell(enum uf_door_op op, const char *name, const void *data, size_t size,
                uint64_t number)
{
    size_t n = name_size(name);

    if (n == 0 || (data == NULL && size > 0))
        return UF_INVALID;
    return (int)uf_door_call(
        &(struct uf_call){op, {uf_addr(name), n, uf_addr(data), size, number, 0}});
}

/* Calls that fill a buffer answer with the number of bytes. */
static int ask_for(const struct uf_call *call, size_t *size)
{
    int64_t r = uf_door_call(call);

    if (r < 0)
        return (int)r;
    if (size != NULL)
        *size = (size_t)r;
    return UF_OK;
}

/* What a name stands for, into a buffer. */
static int fill(enum uf_door_op op, const char *name, void *buf, size_t cap, size_t *size)
{
    size_t n = name_size(name);

    if (n == 0 || (buf == NULL && cap > 0))
        return UF_INVALID;
    return ask_for(&(struct uf_call){op, {uf_addr(name), n, uf_addr(buf), cap, 0, 0}}, size);
}

int uf_kv_get(const char *key, void *buf, size_t cap, size_t *size)
{
    return fill(UF_OP_KV_GET, key, buf, cap, size);
}

int uf_kv_set(const char *key, const void *value, size_t size)
{
    return tell(UF_OP_KV_SET, key, value, size, 0);
}

int uf_kv_set_ttl(const char *key, const void *value, size_t size, uint64_t ttl_ms)
{
    return ttl_ms == 0 ? UF_INVALID : tell(UF_OP_KV_SET, key, value, size, ttl_ms);
}

int uf_kv_delete(const char *key)
{
    return tell(UF_OP_KV_DELETE, key, NULL, 0, 0);
}

int uf_kv_incr(const char *key, int64_t by, int64_t *value)
{
    size_t n = name_size(key);
    int64_t sum = 0;

    if (n == 0)
        return UF_INVALID;
    int r = (int)uf_door_call(&(struct uf_call){
        UF_OP_KV_INCR, {uf_addr(key), n, (uint64_t)by, uf_addr(&sum), sizeof(sum), 0}});
    if (r == UF_OK && value != NULL)
        *value = sum;
    return r;
}

int uf_kv_list(const char *prefix, char *buf, size_t cap, size_t *size)
{
    size_t n = prefix == NULL ? 0 : strnlen(prefix, UF_NAME_MAX + 1);

    if (prefix == NULL || n > UF_NAME_MAX || (buf == NULL && cap > 0))
        return UF_INVALID;
    return ask_for(&(struct uf_call){UF_OP_KV_LIST, {uf_addr(prefix), n, uf_addr(buf), cap, 0, 0}},
                   size);
}

int uf_queue_push(const char *queue, const void *data, size_t size)
{
    return tell(UF_OP_QUEUE_PUSH, queue, data, size, 0);
}

int uf_queue_push_later(const char *queue, const void *data, size_t size, uint64_t delay_ms)
{
    return tell(UF_OP_QUEUE_PUSH, queue, data, size, delay_ms);
}

int uf_queue_pop(const char *queue, void *buf, size_t cap, size_t *size)
{
    return fill(UF_OP_QUEUE_POP, queue, buf, cap, size);
}

int uf_publish(const char *topic, const void *data, size_t size)
{
    return tell(UF_OP_PUBLISH, topic, data, size, 0);
}

int uf_secret(const char *name, void *buf, size_t cap, size_t *size)
{
    return fill(UF_OP_SECRET, name, buf, cap, size);
}

static struct uf_door_span span(const void *p, size_t size)
{
    return (struct uf_door_span){uf_addr(p), size};
}

int uf_http_fetch(const struct uf_http_request *request, struct uf_http_response *response)
{
    if (request == NULL || response == NULL || request->url == NULL ||
        (request->body == NULL && request->body_size > 0) ||
        (response->buf == NULL && response->cap > 0))
        return UF_INVALID;
    const char *method = request->method == NULL ? "GET" : request->method;
    struct uf_door_fetch f = {
        .method = span(method, strlen(method)),
        .url = span(request->url, strlen(request->url)),
        .headers = span(request->headers, request->headers == NULL ? 0 : strlen(request->headers)),
        .body = span(request->body, request->body_size),
        .timeout_ns = request->timeout,
        .buffer = span(response->buf, response->cap),
    };
    int r = (int)uf_door_call(&(struct uf_call){UF_OP_FETCH, {uf_addr(&f), sizeof(f)}});
    if (r == UF_OK) {
        response->status = f.status;
        response->headers_size = (size_t)f.headers_size;
        response->body_size = (size_t)f.body_size;
    }
    return r;
}

const char *uf_code_text(int code)
{
    static const struct {
        int code;
        const char *text;
    } table[] = {
        {UF_OK, "done"},
        {UF_NOT_AVAILABLE, "not available here"},
        {UF_INVALID, "an argument makes no sense"},
        {UF_NOT_FOUND, "not found"},
        {UF_TOO_LARGE, "too large"},
        {UF_DENIED, "not allowed by the function's manifest"},
        {UF_NO_MEMORY, "out of memory"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].code == code)
            return table[i].text;
    return "unknown code";
}
