// SPDX-License-Identifier: MIT
/* batch.c: see batch.h. */
#include "engine/batch.h"

#include <stdlib.h>
#include <string.h>

#include "abi/event.h"

#define ALIGN 8u

size_t batch_item_bound(size_t id, size_t headers, size_t body)
{
    return sizeof(struct uf_batch_item) + id + 1 + headers + ALIGN - 1 + body + 1;
}

void batch_begin(struct batch *b, void *dst, size_t cap, uint32_t n)
{
    const struct uf_batch_layout l = {.magic = UF_BATCH_MAGIC, .count = n};

    *b = (struct batch){
        .base = dst, .cap = cap, .at = sizeof(l) + n * sizeof(struct uf_batch_item), .n = n};
    if (b->at > cap)
        abort(); /* the caller's arithmetic is wrong */
    memset(dst, 0, b->at);
    memcpy(dst, &l, sizeof(l));
}

static void put(struct batch *b, const void *data, size_t size)
{
    if (size + 1 > b->cap - b->at)
        abort(); /* likewise */
    if (size > 0)
        memcpy(b->base + b->at, data, size);
    b->base[b->at + size] = '\0';
    b->at += size + 1;
}

static void put_lower(struct batch *b, const char *s)
{
    size_t from = b->at;

    put(b, s, strlen(s));
    for (size_t i = from; i < b->at; i++)
        if (b->base[i] >= 'A' && b->base[i] <= 'Z')
            b->base[i] = (uint8_t)(b->base[i] + 'a' - 'A');
}

static struct uf_slice slice(size_t from, size_t to)
{
    return (struct uf_slice){.off = (uint32_t)from, .len = (uint32_t)(to - from)};
}

void batch_add(struct batch *b, const struct batch_item *i)
{
    struct uf_batch_item item = {.pushed_ns = i->pushed_ns};
    size_t from = b->at;

    put(b, i->id, strlen(i->id));
    item.id = slice(from, b->at - 1);
    from = b->at;
    for (uint32_t h = 0; h < i->nheaders; h++) {
        put_lower(b, i->headers[h].name);
        put(b, i->headers[h].value, strlen(i->headers[h].value));
    }
    item.headers = slice(from, b->at);
    while (b->at % ALIGN != 0)
        put(b, "", 0);
    from = b->at;
    put(b, i->body, i->size);
    item.body = slice(from, b->at - 1);
    memcpy(b->base + sizeof(struct uf_batch_layout) + b->nadded * sizeof(item), &item,
           sizeof(item));
    b->nadded++;
}
