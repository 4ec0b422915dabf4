// SPDX-License-Identifier: MIT
/*
 * spaces.h: namespaces. Each has its own functions, queues, keys and secrets;
 * functions of one never meet those of another.
 *
 * FUNCTION_SPACE is always there; others are made and removed. They are in the
 * database, and all of them in memory.
 */
#ifndef DAEMON_SPACES_SPACES_H
#define DAEMON_SPACES_SPACES_H

#include <stdbool.h>

#include "daemon/store/worker.h"
#include "engine/function.h"

#define SPACES_MAX 256u

struct space {
    char name[FUNCTION_NAME_MAX + 1];
    char *details; /* owned: JSON object, {"labels": {}, "annotations": {}} or less */
};

struct spaces {
    struct worker *worker;
    struct space *all; /* in the order of names; FUNCTION_SPACE among them */
    uint32_t n;
};

/* Read them. Before the store thread starts: db is read here. 0 or a negative errno. */
int spaces_open(struct spaces *s, struct db *db, struct uf_err *err);
/* From here on they can be changed. */
void spaces_start(struct spaces *s, struct worker *w);
/* After the store thread has settled. Tolerates a zeroed one. */
void spaces_close(struct spaces *s);

/* NULL: there is none of that name. */
const struct space *spaces_find(const struct spaces *s, const char *name);

enum space_verb {
    SPACE_CREATE, /* -EEXIST when it is there */
    SPACE_UPDATE, /* -ENOENT when it is not   */
    SPACE_REMOVE, /* likewise; -ENOTEMPTY when it has functions or events. Its keys and
                   * secrets go with it */
};

struct space_change {
    enum space_verb verb;
    const char *name;    /* copied, as is     */
    const char *details; /* CREATE and UPDATE */
    /* code: 0 when it is durable, or a negative errno: nothing has changed then. */
    void (*done)(void *ctx, int code, const char *why);
    void *ctx;
};

/* 0: done() follows, never from within this. Else -EINVAL or -ENOMEM with the reason. */
int spaces_change(struct spaces *s, const struct space_change *what, struct uf_err *err);

#endif
