// SPDX-License-Identifier: MIT
/* queues.h: a database in a folder of its own, in the middle of a transaction, and events
 * to push there. */
#ifndef TESTS_STORE_QUEUES_H
#define TESTS_STORE_QUEUES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/events.h"
#include "tests/tap.h"

#define NOW UINT64_C(1790000000000)
#define S   "space"

static char dir[64], path[128];
static struct db db;
static struct uf_err err;

static inline void open_db(void)
{
    CHECK(db_open(&db, path, &err) == 0);
    db.now_ms = NOW;
    CHECK(db_begin(&db, &err) == 0);
}

static inline void begin(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/unifaas-events.XXXXXX");
    CHECK(mkdtemp(dir) != NULL);
    (void)snprintf(path, sizeof(path), "%s/db", dir);
    open_db();
}

static inline void end(void)
{
    char wal[160];

    (void)db_commit(&db, &err);
    db_close(&db);
    (void)unlink(path);
    (void)snprintf(wal, sizeof(wal), "%s-wal", path);
    (void)unlink(wal);
    CHECK(rmdir(dir) == 0);
}

static inline void commit(void)
{
    CHECK(db_commit(&db, &err) == 0);
    CHECK(db_begin(&db, &err) == 0);
}

/* As after the daemon was killed. */
static inline void restart(void)
{
    db_rollback(&db);
    db_close(&db);
    open_db();
}

static inline struct event_new event(const char *queue, const char *body)
{
    return (struct event_new){
        .space = S, .queue = queue, .head = "a: b\n", .body = body, .size = strlen(body)};
}

static inline uint64_t push(const char *queue, const char *body)
{
    struct event_new e = event(queue, body);

    CHECK(events_push(&db, &e, &err) == 0);
    return e.id;
}

#endif
