// SPDX-License-Identifier: MIT
/*
 * clock.c: time, through the CLOCK call.
 *
 * clock_gettime is the one source: musl's time, gettimeofday, timespec_get and
 * clock are built on it.
 */
#include <errno.h>
#include <time.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

#define NS UINT64_C(1000000000)

static uint64_t ask(uint64_t which)
{
    return (uint64_t)uf_door_call(&(struct uf_call){UF_OP_CLOCK, {which}});
}

uint64_t uf_now(void)
{
    return ask(0);
}

uint64_t uf_monotonic(void)
{
    return ask(1);
}

int __clock_gettime(clockid_t id, struct timespec *ts);
int __clock_gettime(clockid_t id, struct timespec *ts)
{
    uint64_t ns;

    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
        ns = uf_now();
        break;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
    case CLOCK_PROCESS_CPUTIME_ID: /* nothing else runs here: time is CPU time */
    case CLOCK_THREAD_CPUTIME_ID:
        ns = uf_monotonic();
        break;
    default:
        errno = EINVAL;
        return -1;
    }
    ts->tv_sec = (time_t)(ns / NS);
    ts->tv_nsec = (long)(ns % NS);
    return 0;
}

int clock_gettime(clockid_t id, struct timespec *ts) __attribute__((alias("__clock_gettime")));

int clock_getres(clockid_t id, struct timespec *ts)
{
    if (id < CLOCK_REALTIME || id > CLOCK_TAI) {
        errno = EINVAL;
        return -1;
    }
    if (ts != NULL)
        *ts = (struct timespec){.tv_nsec = 1};
    return 0;
}
