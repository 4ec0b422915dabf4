// SPDX-License-Identifier: MIT
/*
 * hold.h: what would end this program waits until a build has put its files away.
 *
 * SIGINT, SIGTERM and SIGHUP are blocked here, but not in the programs that are run: a
 * Ctrl-C ends these as ever. words_run() fails once there is such a signal, and when the
 * build has cleaned up after that it takes its course.
 */
#ifndef CLI_BUILD_HOLD_H
#define CLI_BUILD_HOLD_H

#include <signal.h>
#include <stdbool.h>

/* before: the mask of before. What is ignored is not held, and so stays ignored. */
void hold_begin(sigset_t *before);
void hold_end(const sigset_t *before);

/* Is one waiting? */
bool hold_is_due(void);

/* The mask for a program that is run. */
void hold_mask_of_child(sigset_t *mask);

#endif
