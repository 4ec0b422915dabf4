// SPDX-License-Identifier: MIT
/*
 * kv.c: keys and values, as operators and devices reach them; see api.h.
 *
 *	GET    /system/kv/KEY    200 and the value, or 404
 *	PUT    /system/kv/KEY    204; ?ttl=30s: it is gone after that
 *	DELETE /system/kv/KEY    204, or 404
 *	GET    /system/kv        200, a JSON array of keys; ?prefix= ?after= ?limit=
 *
 * Each is one durable job of the store thread: what is answered is on the disk,
 * and what is read is what the disk has.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "base/units.h"
#include "daemon/api/api.h"
#include "daemon/http/query.h"
#include "daemon/spaces/rows.h"
#include "engine/hostcall.h"
#include "engine/reason.h"

#define LIMIT_USUAL 1000u
#define LIMIT_MAX   10000u

struct kv_ask {
    struct store_job job;
    struct http_request *request;
    char space[FUNCTION_NAME_MAX + 1];
    char key[UF_NAME_MAX + 1];   /* or the prefix */
    char after[UF_NAME_MAX + 1]; /* list */
    size_t limit;                /* list */
    uint64_t ttl_ns;             /* put; 0: for ever */
    bool is_there;
    void *data; /* read; owned */
    size_t size;
    json_t *keys; /* list */
};

static void on_done(struct store_job *j)
{
    struct kv_ask *k = UF_OWNER(j, struct kv_ask, job);
    struct http_request *r = k->request;
    bool is_get = strcmp(r->method, "GET") == 0;

    if (j->code < 0) {
        api_text(r, store_http(j->code), "%s", j->err.msg);
    } else if (k->keys != NULL) {
        api_json(r, 200, k->keys);
        k->keys = NULL;
    } else if (!k->is_there) {
        api_text(r, 404, "there is no key %s in %s", k->key, k->space);
    } else if (is_get) {
        http_bytes(r, 200, "application/octet-stream", k->data, k->size);
        k->data = NULL;
        http_send(r);
    } else {
        http_bytes(r, 204, NULL, NULL, 0);
        http_send(r);
    }
    json_decref(k->keys);
    free(k->data);
    free(k);
}

static int get(struct store_job *j, struct db *db)
{
    struct kv_ask *k = UF_OWNER(j, struct kv_ask, job);
    struct kv_value v;
    int r = kv_get(db, k->space, k->key, &v, &j->err);

    if (r < 0)
        return r;
    k->is_there = v.version != 0;
    k->size = v.size;
    k->data = v.size > 0 ? malloc(v.size) : NULL;
    if (v.size > 0 && k->data != NULL)
        memcpy(k->data, v.data, v.size);
    else if (v.size > 0)
        r = uf_fail(&j->err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
    db_done(v.st);
    return r;
}

static int put(struct store_job *j, struct db *db)
{
    struct kv_ask *k = UF_OWNER(j, struct kv_ask, job);
    /* The request waits for us, and nobody else touches its body. */
    struct kv_new v = {.data = k->request->body, .size = k->request->size};

    if (k->ttl_ns > 0)
        v.expires_ms = db->now_ms + k->ttl_ns / 1000000u;
    k->is_there = true;
    /* The namespace may have been removed just before. */
    int r = space_rows_want(db, k->space, &j->err);
    return r < 0 ? r : kv_set(db, k->space, k->key, &v, &j->err);
}

static int delete (struct store_job *j, struct db *db)
{
    struct kv_ask *k = UF_OWNER(j, struct kv_ask, job);
    uint64_t version;
    int r = kv_version(db, k->space, k->key, &version, &j->err);

    if (r < 0)
        return r;
    k->is_there = version != 0;
    return k->is_there ? kv_delete(db, k->space, k->key, &j->err) : 0;
}

static int add_key(void *ctx, const char *key, uint64_t version)
{
    struct kv_ask *k = ctx;

    (void)version;
    if (json_array_append_new(k->keys, json_string(key)) < 0)
        return -ENOMEM;
    return json_array_size(k->keys) == k->limit;
}

static int list(struct store_job *j, struct db *db)
{
    struct kv_ask *k = UF_OWNER(j, struct kv_ask, job);
    struct kv_range range = {.space = k->space, .prefix = k->key, .after = k->after};
    int r = kv_list(db, &range, add_key, k, &j->err);

    if (r == -ENOMEM)
        return uf_fail(&j->err, r, "%s", reason_words(REASON_MEMORY));
    return r < 0 ? r : 0;
}

static void submit(struct kv_ask *k, int (*apply)(struct store_job *, struct db *))
{
    k->job.apply = apply;
    k->job.done = on_done;
    worker_submit(&api_of(k->request)->store->worker, &k->job);
}

/* NULL after an answer. */
static struct kv_ask *begin(struct http_request *r)
{
    struct kv_ask *k = xnew(sizeof(*k));
    struct uf_err err;

    k->request = r;
    if (api_query_space(r, k->space, &err) == 0)
        return k;
    api_text(r, 404, "%s", err.msg);
    free(k);
    return NULL;
}

static void refuse(struct kv_ask *k, const char *why)
{
    api_text(k->request, 400, "%s", why);
    free(k);
}

/* NULL, or what is wrong. */
static const char *read_ttl(struct kv_ask *k)
{
    char text[32];

    if (query_get(k->request->query, "ttl", text, sizeof(text)) == 0)
        return NULL;
    if (units_parse_duration(text, &k->ttl_ns) < 0 || k->ttl_ns < 1000000u)
        return "ttl: must be a time like 30s, 500ms or 24h, from 1ms";
    return NULL;
}

void kv_serve(struct http_request *r)
{
    struct kv_ask *k = begin(r);
    const char *wrong = NULL;

    if (k == NULL)
        return;
    if (query_decode_path(r->rest, k->key, sizeof(k->key)) < 0 ||
        !hostcall_name_ok(k->key, strlen(k->key))) {
        refuse(k, "the key must be 1 to 255 bytes of UTF-8 without control characters, "
                  "percent-encoded");
        return;
    }
    if (strcmp(r->method, "PUT") == 0)
        wrong = read_ttl(k);
    if (wrong != NULL)
        refuse(k, wrong);
    else
        submit(k, strcmp(r->method, "GET") == 0   ? get
                  : strcmp(r->method, "PUT") == 0 ? put
                                                  : delete);
}

void kv_list_serve(struct http_request *r)
{
    struct kv_ask *k = begin(r);
    char text[16];
    char *end = text;

    if (k == NULL)
        return;
    k->limit = LIMIT_USUAL;
    if (query_get(r->query, "prefix", k->key, sizeof(k->key)) < 0 ||
        query_get(r->query, "after", k->after, sizeof(k->after)) < 0) {
        refuse(k, "prefix and after: at most 255 bytes each, percent-encoded");
        return;
    }
    if (query_get(r->query, "limit", text, sizeof(text)) != 0)
        k->limit = strtoul(text, &end, 10);
    if (*end != '\0' || k->limit == 0 || k->limit > LIMIT_MAX) {
        refuse(k, "limit: must be a whole number from 1 to 10000");
        return;
    }
    k->keys = json_array();
    submit(k, list);
}
