// SPDX-License-Identifier: MIT
/* private.h: what the files of daemon/auth share. */
#ifndef DAEMON_AUTH_PRIVATE_H
#define DAEMON_AUTH_PRIVATE_H

#include "daemon/auth/auth.h"

/* A credential as it is remembered. */
void auth_digest(const struct auth *a, const char *user, const char *password,
                 unsigned char out[static AUTH_DIGEST]);

/* Another password counts from now on: nothing that was right or wrong still is. */
void auth_forget(struct auth *a);

/* Wait for a change that is under way. */
void auth_change_finish(struct auth *a);

#endif
