// SPDX-License-Identifier: MIT
/*
 * secrets.h: values that functions may ask for by name, and that nobody else reads.
 *
 * Each is sealed (XChaCha20-Poly1305, with its namespace and name as associated data,
 * so that no row can pass for another) with one key, key.h. Sealed they are in the
 * database and, all of them, in memory, so a guest that asks need not wait. One is
 * open at a time, in memory that is locked and wiped; it is in no answer of the
 * interface, no log, no record, and no core dump (daemon/main.c), and a snapshot is
 * made before a function can ask.
 *
 * Without the right key secrets can be listed, removed and, with another key at hand,
 * given anew; nothing else is lost.
 */
#ifndef DAEMON_SECRETS_SECRETS_H
#define DAEMON_SECRETS_SECRETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/secrets/key.h"
#include "daemon/store/worker.h"

#define SECRET_NAME_MAX  253u                 /* bytes: a DNS subdomain        */
#define SECRET_SPACE_MAX 63u                  /* bytes                         */
#define SECRET_SIZE_MAX  (UINT32_C(64) << 10) /* bytes of a value, at least one */
#define SECRETS_MAX      1024u                /* of all namespaces             */

struct secrets {
    struct worker *worker;
    void *all; /* search tree by namespace and name */
    uint32_t n;
    struct secret_key key;
    unsigned char *opened;    /* room for one; made when the first is asked for */
    size_t opened_size;       /* 0: none is open */
    uint32_t nlocked;         /* that the key does not open */
    char problem[UF_ERR_MAX]; /* of the key, with the way out; "": none */
};

/*
 * Read the key, making one at the first start, and every secret. Before the store
 * thread starts: db is read here.
 *
 * Returns  0 also when the key is missing or not the one, which is said to the
 *          operator; or a negative errno of the database.
 */
int secrets_open(struct secrets *s, int dir, struct db *db, struct uf_err *err);
/* From here on they can be changed. */
void secrets_start(struct secrets *s, struct worker *w);
/* After the store thread has settled. Tolerates a zeroed one. */
void secrets_close(struct secrets *s);

/* Lower-case letters, digits and -, in labels with dots between them? */
bool secret_name_ok(const char *name);

bool secrets_has(const struct secrets *s, const char *space, const char *name);
void secrets_each(const struct secrets *s, const char *space,
                  void (*visit)(void *ctx, const char *name), void *ctx);

/* A namespace was removed, and they with it. */
void secrets_drop_space(struct secrets *s, const char *space);

/*
 * Open one. At once: from memory.
 *
 * data     readable until secrets_forget(), or until another is opened.
 * Returns  0, -ENOENT for an unknown one, -EKEYREJECTED for one that the key does
 *          not open, or -ENOMEM.
 */
int secrets_get(struct secrets *s, const char *space, const char *name, const void **data,
                size_t *size);
/* Wipe the one that is open. As soon as it was copied. */
void secrets_forget(struct secrets *s);

enum secret_verb {
    SECRET_CREATE, /* -EEXIST when it is there */
    SECRET_UPDATE, /* -ENOENT when it is not   */
    SECRET_REMOVE, /* likewise                 */
};

/* What is to be changed. Copied. */
struct secret_change {
    enum secret_verb verb;
    const char *space;
    const char *name;
    const void *data; /* CREATE, UPDATE */
    size_t size;
    /* code: 0 when it is durable, or a negative errno: nothing has changed then. */
    void (*done)(void *ctx, int code, const char *why);
    void *ctx;
};

/* 0: done() follows, never from within this. Else a negative errno with the reason:
 * -EINVAL for a bad name, -E2BIG for the size, -EKEYREJECTED without a key, -ENOMEM. */
int secrets_change(struct secrets *s, const struct secret_change *what, struct uf_err *err);

#endif
