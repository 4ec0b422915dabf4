// SPDX-License-Identifier: MIT
/*
 * auth.h: who may do what. There is one user, the administrator, with a password.
 *
 *	auth_check()   a credential that was right before: yes, at once
 *	               one that was wrong a moment ago: no, at once
 *	               any other: its password is hashed beside the loop, one after
 *	               another, so often as the throttle allows; the answer comes later
 *
 * What was right is remembered as a keyed hash, with a key that this process made;
 * so is what was wrong. A header that is the same as last time costs a tenth of a
 * microsecond (SipHash, 128 bits), another with the same in it two (BLAKE2b). The loop never hashes a password, and however many guesses
 * come, they cost one thread of low priority, once a second. A guess that would be
 * one too many is not judged at all. Whoever has been let in before is not concerned.
 *
 * A bearer token would be a third kind of credential (credential.h), judged here, and
 * what it may do a third answer beside yes and no; there are none yet.
 */
#ifndef DAEMON_AUTH_AUTH_H
#define DAEMON_AUTH_AUTH_H

#include <sys/queue.h>

#include "daemon/auth/credential.h"
#include "daemon/auth/password.h"
#include "daemon/auth/throttle.h"
#include "daemon/loop/aside.h"

#define AUTH_BURST     10u                  /* wrong passwords at once ...             */
#define AUTH_PERIOD_NS UINT64_C(1000000000) /* ... then one in this time               */
#define AUTH_WAITING   8u                   /* different credentials that wait their turn */
#define AUTH_WRONG     32u                  /* that are remembered                     */
#define AUTH_DIGEST    32u                  /* bytes                                   */
#define AUTH_HEADER    16u                  /* bytes                                   */

enum auth_verdict {
    AUTH_YES,
    AUTH_NO,
    AUTH_BUSY,  /* too many wrong ones: not judged */
    AUTH_LATER, /* ask->done() follows             */
};

/* Embedded by whoever asks; zeroed, then done is set. */
struct auth_ask {
    void (*done)(struct auth_ask *ask, enum auth_verdict v); /* not AUTH_LATER */
    STAILQ_ENTRY(auth_ask) link;
};

/* A credential that is judged, or waits to be. */
struct auth_attempt;
/* The password is being changed. */
struct auth_change;

struct auth {
    struct loop *loop;
    int dir; /* the state directory; not owned */
    bool is_on;
    char given[PATH_MAX]; /* the operator's file with the password; "": STATE/password */
    char user[CREDENTIAL_USER_MAX + 1];
    char hash[PASSWORD_HASH]; /* "": given, so nothing has to be hashed */
    struct password_stamp stamp;
    uint64_t looked_ns; /* whether it was replaced */
    uint32_t changes;   /* of the password         */

    unsigned char key[AUTH_DIGEST];
    unsigned char right[AUTH_DIGEST];
    bool has_right;
    unsigned char header[AUTH_HEADER]; /* as the right one came last, hashed */
    bool has_header;
    unsigned char wrong[AUTH_WRONG][AUTH_DIGEST];
    uint32_t nwrong; /* ever */

    struct throttle throttle;
    STAILQ_HEAD(, auth_attempt) attempts; /* the first is judged now */
    uint32_t nattempts;
    struct auth_change *change;
};

/*
 * Read the password, or make one and tell the operator. Before the loop runs.
 *
 * dir      the state directory, for as long as a is used.
 * is_off   let everybody in, whatever there is.
 * Returns  0, or a negative errno with the reason and the way out.
 */
int auth_open(struct auth *a, int dir, bool is_off, struct uf_err *err);
/* From here on asks can be answered. */
void auth_start(struct auth *a, struct loop *l);
/* Every ask that waits is answered AUTH_BUSY. Tolerates a zeroed one. */
void auth_close(struct auth *a);

/* May whoever sent this Authorization header (NULL: none) do what the administrator
 * may? ask is used only when the answer is AUTH_LATER. */
enum auth_verdict auth_check(struct auth *a, const char *header, struct auth_ask *ask);

/* Can it be the administrator's credential, as far as is known without work? Then a
 * function must not see it. Until a right one was judged every one of his name can be,
 * but those that were judged wrong. */
bool auth_may_be_right(struct auth *a, const char *header);

/*
 * Change the password; done() follows.
 *
 * code     0: it is durable, and the old one is no good any more.
 * Returns  0; -EBUSY while another change is under way, -EPERM when it is not
 *          ours to change, -EINVAL for what cannot be a password, with the reason.
 */
int auth_change(struct auth *a, const char *password,
                void (*done)(void *ctx, int code, const char *why), void *ctx, struct uf_err *err);

/* For the operator's command line: read a password, keep its hash in the state
 * directory at path. 0 or a negative errno. */
int auth_set_password(const char *path, struct uf_err *err);

#endif
