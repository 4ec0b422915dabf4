// SPDX-License-Identifier: MIT
/* host.c: see host.h. */
#include "tender/core/host.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

uint64_t host_page_size(void)
{
    return getauxval(AT_PAGESZ);
}

int host_file_size(int fd, uint64_t *out)
{
    /* lseek and not fstat: its number and layout are the same everywhere. */
    off_t end = lseek(fd, 0, SEEK_END);

    if (end < 0)
        return -errno;
    *out = (uint64_t)end;
    return 0;
}

int host_ioctl(int fd, unsigned long request, void *arg)
{
    return (int)syscall(SYS_ioctl, fd, request, arg);
}

uint64_t host_clock(clockid_t id)
{
    struct timespec t;

    if (clock_gettime(id, &t) < 0)
        return 0;
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

int host_pread(int fd, void *dst, size_t len, uint64_t offset)
{
    uint8_t *p = dst;

    while (len > 0) {
        ssize_t n = pread(fd, p, len, (off_t)offset);

        if (n == 0)
            return -EIO;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}

int host_pwrite(int fd, const void *src, size_t len, uint64_t offset)
{
    const uint8_t *p = src;

    while (len > 0) {
        ssize_t n = pwrite(fd, p, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        p += n;
        len -= (size_t)n;
        offset += (uint64_t)n;
    }
    return 0;
}
