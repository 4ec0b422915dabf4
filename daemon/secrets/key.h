// SPDX-License-Identifier: MIT
/*
 * key.h: the key that secrets are sealed with, 64 hexadecimal digits:
 *
 *	STATE/secret.key                            made at the first start; for the
 *	                                            daemon's user alone
 *	$CREDENTIALS_DIRECTORY/unifaas-secret-key   goes before it (systemd; there also
 *	                                            as 32 bytes)
 *
 * It is kept in locked memory.
 */
#ifndef DAEMON_SECRETS_KEY_H
#define DAEMON_SECRETS_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define SECRET_KEY_SIZE 32u /* bytes */
#define SECRET_KEY_ID   8u  /* bytes */

struct secret_key {
    unsigned char *bytes;            /* NULL: there is none */
    unsigned char id[SECRET_KEY_ID]; /* tells keys apart, and nothing about them */
};

/*
 * Read it.
 *
 * dir      the state directory.
 * may_make make one when there is none.
 * Returns  0, -ENOENT when there is none, -EINVAL for what is no key, or another
 *          negative errno, with the reason.
 */
int secret_key_read(struct secret_key *k, int dir, bool may_make, struct uf_err *err);
/* Wipe it. */
void secret_key_fini(struct secret_key *k);

/* What is sealed: bytes more than the value. */
#define SECRET_SEAL 40u

/* Seal size bytes into out, which has room for size + SECRET_SEAL. */
void secret_seal(const struct secret_key *k, const char *space, const char *name, const void *data,
                 size_t size, unsigned char *out);
/* Open what was sealed for the same namespace and name; out has room for sealed_size -
 * SECRET_SEAL. False: with another key, for another name, or changed. */
bool secret_unseal(const struct secret_key *k, const char *space, const char *name,
                   const unsigned char *sealed, size_t sealed_size, unsigned char *out);

#endif
