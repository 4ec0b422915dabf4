// SPDX-License-Identifier: MIT
/*
 * records.h: records of invocations on their way to the disk and back.
 *
 * A record of an invocation with effects is a step of its commit: it is there if
 * and only if the effects are. Those of the others wait in memory, so that they
 * neither wait for the disk nor wear it: they are written together, along with a
 * commit if there is one, else RECORDS_DELAY_NS after the first; never more often
 * than every RECORDS_PAUSE_NS. When more come than fit meanwhile the newest stay,
 * and how many went is counted. A crash loses those that wait.
 *
 * On the loop only; no timer is armed while nothing waits.
 */
#ifndef DAEMON_RECORD_RECORDS_H
#define DAEMON_RECORD_RECORDS_H

#include <sys/queue.h>

#include "daemon/record/metrics.h"
#include "daemon/store/commit.h"
#include "daemon/store/records.h"

#define RECORDS_WAITING  1024u /* records in memory                     */
#define RECORDS_EARLY    512u  /* that many are written without waiting */
#define RECORDS_DELAY_NS UINT64_C(5000000000)
#define RECORDS_PAUSE_NS UINT64_C(1000000000)
#define RECORDS_AGAIN_NS UINT64_C(30000000000) /* after the disk did not take them */

/* Outcomes of invocations that ran well and were not kept, beside those of
 * abi/control.h. */
#define RECORD_CONFLICT    "conflict"    /* others changed what it read, too often */
#define RECORD_UNCOMMITTED "uncommitted" /* the disk, or the memory, did not take it */
#define RECORD_CANCELLED   "cancelled"   /* its event was, while it ran            */

/* Is it one of these? */
bool record_is_lost(const char *outcome);

#define RECORD_LOG_MAX 4096u /* bytes of log lines that a record keeps       */
#define RECORD_WHY_MAX 1024u /* bytes of the reason why an invocation failed */

/* Keep log lines, the last RECORD_LOG_MAX bytes of them: a line in the place of what
 * came before says how much that was. What is no text becomes '?'. */
void record_set_log(struct record *r, const char *log, size_t size);
/* Keep the beginning of a reason. */
void record_set_message(struct record *r, const char *message);

struct record_node {
    struct record record;
    TAILQ_ENTRY(record_node) link;
};
TAILQ_HEAD(record_list, record_node);

struct records {
    struct loop *loop;
    struct worker *worker;
    struct records_limits limits;
    struct record_list waiting; /* oldest first */
    size_t nwaiting;
    struct loop_timer timer;
    uint64_t not_before_ns; /* the next write                       */
    uint64_t kept;          /* all that was taken over              */
    uint64_t dropped;       /* for want of room in memory ...       */
    uint64_t failed;        /* ... and because of the disk          */
    struct metrics_source metrics;
};

/* Begin with what an earlier run left. */
void records_start(struct records *rs, struct loop *l, struct worker *w,
                   const struct records_limits *limits);
/* Hand what waits to the worker, which is stopped after this. Tolerates a zeroed one. */
void records_stop(struct records *rs);

void records_metrics(struct records *rs, struct metrics *m);

/* Keep rec. What it owns is taken over: its pointers are NULL afterwards. Tolerates
 * NULL for rs: then nothing is kept. */
void records_note(struct records *rs, struct record *rec);
/* The same, when and if c is committed: with it when c writes, and else as records_note()
 * would. Call it just before c is submitted. */
void records_add_step(struct records *rs, struct record *rec, struct commit *c);

/*
 * Find records, the newest first, whether they are written or wait.
 *
 * The first four are filled in by the caller, who keeps it until done(), which comes
 * once, perhaps at once. Then records_read_fini().
 */
struct records_read {
    struct records_query query;
    char before[RECORD_ID]; /* only those before that one; "": all */
    size_t limit;
    void (*done)(struct records_read *r);

    int code; /* 0, or why not: err has the words */
    struct uf_err err;
    struct record *found;
    size_t nfound;

    struct records *records;
    struct store_job job;
    struct records_walk walk;
    bool is_past; /* of `before` */
};

void records_read(struct records *rs, struct records_read *r);
void records_read_fini(struct records_read *r);

#endif
