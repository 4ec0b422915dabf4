// SPDX-License-Identifier: MIT
/*
 * alarm.h: a signal that makes the guest stop in time.
 *
 * The signal does nothing but interrupt KVM_RUN or waitpid; whoever is
 * interrupted looks at the clock. After the first it comes every millisecond
 * until switched off, so one that falls between looking at the clock and
 * entering the guest is not the last. One that is set stays set when an
 * invocation ends early: the next one has it for free, and an idle tender is
 * woken at most once.
 */
#ifndef TENDER_CORE_ALARM_H
#define TENDER_CORE_ALARM_H

#include <stdint.h>

struct alarm {
    uint64_t due_ns; /* CLOCK_MONOTONIC; 0: off */
};

/* Install the handler. Before lock-down. Returns 0 or a negative errno. */
int alarm_init(void);

/* Make sure that the signal comes at due_ns or earlier, and then keeps coming. */
void alarm_at(struct alarm *a, uint64_t now_ns, uint64_t due_ns);

void alarm_off(struct alarm *a);

#endif
