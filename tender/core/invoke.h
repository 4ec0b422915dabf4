// SPDX-License-Identifier: MIT
/*
 * invoke.h: run the guest once, until it has answered or failed, within its
 * limits; and write the result.
 */
#ifndef TENDER_CORE_INVOKE_H
#define TENDER_CORE_INVOKE_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/control.h"
#include "abi/door.h"
#include "tender/core/alarm.h"
#include "tender/core/gmem.h"
#include "tender/core/machine.h"
#include "tender/core/symbols.h"

struct invoke {
    struct gmem gmem;
    struct symbols symbols;
    struct uf_limits limits;
    uint8_t *exchange;        /* the whole mapping                             */
    struct uf_result *result; /* in the exchange, which only we write          */
    struct alarm alarm;
    /* Of the run under way. */
    uint64_t seq; /* of its RUN frame        */
    bool booting; /* READY ends it, not DONE */
    uint64_t start_ns;
    uint64_t cpu_start_ns;
    uint32_t log_size;
    uint32_t host_calls;
    uint64_t effects_size; /* bytes */
    uint64_t wake_ns;      /* when SLEEP is over; 0: awake */
};

/*
 * Run from the snapshot's entry.
 *
 * booting  true: until READY; false: until DONE.
 * Returns  0 with the result written, whatever the outcome; or a negative
 *          errno when the machine is beyond use (the result says so too).
 */
int invoke_run(struct invoke *v, bool booting);

#endif
