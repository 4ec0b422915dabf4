// SPDX-License-Identifier: MIT
/*
 * deployments.h: what all records of one deployment have in common: a row each. On
 * the store thread only.
 */
#ifndef DAEMON_STORE_DEPLOYMENTS_H
#define DAEMON_STORE_DEPLOYMENTS_H

#include "daemon/store/db.h"
#include "daemon/store/records.h"

/* The row of what r has in common with others, found or made. */
int deployments_find(struct db *db, const struct record *r, sqlite3_int64 *id, struct uf_err *err);

/* Drop those of which no record is left. */
int deployments_sweep(struct db *db, struct uf_err *err);

#endif
