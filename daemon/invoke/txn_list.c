// SPDX-License-Identifier: MIT
/*
 * txn_list.c: the keys that begin with a prefix, as a transaction sees them: those
 * of the store, in order, merged with those that it has written or removed itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/invoke/invoke.h"
#include "engine/reason.h"

/* ---- on the store thread ------------------------------------------------------------ */

struct walk {
    struct txn_question *q;
    size_t cap;
};

static int room_for(struct walk *w, size_t more)
{
    struct txn_question *q = w->q;

    if (q->size + more > UF_VALUE_MAX)
        return -E2BIG;
    if (q->size + more <= w->cap)
        return 0;
    size_t cap = 2 * (q->size + more);
    uint8_t *grown = realloc(q->data, cap);
    if (grown == NULL)
        return -ENOMEM;
    q->data = grown;
    w->cap = cap;
    return 0;
}

static int add_key(void *ctx, const char *key, uint64_t version)
{
    struct walk *w = ctx;
    size_t size = strlen(key) + 1;
    int r = room_for(w, size);

    if (r < 0)
        return r;
    memcpy(w->q->data + w->q->size, key, size);
    w->q->size += size;
    w->q->version = kv_digest_add(w->q->version, key, version);
    return 0;
}

int txn_list_apply(struct store_job *j, struct db *db)
{
    struct txn_question *q = UF_OWNER(j, struct txn_question, job);
    struct walk w = {.q = q};
    struct kv_range all = {.space = q->space, .prefix = q->request.name, .after = ""};
    int r = kv_list(db, &all, add_key, &w, &j->err);

    /* That many keys are no answer, so nothing can depend on them. */
    q->is_too_large = r == -E2BIG;
    if (r == -ENOMEM)
        (void)uf_fail(&j->err, r, "%s", reason_words(REASON_MEMORY));
    return q->is_too_large ? 0 : r;
}

/* ---- on the loop ----------------------------------------------------------------------- */

/* Keys one after the other, each with its NUL, on their way to the guest. */
struct keys {
    uint8_t *data;
    size_t size;
    size_t cap;
    bool is_full;
};

static void put(struct keys *k, const char *key)
{
    size_t size = strlen(key) + 1;

    if (size > k->cap - k->size) {
        k->is_full = true;
        return;
    }
    memcpy(k->data + k->size, key, size);
    k->size += size;
}

static int by_key(const void *a, const void *b)
{
    const struct commit_write *const *x = a;
    const struct commit_write *const *y = b;

    return strcmp((*x)->key, (*y)->key);
}

/* Its own keys with the prefix, sorted; malloc'ed. */
static const struct commit_write **own_keys(const struct commit *c, const char *prefix, size_t *n)
{
    // NOLINTNEXTLINE(bugprone-sizeof-expression): they are pointers
    const struct commit_write **all = malloc((c->nwrites + 1) * sizeof(*all));

    *n = 0;
    if (all == NULL)
        return NULL;
    for (size_t i = 0; i < c->nwrites; i++)
        if (strncmp(c->writes[i].key, prefix, strlen(prefix)) == 0)
            all[(*n)++] = &c->writes[i];
    // NOLINTNEXTLINE(bugprone-sizeof-expression): likewise
    qsort(all, *n, sizeof(*all), by_key);
    return all;
}

/* Two sorted lists into one; of a key in both, the transaction's own word counts. */
static void merge(struct keys *out, const struct txn_question *q, const struct commit_write **own,
                  size_t n)
{
    const char *at = (const char *)q->data;
    const char *end = at + q->size;
    size_t i = 0;

    while (at < end || i < n) {
        int order = at == end ? 1 : i == n ? -1 : strcmp(at, own[i]->key);

        if (order < 0)
            put(out, at);
        else if (!own[i]->is_delete)
            put(out, own[i]->key);
        if (order <= 0)
            at += strlen(at) + 1;
        if (order >= 0)
            i++;
    }
}

void txn_list_answer(struct invoke *i, struct txn_question *q)
{
    size_t n;
    const struct commit_write **own = own_keys(&i->txn.commit, q->request.name, &n);
    struct keys out = {.cap = UF_VALUE_MAX};

    if (q->is_too_large) {
        free(own);
        fleet_answer(&i->call, &(struct host_answer){.ret = UF_R_TOO_LARGE});
        return;
    }
    out.cap = q->request.cap < out.cap ? (size_t)q->request.cap : out.cap;
    out.data = malloc(out.cap + 1);
    if (own == NULL || out.data == NULL) {
        free(own);
        free(out.data);
        invoke_abort(i, -ENOMEM, reason_words(REASON_MEMORY));
        return;
    }
    commit_add_read(&i->txn.commit, q->request.name, true, q->version);
    merge(&out, q, own, n);
    free(own);
    fleet_answer(&i->call, out.is_full ? &(struct host_answer){.ret = UF_R_TOO_LARGE}
                                       : &(struct host_answer){.ret = (int64_t)out.size,
                                                               .data = out.data,
                                                               .size = out.size});
    free(out.data);
}
