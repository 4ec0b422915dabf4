// SPDX-License-Identifier: MIT
/*
 * dead.h: dead letters, events that their function did not handle. On the store
 * thread only.
 *
 * They are kept until somebody retries or purges them. How many a function has is
 * a number of its own queue's row (qrow.h).
 */
#ifndef DAEMON_STORE_DEAD_H
#define DAEMON_STORE_DEAD_H

#include <stdbool.h>

#include "abi/door.h"
#include "daemon/store/events.h"

#define DEAD_OUTPUT_MAX 4096u /* bytes of the last attempt's output that are kept */

/* What is said of an event that is given up. Pointers are the caller's. */
struct dead_new {
    const char *space;
    const char *function;
    uint64_t queue_id;
    uint64_t id;
    bool is_timed;
    uint32_t attempts;
    const char *reason; /* "error: handle returned 7"            */
    uint32_t status;    /* of HTTP, of the last attempt; 0: none */
    const void *output; /* of the last attempt; cut              */
    size_t output_size;
};

/* May the function have one more? 0, or -ENOBUFS. Writes nothing. */
int dead_check(struct db *db, const char *space, const char *function, struct uf_err *err);

/* Move an event from its queue to the dead letters. -ESTALE when it is not there
 * (nothing written). */
int dead_bury(struct db *db, const struct dead_new *d, struct uf_err *err);

/* One dead letter; what it points to lives until the visitor returns. */
struct dead_row {
    uint64_t id; /* from 1, ascending */
    const char *space;
    const char *function;
    const char *queue;
    const char *call_id; /* the caller's own, or the one that was made */
    uint64_t pushed_ms;
    uint64_t died_ms;
    uint32_t attempts;
    const char *reason;
    uint32_t status;
    const void *output;
    size_t output_size;
    const char *head;
    const void *body; /* NULL in a list */
    size_t size;
};

struct dead_query {
    const char *space;
    const char *function; /* "": of all of the space  */
    uint64_t before;      /* ids less than that; 0: all */
    int most;
};
/* Newest first. Anything but 0 from visit ends the walk and is returned. */
int dead_list(struct db *db, const struct dead_query *q,
              int (*visit)(void *ctx, const struct dead_row *d), void *ctx, struct uf_err *err);

/* One. 0, or -ENOENT. */
int dead_show(struct db *db, const char *space, uint64_t id,
              int (*visit)(void *ctx, const struct dead_row *d), void *ctx, struct uf_err *err);

/* An event again. */
struct dead_again {
    struct event_row *event; /* a copy, the caller's */
    char queue[UF_NAME_MAX + 1];
};
/* Push it again where it came from; it is dead no more. -ENOENT, or what events_push()
 * says. */
int dead_retry(struct db *db, const char *space, uint64_t id, struct dead_again *out,
               struct uf_err *err);

/* Remove one: 0 or -ENOENT. */
int dead_remove(struct db *db, const char *space, uint64_t id, struct uf_err *err);
/* Remove at most `most` of a function. Returns how many there were. */
int dead_purge(struct db *db, const char *space, const char *function, int most,
               struct uf_err *err);

#endif
