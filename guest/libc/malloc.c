// SPDX-License-Identifier: MIT
/*
 * malloc.c: the C library's names for the heap.
 *
 * musl calls its own allocator by the __libc_ names; they lead here as well.
 * A failed allocation is noted in the door block: if the function stumbles
 * over it, the outcome says that memory was out, and how much was asked for.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/core/heap.h"

static UF_HOT struct heap heap;

void uf_malloc_start(uint64_t start, uint64_t end)
{
    heap_init(&heap, (uintptr_t)start, (uintptr_t)end);
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

/* An allocation of n bytes gave p. */
static void *judge(void *p, size_t n)
{
    if (p == NULL) {
        uf_door_block.oom = 1;
        uf_door_block.oom_bytes = n;
        errno = ENOMEM;
    }
    return p;
}

void *malloc(size_t size)
{
    return judge(heap_alloc(&heap, size, NULL), size);
}

void free(void *p)
{
    if (p != NULL)
        heap_free(&heap, p);
}

void *calloc(size_t n, size_t each)
{
    size_t size;
    bool zero;

    if (__builtin_mul_overflow(n, each, &size))
        return judge(NULL, SIZE_MAX);
    void *p = judge(heap_alloc(&heap, size, &zero), size);
    if (p != NULL && !zero)
        memset(p, 0, size);
    return p;
}

void *realloc(void *p, size_t size)
{
    return p == NULL ? malloc(size) : judge(heap_resize(&heap, p, size), size);
}

void *aligned_alloc(size_t align, size_t size)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return judge(heap_alloc_at(&heap, align, size), size);
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
    return p == NULL ? 0 : heap_size(&heap, p);
}

#define MUSL __attribute__((visibility("hidden")))
MUSL void *__libc_malloc(size_t size) __attribute__((alias("malloc"), malloc));
MUSL void *__libc_malloc_impl(size_t size) __attribute__((alias("malloc"), malloc));
MUSL void *__libc_calloc(size_t n, size_t each) __attribute__((alias("calloc"), malloc));
MUSL void *__libc_realloc(void *p, size_t size) __attribute__((alias("realloc")));
MUSL void *__libc_memalign(size_t align, size_t size)
    __attribute__((alias("aligned_alloc"), malloc));
MUSL void __libc_free(void *p) __attribute__((alias("free")));
