// SPDX-License-Identifier: MIT
/* system.c: what a program may ask of its system, and sleeping. */
#include <errno.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "guest/core/core.h"

#define NS        INT64_C(1000000000)
#define SLEEP_MAX (INT64_C(1) << 32) /* seconds: longer than any time limit */

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
    struct timespec now = {0};

    /* An error number, not -1: POSIX. */
    if (req->tv_sec < 0 || req->tv_nsec < 0 || req->tv_nsec >= NS)
        return EINVAL;
    if (flags == TIMER_ABSTIME && clock_gettime(id, &now) < 0)
        return EINVAL;
    int64_t s = req->tv_sec - now.tv_sec;
    int64_t ns = s > SLEEP_MAX ? SLEEP_MAX * NS : s * NS + req->tv_nsec - now.tv_nsec;
    if (ns > 0)
        (void)uf_door_call(&(struct uf_call){UF_OP_SLEEP, {(uint64_t)ns}});
    if (rem != NULL && flags != TIMER_ABSTIME)
        *rem = (struct timespec){0}; /* nothing interrupts it but the time limit */
    return 0;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *req, struct timespec *rem)
    __attribute__((alias("__clock_nanosleep")));
