// SPDX-License-Identifier: MIT
/*
 * worker.h: the store thread, the only one that touches the database.
 *
 *	loop                                   store thread
 *	worker_submit(job)  --- queue --->     job->apply(job, db)   } one transaction
 *	                                       job->apply(job, db)   } for all that wait
 *	                                       COMMIT (one fsync)
 *	job->done(job)      <-- eventfd ---
 *
 * Jobs are applied in the order in which they were submitted. One of kind
 * STORE_NOW is handed back as soon as it has been applied, before the commit;
 * one of kind STORE_DURABLE after it. docs/design/007-events-and-effects.md says
 * why that is right.
 *
 * A job that returns a negative errno before it wrote anything fails alone. One
 * that fails while it writes returns what db_run() said: the batch is rolled back
 * and all its durable jobs fail with the same error. What was not applied by then
 * goes into the next batch.
 *
 * A worker without a database applies each job and hands it back.
 *
 * Jobs of kind STORE_NOW only read. After a batch, when nobody waits for it any more,
 * the thread moves what the log has grown by into the database (db_tidy()).
 */
#ifndef DAEMON_STORE_WORKER_H
#define DAEMON_STORE_WORKER_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "daemon/loop/loop.h"
#include "daemon/store/db.h"

#define WORKER_BATCH_MAX 1024u /* jobs in one transaction */

enum store_when {
    STORE_DURABLE, /* done() after the commit         */
    STORE_NOW,     /* done() before it: for reads of guests, whose own commit comes later */
};

/* Embedded by whoever wants something done. */
struct store_job {
    /* On the store thread. Returns 0 or a negative errno with the reason in j->err.
     * Must not touch anything that the loop may touch meanwhile. May be NULL. */
    int (*apply)(struct store_job *j, struct db *db);
    /* Likewise, once the batch of a durable job that went well is committed, and
     * what was applied since is not: for files that follow the database. May be NULL. */
    void (*after)(struct store_job *j, struct db *db);
    /* On the loop. j->code says how it went; j is the owner's again. */
    void (*done)(struct store_job *j);
    enum store_when when;
    int code; /* 0, or why not: err has the words */
    struct uf_err err;
    STAILQ_ENTRY(store_job) link;
};

STAILQ_HEAD(store_jobs, store_job);

/* Since the start. */
struct worker_counts {
    uint64_t jobs;
    uint64_t commits;   /* transactions that ended, well or not  */
    uint64_t failed;    /* ... of them not well                  */
    uint64_t commit_ns; /* time that commits took, in all        */
};

struct worker {
    struct loop *loop;
    struct db *db;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows up to counts */
    pthread_cond_t more;
    struct store_jobs todo;
    struct store_jobs finished;
    bool is_stopping;
    bool is_told; /* the eventfd is set */
    bool is_asleep;
    struct worker_counts counts;
    struct loop_fd watch; /* an eventfd */
    size_t pending;       /* of the loop: submitted and not handed back */
};

/* Start the thread; db is its own until worker_stop(), or NULL. After a failure w is
 * zeroed. */
int worker_start(struct worker *w, struct loop *l, struct db *db, struct uf_err *err);
/* Wait until every job was handed back, what done() submits meanwhile included. From the
 * loop's thread, which does nothing else. Tolerates a zeroed one. */
void worker_settle(struct worker *w);
/* End the thread, apply what was submitted, and what done() submits meanwhile, until
 * every done() was called. Tolerates a zeroed one. */
void worker_stop(struct worker *w);

/* Hand a job over; done() follows once, never from within this. From the loop only. */
void worker_submit(struct worker *w, struct store_job *j);

void worker_count(struct worker *w, struct worker_counts *out);

#endif
