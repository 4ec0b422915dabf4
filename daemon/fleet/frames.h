// SPDX-License-Identifier: MIT
/* frames.h: between instance.c, which acts on tenders, and frames.c, which
 * serves what they say. */
#ifndef DAEMON_FLEET_FRAMES_H
#define DAEMON_FLEET_FRAMES_H

#include "daemon/fleet/instance.h"

/* A tender's socket is readable. */
void frames_on_socket(struct loop_fd *w, uint32_t events);

/* Go through the table; false when ev must not happen now. */
bool instance_move(struct instance *i, enum inst_event ev);
/* It is BLANK and somebody's: load or boot. May end it. */
void instance_begin(struct instance *i);
/* It has just become IDLE for the first time: run the event that came with the
 * snapshot, or rest. */
void instance_loaded(struct instance *i);
/* It has just become IDLE. */
void instance_rest(struct instance *i);
/* It has just become DEAD as we wanted. */
void instance_end(struct instance *i);

#endif
