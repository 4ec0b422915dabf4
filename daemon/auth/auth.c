// SPDX-License-Identifier: MIT
/* auth.c: see auth.h. change.c replaces the password. */
#include "daemon/auth/auth.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/auth/private.h"
#include "daemon/record/say.h"

#define LOOK_NS UINT64_C(1000000000)

struct auth_attempt {
    struct aside aside;
    struct auth *auth;
    unsigned char digest[AUTH_DIGEST];
    char password[CREDENTIAL_PASSWORD_MAX + 1];
    char hash[PASSWORD_HASH]; /* that it is held against: the thread's copy */
    uint32_t changes;         /* of the password, when it was copied */
    bool is_right;
    bool is_given_up; /* whatever comes of it */
    STAILQ_HEAD(, auth_ask) asks;
    STAILQ_ENTRY(auth_attempt) link;
};

/* ---- remembering ----------------------------------------------------------------------- */

void auth_digest(const struct auth *a, const char *user, const char *password,
                 unsigned char out[static AUTH_DIGEST])
{
    crypto_generichash_state s;

    (void)crypto_generichash_init(&s, a->key, sizeof(a->key), AUTH_DIGEST);
    /* With its NUL, so that no two pairs give the same bytes. */
    (void)crypto_generichash_update(&s, (const unsigned char *)user, strlen(user) + 1);
    (void)crypto_generichash_update(&s, (const unsigned char *)password, strlen(password));
    (void)crypto_generichash_final(&s, out, AUTH_DIGEST);
    sodium_memzero(&s, sizeof(s));
}

static bool is_right(const struct auth *a, const unsigned char digest[static AUTH_DIGEST])
{
    return a->has_right && sodium_memcmp(a->right, digest, AUTH_DIGEST) == 0;
}

static void hash_header(const struct auth *a, const char *header,
                        unsigned char out[static AUTH_HEADER])
{
    _Static_assert(crypto_shorthash_siphashx24_BYTES == AUTH_HEADER, "size of the hash");
    _Static_assert(crypto_shorthash_siphashx24_KEYBYTES <= AUTH_DIGEST, "size of the key");
    (void)crypto_shorthash_siphashx24(out, (const unsigned char *)header, strlen(header), a->key);
}

/* Right last time, letter by letter? */
static bool is_known(const struct auth *a, const char *header)
{
    unsigned char hash[AUTH_HEADER];

    if (!a->has_header || header == NULL)
        return false;
    hash_header(a, header, hash);
    return sodium_memcmp(a->header, hash, AUTH_HEADER) == 0;
}

static bool is_wrong(const struct auth *a, const unsigned char digest[static AUTH_DIGEST])
{
    uint32_t n = a->nwrong < AUTH_WRONG ? a->nwrong : AUTH_WRONG;

    for (uint32_t i = 0; i < n; i++)
        if (sodium_memcmp(a->wrong[i], digest, AUTH_DIGEST) == 0)
            return true;
    return false;
}

static void remember_wrong(struct auth *a, const unsigned char digest[static AUTH_DIGEST])
{
    memcpy(a->wrong[a->nwrong++ % AUTH_WRONG], digest, AUTH_DIGEST);
}

void auth_forget(struct auth *a)
{
    a->has_right = false;
    a->has_header = false;
    a->nwrong = 0;
    a->changes++;
}

/* Somebody used unifaasd --set-password meanwhile? */
static void look(struct auth *a)
{
    char hash[PASSWORD_HASH];
    struct uf_err err;

    if (a->given[0] != '\0' || a->loop->now_ns - a->looked_ns < LOOK_NS)
        return;
    a->looked_ns = a->loop->now_ns;
    if (!password_is_replaced(a->dir, &a->stamp))
        return;
    if (password_read(a->dir, hash, &a->stamp, &err) < 0) {
        say("the password stays as it was: %s", err.msg);
        return;
    }
    memcpy(a->hash, hash, sizeof(a->hash));
    auth_forget(a);
}

/* ---- judging, beside the loop ------------------------------------------------------------ */

static void start_first(struct auth *a);

static void answer(struct auth_attempt *at, enum auth_verdict v)
{
    struct auth_ask *ask;

    while ((ask = STAILQ_FIRST(&at->asks)) != NULL) {
        STAILQ_REMOVE_HEAD(&at->asks, link);
        ask->done(ask, v);
    }
    sodium_memzero(at->password, sizeof(at->password));
    free(at);
}

static void take_off(struct auth *a, struct auth_attempt *at)
{
    STAILQ_REMOVE(&a->attempts, at, auth_attempt, link);
    a->nattempts--;
}

static void judge(struct aside *aside)
{
    struct auth_attempt *at = UF_OWNER(aside, struct auth_attempt, aside);

    at->is_right = password_matches(at->hash, at->password);
}

static void on_judged(struct aside *aside)
{
    struct auth_attempt *at = UF_OWNER(aside, struct auth_attempt, aside);
    struct auth *a = at->auth;

    if (at->is_given_up)
        return; /* auth_close() answers */
    if (at->changes != a->changes) {
        start_first(a); /* it was held against one that counts no more */
        return;
    }
    take_off(a, at);
    if (at->is_right) {
        memcpy(a->right, at->digest, AUTH_DIGEST);
        a->has_right = true;
        throttle_give_back(&a->throttle);
    } else {
        remember_wrong(a, at->digest);
    }
    answer(at, at->is_right ? AUTH_YES : AUTH_NO);
    start_first(a);
}

static int start(struct auth *a, struct auth_attempt *at)
{
    struct uf_err err;

    memcpy(at->hash, a->hash, sizeof(at->hash));
    at->changes = a->changes;
    at->aside = (struct aside){.work = judge, .done = on_judged};
    int r = aside_start(&at->aside, a->loop, &err);
    if (r < 0)
        say("a password cannot be verified: %s", err.msg);
    return r;
}

static void start_first(struct auth *a)
{
    struct auth_attempt *at;

    while ((at = STAILQ_FIRST(&a->attempts)) != NULL && start(a, at) < 0) {
        take_off(a, at);
        answer(at, AUTH_BUSY);
    }
}

static struct auth_attempt *find_attempt(const struct auth *a, const unsigned char *digest)
{
    struct auth_attempt *at;

    STAILQ_FOREACH(at, &a->attempts, link)
    if (sodium_memcmp(at->digest, digest, AUTH_DIGEST) == 0)
        return at;
    return NULL;
}

static struct auth_attempt *new_attempt(struct auth *a, const struct credential *c,
                                        const unsigned char *digest)
{
    struct auth_attempt *at;

    if (a->nattempts >= AUTH_WAITING || !throttle_take(&a->throttle, a->loop->now_ns) ||
        (at = calloc(1, sizeof(*at))) == NULL)
        return NULL;
    at->auth = a;
    memcpy(at->digest, digest, AUTH_DIGEST);
    memcpy(at->password, c->password, sizeof(at->password));
    STAILQ_INIT(&at->asks);
    if (a->nattempts == 0 && start(a, at) < 0) {
        answer(at, AUTH_BUSY); /* nobody: it frees it */
        return NULL;
    }
    STAILQ_INSERT_TAIL(&a->attempts, at, link);
    a->nattempts++;
    return at;
}

static enum auth_verdict judge_later(struct auth *a, const struct credential *c,
                                     const unsigned char *digest, struct auth_ask *ask)
{
    struct auth_attempt *at = find_attempt(a, digest);

    if (at == NULL)
        at = new_attempt(a, c, digest);
    if (at == NULL)
        return AUTH_BUSY;
    STAILQ_INSERT_TAIL(&at->asks, ask, link);
    return AUTH_LATER;
}

static enum auth_verdict check(struct auth *a, const struct credential *c, struct auth_ask *ask)
{
    unsigned char digest[AUTH_DIGEST];

    auth_digest(a, c->user, c->password, digest);
    if (is_right(a, digest))
        return AUTH_YES;
    if (is_wrong(a, digest))
        return AUTH_NO;
    if (strcmp(c->user, a->user) != 0)
        return AUTH_NO;
    if (a->hash[0] != '\0')
        return judge_later(a, c, digest, ask);
    /* Nothing to work out; but nobody may guess as fast as he can ask. */
    if (!throttle_take(&a->throttle, a->loop->now_ns))
        return AUTH_BUSY;
    remember_wrong(a, digest);
    return AUTH_NO;
}

enum auth_verdict auth_check(struct auth *a, const char *header, struct auth_ask *ask)
{
    struct credential c;
    enum auth_verdict v = AUTH_NO;

    if (!a->is_on)
        return AUTH_YES;
    look(a);
    if (is_known(a, header))
        return AUTH_YES;
    credential_parse(&c, header);
    if (c.kind == CREDENTIAL_BASIC)
        v = check(a, &c, ask);
    credential_wipe(&c);
    if (v == AUTH_YES) {
        hash_header(a, header, a->header);
        a->has_header = true;
    }
    return v;
}

bool auth_may_be_right(struct auth *a, const char *header)
{
    unsigned char digest[AUTH_DIGEST];
    struct credential c;
    bool may_be = false;

    if (!a->is_on)
        return false;
    look(a);
    if (is_known(a, header))
        return true;
    credential_parse(&c, header);
    if (c.kind == CREDENTIAL_BASIC && strcmp(c.user, a->user) == 0) {
        auth_digest(a, c.user, c.password, digest);
        may_be = a->has_right ? is_right(a, digest) : !is_wrong(a, digest);
    }
    credential_wipe(&c);
    return may_be;
}

/* ---- begin and end -------------------------------------------------------------------- */

static int make_first(struct auth *a, struct uf_err *err)
{
    char password[PASSWORD_TEXT];

    password_make(password);
    int r = password_hash(password, a->hash);
    if (r < 0)
        return uf_fail(err, r, "no memory to hash a password");
    r = password_write(a->dir, a->hash, err);
    if (r == 0)
        r = password_read(a->dir, a->hash, &a->stamp, err);
    if (r == 0)
        say("the password of user " PASSWORD_USER " is %s  (said this once; only its hash is kept)",
            password);
    sodium_memzero(password, sizeof(password));
    return r;
}

static int take_given(struct auth *a, struct credential *c)
{
    memcpy(a->user, c->user, sizeof(a->user));
    auth_digest(a, c->user, c->password, a->right);
    a->has_right = true;
    credential_wipe(c);
    return 0;
}

int auth_open(struct auth *a, int dir, bool is_off, struct uf_err *err)
{
    struct credential c;

    *a = (struct auth){.dir = dir, .is_on = !is_off, .user = PASSWORD_USER};
    a->throttle = (struct throttle){.period_ns = AUTH_PERIOD_NS, .burst = AUTH_BURST};
    STAILQ_INIT(&a->attempts);
    randombytes_buf(a->key, sizeof(a->key));
    if (is_off)
        return 0;
    int r = password_given(&c, a->given, err);
    if (r != 0)
        return r < 0 ? r : take_given(a, &c);
    r = password_read(dir, a->hash, &a->stamp, err);
    return r == -ENOENT ? make_first(a, err) : r;
}

void auth_start(struct auth *a, struct loop *l)
{
    a->loop = l;
}

void auth_close(struct auth *a)
{
    struct auth_attempt *at;

    if (a->loop == NULL)
        return;
    /* Who is let in now would start something. */
    while ((at = STAILQ_FIRST(&a->attempts)) != NULL) {
        STAILQ_REMOVE_HEAD(&a->attempts, link);
        at->is_given_up = true;
        aside_finish(&at->aside);
        answer(at, AUTH_BUSY);
    }
    auth_change_finish(a);
    sodium_memzero(a, sizeof(*a));
}
