// SPDX-License-Identifier: MIT
/* hostcall.c: the door, and the calls that are nothing but a door call. */
#include <limits.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

#define NAME_MAX_BYTES 255u /* keys, queues, topics */

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
    size_t n = name == NULL ? 0 : strnlen(name, NAME_MAX_BYTES + 1);

    return n <= NAME_MAX_BYTES ? n : 0;
}

static int ask(enum uf_door_op op, const char *name, const void *data, size_t size)
{
    size_t n = name_size(name);

    if (n == 0 || (data == NULL && size > 0))
        return UF_INVALID;
    return (int)uf_door_call(&(struct uf_call){op, {uf_addr(name), n, uf_addr(data), size, 0, 0}});
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

int uf_kv_get(const char *key, void *buf, size_t cap, size_t *size)
{
    size_t n = name_size(key);

    if (n == 0 || (buf == NULL && cap > 0))
        return UF_INVALID;
    return ask_for(&(struct uf_call){UF_OP_KV_GET, {uf_addr(key), n, uf_addr(buf), cap, 0, 0}},
                   size);
}

int uf_kv_set(const char *key, const void *value, size_t size)
{
    return ask(UF_OP_KV_SET, key, value, size);
}

int uf_kv_delete(const char *key)
{
    return ask(UF_OP_KV_DELETE, key, NULL, 0);
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
    size_t n = prefix == NULL ? 0 : strnlen(prefix, NAME_MAX_BYTES + 1);

    if (prefix == NULL || n > NAME_MAX_BYTES || (buf == NULL && cap > 0))
        return UF_INVALID;
    return ask_for(&(struct uf_call){UF_OP_KV_LIST, {uf_addr(prefix), n, uf_addr(buf), cap, 0, 0}},
                   size);
}

int uf_queue_push(const char *queue, const void *data, size_t size)
{
    return ask(UF_OP_QUEUE_PUSH, queue, data, size);
}

int uf_queue_pop(const char *queue, void *buf, size_t cap, size_t *size)
{
    size_t n = name_size(queue);

    if (n == 0 || (buf == NULL && cap > 0))
        return UF_INVALID;
    return ask_for(&(struct uf_call){UF_OP_QUEUE_POP, {uf_addr(queue), n, uf_addr(buf), cap, 0, 0}},
                   size);
}

int uf_publish(const char *topic, const void *data, size_t size)
{
    return ask(UF_OP_PUBLISH, topic, data, size);
}

int uf_http_fetch(const struct uf_http_request *request, struct uf_http_response *response)
{
    if (request == NULL || response == NULL || request->url == NULL ||
        (request->body == NULL && request->body_size > 0) ||
        (response->buf == NULL && response->cap > 0))
        return UF_INVALID;
    return (int)uf_door_call(&(struct uf_call){
        UF_OP_FETCH,
        {uf_addr(request), sizeof(*request), uf_addr(response), sizeof(*response), 0, 0}});
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
