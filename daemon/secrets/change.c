// SPDX-License-Identifier: MIT
/* change.c: secrets are made, replaced and removed; see secrets.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/secrets/private.h"
#include "daemon/spaces/rows.h"

struct change {
    struct store_job job;
    struct secrets *secrets;
    enum secret_verb verb;
    struct secret *one; /* owned until it is in place; REMOVE: its names only */
    void (*done)(void *ctx, int code, const char *why);
    void *ctx;
};

static int apply(struct store_job *j, struct db *db)
{
    const struct change *c = UF_OWNER(j, struct change, job);
    const struct secret_row row = {.space = c->one->space,
                                   .name = c->one->name,
                                   .key_id = c->one->key_id,
                                   .sealed = c->one->sealed,
                                   .size = c->one->size};

    int r;

    switch (c->verb) {
    case SECRET_CREATE:
        /* It may have been removed since it was looked at. */
        r = space_rows_want(db, row.space, &j->err);
        return r < 0 ? r : secret_rows_add(db, &row, SECRETS_MAX, &j->err);
    case SECRET_UPDATE:
        return secret_rows_replace(db, &row, &j->err);
    case SECRET_REMOVE:
        break;
    }
    return secret_rows_remove(db, row.space, row.name, &j->err);
}

static void on_done(struct store_job *j)
{
    struct change *c = UF_OWNER(j, struct change, job);

    if (j->code == 0 && c->verb == SECRET_REMOVE)
        secrets_drop(c->secrets, c->one->space, c->one->name);
    if (j->code == 0 && c->verb != SECRET_REMOVE) {
        secrets_put(c->secrets, c->one);
        c->one = NULL;
    }
    c->done(c->ctx, j->code, j->err.msg);
    if (c->one != NULL)
        free(c->one->sealed);
    free(c->one);
    free(c);
}

static int check(const struct secrets *s, const struct secret_change *c, struct uf_err *err)
{
    if (!secret_name_ok(c->name))
        return uf_fail(err, -EINVAL,
                       "\"%.60s\" is no name of a secret; it must be 1 to %u of a-z, 0-9, - and ., "
                       "with a letter or digit around each .",
                       c->name, SECRET_NAME_MAX);
    if (strlen(c->space) > SECRET_SPACE_MAX)
        return uf_fail(err, -EINVAL, "the namespace's name is too long");
    if (c->verb == SECRET_REMOVE)
        return 0;
    if (c->size == 0)
        return uf_fail(err, -EINVAL, "a secret has at least one byte");
    if (c->size > SECRET_SIZE_MAX)
        return uf_fail(err, -E2BIG, "a secret has at most %u bytes, not %zu", SECRET_SIZE_MAX,
                       c->size);
    return s->key.bytes != NULL ? 0 : uf_fail(err, -EKEYREJECTED, "%s", s->problem);
}

/* The secret that is to be, sealed. */
static struct secret *seal(const struct secrets *s, const struct secret_change *c)
{
    size_t size = c->verb == SECRET_REMOVE ? 0 : c->size + SECRET_SEAL;
    unsigned char *sealed = malloc(size + 1);
    const struct secret_row row = {
        .space = c->space, .name = c->name, .key_id = s->key.id, .sealed = sealed, .size = size};

    if (sealed == NULL)
        return NULL;
    if (size > 0)
        secret_seal(&s->key, c->space, c->name, c->data, c->size, sealed);
    struct secret *one = secret_new(&row);
    free(sealed);
    return one;
}

int secrets_change(struct secrets *s, const struct secret_change *what, struct uf_err *err)
{
    int r = check(s, what, err);

    if (r < 0)
        return r;
    struct change *c = calloc(1, sizeof(*c));
    struct secret *one = seal(s, what);
    if (c == NULL || one == NULL) {
        if (one != NULL)
            free(one->sealed);
        free(one);
        free(c);
        return uf_fail(err, -ENOMEM, "no memory for it now");
    }
    *c = (struct change){.job = {.apply = apply, .done = on_done, .when = STORE_DURABLE},
                         .secrets = s,
                         .verb = what->verb,
                         .one = one,
                         .done = what->done,
                         .ctx = what->ctx};
    worker_submit(s->worker, &c->job);
    return 0;
}
