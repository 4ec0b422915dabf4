// SPDX-License-Identifier: MIT
/*
 * events.h: queues and their events in the database. On the store thread only.
 *
 * An event is *fresh* (due_ms 0: deliver in the order of ids) or *timed* (not
 * before due_ms: pushed for later, or waiting for its next attempt). Which events
 * are being delivered is known to the loop only.
 *
 * A head is what an event has besides its body: lines "name: value\n". Names that
 * begin with ":" are the platform's (daemon/queue/head.h), others are headers.
 */
#ifndef DAEMON_STORE_EVENTS_H
#define DAEMON_STORE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "daemon/store/db.h"

#define EVENTS_KEYS_MAX UINT64_C(1000000)  /* of so many last events keys are kept  */
#define EVENTS_KEYS_MS  UINT64_C(86400000) /* ... for so long                       */
/* Ten years: how long an event may be put off, longer than a manifest lets it live. */
#define EVENTS_LATEST_MS (UINT64_C(10) * 365 * 86400 * 1000)

/* One event on its way into a queue. Pointers are the caller's. */
struct event_new {
    const char *space;
    const char *queue; /* a name, or "@FUNCTION": the function's own         */
    const char *head;
    const void *body;
    size_t size;
    uint64_t due_ms;     /* since 1970, not before then; 0: at once            */
    const char *call_id; /* the caller's own; NULL: one is made (callid.h)     */
    const char *key;     /* pushes with the same key are one event; NULL: none */
    bool is_wanted;      /* a function takes its events: it is always made     */
    uint64_t id;         /* out: in its queue                                  */
    uint64_t queue_id;   /* out                                                */
    uint64_t pushed_ms;  /* out                                                */
    bool is_known;       /* out: the key was seen before; id is that event's   */
};

/* What is said of more at once than a queue may ever have: its name, how many, the limit. */
#define EVENTS_TOO_MANY                                                                           \
    "queue %.64s never has room for %llu at once: at most %llu events may wait (--queue-depth); " \
    "push fewer at a time, or raise it"

/* May n such events be pushed? 0; -E2BIG: more than a queue may have; or -ENOBUFS: the
 * queue has as many as it may have, or there are too many queues. *nnew counts the queues
 * that are to be made, this one as well. Writes nothing. */
int events_check(struct db *db, const struct event_new *e, uint64_t n, unsigned *nnew,
                 struct uf_err *err);

/* 1: an event was pushed with its key before; 0: not, or it has none. */
int events_is_known(struct db *db, const struct event_new *e, struct uf_err *err);

/* 0; -ENOBUFS as events_check() (nothing written); or what the database says. */
int events_push(struct db *db, struct event_new *e, struct uf_err *err);

/* It was handled. -ESTALE when it is not there (nothing written). */
int events_remove(struct db *db, uint64_t queue_id, uint64_t id, bool is_timed, struct uf_err *err);
/* So were all fresh ones from first to last, which are n. -ESTALE when there are
 * fewer; something may have been written then. */
int events_remove_range(struct db *db, uint64_t queue_id, uint64_t first, uint64_t last, uint64_t n,
                        struct uf_err *err);

/* Is it there? 0, or -EAGAIN. */
int events_want(struct db *db, uint64_t queue_id, uint64_t id, struct uf_err *err);

/* Nobody wants it any more. -ENOENT when it is not there. */
int events_cancel(struct db *db, uint64_t queue_id, uint64_t id, struct uf_err *err);

/* Another attempt that an event gets. */
struct event_again {
    uint64_t queue_id;
    uint64_t id;
    bool is_timed;
    uint32_t attempts; /* so far */
    uint64_t due_ms;   /* not before then; not 0 */
};
/* -ESTALE as above. */
int events_retry(struct db *db, const struct event_again *a, struct uf_err *err);

/* ---- reading --------------------------------------------------------------------------- */

/* One that is stored: one block of memory, free() it. */
struct event_row {
    uint64_t queue_id;
    uint64_t id;
    uint64_t pushed_ms;  /* since 1970; of one for later: when it may be delivered */
    uint64_t due_ms;     /* 0: fresh */
    uint32_t attempts;   /* that failed                     */
    const char *call_id; /* the caller's own, or NULL       */
    const char *head;
    const void *body;
    size_t size;      /* of the body; a NUL follows it     */
    size_t head_size; /* without the NUL                   */
    /* The loop's (daemon/queue): */
    uint64_t at_ns;    /* when it came into memory               */
    uint64_t next_ms;  /* of its next attempt                    */
    int fate;          /* what becomes of it, enum queue_fate    */
    bool is_late;      /* it fails because another attempt would come after max_age */
    bool is_cancelled; /* nobody wants it any more               */
    TAILQ_ENTRY(event_row) link;
};

TAILQ_HEAD(event_rows, event_row);

/* A copy of what is to be pushed, as it will be stored; NULL when memory is out. */
struct event_row *event_row_new(const struct event_new *e);
void event_rows_free(struct event_rows *rows);

struct events_want {
    uint64_t queue_id;
    bool is_ordered; /* those that wait for another attempt keep their place: they
                      * count as fresh                                        */
    bool is_any;     /* all of them, after after_id                             */
    bool is_due;     /* timed ones, until upto_ms; else fresh ones, after id    */
    uint64_t after_id;
    uint64_t upto_ms;
    size_t rows_max;
    size_t bytes_max; /* of heads and bodies; at least one is given anyway   */
};

struct events_found {
    struct event_rows rows;
    size_t n;
    bool is_all;      /* there are no more of the kind                       */
    uint64_t last_id; /* of the queue's, when this was looked up             */
};

/* What is wanted, fresh ones in the order of ids, timed ones in that of due_ms. */
int events_fetch(struct db *db, const struct events_want *w, struct events_found *out,
                 struct uf_err *err);

/* When the first timed one after after_ms is due; 0: there is none. */
int events_next_due(struct db *db, uint64_t queue_id, bool is_ordered, uint64_t after_ms,
                    uint64_t *due_ms, struct uf_err *err);

/* One that was pushed under call_id, made here or the caller's own. 0 or -ENOENT.
 * Only queue_id, id, due_ms and attempts of *out are set. */
int events_find(struct db *db, const char *call_id, struct event_row *out, struct uf_err *err);

/* When the oldest of those in front was pushed; 0: the queue is empty. */
int events_oldest(struct db *db, uint64_t queue_id, uint64_t *pushed_ms, struct uf_err *err);

/* Remove at most `most` with ids up to last. Returns how many there were. */
int events_purge(struct db *db, uint64_t queue_id, uint64_t last, int most, struct uf_err *err);

#endif
