// SPDX-License-Identifier: MIT
/*
 * outcome.h: from what a guest did to what a person is told. Private to
 * invoke.c, door.c and ask.c.
 */
#ifndef TENDER_CORE_OUTCOME_H
#define TENDER_CORE_OUTCOME_H

#include "tender/core/invoke.h"

/* End the run: outcome, and a message that replaces the one before. Returns 0. */
int outcome_set(struct invoke *v, enum uf_outcome o, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* End the run for a stop that is not the door's, with a backtrace. */
void outcome_of_stop(struct invoke *v, const struct stop *s);

/* Add a backtrace of where the guest is now. */
void outcome_trace(struct invoke *v);

/*
 * The last look at the door block of a run. One that failed after an allocation had
 * failed ran out of memory: say that instead of what it stumbled over. One that was cut
 * off had no call any more that would have given its log.
 */
void outcome_look_back(struct invoke *v, bool was_cut);

/* Bad use of the door is hostile or a broken library OS, never an error code.
 * Returns 0. */
int outcome_bad_door(struct invoke *v, const char *what, uint64_t value);

/* Has a time limit been reached? Then the run has ended with that outcome; if not,
 * the signal will come when one may be. */
bool invoke_is_over(struct invoke *v);

/*
 * Copy guest bytes into the exchange at offset `at`, where there is room. A guest
 * may point into its event as well, which lies in the exchange already. 0, or
 * -EFAULT.
 */
int invoke_take(struct invoke *v, uint64_t addr, uint64_t len, uint64_t at);

/*
 * ask.c: host calls that the platform serves: those that only write, those with a
 * name and a buffer, and FETCH. Returns what door_serve() does; *ret is for the
 * guest when it goes on.
 */
int ask_effect(struct invoke *v, const struct uf_door *d, int64_t *ret);
int ask_nothing(struct invoke *v, uint64_t ns);
int ask_question(struct invoke *v, const struct uf_door *d, int64_t *ret);
int ask_fetch(struct invoke *v, const struct uf_door *d, int64_t *ret);

/*
 * Serve one door call. Returns 1 when the guest goes on, 0 when the run has
 * ended (outcome set), -errno when guest memory is out of reach.
 */
int door_serve(struct invoke *v);

/* The pending log of a door block, as much as there is room for. Returns 1; -E2BIG when that
 * was not all, -EFAULT when it is out of reach. */
int door_copy_log(struct invoke *v, const struct uf_door *d);

#endif
