// SPDX-License-Identifier: MIT
/*
 * heap.h: the allocator behind malloc.
 *
 * Two-level segregated fit (Masmano et al., ECRTS 2004): free blocks hang in
 * lists by size class, two bit maps find a list that fits, and neighbours
 * merge when they are freed, so every operation takes constant time.
 *
 *	base     | block | block | ... | top                | end
 *	blocks touch each other; no free block lies beside  | never in a list
 *	another one, nor beside top                         |
 *
 * Memory above `top` is handed out only when no free block fits, and memory
 * above `fresh` has never been written at all. So a function touches few
 * pages, and large zeroed blocks cost nothing until they are used.
 *
 * Every block carries a guard word made of its address, size and state. It
 * finds mistakes (a double free, a write past the end of the block before),
 * not attackers.
 */
#ifndef GUEST_CORE_HEAP_H
#define GUEST_CORE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_ALIGN 16u /* bytes; of every address and size           */
#define HEAP_FIRST 5u  /* log2 of the smallest block, header included */
#define HEAP_LAST  30u /* log2 of the largest heap: 1 GiB            */
#define HEAP_ROWS  (HEAP_LAST - HEAP_FIRST + 1)
#define HEAP_COLS  16u /* size classes per power of two              */

struct heap {
    uintptr_t base;                      /* HEAP_ALIGN aligned                                    */
    uintptr_t top;                       /* end of the last block                                 */
    uintptr_t end;                       /* one past the last byte                                */
    uintptr_t fresh;                     /* top <= fresh <= end; zero from here on                */
    uint32_t last;                       /* size of the block that ends at top; 0: none           */
    uint32_t rows;                       /* bit r: a list in row r has blocks                     */
    uint16_t cols[HEAP_ROWS];            /* bit c: list [r][c] has blocks                         */
    uint32_t list[HEAP_ROWS][HEAP_COLS]; /* first free block; see heap.c               */
};

/* Take [start, end) as memory, which must be zero; at most 1 GiB is used. */
void heap_init(struct heap *h, uintptr_t start, uintptr_t end);

/* Cut off what lies above top, from a multiple of align on, as another heap. */
void heap_split(struct heap *h, struct heap *rest, size_t align);

/* Memory of n bytes, HEAP_ALIGN aligned; of at least 16 bytes for n = 0. NULL
 * when there is no room. *zero (or NULL) says whether it is known to be zero. */
void *heap_alloc(struct heap *h, size_t n, bool *zero);

/* Likewise, at a multiple of align, which is a power of two. */
void *heap_alloc_at(struct heap *h, size_t align, size_t n);

/* Give memory back. p is not NULL. */
void heap_free(struct heap *h, void *p);

/* Change the size, moving the contents if need be. NULL: no room, and p is as
 * it was. p is not NULL. */
void *heap_resize(struct heap *h, void *p, size_t n);

/* Bytes that may be used at p; at least what was asked for. */
size_t heap_size(const struct heap *h, const void *p);

/* Walk everything; false when an invariant of the drawing above is broken. */
bool heap_is_sound(const struct heap *h);

/* Called when p is no block of ours or its header is damaged; must not return.
 * Not defined in heap.c. */
_Noreturn void heap_broken(const char *what, const void *p);

#endif
