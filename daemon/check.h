// SPDX-License-Identifier: MIT
/* check.h: unifaasd --check: is what the state directory holds whole? */
#ifndef DAEMON_CHECK_H
#define DAEMON_CHECK_H

/*
 * Read all of the database, and every image and snapshot that a function uses. A line
 * on standard output for each; what cannot be read or is damaged beyond what mends
 * itself makes it a failure.
 *
 * Needs    no daemon at work on it.
 * Returns  0 or a negative errno.
 */
int check_state(const char *path);

#endif
