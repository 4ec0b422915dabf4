// SPDX-License-Identifier: MIT
/*
 * import.c: an image that a deployment names, and not by its whole hash; see deploy.h.
 *
 * A file of this machine, below the folder that the operator allows, is copied to
 * where images are kept, and the function has that copy from then on. The beginning
 * of a hash means the one image that begins so.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/owner.h"
#include "daemon/deploy/deploy.h"
#include "engine/reason.h"

#define BUFFER 65536u

static const char *digits_of(const char *text)
{
    return strncmp(text, "sha256:", 7) == 0 ? text + 7 : text;
}

bool deploy_is_short_hash(const char *text)
{
    const char *hex = digits_of(text);
    size_t n = strlen(hex);

    return n >= DEPLOY_HASH_MIN && n < SNAPFILE_HEX && strspn(hex, "0123456789abcdef") == n;
}

/* ---- the file ------------------------------------------------------------------------- */

/* Where it really is: below the folder, whatever links there are. */
static int resolve(const char *folder, const char *name, char out[static PATH_MAX],
                   struct uf_err *err)
{
    char path[2 * PATH_MAX + 2];
    char top[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : folder,
                   name[0] == '/' ? "" : "/", name);
    if (realpath(folder, top) == NULL)
        return uf_fail(err, -errno, "the folder of images (--image-dir) %.100s: %s", folder,
                       strerror(errno));
    if (realpath(path, out) == NULL)
        return uf_fail(err, -errno,
                       "image %.100s: %s; it must be a file below %.60s, or the hash "
                       "of one that was sent to /system/images",
                       name, strerror(errno), folder);
    size_t n = strlen(top);
    if (strncmp(out, top, n) == 0 && out[n] == '/')
        return 0;
    return uf_fail(err, -EACCES, "image %.100s: is not below %.100s (--image-dir)", name, folder);
}

static int open_file(const char *path, const char *name, struct uf_err *err)
{
    UF_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return uf_fail(err, -errno, "image %.100s: %s", name, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return uf_fail(err, -EINVAL, "image %.100s: is no file", name);
    if ((uint64_t)st.st_size > DEPLOY_IMAGE_MAX)
        return uf_fail(err, -EFBIG, "image %.100s: is larger than 64Mi", name);
    return uf_take_fd(&fd);
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

/* Copy and hash, at most as much as an image may have. */
static int copy(int from, int to, char hex[static SNAPFILE_HEX])
{
    static char buffer[BUFFER]; /* of the one thread that is at work on files */
    unsigned char sum[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;
    uint64_t size = 0;
    ssize_t n;

    (void)crypto_hash_sha256_init(&hash);
    while ((n = read(from, buffer, sizeof(buffer))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        size += (uint64_t)n;
        int r = size > DEPLOY_IMAGE_MAX ? -EFBIG : write_all(to, buffer, (size_t)n);
        if (r < 0)
            return r;
        (void)crypto_hash_sha256_update(&hash, (const unsigned char *)buffer, (size_t)n);
    }
    (void)crypto_hash_sha256_final(&hash, sum);
    (void)sodium_bin2hex(hex, SNAPFILE_HEX, sum, sizeof(sum));
    return 0;
}

static int take_file(struct deploy_job *j, struct uf_err *err)
{
    const struct deploys *d = j->deploys;
    char path[PATH_MAX];
    int r = resolve(d->image_dir, j->source, path, err);
    UF_AUTO_FD int fd = r < 0 ? -1 : open_file(path, j->source, err);

    if (fd < 0)
        return err->code;
    r = files_create(d->store->dir, &j->import, err);
    if (r < 0)
        return r;
    r = copy(fd, j->import.fd, j->image);
    if (r < 0)
        return reason_fail(err, r, reason_of_disk(r), "cannot keep image %.100s", j->source);
    return files_sync(&j->import, err);
}

/* ---- the steps ------------------------------------------------------------------------- */

int step_import(struct store_job *step, struct db *none)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);

    (void)none;
    if (deploy_is_short_hash(j->source))
        return files_find(j->deploys->store->dir, FILES_IMAGE, digits_of(j->source), j->image,
                          &step->err);
    return take_file(j, &step->err);
}

int step_name_import(struct store_job *step, struct db *db)
{
    struct deploy_job *j = UF_OWNER(step, struct deploy_job, step);

    (void)db;
    return j->import.fd < 0 ? 0
                            : files_publish(j->deploys->store->dir, &j->import, FILES_IMAGE,
                                            j->image, &step->err);
}
