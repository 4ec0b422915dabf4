// SPDX-License-Identifier: MIT
/*
 * credential.h: what a client shows to be let in: its Authorization header (RFC
 * 9110, 11.6.2; RFC 7617). Pure.
 */
#ifndef DAEMON_AUTH_CREDENTIAL_H
#define DAEMON_AUTH_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>

#define CREDENTIAL_USER_MAX     64u  /* bytes */
#define CREDENTIAL_PASSWORD_MAX 256u /* bytes */
#define CREDENTIAL_PASSWORD_MIN 8u   /* bytes of one that is set; what is shown may be shorter */

enum credential_kind {
    CREDENTIAL_NONE,  /* no header; or a bearer token that is empty, as clients
                       * send it that have none                                 */
    CREDENTIAL_BASIC, /* user and password                                      */
    CREDENTIAL_OTHER, /* anything else: a token, another scheme, what makes no sense */
};

struct credential {
    enum credential_kind kind;
    char user[CREDENTIAL_USER_MAX + 1]; /* BASIC */
    char password[CREDENTIAL_PASSWORD_MAX + 1];
};

/* Read a header's value; NULL is none. */
void credential_parse(struct credential *c, const char *header);

/* Leave nothing of it in memory. */
void credential_wipe(struct credential *c);

/* May it be a password? 1 to CREDENTIAL_PASSWORD_MAX bytes without control
 * characters. */
bool credential_password_ok(const char *password);

#endif
