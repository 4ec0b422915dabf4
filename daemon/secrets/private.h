// SPDX-License-Identifier: MIT
/* private.h: what the files of daemon/secrets share. */
#ifndef DAEMON_SECRETS_PRIVATE_H
#define DAEMON_SECRETS_PRIVATE_H

#include "daemon/secrets/rows.h"
#include "daemon/secrets/secrets.h"

struct secret {
    char space[SECRET_SPACE_MAX + 1];
    char name[SECRET_NAME_MAX + 1];
    unsigned char key_id[SECRET_KEY_ID];
    unsigned char *sealed; /* owned */
    size_t size;
};

/* A copy of a row; NULL without memory. */
struct secret *secret_new(const struct secret_row *r);

/* Take one over, in the place of one of that name. */
void secrets_put(struct secrets *s, struct secret *one);
/* Nothing when there is none. */
void secrets_drop(struct secrets *s, const char *space, const char *name);

#endif
