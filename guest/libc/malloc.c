// SPDX-License-Identifier: MIT
/*
 * malloc.c: the C library's names for the heap.
 *
 * musl calls its own allocator by the __libc_ names; they lead here as well.
 * A failed allocation is noted in the door block: if the function stumbles
 * over it, the outcome says that memory was out, and how much was asked for.
 *
 * An event allocates above what init() left, and falls back to the holes in
 * that only when the memory above is full: the fewer pages an event writes,
 * the sooner they are put back.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/core/heap.h"

static UF_HOT struct heap heap; /* what is allocated from                      */
static struct heap old;         /* init's, when it has returned: empty till then */

void uf_malloc_start(uint64_t start, uint64_t end)
{
    heap_init(&heap, (uintptr_t)start, (uintptr_t)end);
}

void uf_malloc_split(void)
{
    old = heap;
    heap_split(&old, &heap, UF_PAGE);
}

static struct heap *heap_of(const void *p)
{
    return (uintptr_t)p < heap.base ? &old : &heap;
}

_Noreturn void heap_broken(const char *what, const void *p)
{
    struct uf_message m = {.size = 0};

    uf_message_add(&m, "the heap is damaged: ");
    uf_message_add(&m, what);
    uf_message_add(&m, " 0x");
    uf_message_number(&m, uf_addr(p), 16);
    uf_give_up(UF_FAIL_ABORT, 0, m.text);
}

/* n bytes cannot be had. */
static void *out_of_memory(size_t n)
{
    uf_door_block.oom = 1;
    uf_door_block.oom_bytes = n;
    errno = ENOMEM;
    return NULL;
}

static void *allocate(size_t size, bool *zero)
{
    void *p = heap_alloc(&heap, size, zero);

    if (p == NULL)
        p = heap_alloc(&old, size, zero);
    return p != NULL ? p : out_of_memory(size);
}

void *malloc(size_t size)
{
    return allocate(size, NULL);
}

void free(void *p)
{
    if (p != NULL)
        heap_free(heap_of(p), p);
}

void *calloc(size_t n, size_t each)
{
    size_t size;
    bool zero;

    if (__builtin_mul_overflow(n, each, &size))
        return out_of_memory(SIZE_MAX);
    void *p = allocate(size, &zero);
    if (p != NULL && !zero)
        memset(p, 0, size);
    return p;
}

void *realloc(void *p, size_t size)
{
    struct heap *h = heap_of(p);

    if (p == NULL)
        return malloc(size);
    void *new = heap_resize(h, p, size);
    if (new != NULL)
        return new;
    /* The other heap may have room. */
    size_t had = heap_size(h, p);
    new = allocate(size, NULL);
    if (new != NULL) {
        memcpy(new, p, had < size ? had : size);
        heap_free(h, p);
    }
    return new;
}

void *aligned_alloc(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    void *p = heap_alloc_at(&heap, align, size);
    if (p == NULL)
        p = heap_alloc_at(&old, align, size);
    return p != NULL ? p : out_of_memory(size);
}

void *memalign(size_t align, size_t size)
{
    return aligned_alloc(align, size);
}

int posix_memalign(void **out, size_t align, size_t size)
{
    int saved = errno;

    if (align < sizeof(void *) || (align & (align - 1)) != 0)
        return EINVAL;
    void *p = aligned_alloc(align, size);
    errno = saved;
    if (p == NULL)
        return ENOMEM;
    *out = p;
    return 0;
}

size_t malloc_usable_size(void *p)
{
    return p == NULL ? 0 : heap_size(heap_of(p), p);
}

#define MUSL __attribute__((visibility("hidden")))
MUSL void *__libc_malloc(size_t size) __attribute__((alias("malloc"), malloc));
MUSL void *__libc_malloc_impl(size_t size) __attribute__((alias("malloc"), malloc));
MUSL void *__libc_calloc(size_t n, size_t each) __attribute__((alias("calloc"), malloc));
MUSL void *__libc_realloc(void *p, size_t size) __attribute__((alias("realloc")));
MUSL void *__libc_memalign(size_t align, size_t size)
    __attribute__((alias("aligned_alloc"), malloc));
MUSL void __libc_free(void *p) __attribute__((alias("free")));
