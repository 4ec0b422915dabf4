// SPDX-License-Identifier: MIT
/* heap.c: see heap.h. */
#include "guest/core/heap.h"

#include <string.h>

#define HEADER 16u /* bytes: sizeof(struct block) without its links */
#define LEAST  32u /* bytes: the smallest block                     */

/* A block's header, and the links that a free block keeps in its payload. */
struct block {
    uint32_t size;  /* bytes with the header, a multiple of HEAP_ALIGN       */
    uint32_t below; /* size of the block that ends here; 0: none             */
    uint64_t guard; /* see guard_of()                                        */
    uint32_t next;  /* free: where the next in the list lies, see place_of() */
    uint32_t prev;  /* free: likewise; 0: the first                          */
};

enum state {
    USED = 1,
    FREE = 2,
    GONE = 3, /* was freed, and merged into a neighbour */
};

static uint64_t guard_of(const struct block *b, enum state s)
{
    uint64_t v = (uint64_t)(uintptr_t)b ^ ((uint64_t)b->size << 32) ^ (uint64_t)s;

    return v * UINT64_C(0x9e3779b97f4a7c15) ^ UINT64_C(0x5bd1e995c6a4a793);
}

/* Lists hold places: bytes from base, plus 1 so that 0 means none. */
static uint32_t place_of(const struct heap *h, const struct block *b)
{
    return b == NULL ? 0 : (uint32_t)((uintptr_t)b - h->base) + 1;
}

static struct block *block_at(const struct heap *h, uint32_t place)
{
    return place == 0 ? NULL : (struct block *)(h->base + place - 1);
}

static struct block *block_of(const void *p)
{
    return (struct block *)((uintptr_t)p - HEADER);
}

static void *payload_of(struct block *b)
{
    return (char *)b + HEADER;
}

static uintptr_t end_of(const struct block *b)
{
    return (uintptr_t)b + b->size;
}

/* The block above, or NULL when that is top. */
static struct block *above(const struct heap *h, const struct block *b)
{
    return end_of(b) < h->top ? (struct block *)end_of(b) : NULL;
}

static void set_below(struct heap *h, const struct block *b, uint32_t size)
{
    struct block *a = above(h, b);

    if (a != NULL)
        a->below = size;
    else
        h->last = size;
}

/* ---- size classes ---------------------------------------------------------------- */

static unsigned log2_of(uint32_t size)
{
    return 31u - (unsigned)__builtin_clz(size);
}

static void class_of(uint32_t size, unsigned *row, unsigned *col)
{
    unsigned l = log2_of(size);

    *row = l - HEAP_FIRST;
    *col = (size >> (l - 4)) & (HEAP_COLS - 1);
}

static void link_in(struct heap *h, struct block *b)
{
    unsigned r, c;

    class_of(b->size, &r, &c);
    b->guard = guard_of(b, FREE);
    b->prev = 0;
    b->next = h->list[r][c];
    if (b->next != 0)
        block_at(h, b->next)->prev = place_of(h, b);
    h->list[r][c] = place_of(h, b);
    h->cols[r] = (uint16_t)(h->cols[r] | 1u << c);
    h->rows |= 1u << r;
}

static void link_out(struct heap *h, struct block *b)
{
    unsigned r, c;

    if (b->guard != guard_of(b, FREE))
        heap_broken("memory was written after it was freed, near", payload_of(b));
    class_of(b->size, &r, &c);
    if (b->next != 0)
        block_at(h, b->next)->prev = b->prev;
    if (b->prev != 0) {
        block_at(h, b->prev)->next = b->next;
        return;
    }
    h->list[r][c] = b->next;
    if (b->next == 0) {
        h->cols[r] = (uint16_t)(h->cols[r] & ~(1u << c));
        if (h->cols[r] == 0)
            h->rows &= ~(1u << r);
    }
}

/* The first list whose every block has at least `size`, taken from the maps. */
static struct block *find_larger(const struct heap *h, uint32_t size)
{
    uint32_t step = 1u << (log2_of(size) - 4);
    unsigned r, c;

    class_of(size + step - 1, &r, &c);
    if (r >= HEAP_ROWS)
        return NULL;
    unsigned cols = h->cols[r] & (~0u << c);
    if (cols == 0) {
        uint32_t rows = r + 1 < 32 ? h->rows & (~0u << (r + 1)) : 0;

        if (rows == 0)
            return NULL;
        r = (unsigned)__builtin_ctz(rows);
        cols = h->cols[r];
    }
    return block_at(h, h->list[r][__builtin_ctz(cols)]);
}

/* Memory is short: a block of the size's own class may fit as well. */
static struct block *find_same(const struct heap *h, uint32_t size)
{
    unsigned r, c;

    class_of(size, &r, &c);
    struct block *b = block_at(h, h->list[r][c]);
    for (unsigned i = 0; i < 32 && b != NULL && b->size < size; i++)
        b = block_at(h, b->next);
    return b != NULL && b->size >= size ? b : NULL;
}

/* ---- blocks ----------------------------------------------------------------------- */

/* Bytes of a block for n bytes of payload; 0 when no heap could hold it. */
static uint32_t block_size(const struct heap *h, size_t n)
{
    if (n > h->end - h->base)
        return 0;
    size_t size = (n + HEADER + HEAP_ALIGN - 1) & ~(size_t)(HEAP_ALIGN - 1);
    return size < LEAST ? LEAST : (uint32_t)size;
}

/* Merge a block that is in no list with its free neighbours; put it away. */
static void put_away(struct heap *h, struct block *b)
{
    struct block *a = above(h, b);

    if (a != NULL && a->guard == guard_of(a, FREE)) {
        link_out(h, a);
        b->size += a->size;
    }
    if (b->below != 0) {
        struct block *under = (struct block *)((uintptr_t)b - b->below);

        if (under->guard == guard_of(under, FREE) && under->size == b->below) {
            link_out(h, under);
            under->size += b->size;
            b->guard = guard_of(b, GONE);
            b = under;
        }
    }
    if (end_of(b) == h->top) {
        b->guard = guard_of(b, GONE);
        h->top = (uintptr_t)b;
        h->last = b->below;
        return;
    }
    link_in(h, b);
    set_below(h, b, b->size);
}

/* Cut a used block down to `size`; what is left over becomes free. */
static void trim(struct heap *h, struct block *b, uint32_t size)
{
    uint32_t over = b->size - size;

    if (over < LEAST)
        return;
    b->size = size;
    b->guard = guard_of(b, USED);
    struct block *rest = (struct block *)end_of(b);
    rest->size = over;
    rest->below = size;
    set_below(h, rest, over);
    put_away(h, rest);
}

static struct block *from_top(struct heap *h, uint32_t size, bool *zero)
{
    struct block *b = (struct block *)h->top;

    if (size > h->end - h->top)
        return NULL;
    if (zero != NULL)
        *zero = h->top + HEADER >= h->fresh;
    b->size = size;
    b->below = h->last;
    b->guard = guard_of(b, USED);
    h->last = size;
    h->top += size;
    /* The header that the next block gets lies above; it isn't written yet. */
    if (h->fresh < h->top)
        h->fresh = h->top;
    return b;
}

static struct block *from_list(struct heap *h, struct block *b, uint32_t size)
{
    link_out(h, b);
    b->guard = guard_of(b, USED);
    trim(h, b, size);
    return b;
}

/* ---- the interface ------------------------------------------------------------------ */

void heap_init(struct heap *h, uintptr_t start, uintptr_t end)
{
    uintptr_t base = (start + HEAP_ALIGN - 1) & ~(uintptr_t)(HEAP_ALIGN - 1);
    uintptr_t most = (uintptr_t)1 << HEAP_LAST;

    if (end < base)
        end = base;
    memset(h, 0, sizeof(*h));
    h->base = base;
    h->top = base;
    h->fresh = base;
    h->end = end - base > most ? base + most : end;
}

void heap_split(struct heap *h, struct heap *rest, size_t align)
{
    uintptr_t at = (h->top + align - 1) & ~(uintptr_t)(align - 1);

    if (at > h->end)
        at = h->end;
    heap_init(rest, at, h->end);
    if (rest->fresh < h->fresh)
        rest->fresh = h->fresh;
    h->end = at;
    if (h->fresh > at)
        h->fresh = at;
}

void *heap_alloc(struct heap *h, size_t n, bool *zero)
{
    uint32_t size = block_size(h, n);

    if (zero != NULL)
        *zero = false;
    if (size == 0)
        return NULL;
    struct block *b = find_larger(h, size);
    if (b != NULL)
        return payload_of(from_list(h, b, size));
    b = from_top(h, size, zero);
    if (b != NULL)
        return payload_of(b);
    b = find_same(h, size);
    return b != NULL ? payload_of(from_list(h, b, size)) : NULL;
}

void *heap_alloc_at(struct heap *h, size_t align, size_t n)
{
    uint32_t size = block_size(h, n);

    if (align <= HEAP_ALIGN)
        return heap_alloc(h, n, NULL);
    if (size == 0 || align > h->end - h->base)
        return NULL;
    void *p = heap_alloc(h, (size_t)size + align + LEAST, NULL);
    if (p == NULL)
        return NULL;
    struct block *b = block_of(p);
    uintptr_t at = ((uintptr_t)p + align - 1) & ~(uintptr_t)(align - 1);
    /* What lies in front becomes a block of its own, so it must be one. */
    while (at != (uintptr_t)p && at - (uintptr_t)p < LEAST)
        at += align;
    if (at != (uintptr_t)p) {
        struct block *front = b;
        uint32_t skip = (uint32_t)(at - (uintptr_t)p);

        b = block_of((void *)at);
        b->size = front->size - skip;
        b->below = skip;
        b->guard = guard_of(b, USED);
        set_below(h, b, b->size);
        front->size = skip;
        put_away(h, front);
    }
    trim(h, b, size);
    return payload_of(b);
}

/* The used block at p; anything else ends the function. */
static struct block *check(const struct heap *h, const void *p)
{
    struct block *b = block_of(p);
    uintptr_t a = (uintptr_t)p;

    if (a % HEAP_ALIGN != 0 || a < h->base + HEADER || a >= h->fresh)
        heap_broken("this was never allocated:", p);
    if (b->guard == guard_of(b, USED) && end_of(b) <= h->top)
        return b;
    if (b->guard == guard_of(b, FREE) || b->guard == guard_of(b, GONE))
        heap_broken("freed twice, or used after it was freed:", p);
    heap_broken("never allocated, or something wrote past the end of the block before it:", p);
}

void heap_free(struct heap *h, void *p)
{
    struct block *b = check(h, p);
    struct block *a = above(h, b);

    if ((a != NULL ? a->below : h->last) != b->size)
        heap_broken("something wrote past the end of", p);
    put_away(h, b);
}

/* Grow in place, into a free block above or into top. */
static bool extend(struct heap *h, struct block *b, uint32_t size)
{
    struct block *a = above(h, b);
    uint32_t more = size - b->size;

    if (a == NULL) {
        if (more > h->end - h->top)
            return false;
        h->top += more;
        h->last = size;
        if (h->fresh < h->top)
            h->fresh = h->top;
        b->size = size;
    } else {
        if (a->guard != guard_of(a, FREE) || a->size < more)
            return false;
        link_out(h, a);
        b->size += a->size;
        set_below(h, b, b->size);
    }
    b->guard = guard_of(b, USED);
    trim(h, b, size);
    return true;
}

void *heap_resize(struct heap *h, void *p, size_t n)
{
    struct block *b = check(h, p);
    uint32_t size = block_size(h, n);

    if (size == 0)
        return NULL;
    if (size <= b->size) {
        trim(h, b, size);
        return p;
    }
    if (extend(h, b, size))
        return p;
    void *new = heap_alloc(h, n, NULL);
    if (new == NULL)
        return NULL;
    memcpy(new, p, b->size - HEADER);
    put_away(h, b);
    return new;
}

size_t heap_size(const struct heap *h, const void *p)
{
    return check(h, p)->size - HEADER;
}

static bool is_listed(const struct heap *h, const struct block *b)
{
    unsigned r, c;

    class_of(b->size, &r, &c);
    if ((h->rows >> r & 1u) == 0 || (h->cols[r] >> c & 1u) == 0)
        return false;
    return b->prev == 0 ? h->list[r][c] == place_of(h, b)
                        : block_at(h, b->prev)->next == place_of(h, b);
}

bool heap_is_sound(const struct heap *h)
{
    uint32_t below = 0;
    bool below_free = false;
    uintptr_t at = h->base;

    while (at < h->top) {
        const struct block *b = (const struct block *)at;
        bool is_free = b->guard == guard_of(b, FREE);

        if (b->size < LEAST || b->size % HEAP_ALIGN != 0 || b->below != below)
            return false;
        if (is_free ? below_free || !is_listed(h, b) : b->guard != guard_of(b, USED))
            return false;
        below = b->size;
        below_free = is_free;
        at += b->size;
    }
    return at == h->top && h->last == below && !below_free && h->top <= h->fresh &&
           h->fresh <= h->end;
}
