// SPDX-License-Identifier: MIT
/* commit.c: see commit.h. */
#include "daemon/store/commit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/alloc.h"
#include "base/owner.h"

/* So many keys are looked through one by one. */
#define FEW         8u
#define FIRST_SLOTS ((size_t)32)

void commit_init(struct commit *c, const char *space)
{
    *c = (struct commit){.job = {.apply = commit_apply, .when = STORE_DURABLE}};
    (void)snprintf(c->space, sizeof(c->space), "%s", space);
    STAILQ_INIT(&c->steps);
}

static void forget_steps(struct commit *c)
{
    struct commit_step *s;

    while ((s = STAILQ_FIRST(&c->steps)) != NULL) {
        STAILQ_REMOVE_HEAD(&c->steps, link);
        s->free(s);
    }
}

void commit_reset(struct commit *c)
{
    for (size_t i = 0; i < c->nreads; i++)
        free(c->reads[i].name);
    for (size_t i = 0; i < c->nwrites; i++) {
        free(c->writes[i].key);
        free(c->writes[i].data);
    }
    free(c->reads);
    free(c->writes);
    free(c->slots);
    c->reads = NULL;
    c->writes = NULL;
    c->slots = NULL;
    c->nreads = c->nwrites = c->nslots = 0;
    forget_steps(c);
}

bool commit_is_empty(const struct commit *c)
{
    return c->nreads == 0 && !commit_writes(c);
}

bool commit_writes(const struct commit *c)
{
    return c->nwrites > 0 || !STAILQ_EMPTY(&c->steps);
}

/* Arrays have room for the next power of two. */
static bool is_full(size_t n)
{
    return (n & (n - 1)) == 0;
}

static size_t room_after(size_t n)
{
    return n == 0 ? 1 : 2 * n;
}

static void add_read(struct commit *c, struct commit_read new)
{
    if (is_full(c->nreads))
        c->reads = xresize(c->reads, room_after(c->nreads), sizeof(*c->reads));
    c->reads[c->nreads++] = new;
}

void commit_add_read(struct commit *c, const char *name, bool is_prefix, uint64_t version)
{
    add_read(c,
             (struct commit_read){.name = xcopy(name), .is_prefix = is_prefix, .version = version});
}

/* ---- keys by their name ---------------------------------------------------------- */

/* A hash that a function cannot foresee, or it would choose keys that meet. */
static size_t slot_of(const struct commit *c, const char *key)
{
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t h;

    _Static_assert(sizeof(out) == sizeof(h), "the hash is one number");
    _Static_assert(sizeof(c->hash_key) == crypto_shorthash_KEYBYTES, "the key is one of SipHash");
    (void)crypto_shorthash(out, (const uint8_t *)key, strlen(key), c->hash_key);
    memcpy(&h, out, sizeof(h));
    return (size_t)h & (c->nslots - 1);
}

static void index_add(struct commit *c, size_t at)
{
    size_t s = slot_of(c, c->writes[at].key);

    while (c->slots[s] != 0)
        s = (s + 1) & (c->nslots - 1);
    c->slots[s] = (uint32_t)at + 1;
}

/* At most half full. */
static void index_grow(struct commit *c)
{
    if (c->nslots == 0)
        randombytes_buf(c->hash_key, sizeof(c->hash_key));
    c->nslots = c->nslots == 0 ? FIRST_SLOTS : 2 * c->nslots;
    free(c->slots);
    c->slots = xresize(NULL, c->nslots, sizeof(*c->slots));
    memset(c->slots, 0, c->nslots * sizeof(*c->slots));
    for (size_t i = 0; i < c->nwrites; i++)
        index_add(c, i);
}

static struct commit_write *find(const struct commit *c, const char *key)
{
    if (c->slots == NULL) {
        for (size_t i = 0; i < c->nwrites; i++)
            if (strcmp(c->writes[i].key, key) == 0)
                return &c->writes[i];
        return NULL;
    }
    for (size_t s = slot_of(c, key); c->slots[s] != 0; s = (s + 1) & (c->nslots - 1))
        if (strcmp(c->writes[c->slots[s] - 1].key, key) == 0)
            return &c->writes[c->slots[s] - 1];
    return NULL;
}

const struct commit_write *commit_find(const struct commit *c, const char *key)
{
    return find(c, key);
}

/* The place of a key; key is taken over. */
static struct commit_write *place(struct commit *c, char *key)
{
    struct commit_write *w = find(c, key);

    if (w != NULL) {
        free(w->data);
        free(key);
        return w;
    }
    if (is_full(c->nwrites))
        c->writes = xresize(c->writes, room_after(c->nwrites), sizeof(*c->writes));
    w = &c->writes[c->nwrites++];
    w->key = key;
    if (c->slots != NULL && 2 * c->nwrites <= c->nslots)
        index_add(c, c->nwrites - 1);
    else if (c->nwrites > FEW)
        index_grow(c);
    return w;
}

static void put(struct commit *c, struct commit_write new)
{
    struct commit_write *w = place(c, new.key);

    new.key = w->key;
    *w = new;
}

int commit_add_write(struct commit *c, const char *key, const struct kv_new *v)
{
    struct commit_write w = {.size = v->size, .expires_ms = v->expires_ms, .version = v->version};

    if (v->size > 0) {
        w.data = malloc(v->size);
        if (w.data == NULL)
            return -ENOMEM;
        memcpy(w.data, v->data, v->size);
    }
    w.key = xcopy(key);
    put(c, w);
    return 0;
}

void commit_add_delete(struct commit *c, const char *key)
{
    put(c, (struct commit_write){.key = xcopy(key), .is_delete = true});
}

void commit_add_step(struct commit *c, struct commit_step *s)
{
    STAILQ_INSERT_TAIL(&c->steps, s, link);
}

void commit_move(struct commit *to, struct commit *from)
{
    for (size_t i = 0; i < from->nreads; i++)
        add_read(to, from->reads[i]);
    for (size_t i = 0; i < from->nwrites; i++)
        put(to, from->writes[i]);
    from->nreads = from->nwrites = 0;
    free(from->slots);
    from->slots = NULL;
    from->nslots = 0;
}

/* ---- on the store thread ----------------------------------------------------------- */

static int check_read(const struct commit *c, const struct commit_read *r, struct db *db,
                      struct uf_err *err)
{
    uint64_t version;
    int code = r->is_prefix ? kv_digest(db, c->space, r->name, &version, err)
                            : kv_version(db, c->space, r->name, &version, err);

    if (code == 0 && version != r->version)
        code = uf_fail(err, -EAGAIN, "%s %.100s has changed meanwhile",
                       r->is_prefix ? "what begins with" : "the key", r->name);
    return code;
}

static int check(const struct commit *c, struct db *db, struct uf_err *err)
{
    struct commit_step *s;
    int code = 0;

    for (size_t i = 0; code == 0 && i < c->nreads; i++)
        code = check_read(c, &c->reads[i], db, err);
    for (s = STAILQ_FIRST(&c->steps); code == 0 && s != NULL; s = STAILQ_NEXT(s, link))
        if (s->check != NULL)
            code = s->check(s, db, err);
    return code;
}

static int write_key(const struct commit *c, const struct commit_write *w, struct db *db,
                     struct uf_err *err)
{
    if (w->is_delete)
        return kv_delete(db, c->space, w->key, err);
    return kv_set(
        db, c->space, w->key,
        &(struct kv_new){
            .data = w->data, .size = w->size, .expires_ms = w->expires_ms, .version = w->version},
        err);
}

int commit_apply(struct store_job *j, struct db *db)
{
    struct commit *c = UF_OWNER(j, struct commit, job);
    struct commit_step *s;
    int code = check(c, db, &j->err);

    for (size_t i = 0; code == 0 && i < c->nwrites; i++)
        code = write_key(c, &c->writes[i], db, &j->err);
    for (s = STAILQ_FIRST(&c->steps); code == 0 && s != NULL; s = STAILQ_NEXT(s, link))
        code = s->apply(s, db, &j->err);
    return code;
}
