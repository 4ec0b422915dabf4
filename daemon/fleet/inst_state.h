// SPDX-License-Identifier: MIT
/*
 * inst_state.h: the life of an instance as a table.
 *
 *	STARTING --READY--> BLANK --LOAD--> LOADING --LOADED--> IDLE <--DONE-- BUSY
 *	                      |                                   `---RUN---->  |
 *	                      `--BOOT--> BOOTING --DONE--> DEAD                STOP
 *	                                                    ^---DONE--- DRAINING
 *
 * EXIT leads to DEAD from everywhere, STOP from everywhere but BUSY.
 */
#ifndef DAEMON_FLEET_INST_STATE_H
#define DAEMON_FLEET_INST_STATE_H

/* X(NAME, word of the metrics, meaning) */
#define INST_STATES(X)                                                    \
    X(STARTING, "starting", "the tender builds its machine and its jail") \
    X(BLANK, "blank", "ready for any function")                           \
    X(BOOTING, "booting", "boots an image to make a snapshot")            \
    X(LOADING, "loading", "maps a function's snapshot")                   \
    X(IDLE, "idle", "ready, no event inside")                             \
    X(BUSY, "busy", "exactly one event inside")                           \
    X(DRAINING, "draining", "one event inside, and will not get another") \
    X(DEAD, "dead", "its process is to be ended, or has ended")

enum inst_state {
#define X(name, word, meaning) INST_##name,
    INST_STATES(X)
#undef X
        INST_NSTATES
};

/* X(NAME, meaning) */
#define INST_EVENTS(X)                         \
    X(READY, "the tender says READY")          \
    X(BOOT, "it is given an image")            \
    X(LOAD, "it is given a snapshot")          \
    X(LOADED, "the tender has mapped it")      \
    X(RUN, "it is given an event")             \
    X(DONE, "the tender says DONE, or BOOTED") \
    X(STOP, "the platform wants it gone")      \
    X(EXIT, "the process ended, or must be ended")

enum inst_event {
#define X(name, meaning) INST_EV_##name,
    INST_EVENTS(X)
#undef X
        INST_NEVENTS
};

/* The state after ev, or -EPROTO when ev must not happen in that state. */
int inst_next(enum inst_state from, enum inst_event ev);

const char *inst_state_word(enum inst_state s);

#endif
