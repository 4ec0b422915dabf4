// SPDX-License-Identifier: MIT
/* rows.h: sealed secrets in the database. On the store thread, or before it starts. */
#ifndef DAEMON_SECRETS_ROWS_H
#define DAEMON_SECRETS_ROWS_H

#include "daemon/secrets/key.h"
#include "daemon/store/db.h"

/* Strings and bytes are the caller's, or live for the callback. */
struct secret_row {
    const char *space;
    const char *name;
    const unsigned char *key_id; /* SECRET_KEY_ID bytes */
    const unsigned char *sealed;
    size_t size;
};

/* visit: anything but 0 ends the walk and is returned. */
int secret_rows_each(struct db *db, int (*visit)(void *ctx, const struct secret_row *r), void *ctx,
                     struct uf_err *err);

/* -EEXIST, or -EDQUOT when there are `most` already; nothing is written then. */
int secret_rows_add(struct db *db, const struct secret_row *r, uint32_t most, struct uf_err *err);
/* -ENOENT; nothing is written then. Both. */
int secret_rows_replace(struct db *db, const struct secret_row *r, struct uf_err *err);
int secret_rows_remove(struct db *db, const char *space, const char *name, struct uf_err *err);

#endif
