// SPDX-License-Identifier: MIT
/* files.c: see files.h. */
#include "daemon/store/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "engine/reason.h"

static const struct {
    const char *folder;
    const char *suffix;
} kinds[] = {
    [FILES_IMAGE] = {"images", ".img"},
    [FILES_SNAPSHOT] = {"snapshots", ".snap"},
};

#define PATH_SIZE 128

static void path_of(char out[static PATH_SIZE], enum files_kind kind, const char *hex)
{
    (void)snprintf(out, PATH_SIZE, "%s/%s%s", kinds[kind].folder, hex, kinds[kind].suffix);
}

static void tmp_path(char out[static PATH_SIZE], const struct files_new *n)
{
    (void)snprintf(out, PATH_SIZE, "tmp/%s", n->name);
}

bool files_is_hex(const char *s)
{
    return strlen(s) == SNAPFILE_HEX - 1 && strspn(s, "0123456789abcdef") == SNAPFILE_HEX - 1;
}

static DIR *open_folder(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);

    if (d == NULL && fd >= 0)
        (void)close(fd);
    return d;
}

static void empty_tmp(int dir)
{
    DIR *d = open_folder(dir, "tmp");
    const struct dirent *e;

    while (d != NULL && (e = readdir(d)) != NULL)
        if (e->d_name[0] != '.')
            (void)unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        (void)closedir(d);
}

int files_init(int dir, struct uf_err *err)
{
    static const char *const folders[] = {"images", "snapshots", "tmp"};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (mkdirat(dir, folders[i], 0700) < 0 && errno != EEXIST)
            return reason_fail(err, -errno, reason_of_disk(-errno), "cannot make the folder %s",
                               folders[i]);
    if (fsync(dir) < 0)
        return reason_fail(err, -errno, reason_of_disk(-errno), "cannot sync the state directory");
    empty_tmp(dir);
    return 0;
}

int files_create(int dir, struct files_new *n, struct uf_err *err)
{
    char path[PATH_SIZE];
    uint64_t random;

    n->fd = -1;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
        return uf_fail(err, -EIO, "no entropy from the kernel");
    (void)snprintf(n->name, sizeof(n->name), "%016llx", (unsigned long long)random);
    tmp_path(path, n);
    n->fd = openat(dir, path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (n->fd < 0)
        return reason_fail(err, -errno, reason_of_disk(-errno), "nothing can be kept");
    return 0;
}

static int sync_folder(int dir, const char *name)
{
    UF_AUTO_FD int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

int files_sync(const struct files_new *n, struct uf_err *err)
{
    if (fsync(n->fd) == 0)
        return 0;
    return reason_fail(err, -errno, reason_of_disk(-errno), "cannot keep tmp/%s", n->name);
}

int files_publish(int dir, struct files_new *n, enum files_kind kind, const char *hex,
                  struct uf_err *err)
{
    char from[PATH_SIZE];
    char to[PATH_SIZE];

    tmp_path(from, n);
    path_of(to, kind, hex);
    int r = renameat(dir, from, dir, to) < 0 ? -errno : sync_folder(dir, kinds[kind].folder);
    if (r < 0) {
        files_discard(dir, n);
        return reason_fail(err, r, reason_of_disk(r), "cannot keep %.24s...", to);
    }
    (void)close(n->fd);
    n->fd = -1;
    return 0;
}

int files_commit(int dir, struct files_new *n, enum files_kind kind, const char *hex,
                 struct uf_err *err)
{
    int r = files_sync(n, err);

    if (r == 0)
        return files_publish(dir, n, kind, hex, err);
    files_discard(dir, n);
    return r;
}

void files_discard(int dir, struct files_new *n)
{
    char path[PATH_SIZE];

    if (n->fd < 0 || n->name[0] == '\0')
        return;
    tmp_path(path, n);
    (void)unlinkat(dir, path, 0);
    (void)close(n->fd);
    n->fd = -1;
}

bool files_has(int dir, enum files_kind kind, const char *hex)
{
    char path[PATH_SIZE];

    path_of(path, kind, hex);
    return faccessat(dir, path, F_OK, 0) == 0;
}

int files_open(int dir, enum files_kind kind, const char *hex, struct uf_err *err)
{
    char path[PATH_SIZE];

    path_of(path, kind, hex);
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return reason_fail(err, -errno, reason_of_limit(-errno), "%.24s... in the state directory",
                           path);
    return fd;
}

void files_remove(int dir, enum files_kind kind, const char *hex)
{
    char path[PATH_SIZE];

    path_of(path, kind, hex);
    (void)unlinkat(dir, path, 0);
}

/* ---- sweeping ------------------------------------------------------------------ */

struct unused {
    char hex[SNAPFILE_HEX];
    struct timespec at;
};

static int newest_first(const void *a, const void *b)
{
    const struct unused *x = a;
    const struct unused *y = b;

    if (x->at.tv_sec != y->at.tv_sec)
        return x->at.tv_sec < y->at.tv_sec ? 1 : -1;
    if (x->at.tv_nsec != y->at.tv_nsec)
        return x->at.tv_nsec < y->at.tv_nsec ? 1 : -1;
    return 0;
}

/* "HEX.img" -> HEX. False for anything else in the folder, which stays. */
static bool parse_name(const char *name, const char *suffix, char hex[static SNAPFILE_HEX])
{
    if (strlen(name) != SNAPFILE_HEX - 1 + strlen(suffix) ||
        strcmp(name + SNAPFILE_HEX - 1, suffix) != 0)
        return false;
    (void)snprintf(hex, SNAPFILE_HEX, "%.*s", SNAPFILE_HEX - 1, name);
    return files_is_hex(hex);
}

void files_sweep(int dir, enum files_kind kind, size_t keep,
                 bool (*is_used)(void *ctx, const char *hex), void *ctx)
{
    DIR *d = open_folder(dir, kinds[kind].folder);
    struct unused *all = NULL;
    const struct dirent *e;
    struct stat st;
    size_t n = 0;

    while (d != NULL && (e = readdir(d)) != NULL) {
        struct unused u;

        if (!parse_name(e->d_name, kinds[kind].suffix, u.hex) || is_used(ctx, u.hex) ||
            fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        u.at = st.st_mtim;
        all = xresize(all, n + 1, sizeof(*all));
        all[n++] = u;
    }
    if (d != NULL)
        (void)closedir(d);
    if (n > keep)
        qsort(all, n, sizeof(*all), newest_first);
    for (size_t i = keep; i < n; i++)
        files_remove(dir, kind, all[i].hex);
    free(all);
}

int files_find(int dir, enum files_kind kind, const char *prefix, char hex[static SNAPFILE_HEX],
               struct uf_err *err)
{
    DIR *d = open_folder(dir, kinds[kind].folder);
    char name[SNAPFILE_HEX];
    const struct dirent *e;
    unsigned n = 0;

    if (d == NULL)
        return reason_fail(err, -errno, reason_of_disk(-errno), "cannot read the folder %s",
                           kinds[kind].folder);
    while ((e = readdir(d)) != NULL)
        if (parse_name(e->d_name, kinds[kind].suffix, name) &&
            strncmp(name, prefix, strlen(prefix)) == 0 && n++ == 0)
            memcpy(hex, name, SNAPFILE_HEX);
    (void)closedir(d);
    if (n == 1)
        return 0;
    return n == 0 ? uf_fail(err, -ENOENT, "there is no image whose hash begins with %.64s", prefix)
                  : uf_fail(err, -EINVAL, "there are %u images whose hash begins with %.64s", n,
                            prefix);
}
