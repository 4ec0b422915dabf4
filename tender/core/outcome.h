// SPDX-License-Identifier: MIT
/*
 * outcome.h: from what a guest did to what a person is told. Private to
 * invoke.c and door.c.
 */
#ifndef TENDER_CORE_OUTCOME_H
#define TENDER_CORE_OUTCOME_H

#include "tender/core/invoke.h"

/* End the run: outcome, and a message that replaces the one before. */
void outcome_set(struct invoke *v, enum uf_outcome o, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* End the run for a stop that is not the door's, with a backtrace. */
void outcome_of_stop(struct invoke *v, const struct stop *s);

/* Add a backtrace of where the guest is now. */
void outcome_trace(struct invoke *v);

/*
 * A run that failed after an allocation had failed ran out of memory: say
 * that instead of what it stumbled over.
 */
void outcome_consider_memory(struct invoke *v);

/*
 * Serve one door call. Returns 1 when the guest goes on, 0 when the run has
 * ended (outcome set), -errno when guest memory is out of reach.
 */
int door_serve(struct invoke *v);

#endif
