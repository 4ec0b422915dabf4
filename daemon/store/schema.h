// SPDX-License-Identifier: MIT
/*
 * schema.h: the registry's tables and how they came to be.
 *
 * Each migration brings a database one version further; user_version says how
 * many it has seen. Never edit one that was released: add the next.
 */
#ifndef DAEMON_STORE_SCHEMA_H
#define DAEMON_STORE_SCHEMA_H

#include "base/err.h"

struct sqlite3;

/* 0, or -EINVAL for a database of a newer daemon, or -EIO. */
int schema_migrate(struct sqlite3 *db, struct uf_err *err);

#endif
