// SPDX-License-Identifier: MIT
/*
 * clock.c: the time of day as a board without a battery has it. Preloaded into a daemon:
 * its clock goes UF_CLOCK_S seconds ahead of the machine's (or, negative, behind).
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static long shift_s(void)
{
    const char *text = getenv("UF_CLOCK_S");

    return text != NULL ? strtol(text, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
    static int (*real)(clockid_t which, struct timespec * t);

    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
    int r = real(clock_id, tp);
    if (r == 0 && clock_id == CLOCK_REALTIME)
        tp->tv_sec += shift_s();
    return r;
}
