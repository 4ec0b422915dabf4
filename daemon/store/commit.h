// SPDX-License-Identifier: MIT
/*
 * commit.h: everything that becomes true together when an invocation has ended.
 *
 * Filled in on the loop, applied on the store thread as one durable job:
 *
 *	1. what was read is as it was       } nothing is written yet, so a commit
 *	2. the steps' checks, in order      } that is refused here fails alone
 *	3. keys are written and removed
 *	4. the steps, in order
 */
#ifndef DAEMON_STORE_COMMIT_H
#define DAEMON_STORE_COMMIT_H

#include "daemon/store/events.h"
#include "daemon/store/kv.h"
#include "daemon/store/records.h"
#include "daemon/store/worker.h"

/* Something that was read: true as long as its version is the same. */
struct commit_read {
    char *name; /* key or prefix; owned                          */
    bool is_prefix;
    uint64_t version; /* of the key, or kv_digest() of the prefix      */
};

/* A key that is written or removed. */
struct commit_write {
    char *key;  /* owned                                         */
    void *data; /* owned; NULL and size 0 for an empty value     */
    size_t size;
    uint64_t expires_ms;
    uint64_t version; /* 0: the store thread gives it one */
    bool is_delete;
};

/* A step that somebody else adds. What it refuses for a reason of its own (a full
 * queue) it refuses in check(): an error of apply() breaks everybody's batch. It sees
 * what was there before the commit, so what counts together is one step. */
struct commit_step {
    int (*check)(struct commit_step *s, struct db *db, struct uf_err *err); /* or NULL */
    int (*apply)(struct commit_step *s, struct db *db, struct uf_err *err);
    void (*free)(struct commit_step *s);
    STAILQ_ENTRY(commit_step) link;
};

struct commit {
    struct store_job job;
    char space[64];
    struct commit_read *reads;
    size_t nreads;
    struct commit_write *writes; /* one for each key, in the order of their first */
    size_t nwrites;
    uint32_t *slots; /* where keys are in writes: a hash table, or NULL for few */
    size_t nslots;
    uint8_t hash_key[16];             /* of that table's: chosen anew for each */
    STAILQ_HEAD(, commit_step) steps; /* pushes, acknowledgements, the record ... */
    void *ctx;                        /* the owner's */
};

void commit_init(struct commit *c, const char *space);
/* Frees what it owns, steps included; as after commit_init(). */
void commit_reset(struct commit *c);
bool commit_is_empty(const struct commit *c);
/* Not only what was read is in it: it waits for the disk. */
bool commit_writes(const struct commit *c);

void commit_add_read(struct commit *c, const char *name, bool is_prefix, uint64_t version);
/* The last write of a key counts. data is copied: 0, or -ENOMEM and nothing is added. */
int commit_add_write(struct commit *c, const char *key, const struct kv_new *v);
void commit_add_delete(struct commit *c, const char *key);
/* What will be written under key, or NULL; until the next one is added. */
const struct commit_write *commit_find(const struct commit *c, const char *key);
/* s is the commit's from here on. */
void commit_add_step(struct commit *c, struct commit_step *s);
/* Reads and writes of from go behind those of to; from has none afterwards. Both have
 * the same space. */
void commit_move(struct commit *to, struct commit *from);

/* -EAGAIN from job.code: something that was read has changed. The job is durable, and
 * has apply() from commit_init(); its done() is the owner's. */
int commit_apply(struct store_job *j, struct db *db);

#endif
