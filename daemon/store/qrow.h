// SPDX-License-Identifier: MIT
/*
 * qrow.h: the rows of queues, kept in memory. On the store thread only.
 *
 * A start reads these rows and no event. What changes in them is written once per
 * transaction, whatever number of events came and went, and is as before when the
 * transaction is rolled back.
 *
 * A row without events is idle. It stays as long as there is room, and then another
 * queue takes it, with its numbers: so there are no more rows than queues ever were at
 * a time, and no event's id ever comes again. Who keeps a row's id must be ready to see
 * it with another name.
 */
#ifndef DAEMON_STORE_QROW_H
#define DAEMON_STORE_QROW_H

#include <stdbool.h>

#include "daemon/store/db.h"

/* Queues with a name of their own, and as many "@FUNCTION"; but those that a deployed
 * function has are always made (events.h). */
#define QROW_MAX       10000u /* all spaces together                            */
#define QROW_SPACE_MAX 2500u  /* of one space                                   */
#define QROW_SPACE_MIN 100u   /* that one may have, however many others have    */

/* What is written of one. */
struct qrow_count {
    uint64_t next;  /* id of the next event, from 1; ids never repeat          */
    uint64_t depth; /* events                                                  */
    uint64_t timed; /* of them, those with due_ms > 0                          */
    uint64_t dead;  /* dead letters of the function whose own queue this is    */
};

struct qrow {
    uint64_t id; /* from 1 */
    struct qrow_count now;
    struct qrow_count saved; /* as of the last commit                          */
    bool is_changed;
    bool is_new; /* its row is of this transaction */
    const char *space;
    struct qrow_space *in;
    struct qrow *was; /* whose row this was before this transaction, or NULL */
    bool is_idle;     /* and listed as such                                  */
    TAILQ_ENTRY(qrow) idle_link;
    SLIST_ENTRY(qrow) link; /* of changed ones */
    char name[];
};

/*
 * Find one.
 *
 * Returns  it, until the transaction ends; NULL with err->code 0 when there is
 *          none, or with what the database says.
 */
struct qrow *qrow_find(struct db *db, const char *space, const char *name, struct uf_err *err);
struct qrow *qrow_by_id(struct db *db, uint64_t id, struct uf_err *err);

/* May n more be made? 0, or -ENOBUFS: there are as many as may be, and too few are
 * idle. Writes nothing. */
int qrow_check(struct db *db, const char *space, const char *name, unsigned n, struct uf_err *err);
/* Make one that is not there, of an idle one's row when there is no room. Keeps no limit:
 * qrow_check() does. NULL with the reason in err. */
struct qrow *qrow_make(struct db *db, const char *space, const char *name, struct uf_err *err);

/* The space is removed: its rows, without events, are free for others. */
int qrow_free_space(struct db *db, const char *space, struct uf_err *err);

/* The oldest or newest key of the queue: 1 with its event and time, 0, or a negative
 * errno. */
enum key_end { KEY_OLDEST, KEY_NEWEST };
int qrow_key(struct db *db, const struct qrow *q, enum key_end which, uint64_t *id, uint64_t *at_ms,
             struct uf_err *err);

/* Its numbers will change: call this first. */
void qrow_touch(struct db *db, struct qrow *q);

/* Events that are in the queues of a space, and its functions' dead letters. 0 or a
 * negative errno. */
int qrow_total(struct db *db, const char *space, uint64_t *events, uint64_t *dead,
               struct uf_err *err);

/* All of them, in the order of space and name; anything but 0 ends the walk and is
 * returned. */
int qrow_each(struct db *db, int (*visit)(void *ctx, const struct qrow *q), void *ctx,
              struct uf_err *err);

#endif
