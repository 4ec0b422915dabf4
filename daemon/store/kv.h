// SPDX-License-Identifier: MIT
/*
 * kv.h: keys and values in the database. On the store thread only.
 *
 * A value has a version (db_next_version()) and may have an end; one that is
 * over is as if it were not there, and is swept later. A space is a namespace of
 * functions; keys of different spaces never meet. err is not NULL here.
 */
#ifndef DAEMON_STORE_KV_H
#define DAEMON_STORE_KV_H

#include <stdbool.h>

#include "daemon/store/db.h"

struct kv_value {
    uint64_t version;    /* 0: there is no such key                        */
    uint64_t expires_ms; /* since 1970; 0: never                           */
    const void *data;    /* until db_done(st)                              */
    size_t size;
    sqlite3_stmt *st;
};

/* Read one. 0 whether it is there or not (version 0); db_done(v->st) afterwards. */
int kv_get(struct db *db, const char *space, const char *key, struct kv_value *v,
           struct uf_err *err);
/* Only its version. */
int kv_version(struct db *db, const char *space, const char *key, uint64_t *version,
               struct uf_err *err);

struct kv_new {
    const void *data;
    size_t size;
    uint64_t expires_ms; /* 0: never */
    uint64_t version;    /* 0: db_next_version() */
};
/* Write one. */
int kv_set(struct db *db, const char *space, const char *key, const struct kv_new *v,
           struct uf_err *err);
/* 0 whether it was there or not. */
int kv_delete(struct db *db, const char *space, const char *key, struct uf_err *err);

/* Keys that begin with prefix, and come after `after`, unless that is "". */
struct kv_range {
    const char *space;
    const char *prefix;
    const char *after;
};

/*
 * Keys of a range, in the order of their bytes.
 *
 * visit    gets each; anything but 0 ends the walk and is returned. It may read
 *          others, but not list or write.
 */
int kv_list(struct db *db, const struct kv_range *r,
            int (*visit)(void *ctx, const char *key, uint64_t version), void *ctx,
            struct uf_err *err);

/* What kv_list() finds from the start, as one number that changes when any of it does. */
int kv_digest(struct db *db, const char *space, const char *prefix, uint64_t *out,
              struct uf_err *err);
/* One step of that number, for whoever walks by himself. Pure. */
uint64_t kv_digest_add(uint64_t digest, const char *key, uint64_t version);

/* Remove what is over, at most `most`. Returns how many there were. */
int kv_sweep(struct db *db, int most, struct uf_err *err);

#endif
