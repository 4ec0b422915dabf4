// SPDX-License-Identifier: MIT
/* hold.c: see hold.h. */
#include "cli/build/hold.h"

#include <stddef.h>

static const int held[] = {SIGINT, SIGTERM, SIGHUP};

#define NHELD (sizeof(held) / sizeof(held[0]))

void hold_begin(sigset_t *before)
{
    struct sigaction now;
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < NHELD; i++)
        if (sigaction(held[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            (void)sigaddset(&set, held[i]);
    (void)sigprocmask(SIG_BLOCK, &set, before);
}

void hold_end(const sigset_t *before)
{
    (void)sigprocmask(SIG_SETMASK, before, NULL);
}

bool hold_is_due(void)
{
    bool is = false;
    sigset_t set;

    (void)sigpending(&set);
    for (size_t i = 0; i < NHELD; i++)
        is = is || sigismember(&set, held[i]) == 1;
    return is;
}

void hold_mask_of_child(sigset_t *mask)
{
    (void)sigprocmask(SIG_SETMASK, NULL, mask);
    for (size_t i = 0; i < NHELD; i++)
        (void)sigdelset(mask, held[i]);
}
