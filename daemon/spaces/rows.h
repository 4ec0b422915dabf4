// SPDX-License-Identifier: MIT
/* rows.h: namespaces in the database. On the store thread, or before it starts. */
#ifndef DAEMON_SPACES_ROWS_H
#define DAEMON_SPACES_ROWS_H

#include "daemon/store/db.h"

/* visit: anything but 0 ends the walk and is returned. */
int space_rows_each(struct db *db, int (*visit)(void *ctx, const char *name, const char *details),
                    void *ctx, struct uf_err *err);

/* For what is about to be kept in one: 0, or -ENOENT. */
int space_rows_want(struct db *db, const char *name, struct uf_err *err);

/* -EEXIST, or -EDQUOT when there are `most` already; nothing is written then. */
int space_rows_add(struct db *db, const char *name, const char *details, uint32_t most,
                   struct uf_err *err);
/* -ENOENT; nothing is written then. */
int space_rows_replace(struct db *db, const char *name, const char *details, struct uf_err *err);
/* With its keys and secrets. -ENOENT, or -ENOTEMPTY when it has functions or events;
 * nothing is written then. */
int space_rows_remove(struct db *db, const char *name, struct uf_err *err);

#endif
