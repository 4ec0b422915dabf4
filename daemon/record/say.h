// SPDX-License-Identifier: MIT
/*
 * say.h: what the daemon tells its operator: one line to standard error each,
 * prefixed with the program's name. Never for what a client did wrong.
 */
#ifndef DAEMON_RECORD_SAY_H
#define DAEMON_RECORD_SAY_H

void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
