// SPDX-License-Identifier: MIT
/*
 * password.h: the administrator's password: where it comes from, how it is kept.
 *
 *	STATE/password     its hash (Argon2id), one line, readable by the daemon only
 *
 * Or in files of the operator's, as a service manager or a container gives them:
 *
 *	$CREDENTIALS_DIRECTORY/basic-auth-password, basic-auth-user    systemd
 *	$secret_mount_path/...     when that variable is set
 *	/run/secrets/...           when $basic_auth is "true"
 *
 * Those go before the hash in the state directory.
 */
#ifndef DAEMON_AUTH_PASSWORD_H
#define DAEMON_AUTH_PASSWORD_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "daemon/auth/credential.h"

/*
 * What one verification costs: three passes over 19 MiB, a fifth of a second on a
 * board. A generated password has 100 bits and would need none of this; the cost is
 * for those that people choose, should the file be read by somebody.
 */
#define PASSWORD_PASSES 3u
#define PASSWORD_MEMORY (UINT32_C(19) << 20) /* bytes */

#define PASSWORD_USER "admin"
#define PASSWORD_HASH 128 /* crypto_pwhash_STRBYTES */
#define PASSWORD_TEXT 24  /* of a generated one, with its NUL */

/* Slow, both. 0 or -ENOMEM. */
int password_hash(const char *password, char out[static PASSWORD_HASH]);
bool password_matches(const char *hash, const char *password);

/* A new one: 20 letters and digits in groups, which cannot be taken for others. */
void password_make(char out[static PASSWORD_TEXT]);

/* Which of the files that have had this name it is. */
struct password_stamp {
    ino_t inode;
    int64_t changed_ns;
};

/* Read STATE/password; dir is the state directory. 0, -ENOENT, or -EINVAL for what
 * is no hash, or another negative errno. */
int password_read(int dir, char hash[static PASSWORD_HASH], struct password_stamp *stamp,
                  struct uf_err *err);
/* Put a hash in its place, durably. */
int password_write(int dir, const char *hash, struct uf_err *err);
/* Has it been replaced since it was read? */
bool password_is_replaced(int dir, const struct password_stamp *stamp);

/*
 * Look for files of the operator's.
 *
 * where    the file with the password.
 * Returns  1 and *c, 0 when there are none, or a negative errno for one that
 *          cannot be used.
 */
int password_given(struct credential *c, char where[static PATH_MAX], struct uf_err *err);

#endif
