// SPDX-License-Identifier: MIT
/* batch.h: several events as the body of one (abi/event.h, UF_BATCH_TYPE). Pure. */
#ifndef ENGINE_BATCH_H
#define ENGINE_BATCH_H

#include "engine/event.h"

/* One of them; pointers are the caller's. */
struct batch_item {
    const char *id;
    const struct event_header *headers;
    uint32_t nheaders;
    const void *body;
    size_t size;
    uint64_t pushed_ns; /* since 1970 */
};

/* Bytes that an item adds to the batch at most, when the texts of its headers have
 * `headers` bytes in all, each with its NUL. */
size_t batch_item_bound(size_t id, size_t headers, size_t body);

/*
 * Begin a batch of n items, then add them in order.
 *
 * dst      8-aligned; cap bytes, at least sizeof(struct uf_batch_layout) and what
 *          batch_item_bound() says of each.
 */
struct batch {
    uint8_t *base;
    size_t cap;
    size_t at; /* bytes so far: when all are added, the size of the batch */
    uint32_t n;
    uint32_t nadded;
};
void batch_begin(struct batch *b, void *dst, size_t cap, uint32_t n);
void batch_add(struct batch *b, const struct batch_item *i);

#endif
