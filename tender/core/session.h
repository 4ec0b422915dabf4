// SPDX-License-Identifier: MIT
/*
 * session.h: the life of a locked-down tender: one BOOT, or one LOAD and then
 * RUN after RUN, until the platform closes the socket.
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
    bool is_loaded;
};

/* Serve frames until the end; returns the tender's exit status. */
int session_serve(struct session *s, uint32_t degraded);

#endif
