// SPDX-License-Identifier: MIT
/* system.c: what a program may ask of its system, and waiting, which is no
 * work for a function: it would be billed for doing nothing. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "guest/core/core.h"

int getpagesize(void)
{
    return (int)UF_PAGE;
}

long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE:
        return (long)UF_PAGE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    case _SC_PHYS_PAGES:
        return (long)((uf_boot_block->heap_end - UF_IMAGE_BASE) / UF_PAGE);
    case _SC_CLK_TCK:
        return 100;
    case _SC_VERSION:
        return _POSIX_VERSION;
    default:
        errno = EINVAL;
        return -1;
    }
}

/* musl's nanosleep, usleep and sleep are built on it. */
int __clock_nanosleep(clockid_t id, int flags, const struct timespec *req, struct timespec *rem);
int __clock_nanosleep(clockid_t id, int flags, const struct timespec *req, struct timespec *rem)
{
    (void)id;
    (void)flags;
    if (rem != NULL)
        *rem = *req;
    return ENOSYS; /* an error number, not -1: POSIX */
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *req, struct timespec *rem)
    __attribute__((alias("__clock_nanosleep")));
