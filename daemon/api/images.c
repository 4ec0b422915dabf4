// SPDX-License-Identifier: MIT
/*
 * images.c: POST /system/images: an image arrives as the request's body, goes
 * straight to a file while its hash is taken, and is named by it. It is answered
 * when it is on the disk.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/api/api.h"
#include "engine/reason.h"

struct upload {
    struct http_request *request;
    struct store *store;
    struct store_job step; /* what a thread does for it now */
    struct files_new file;
    crypto_hash_sha256_state hash;
    uint64_t size;
    char hex[SNAPFILE_HEX];
    bool is_known;
};

void images_begin(struct http_request *r)
{
    struct uf_err err;

    struct upload *u = xnew(sizeof(*u));

    r->own = u;
    u->request = r;
    u->store = api_of(r)->store;
    (void)crypto_hash_sha256_init(&u->hash);
    if (files_create(u->store->dir, &u->file, &err) < 0) {
        http_text(r, store_http(err.code), "%s\n", err.msg);
        r->is_refused = true;
    }
}

int images_chunk(struct http_request *r, const char *data, size_t size)
{
    struct upload *u = r->own;

    (void)crypto_hash_sha256_update(&u->hash, (const unsigned char *)data, size);
    u->size += size;
    while (size > 0) {
        ssize_t n = write(u->file.fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            struct uf_err err;
            int code = n < 0 ? -errno : -EIO;

            (void)reason_fail(&err, code, reason_of_disk(code), "cannot keep the image");
            http_text(r, store_http(code), "%s\n", err.msg);
            return code;
        }
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static void on_named(struct store_job *step)
{
    struct upload *u = UF_OWNER(step, struct upload, step);
    struct http_request *r = u->request;

    if (step->code < 0) {
        api_text(r, store_http(step->code), "%s", step->err.msg);
        return;
    }
    store_sweep(u->store);
    api_json(r, u->is_known ? 200 : 201,
             json_pack("{s:o,s:I}", "image", json_sprintf("sha256:%s", u->hex), "size",
                       (json_int_t)u->size));
}

/* Where files are also removed. A known one is written anew: that mends it, and makes
 * it a recent one. */
static int name_it(struct store_job *step, struct db *db)
{
    struct upload *u = UF_OWNER(step, struct upload, step);

    (void)db;
    u->is_known = files_has(u->store->dir, FILES_IMAGE, u->hex);
    return files_publish(u->store->dir, &u->file, FILES_IMAGE, u->hex, &step->err);
}

static void on_synced(struct store_job *step)
{
    struct upload *u = UF_OWNER(step, struct upload, step);

    if (step->code < 0) {
        api_text(u->request, store_http(step->code), "%s", step->err.msg);
        return;
    }
    *step = (struct store_job){.apply = name_it, .done = on_named};
    worker_submit(&u->store->worker, step);
}

static int sync_it(struct store_job *step, struct db *none)
{
    const struct upload *u = UF_OWNER(step, struct upload, step);

    (void)none;
    return files_sync(&u->file, &step->err);
}

void images_serve(struct http_request *r)
{
    struct upload *u = r->own;
    unsigned char sum[crypto_hash_sha256_BYTES];

    if (u->size == 0) {
        api_text(r, 400, "there is no image in the request");
        return;
    }
    (void)crypto_hash_sha256_final(&u->hash, sum);
    (void)sodium_bin2hex(u->hex, sizeof(u->hex), sum, sizeof(sum));
    u->step = (struct store_job){.apply = sync_it, .done = on_synced};
    worker_submit(&u->store->files, &u->step);
}

void images_forget(struct http_request *r)
{
    struct upload *u = r->own;

    if (u == NULL)
        return;
    files_discard(u->store->dir, &u->file);
    free(u);
    r->own = NULL;
}
