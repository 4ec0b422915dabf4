// SPDX-License-Identifier: MIT
/* disk_state.h: what disk.c and disk_cut.c share; see disk.h. */
#ifndef TESTS_STORE_DISK_STATE_H
#define TESTS_STORE_DISK_STATE_H

#include "tests/store/disk.h"

enum disk_op_kind {
    DISK_OP_WRITE,
    DISK_OP_TRUNCATE, /* to `at` bytes                             */
    DISK_OP_SYNC,
    DISK_OP_LOSE, /* a sync that failed                        */
    DISK_OP_CREATE,
    DISK_OP_DELETE,
    DISK_OP_DELETE_SYNCED, /* and names are durable                     */
};

struct disk_op {
    enum disk_op_kind kind;
    int slot;
    uint64_t at;
    uint8_t *data; /* owned */
    size_t size;
};

struct disk_bytes {
    uint8_t *data;
    size_t size;
    size_t cap;
};

struct disk_image {
    char *name[DISK_FILES];
    struct disk_bytes base[DISK_FILES]; /* durable when the record begins */
    bool base_exists[DISK_FILES];
    struct disk_bytes cache[DISK_FILES];
    bool exists[DISK_FILES];
    struct disk_op *ops; /* since then */
    size_t nops;
};

void disk_resize(struct disk_bytes *b, size_t size);
void disk_put(struct disk_bytes *b, uint64_t at, const uint8_t *data, size_t size);

struct disk_image *disk_state_copy(const struct disk_image *from);
void disk_state_fini(struct disk_image *i);

#endif
