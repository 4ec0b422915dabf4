// SPDX-License-Identifier: MIT
/* secrets.c: those that there are; see secrets.h. change.c changes them. */
#include "daemon/secrets/secrets.h"

#include <errno.h>
#include <search.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/record/say.h"
#include "daemon/secrets/private.h"
#include "daemon/secrets/rows.h"

/* ---- in memory ----------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    const struct secret *x = a;
    const struct secret *y = b;
    int r = strcmp(x->space, y->space);

    return r != 0 ? r : strcmp(x->name, y->name);
}

static struct secret *find(const struct secrets *s, const char *space, const char *name)
{
    struct secret key;
    struct secret *const *node;

    if (strlen(space) >= sizeof(key.space) || strlen(name) >= sizeof(key.name))
        return NULL;
    (void)snprintf(key.space, sizeof(key.space), "%s", space);
    (void)snprintf(key.name, sizeof(key.name), "%s", name);
    node = tfind(&key, &s->all, by_name);
    return node == NULL ? NULL : *node;
}

static bool is_locked(const struct secrets *s, const struct secret *one)
{
    return s->key.bytes == NULL || memcmp(one->key_id, s->key.id, SECRET_KEY_ID) != 0;
}

void secrets_drop(struct secrets *s, const char *space, const char *name)
{
    struct secret *one = find(s, space, name);

    if (one == NULL)
        return;
    (void)tdelete(one, &s->all, by_name);
    s->n--;
    s->nlocked -= is_locked(s, one);
    free(one->sealed);
    free(one);
}

void secrets_put(struct secrets *s, struct secret *one)
{
    secrets_drop(s, one->space, one->name);
    if (tsearch(one, &s->all, by_name) == NULL)
        abort(); /* out of memory, for three words */
    s->n++;
    s->nlocked += is_locked(s, one);
}

bool secrets_has(const struct secrets *s, const char *space, const char *name)
{
    return find(s, space, name) != NULL;
}

struct visitor {
    const char *space;
    void (*visit)(void *ctx, const char *name);
    void *ctx;
};

static void walk(const void *node, VISIT which, void *closure)
{
    struct secret *const *one = node;
    const struct visitor *v = closure;

    if ((which == postorder || which == leaf) && strcmp((*one)->space, v->space) == 0)
        v->visit(v->ctx, (*one)->name);
}

void secrets_each(const struct secrets *s, const char *space,
                  void (*visit)(void *ctx, const char *name), void *ctx)
{
    struct visitor v = {.space = space, .visit = visit, .ctx = ctx};

    twalk_r(s->all, walk, &v);
}

static void note_first(void *ctx, const char *name)
{
    char *first = ctx;

    if (first[0] == '\0')
        (void)snprintf(first, SECRET_NAME_MAX + 1, "%s", name);
}

void secrets_drop_space(struct secrets *s, const char *space)
{
    char first[SECRET_NAME_MAX + 1];

    do {
        first[0] = '\0';
        secrets_each(s, space, note_first, first);
        secrets_drop(s, space, first);
    } while (first[0] != '\0');
}

bool secret_name_ok(const char *name)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    size_t len = strlen(name);

    if (len == 0 || len > SECRET_NAME_MAX)
        return false;
    for (const char *label = name; label != NULL;) {
        size_t n = strspn(label, allowed);

        if (n == 0 || label[0] == '-' || label[n - 1] == '-' ||
            (label[n] != '\0' && label[n] != '.'))
            return false;
        label = label[n] == '.' ? label + n + 1 : NULL;
    }
    return true;
}

/* ---- opening one ---------------------------------------------------------------------- */

void secrets_forget(struct secrets *s)
{
    if (s->opened_size > 0)
        sodium_memzero(s->opened, s->opened_size);
    s->opened_size = 0;
}

int secrets_get(struct secrets *s, const char *space, const char *name, const void **data,
                size_t *size)
{
    const struct secret *one = find(s, space, name);

    secrets_forget(s);
    if (one == NULL)
        return -ENOENT;
    if (is_locked(s, one) || one->size <= SECRET_SEAL || one->size > SECRET_SIZE_MAX + SECRET_SEAL)
        return -EKEYREJECTED;
    if (s->opened == NULL && (s->opened = sodium_malloc(SECRET_SIZE_MAX)) == NULL)
        return -ENOMEM;
    if (!secret_unseal(&s->key, space, name, one->sealed, one->size, s->opened))
        return -EKEYREJECTED;
    s->opened_size = one->size - SECRET_SEAL;
    *data = s->opened;
    *size = s->opened_size;
    return 0;
}

/* ---- begin and end -------------------------------------------------------------------- */

struct secret *secret_new(const struct secret_row *r)
{
    struct secret *one = malloc(sizeof(*one));
    unsigned char *sealed = malloc(r->size + 1);

    if (one == NULL || sealed == NULL) {
        free(one);
        free(sealed);
        return NULL;
    }
    *one = (struct secret){.sealed = sealed, .size = r->size};
    (void)snprintf(one->space, sizeof(one->space), "%s", r->space);
    (void)snprintf(one->name, sizeof(one->name), "%s", r->name);
    memcpy(one->key_id, r->key_id, sizeof(one->key_id));
    if (r->size > 0)
        memcpy(sealed, r->sealed, r->size);
    return one;
}

static int load_one(void *ctx, const struct secret_row *r)
{
    struct secrets *s = ctx;
    struct secret *one = secret_new(r);

    if (one == NULL)
        return -ENOMEM;
    secrets_put(s, one);
    return 0;
}

static int count_one(void *ctx, const struct secret_row *r)
{
    uint32_t *n = ctx;

    (void)r;
    ++*n;
    return 0;
}

static void explain(struct secrets *s, int code, const struct uf_err *why)
{
    char text[2 * UF_ERR_MAX];

    if (code == -ENOENT)
        (void)snprintf(text, sizeof(text),
                       "STATE/secret.key is missing, with which %u secrets were sealed: put it "
                       "back; or remove them and start unifaasd again, which makes a new one",
                       s->n);
    else if (code < 0)
        (void)snprintf(text, sizeof(text), "secrets cannot be used: %.200s", why->msg);
    else if (s->nlocked > 0)
        (void)snprintf(text, sizeof(text),
                       "%u of %u secrets were sealed with another key than this one: put that one "
                       "back, or give them anew with unifaas secret update",
                       s->nlocked, s->n);
    else
        return;
    (void)snprintf(s->problem, sizeof(s->problem), "%.255s", text);
    say("%s", s->problem);
}

int secrets_open(struct secrets *s, int dir, struct db *db, struct uf_err *err)
{
    struct uf_err why = {0};
    uint32_t n = 0;

    *s = (struct secrets){.worker = NULL};
    int r = secret_rows_each(db, count_one, &n, err);
    if (r < 0)
        return r;
    /* One that is made would hide that the right one is missing. */
    int code = secret_key_read(&s->key, dir, n == 0, &why);
    r = secret_rows_each(db, load_one, s, err);
    if (r == -ENOMEM)
        return uf_fail(err, r, "no memory for %u secrets", n);
    if (r == 0)
        explain(s, code, &why);
    return r;
}

void secrets_start(struct secrets *s, struct worker *w)
{
    s->worker = w;
}

static void free_one(void *node)
{
    struct secret *one = node;

    free(one->sealed);
    free(one);
}

void secrets_close(struct secrets *s)
{
    tdestroy(s->all, free_one);
    secrets_forget(s);
    sodium_free(s->opened);
    secret_key_fini(&s->key);
    *s = (struct secrets){.worker = NULL};
}
