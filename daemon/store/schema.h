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

/* 0; -EINVAL for a database of a newer daemon, or of no daemon at all; or what the
 * database says: then it is as it was before the step that failed. */
int schema_migrate(struct sqlite3 *db, struct uf_err *err);

/* Bring it up to that version, from 1, and no further; -EINVAL when there is none. */
int schema_bring_to(struct sqlite3 *db, int version, struct uf_err *err);

/* Is everything there that the migrations made? 0, -EUCLEAN, or another negative errno. */
int schema_check(struct sqlite3 *db, struct uf_err *err);

/* What it brings a database to, and only as far as version `to`: for tests of what
 * becomes of what earlier versions wrote. */
int schema_version(void);
int schema_migrate_to(struct sqlite3 *db, int to, struct uf_err *err);

#endif
