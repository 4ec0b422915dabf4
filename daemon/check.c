// SPDX-License-Identifier: MIT
/* check.c: see check.h. */
#include "daemon/check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "daemon/store/store.h"

struct check {
    struct store store;
    int code;
    unsigned nfunctions;
};

static void tell(struct check *c, int code, const char *what, const char *why)
{
    printf("%s: %s\n", what, why);
    if (c->code == 0)
        c->code = code;
}

static int hash_image(struct check *c, const char *hex, struct uf_err *err)
{
    char found[SNAPFILE_HEX];
    UF_AUTO_FD int fd = files_open(c->store.dir, FILES_IMAGE, hex, err);
    int r = fd < 0 ? fd : snapfile_hash(fd, found, err);

    if (r == 0 && strcmp(found, hex) != 0)
        r = uf_fail(err, -EBADMSG, "its contents have changed");
    return r;
}

static int hash_snapshot(struct check *c, const char *hex, struct uf_err *err)
{
    UF_AUTO_FD int fd = files_open(c->store.dir, FILES_SNAPSHOT, hex, err);

    return fd < 0 ? fd : snapfile_verify(fd, hex, err);
}

static int check_function(void *ctx, const struct store_row *row)
{
    struct check *c = ctx;
    struct uf_err err = {0};
    char what[2 * UF_ERR_MAX];

    c->nfunctions++;
    /* A sequence has none. */
    if (row->image[0] == '\0')
        return 0;
    int image = hash_image(c, row->image, &err);
    if (image < 0) {
        (void)snprintf(what, sizeof(what), "%s.%s: its image", row->name, row->space);
        tell(c, image, what, err.msg);
        printf("    send it again: unifaas deploy\n");
    }
    if (hash_snapshot(c, row->snapshot, &err) < 0)
        printf("%s.%s: its snapshot: %s\n    %s\n", row->name, row->space, err.msg,
               image < 0 ? "it cannot be made again without the image"
                         : "it will be made again from the image");
    return 0;
}

/* A check makes nothing. */
static int find(const char *path, struct uf_err *err)
{
    char file[PATH_MAX + 16];

    (void)snprintf(file, sizeof(file), "%s/unifaas.db", path);
    return access(file, F_OK) == 0 ? 0 : uf_fail(err, -errno, "%.200s: %s", file, strerror(errno));
}

int check_state(const char *path)
{
    struct check c = {.store = {.dir = -1, .lock = -1}};
    struct uf_err err = {0};
    int r = find(path, &err);

    if (r == 0)
        r = store_open(&c.store, path, &err);
    if (r == 0)
        r = db_check(&c.store.db, &err);
    if (r == 0)
        printf("%.200s/unifaas.db: whole\n", path);
    else
        tell(&c, r, "state", err.msg);
    /* What can be read of it. */
    if (c.store.db.sql != NULL && store_each(&c.store.db, check_function, &c, &err) < 0)
        tell(&c, -EUCLEAN, "registry", err.msg);
    if (c.code == 0)
        printf("%u functions: their images are whole\n", c.nfunctions);
    store_close(&c.store);
    return c.code;
}
