// SPDX-License-Identifier: MIT
/*
 * memory.c: mmap and its kin. Private anonymous memory comes from the heap;
 * nothing else exists to be mapped, and protections can't be changed.
 */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guest/core/core.h"

/* musl's own callers use the names with underscores. */
void *__mmap(void *start, size_t len, int prot, int flags, int fd, off_t off);
int __munmap(void *start, size_t len);
void *__mremap(void *old, size_t old_len, size_t new_len, int flags, ...);
int __madvise(void *addr, size_t len, int advice);
int __mprotect(void *addr, size_t len, int prot);

void *__mmap(void *start, size_t len, int prot, int flags, int fd, off_t off)
{
    (void)start;
    (void)fd;
    (void)off;
    if (len == 0 || (flags & MAP_FIXED) != 0) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if ((flags & MAP_ANONYMOUS) == 0 || (flags & MAP_TYPE) != MAP_PRIVATE) {
        errno = ENODEV;
        return MAP_FAILED;
    }
    if ((prot & PROT_EXEC) != 0) {
        errno = EPERM;
        return MAP_FAILED;
    }
    void *p = aligned_alloc(UF_PAGE, len);
    if (p == NULL)
        return MAP_FAILED;
    return memset(p, 0, len);
}

int __munmap(void *start, size_t len)
{
    if (len == 0 || uf_addr(start) % UF_PAGE != 0 || malloc_usable_size(start) < len) {
        errno = EINVAL;
        return -1;
    }
    free(start);
    return 0;
}

void *__mremap(void *old, size_t old_len, size_t new_len, int flags, ...)
{
    (void)old;
    (void)old_len;
    (void)new_len;
    (void)flags;
    errno = ENOMEM; /* callers fall back to a copy */
    return MAP_FAILED;
}

int __madvise(void *addr, size_t len, int advice)
{
    (void)addr;
    (void)len;
    (void)advice;
    return 0; /* advice may be ignored */
}

int __mprotect(void *addr, size_t len, int prot)
{
    (void)addr;
    (void)len;
    (void)prot;
    errno = EACCES;
    return -1;
}

void *mmap(void *, size_t, int, int, int, off_t) __attribute__((alias("__mmap")));
int munmap(void *, size_t) __attribute__((alias("__munmap")));
void *mremap(void *, size_t, size_t, int, ...) __attribute__((alias("__mremap")));
int madvise(void *, size_t, int) __attribute__((alias("__madvise")));
int mprotect(void *, size_t, int) __attribute__((alias("__mprotect")));

int posix_madvise(void *addr, size_t len, int advice)
{
    return __madvise(addr, len, advice);
}

int brk(void *end)
{
    (void)end;
    errno = ENOMEM;
    return -1;
}

void *sbrk(intptr_t by)
{
    (void)by;
    errno = ENOMEM;
    return MAP_FAILED;
}

/* musl maps time zones and message catalogues; there are none. */
const unsigned char *__map_file(const char *path, size_t *size);
const unsigned char *__map_file(const char *path, size_t *size)
{
    (void)path;
    (void)size;
    return NULL;
}
