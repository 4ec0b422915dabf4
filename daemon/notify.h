// SPDX-License-Identifier: MIT
/* notify.h: tell the service manager how we are (sd_notify(3): one datagram to
 * the socket that NOTIFY_SOCKET names). Nothing happens when nobody asks. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

/* "READY=1", "STOPPING=1" */
void notify(const char *state);

#endif
