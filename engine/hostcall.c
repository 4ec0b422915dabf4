// SPDX-License-Identifier: MIT
/* hostcall.c: see hostcall.h. */
#include "engine/hostcall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

bool hostcall_name_ok(const char *name, size_t size)
{
    return size > 0 && size <= UF_NAME_MAX && utf8_is_plain(name, size);
}

static int nonsense(struct uf_err *err)
{
    return uf_fail(err, -EPROTO, "the tender passed on a host call that cannot be");
}

static bool is_question(uint32_t op)
{
    return op == UF_OP_KV_GET || op == UF_OP_KV_DELETE || op == UF_OP_KV_INCR ||
           op == UF_OP_KV_LIST || op == UF_OP_QUEUE_POP || op == UF_OP_FETCH || op == UF_OP_SECRET;
}

/* The parts of a request, copied. */
static int take_parts(const uint8_t *from, const struct uf_ask *q, struct host_request *out,
                      struct uf_err *err)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < HOST_PARTS; i++) {
        out->part[i] = q->part[i];
        total += q->part[i];
    }
    if (total > UF_VALUE_MAX)
        return nonsense(err);
    out->data = malloc(total + 1);
    if (out->data == NULL)
        return uf_fail(err, -ENOMEM, "no memory for a request of %zu bytes", (size_t)total);
    memcpy(out->data, from, total);
    return 0;
}

int hostcall_take(const void *ask, uint32_t effects_max, struct host_request *out,
                  struct uf_err *err)
{
    struct uf_ask q;

    *out = (struct host_request){.data = NULL};
    memcpy(&q, ask, sizeof(q));
    /* From here on the copy is the truth: the tender can still write there. */
    __asm__ volatile("" ::: "memory");
    if (!is_question(q.op) || q.name_size > UF_NAME_MAX || q.effects > effects_max)
        return nonsense(err);
    out->op = (enum uf_door_op)q.op;
    out->cap = q.cap;
    out->number = q.number;
    out->effects = q.effects;
    if (q.op == UF_OP_FETCH)
        return take_parts((const uint8_t *)ask + sizeof(q), &q, out, err);
    memcpy(out->name, (const uint8_t *)ask + sizeof(q), q.name_size);
    if (!hostcall_name_ok(out->name, q.name_size) && (q.op != UF_OP_KV_LIST || q.name_size != 0))
        return nonsense(err);
    return 0;
}

void hostcall_answer(void *ask, const struct host_answer *a)
{
    struct uf_ask q = {.ret = a->ret,
                       .status = a->status,
                       .headers_size = (uint32_t)a->headers_size,
                       .size = (uint32_t)a->size};

    memcpy(ask, &q, sizeof(q));
    if (a->size > 0)
        memcpy((uint8_t *)ask + sizeof(q), a->data, a->size);
}

int hostcall_effect(const uint8_t *list, size_t size, size_t *at, struct host_effect *out,
                    struct uf_err *err)
{
    struct uf_effect e;

    if (*at == size)
        return 0;
    if (size - *at < sizeof(e))
        return nonsense(err);
    memcpy(&e, list + *at, sizeof(e));
    if ((e.op != UF_OP_KV_SET && e.op != UF_OP_QUEUE_PUSH && e.op != UF_OP_PUBLISH) ||
        e.name_size > UF_NAME_MAX || e.data_size > UF_VALUE_MAX ||
        uf_effect_size(e.name_size, e.data_size) > size - *at)
        return nonsense(err);
    const uint8_t *name = list + *at + sizeof(e);
    if (!hostcall_name_ok((const char *)name, e.name_size))
        return nonsense(err);
    *out = (struct host_effect){.op = (enum uf_door_op)e.op,
                                .data = name + e.name_size,
                                .size = e.data_size,
                                .number = e.number};
    memcpy(out->name, name, e.name_size);
    *at += uf_effect_size(e.name_size, e.data_size);
    return 1;
}
