// SPDX-License-Identifier: MIT
/*
 * files.h: images and snapshots as files, named by what is in them.
 *
 *	STATE/images/SHA256.img       as uploaded
 *	STATE/snapshots/SHA256.snap   as a tender wrote them, sealed
 *	STATE/tmp/XXXXXX              on their way there
 *
 * A file appears under its name only when all of it is on the disk: written to
 * tmp, fsync, rename, fsync of the folder. So a name that exists is whole, at
 * whatever moment the power went; and what tmp holds at the start is nothing.
 */
#ifndef DAEMON_STORE_FILES_H
#define DAEMON_STORE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "engine/snapfile.h"

enum files_kind {
    FILES_IMAGE,
    FILES_SNAPSHOT,
};

#define FILES_TMP_MAX 32

/* A file on its way. */
struct files_new {
    int fd; /* readable and writable; -1: none */
    char name[FILES_TMP_MAX];
};

/* Make the folders below dir where they are missing; remove what tmp holds. */
int files_init(int dir, struct uf_err *err);

int files_create(int dir, struct files_new *n, struct uf_err *err);
/* Make what is in it durable: 0 or a negative errno. It can take seconds. */
int files_sync(const struct files_new *n, struct uf_err *err);
/* Give it its name, durably, once it is synced; n is as after files_discard(). It is
 * fine when there is one of that name: it has the same contents. */
int files_publish(int dir, struct files_new *n, enum files_kind kind, const char *hex,
                  struct uf_err *err);
/* Both. */
int files_commit(int dir, struct files_new *n, enum files_kind kind, const char *hex,
                 struct uf_err *err);
/* Forget it. Tolerates a zeroed or committed one whose fd is -1. */
void files_discard(int dir, struct files_new *n);

/* The one whose name begins so. 0 and hex, -ENOENT when there is none, -EINVAL when there
 * are several, with the reason. */
int files_find(int dir, enum files_kind kind, const char *prefix, char hex[static SNAPFILE_HEX],
               struct uf_err *err);

bool files_has(int dir, enum files_kind kind, const char *hex);
/* Open for reading: the descriptor, or -ENOENT, or another negative errno. */
int files_open(int dir, enum files_kind kind, const char *hex, struct uf_err *err);
void files_remove(int dir, enum files_kind kind, const char *hex);

/*
 * Remove the files of a kind that nobody uses, but keep the newest `keep` of
 * them: uploads that are about to be deployed.
 */
void files_sweep(int dir, enum files_kind kind, size_t keep,
                 bool (*is_used)(void *ctx, const char *hex), void *ctx);

/* 64 lower-case hexadecimal digits? */
bool files_is_hex(const char *s);

#endif
