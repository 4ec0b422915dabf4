// SPDX-License-Identifier: MIT
/* files.c: see files.h. */
#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "cli/cli.h"

#define FIRST_ROOM 65536u

static int read_all(int fd, size_t max, char **data, size_t *size)
{
    size_t room = FIRST_ROOM;
    size_t at = 0;
    UF_AUTO_FREE char *buf = malloc(room + 1);

    for (;;) {
        if (buf == NULL)
            return -ENOMEM;
        ssize_t n = read(fd, buf + at, room - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        at += (size_t)n;
        if (at > max)
            return -EFBIG;
        if (n == 0)
            break;
        if (at < room)
            continue;
        char *grown = realloc(buf, 2 * room + 1);
        if (grown == NULL)
            return -ENOMEM;
        buf = grown;
        room *= 2;
    }
    buf[at] = '\0';
    *data = buf;
    *size = at;
    buf = NULL;
    return 0;
}

int file_read(const char *path, size_t max, char **data, size_t *size, struct uf_err *err)
{
    bool standard = strcmp(path, "-") == 0;
    UF_AUTO_FD int own = standard ? -1 : open(path, O_RDONLY | O_CLOEXEC);

    if (!standard && own < 0)
        return uf_fail(err, -errno, "%s: %s", path, strerror(errno));
    int r = read_all(standard ? STDIN_FILENO : own, max, data, size);
    if (r == -EFBIG)
        return uf_fail(err, r, "%s: more than %zu bytes, the most that is read", path, max);
    return r < 0 ? uf_fail(err, r, "%s: %s", path, strerror(-r)) : 0;
}

static int write_parts(int fd, const struct iovec *parts, int nparts)
{
    int r = 0;

    for (int i = 0; i < nparts && r == 0; i++)
        r = cli_write(fd, parts[i].iov_base, parts[i].iov_len);
    return r;
}

static int write_as(mode_t mode, const char *path, const struct iovec *parts, int nparts,
                    struct uf_err *err)
{
    char tmp[PATH_MAX];

    if (snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >= (int)sizeof(tmp))
        return uf_fail(err, -ENAMETOOLONG, "%s: the path is too long", path);
    UF_AUTO_FD int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0)
        return uf_fail(err, -errno, "%s: %s", path, strerror(errno));
    int r = write_parts(fd, parts, nparts);
    if (r == 0 && (fchmod(fd, mode) < 0 || rename(tmp, path) < 0))
        r = -errno;
    if (r < 0) {
        (void)unlink(tmp);
        return uf_fail(err, r, "%s: %s", path, strerror(-r));
    }
    return 0;
}

int file_write(const char *path, const struct iovec *parts, int nparts, struct uf_err *err)
{
    return write_as(0644, path, parts, nparts, err);
}

int file_write_to(int fd, const char *path, const struct iovec *parts, int nparts,
                  struct uf_err *err)
{
    int r = write_parts(fd, parts, nparts);

    return r < 0 ? uf_fail(err, r, "%s: %s", path, strerror(-r)) : 0;
}

int file_write_private(const char *path, const char *text, struct uf_err *err)
{
    char *data = xcopy(text); /* an iovec wants it writable */
    const struct iovec part = {.iov_base = data, .iov_len = strlen(data)};
    int r = write_as(0600, path, &part, 1, err);

    free(data);
    return r;
}

bool file_is_dir(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_is_link(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

bool file_name_ends(const char *name, const char *end)
{
    size_t n = strlen(name);
    size_t e = strlen(end);

    return n > e && strcmp(name + n - e, end) == 0;
}

const char *file_base(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* ---- a folder for a while -------------------------------------------------------- */

int file_make_tmp(char out[static PATH_MAX], struct uf_err *err)
{
    const char *root = getenv("TMPDIR");

    (void)snprintf(out, PATH_MAX, "%s/unifaas-build-XXXXXX",
                   root != NULL && *root != '\0' ? root : "/tmp");
    if (mkdtemp(out) != NULL)
        return 0;
    int r = uf_fail(err, -errno, "%s: %s", out, strerror(errno));
    out[0] = '\0';
    return r;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    (void)remove(path);
    return 0;
}

void file_remove_tmp(const char *dir)
{
    if (dir[0] != '\0')
        (void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
