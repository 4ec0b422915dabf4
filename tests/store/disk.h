// SPDX-License-Identifier: MIT
/*
 * disk.h: a disk that loses power, for tests of the store: a file system of SQLite's
 * (a VFS) in memory.
 *
 *	a write        goes into the cache, which every reader sees
 *	a sync         makes what was written to that file before it durable
 *	               (of a log: its name, and every other name, as well)
 *	power is cut   what was not synced is there, or not, or in part: each sector
 *	               of DISK_SECTOR bytes by itself
 *
 * A sync that fails leaves what was written in the cache and forgets that it has to go
 * to the disk, as Linux does. All of it is recorded, so that power can be cut at
 * every moment of a run.
 *
 * Files are few and have one user: no locks, no shared memory. One thread at a time.
 */
#ifndef TESTS_STORE_DISK_H
#define TESTS_STORE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_SECTOR 512u
#define DISK_FILES  4u

/* Make it what SQLite uses, empty; and no longer. */
void disk_install(void);
void disk_remove(void);

/* Calls so far; each write, sync and the like is one. */
size_t disk_now(void);

enum disk_fault {
    DISK_NONE,
    DISK_WRITE, /* EIO                                    */
    DISK_FULL,  /* ENOSPC                                 */
    DISK_SYNC,  /* EIO                                    */
    DISK_READ,  /* EIO                                    */
};
/* After `skip` more calls of this kind, `times` of them fail. */
void disk_fail(enum disk_fault what, unsigned skip, unsigned times);

/* What became of that which was not synced. */
enum disk_rest {
    DISK_NOTHING, /* none of it is there       */
    DISK_ALL,     /* all of it                 */
    DISK_SOME,    /* at random, sector by sector */
};

/* Everything, as it is now: a process is killed, the machine goes on. */
struct disk_image *disk_kill(void);
/* What the disk holds when power was cut at call `at` of a run. */
struct disk_image *disk_cut(const struct disk_image *run, size_t at, enum disk_rest rest,
                            uint64_t seed);
/* Was call `at` a sync that went well? */
bool disk_is_sync(const struct disk_image *i, size_t at);
void disk_image_free(struct disk_image *i);
/* Go on with it. After a cut disk_now() is 0; after a kill what was not synced still
 * is not. */
void disk_insert(const struct disk_image *i);

/* The bytes of a file in the cache, to look at or to damage; NULL when there is none. */
uint8_t *disk_bytes(const char *name, size_t *size);
void disk_truncate(const char *name, size_t size);

#endif
