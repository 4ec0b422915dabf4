// SPDX-License-Identifier: MIT
/*
 * images.c: POST /system/images: an image arrives as the request's body, goes
 * straight to a file while its hash is taken, and is named by it.
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "daemon/api/api.h"

struct upload {
    struct store *store;
    struct files_new file;
    crypto_hash_sha256_state hash;
    uint64_t size;
};

void images_begin(struct http_request *r)
{
    struct uf_err err;

    api_guard(r);
    if (r->is_refused)
        return;
    struct upload *u = xnew(sizeof(*u));
    r->own = u;
    u->store = api_of(r)->store;
    (void)crypto_hash_sha256_init(&u->hash);
    if (files_create(u->store->dir, &u->file, &err) < 0) {
        http_text(r, 500, "%s\n", err.msg);
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
            http_text(r, 507, "cannot keep the image: %s\n", strerror(errno));
            return -EIO;
        }
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

static bool is_known(const struct store *s, const char *hex)
{
    int fd = files_open(s->dir, FILES_IMAGE, hex, NULL);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

void images_serve(struct http_request *r)
{
    struct upload *u = r->own;
    unsigned char sum[crypto_hash_sha256_BYTES];
    char hex[SNAPFILE_HEX];
    struct uf_err err;

    if (u->size == 0) {
        api_text(r, 400, "there is no image in the request");
        return;
    }
    (void)crypto_hash_sha256_final(&u->hash, sum);
    (void)sodium_bin2hex(hex, sizeof(hex), sum, sizeof(sum));
    /* A known one is written anew: that mends it, and makes it a recent one. */
    unsigned status = is_known(u->store, hex) ? 200 : 201;
    if (files_commit(u->store->dir, &u->file, FILES_IMAGE, hex, &err) < 0) {
        api_text(r, 507, "%s", err.msg);
        return;
    }
    store_sweep(u->store);
    api_json(r, status,
             json_pack("{s:o,s:I}", "image", json_sprintf("sha256:%s", hex), "size",
                       (json_int_t)u->size));
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
