// SPDX-License-Identifier: MIT
/* change.c: another password, from a client or on the operator's command line. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/owner.h"
#include "daemon/auth/private.h"
#include "engine/prompt.h"
#include "engine/reason.h"

struct auth_change {
    struct aside aside;
    struct auth *auth;
    int dir;
    char password[CREDENTIAL_PASSWORD_MAX + 1];
    char hash[PASSWORD_HASH];
    int code;
    struct uf_err err;
    void (*done)(void *ctx, int code, const char *why);
    void *ctx;
};

static int check(const char *password, struct uf_err *err)
{
    if (credential_password_ok(password) && strlen(password) >= CREDENTIAL_PASSWORD_MIN)
        return 0;
    return uf_fail(err, -EINVAL,
                   "a password has %u to %u bytes, and no control characters among them",
                   CREDENTIAL_PASSWORD_MIN, CREDENTIAL_PASSWORD_MAX);
}

/* Slow: it hashes, and waits for the disk. */
static int keep(int dir, const char *password, char hash[static PASSWORD_HASH], struct uf_err *err)
{
    int r = password_hash(password, hash);

    if (r < 0)
        return reason_fail(err, r, reason_of_limit(r), "cannot hash the password");
    return password_write(dir, hash, err);
}

static void work(struct aside *aside)
{
    struct auth_change *c = UF_OWNER(aside, struct auth_change, aside);

    c->code = keep(c->dir, c->password, c->hash, &c->err);
}

static void on_done(struct aside *aside)
{
    struct auth_change *c = UF_OWNER(aside, struct auth_change, aside);
    struct auth *a = c->auth;
    struct uf_err err;

    a->change = NULL;
    if (c->code == 0 && password_read(a->dir, a->hash, &a->stamp, &err) < 0)
        memcpy(a->hash, c->hash, sizeof(a->hash));
    if (c->code == 0) {
        auth_forget(a);
        auth_digest(a, a->user, c->password, a->right);
        a->has_right = true;
    }
    c->done(c->ctx, c->code, c->err.msg);
    sodium_memzero(c, sizeof(*c));
    free(c);
}

void auth_change_finish(struct auth *a)
{
    if (a->change != NULL)
        aside_finish(&a->change->aside);
}

int auth_change(struct auth *a, const char *password,
                void (*done)(void *ctx, int code, const char *why), void *ctx, struct uf_err *err)
{
    if (!a->is_on)
        return uf_fail(err, -EPERM, "this daemon asks for no password (--no-auth)");
    if (a->given[0] != '\0')
        return uf_fail(err, -EPERM,
                       "the password comes from %.120s: change it there, then start unifaasd anew",
                       a->given);
    if (a->change != NULL)
        return uf_fail(err, -EBUSY, "another change is under way; try again");
    int r = check(password, err);
    if (r < 0)
        return r;
    struct auth_change *c = calloc(1, sizeof(*c));
    if (c == NULL)
        return uf_fail(err, -ENOMEM, "no memory for it now");
    *c = (struct auth_change){.aside = {.work = work, .done = on_done},
                              .auth = a,
                              .dir = a->dir,
                              .done = done,
                              .ctx = ctx};
    (void)snprintf(c->password, sizeof(c->password), "%s", password);
    r = aside_start(&c->aside, a->loop, err);
    if (r < 0) {
        sodium_memzero(c, sizeof(*c));
        free(c);
        return r;
    }
    a->change = c;
    return 0;
}

/* ---- the operator's command line ------------------------------------------------------- */

static int ask(char password[static CREDENTIAL_PASSWORD_MAX + 1], struct uf_err *err)
{
    char again[CREDENTIAL_PASSWORD_MAX + 1];
    int r = prompt_hidden("new password", password, CREDENTIAL_PASSWORD_MAX + 1, err);

    if (r == 0)
        r = check(password, err);
    if (r < 0 || isatty(STDIN_FILENO) == 0)
        return r;
    r = prompt_hidden("once more", again, sizeof(again), err);
    if (r == 0 && strcmp(password, again) != 0)
        r = uf_fail(err, -EINVAL, "the two are not the same; nothing has changed");
    sodium_memzero(again, sizeof(again));
    return r;
}

int auth_set_password(const char *path, struct uf_err *err)
{
    char password[CREDENTIAL_PASSWORD_MAX + 1] = "";
    char hash[PASSWORD_HASH];

    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return reason_fail(err, -errno, reason_of_disk(-errno), "state directory %.80s", path);
    UF_AUTO_FD int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return reason_fail(err, -errno, reason_of_disk(-errno), "state directory %.80s", path);
    int r = ask(password, err);
    if (r == 0)
        r = keep(dir, password, hash, err);
    sodium_memzero(password, sizeof(password));
    return r;
}
