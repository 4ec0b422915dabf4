// SPDX-License-Identifier: MIT
/*
 * records.h: what is kept of invocations: a row each, the last so many of them.
 *
 * Written on the store thread, in the transaction of what else happened. Rows
 * have ascending numbers in the order in which they were written; the oldest go
 * when there are too many, too many bytes, or when they are too old. What all
 * invocations of one deployment have in common is a row of its own. There is no
 * other index: a page of it would be written for every record, and the ring is
 * small enough to be walked by whoever wants to know.
 */
#ifndef DAEMON_STORE_RECORDS_H
#define DAEMON_STORE_RECORDS_H

#include <stdbool.h>

#include "daemon/store/db.h"

#define RECORD_ID 65u /* bytes with the NUL */

/* What is kept of an invocation. Plain data, so that it can travel between threads;
 * the pointers are owned by the record. */
struct record {
    char id[RECORD_ID];
    char cause[RECORD_ID]; /* id of the invocation or call that it follows from; "" */
    char trace[64];        /* traceparent, with the span of this invocation; ""     */
    char parent[17];       /* the span that it is a child of; ""                    */
    char space[64];
    char function[64];
    char sequence[64]; /* that it was a step of; ""                                  */
    char trigger[16];  /* "http", "queue", "async", "topic", "next" ...         */
    char lang[16];
    char image[65];
    char outcome[24]; /* of abi/control.h; "refused" when it never ran         */
    char isolation[16];
    uint64_t memory; /* bytes, the function's limit                           */
    uint64_t timeout_ns;
    uint64_t start_ms;    /* since 1970                                         */
    uint64_t wait_ns;     /* from its arrival to its start                      */
    uint64_t init_ns;     /* of that, a cold start took                         */
    uint64_t duration_ns; /* of the run                                         */
    uint64_t cpu_ns;
    uint32_t status;  /* of HTTP                                            */
    uint32_t attempt; /* from 1                                             */
    uint32_t reruns;  /* because of conflicts                               */
    uint32_t host_calls;
    uint32_t dirty_pages; /* of the restore before                              */
    uint32_t is_cold;
    uint64_t bytes_in;
    uint64_t bytes_out;
    char *message; /* why it failed; NULL                                */
    char *log;     /* lines; NULL                                        */
};

/* Free what it owns; the pointers are NULL then. */
void record_fini(struct record *r);

/* How much is kept. */
struct records_limits {
    uint64_t number; /* of records; 0: none */
    uint64_t bytes;  /* that their rows take, about */
    uint64_t age_ms;
};

int records_add(struct db *db, const struct records_limits *l, const struct record *r,
                struct uf_err *err);
/* Bring what is there within limits, which may be others than last time; for the
 * start, because it reads all of it. */
int records_sweep(struct db *db, const struct records_limits *l, struct uf_err *err);

/* Which ones somebody wants; "" and 0: any. */
struct records_query {
    char space[64];
    char function[64];  /* or the sequence           */
    char outcome[24];   /* "failed": any but ok      */
    char id[RECORD_ID]; /* or how it begins          */
    char trace[33];     /* the trace's id            */
    uint64_t since_ms;  /* started then or later     */
    bool want_log;      /* what is found has its log */
};

/* Is r one of them? Pure. */
bool records_match(const struct records_query *q, const struct record *r);

struct records_walk {
    const struct records_query *query;
    uint64_t not_before_ms; /* older ones are as if they were not there */
    uint64_t at;            /* where to go on: INT64_MAX at first, 0 at the end */
    /* Gets each that matches; what it owns may be moved out of it. Anything but 0 ends
     * the walk. */
    int (*visit)(void *ctx, struct record *r);
    void *ctx;
};

/* Walk from the newest to the oldest, `most` rows further. 0 or a negative errno. */
int records_walk(struct db *db, struct records_walk *w, uint32_t most, struct uf_err *err);

#endif
