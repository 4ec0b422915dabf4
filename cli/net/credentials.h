// SPDX-License-Identifier: MIT
/*
 * credentials.h: user and password for a daemon.
 *
 *	$UNIFAAS_PASSWORD                for whatever daemon is asked; $UNIFAAS_USER
 *	                                 with it, "admin" unless set
 *	~/.config/unifaas/credentials    what unifaas login kept, by address: JSON that
 *	                                 only its owner may read ($XDG_CONFIG_HOME)
 */
#ifndef CLI_NET_CREDENTIALS_H
#define CLI_NET_CREDENTIALS_H

#include "base/err.h"

#define CREDENTIALS_USER     "admin"
#define CREDENTIALS_USER_MAX 64
#define CREDENTIALS_MAX      256 /* bytes of a password */

struct credentials {
    char user[CREDENTIALS_USER_MAX + 1];
    char password[CREDENTIALS_MAX + 1];
};

/*
 * For the daemon at an address, as http_gateway() gives it.
 *
 * Returns  1 and *c, 0 when there are none (user is "" then), or a negative errno
 *          when the file cannot be used, with the reason.
 */
int credentials_find(const char *gateway, struct credentials *c, struct uf_err *err);

/* Keep them for that address, or with c NULL forget those that there are. 0, -ENOENT
 * when there is nothing to forget, or another negative errno. */
int credentials_keep(const char *gateway, const struct credentials *c, struct uf_err *err);

void credentials_wipe(struct credentials *c);

#endif
