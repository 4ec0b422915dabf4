// SPDX-License-Identifier: MIT
/* disk_cut.c: what is left when power is cut; see disk.h. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/store/disk_state.h"

/* A write that is not yet durable. */
struct pending {
    const struct disk_op *op;
    bool is_lost; /* its sync has failed: no later one will do */
};

struct cut {
    struct disk_image *out;  /* base: what is durable so far */
    bool exists[DISK_FILES]; /* in the cache */
    struct pending *pending[DISK_FILES];
    size_t n[DISK_FILES];
    enum disk_rest rest;
    uint64_t random; /* splitmix64 */
};

static uint64_t next_random(struct cut *c)
{
    uint64_t z = c->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool coin(struct cut *c)
{
    return (next_random(c) & 1) != 0;
}

static void apply_whole(struct disk_bytes *b, const struct disk_op *op)
{
    if (op->kind == DISK_OP_WRITE)
        disk_put(b, op->at, op->data, op->size);
    else
        disk_resize(b, op->at);
}

/* Some of its sectors; perhaps the file has grown without them. */
static void apply_torn(struct cut *c, struct disk_bytes *b, const struct disk_op *op)
{
    if (coin(c) && op->at + op->size > b->size)
        disk_resize(b, op->at + op->size);
    for (size_t done = 0; done < op->size;) {
        size_t n = DISK_SECTOR - (op->at + done) % DISK_SECTOR;

        if (n > op->size - done)
            n = op->size - done;
        if (coin(c))
            disk_put(b, op->at + done, op->data + done, n);
        done += n;
    }
}

static void apply_maybe(struct cut *c, struct disk_bytes *b, const struct disk_op *op)
{
    if (c->rest == DISK_ALL || (c->rest == DISK_SOME && coin(c) && coin(c)))
        apply_whole(b, op);
    else if (c->rest == DISK_SOME && op->kind == DISK_OP_WRITE && coin(c))
        apply_torn(c, b, op);
}

static void settle(struct cut *c, int slot, bool is_synced)
{
    for (size_t i = 0; i < c->n[slot]; i++) {
        const struct pending *p = &c->pending[slot][i];

        if (is_synced && !p->is_lost)
            apply_whole(&c->out->base[slot], p->op);
        else
            apply_maybe(c, &c->out->base[slot], p->op);
    }
    c->n[slot] = 0;
}

static void settle_names(struct cut *c)
{
    memcpy(c->out->base_exists, c->exists, sizeof(c->exists));
}

/* SQLite syncs the folder along with a log or journal that it has made. */
static bool has_synced_name(const char *name)
{
    return strstr(name, "-wal") != NULL || strstr(name, "-journal") != NULL;
}

static void add(struct cut *c, const struct disk_op *op)
{
    size_t n = c->n[op->slot]++;

    if ((n & (n - 1)) == 0)
        c->pending[op->slot] =
            xresize(c->pending[op->slot], n == 0 ? 1 : 2 * n, sizeof(*c->pending[op->slot]));
    c->pending[op->slot][n] = (struct pending){.op = op};
}

static void follow(struct cut *c, const struct disk_op *op)
{
    switch (op->kind) {
    case DISK_OP_WRITE:
    case DISK_OP_TRUNCATE:
        add(c, op);
        break;
    case DISK_OP_SYNC:
        settle(c, op->slot, true);
        if (has_synced_name(c->out->name[op->slot]))
            settle_names(c);
        break;
    case DISK_OP_LOSE:
        for (size_t i = 0; i < c->n[op->slot]; i++)
            c->pending[op->slot][i].is_lost = true;
        break;
    case DISK_OP_CREATE:
        c->exists[op->slot] = true;
        add(c, op); /* empties it: at is 0 */
        break;
    case DISK_OP_DELETE:
    case DISK_OP_DELETE_SYNCED:
        c->exists[op->slot] = false;
        if (op->kind == DISK_OP_DELETE_SYNCED)
            settle_names(c);
        break;
    }
}

static void end_names(struct cut *c)
{
    for (size_t i = 0; i < DISK_FILES; i++)
        if (c->rest == DISK_ALL || (c->rest == DISK_SOME && coin(c)))
            c->out->base_exists[i] = c->exists[i];
}

static void copy_bytes(struct disk_bytes *to, const struct disk_bytes *from)
{
    *to = (struct disk_bytes){0};
    disk_resize(to, from->size);
    if (from->size > 0)
        memcpy(to->data, from->data, from->size);
}

/* Without the record. */
static struct disk_image *copy_base(const struct disk_image *from)
{
    struct disk_image *i = xnew(sizeof(*i));

    for (size_t f = 0; f < DISK_FILES; f++) {
        i->name[f] = from->name[f] != NULL ? xcopy(from->name[f]) : NULL;
        i->base_exists[f] = from->base_exists[f];
        copy_bytes(&i->base[f], &from->base[f]);
    }
    return i;
}

struct disk_image *disk_cut(const struct disk_image *run, size_t at, enum disk_rest rest,
                            uint64_t seed)
{
    struct cut c = {.out = copy_base(run), .rest = rest, .random = seed};

    memcpy(c.exists, run->base_exists, sizeof(c.exists));
    for (size_t i = 0; i < at; i++)
        follow(&c, &run->ops[i]);
    for (int f = 0; f < (int)DISK_FILES; f++) {
        settle(&c, f, false);
        free(c.pending[f]);
    }
    end_names(&c);
    for (size_t f = 0; f < DISK_FILES; f++) {
        if (!c.out->base_exists[f])
            disk_resize(&c.out->base[f], 0);
        copy_bytes(&c.out->cache[f], &c.out->base[f]);
        c.out->exists[f] = c.out->base_exists[f];
    }
    return c.out;
}

struct disk_image *disk_state_copy(const struct disk_image *from)
{
    struct disk_image *i = copy_base(from);

    for (size_t f = 0; f < DISK_FILES; f++) {
        copy_bytes(&i->cache[f], &from->cache[f]);
        i->exists[f] = from->exists[f];
    }
    i->ops = xresize(NULL, from->nops + 1, sizeof(*i->ops));
    for (i->nops = 0; i->nops < from->nops; i->nops++) {
        struct disk_op *op = &i->ops[i->nops];

        *op = from->ops[i->nops];
        if (op->data != NULL) {
            op->data = xresize(NULL, op->size, 1);
            memcpy(op->data, from->ops[i->nops].data, op->size);
        }
    }
    /* record() grows it at powers of two. */
    size_t cap = 1;
    while (cap < i->nops + 1)
        cap *= 2;
    i->ops = xresize(i->ops, cap, sizeof(*i->ops));
    return i;
}

void disk_state_fini(struct disk_image *i)
{
    for (size_t f = 0; f < DISK_FILES; f++) {
        free(i->name[f]);
        free(i->base[f].data);
        free(i->cache[f].data);
    }
    for (size_t o = 0; o < i->nops; o++)
        free(i->ops[o].data);
    free(i->ops);
    *i = (struct disk_image){0};
}
