// SPDX-License-Identifier: MIT
/*
 * session.h: the life of a locked-down tender: one BOOT and at most one RUN, or
 * one LOAD and then RUN after RUN, until the platform closes the socket.
 */
#ifndef TENDER_CORE_SESSION_H
#define TENDER_CORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "tender/core/invoke.h"
#include "tender/core/machine.h"
#include "tender/core/restore.h"

struct session {
    struct machine *machine;
    struct uf_snapshot snap;
    struct restore restore;
    struct invoke invoke;
    int snap_fd; /* open until the first restore          */
    bool is_loaded;
    bool can_run;
    bool learns;     /* the first event's working set is to be told */
    bool is_for_one; /* booted to run one event, without a snapshot */
};

/* Serve frames until the end; returns the tender's exit status. */
int session_serve(struct session *s, uint32_t degraded);

#endif
