// SPDX-License-Identifier: MIT
/* inst_state.c: the transition table; nothing else belongs in this file. */
#include "daemon/fleet/inst_state.h"

#include <errno.h>

#define NO   (-1)
#define DEAD INST_DEAD
/* clang-format off */
static const int next[][INST_NEVENTS] = {
    /*                  READY       BOOT          LOAD          LOADED     RUN        DONE       STOP           EXIT */
    [INST_STARTING] = { INST_BLANK, NO,           NO,           NO,        NO,        NO,        DEAD,          DEAD },
    [INST_BLANK]    = { NO,         INST_BOOTING, INST_LOADING, NO,        NO,        NO,        DEAD,          DEAD },
    [INST_BOOTING]  = { NO,         NO,           NO,           NO,        NO,        DEAD,      DEAD,          DEAD },
    [INST_LOADING]  = { NO,         NO,           NO,           INST_IDLE, NO,        NO,        DEAD,          DEAD },
    [INST_IDLE]     = { NO,         NO,           NO,           NO,        INST_BUSY, NO,        DEAD,          DEAD },
    [INST_BUSY]     = { NO,         NO,           NO,           NO,        NO,        INST_IDLE, INST_DRAINING, DEAD },
    [INST_DRAINING] = { NO,         NO,           NO,           NO,        NO,        DEAD,      INST_DRAINING, DEAD },
    [INST_DEAD]     = { NO,         NO,           NO,           NO,        NO,        NO,        NO,            NO   },
};
/* clang-format on */
_Static_assert(sizeof(next) / sizeof(next[0]) == INST_NSTATES, "a row for every state");

int inst_next(enum inst_state from, enum inst_event ev)
{
    int to = next[from][ev];

    return to == NO ? -EPROTO : to;
}

const char *inst_state_word(enum inst_state s)
{
    static const char *const words[] = {
#define X(name, word, meaning) word,
        INST_STATES(X)
#undef X
    };

    return words[s];
}
