// SPDX-License-Identifier: MIT
/* password.c: see password.h. */
#include "daemon/auth/password.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/reason.h"

#define FILE_NAME "password"
#define FILE_NEW  "password.new"

/* Larger than any file of these that makes sense. */
#define FILE_MAX 1024u

_Static_assert(PASSWORD_HASH == crypto_pwhash_STRBYTES, "room for the hash");
_Static_assert(PASSWORD_HASH < FILE_MAX && CREDENTIAL_PASSWORD_MAX < FILE_MAX, "they fit");

int password_hash(const char *password, char out[static PASSWORD_HASH])
{
    return crypto_pwhash_str(out, password, strlen(password), PASSWORD_PASSES, PASSWORD_MEMORY) == 0
               ? 0
               : -ENOMEM;
}

bool password_matches(const char *hash, const char *password)
{
    return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

void password_make(char out[static PASSWORD_TEXT])
{
    /* Neither i nor l, which look like 1, nor o, which looks like 0; 32 in all. */
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz123456789";
    char *p = out;

    _Static_assert(sizeof(letters) - 1 == 32, "5 bits each");
    for (unsigned i = 0; i < 20; i++) {
        if (i > 0 && i % 5 == 0)
            *p++ = '-';
        *p++ = letters[randombytes_uniform(32)];
    }
    *p = '\0';
}

/* ---- files ------------------------------------------------------------------------- */

/* The first line of a small file. 0, -E2BIG, or another negative errno. */
static int read_line(int dir, const char *name, char out[static FILE_MAX],
                     struct password_stamp *stamp)
{
    UF_AUTO_FD int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;

    out[0] = '\0';
    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    ssize_t n = read(fd, out, FILE_MAX);
    if (n < 0)
        return -errno;
    if (n == (ssize_t)FILE_MAX)
        return -E2BIG;
    out[n] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    if (stamp != NULL)
        *stamp =
            (struct password_stamp){st.st_ino, st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec};
    return 0;
}

int password_read(int dir, char hash[static PASSWORD_HASH], struct password_stamp *stamp,
                  struct uf_err *err)
{
    char line[FILE_MAX];
    int r = read_line(dir, FILE_NAME, line, stamp);

    if (r == -ENOENT)
        return uf_fail(err, r, "no password has been set");
    if (r < 0)
        return reason_fail(err, r, reason_of_disk(r), "the password's hash (STATE/" FILE_NAME ")");
    if (strncmp(line, crypto_pwhash_STRPREFIX, strlen(crypto_pwhash_STRPREFIX)) != 0 ||
        strlen(line) >= PASSWORD_HASH)
        return uf_fail(err, -EINVAL,
                       "STATE/" FILE_NAME " holds no hash of a password; set one anew: unifaasd "
                       "--set-password");
    memcpy(hash, line, strlen(line) + 1);
    return 0;
}

bool password_is_replaced(int dir, const struct password_stamp *stamp)
{
    struct stat st;

    return fstatat(dir, FILE_NAME, &st, 0) == 0 &&
           (st.st_ino != stamp->inode ||
            st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec != stamp->changed_ns);
}

/* What root writes for a daemon of another user must be that user's. */
static int write_new(int dir, const char *hash)
{
    UF_AUTO_FD int fd =
        openat(dir, FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct stat st;

    if (fd < 0 || fstat(dir, &st) < 0 || fchmod(fd, 0600) < 0)
        return -errno;
    if (geteuid() == 0 && st.st_uid != 0 && fchown(fd, st.st_uid, st.st_gid) < 0)
        return -errno;
    if (dprintf(fd, "%s\n", hash) < 0 || fsync(fd) < 0)
        return -errno;
    return 0;
}

int password_write(int dir, const char *hash, struct uf_err *err)
{
    int r = write_new(dir, hash);

    if (r == 0 && (renameat(dir, FILE_NEW, dir, FILE_NAME) < 0 || fsync(dir) < 0))
        r = -errno;
    return r == 0 ? 0 : reason_fail(err, r, reason_of_disk(r), "cannot keep the password's hash");
}

/* ---- given by the operator ------------------------------------------------------------- */

static const char *folder_of_operator(void)
{
    const char *systemd = getenv("CREDENTIALS_DIRECTORY");
    const char *mounted = getenv("secret_mount_path");
    const char *wanted = getenv("basic_auth");
    char path[PATH_MAX];

    if (systemd != NULL && systemd[0] == '/') {
        (void)snprintf(path, sizeof(path), "%s/basic-auth-password", systemd);
        if (access(path, F_OK) == 0)
            return systemd;
    }
    if (mounted != NULL && mounted[0] == '/')
        return mounted;
    return wanted != NULL && strcmp(wanted, "true") == 0 ? "/run/secrets" : NULL;
}

int password_given(struct credential *c, char where[static PATH_MAX], struct uf_err *err)
{
    const char *folder = folder_of_operator();
    char line[FILE_MAX];
    char user[PATH_MAX];

    *c = (struct credential){.kind = CREDENTIAL_BASIC};
    if (folder == NULL)
        return 0;
    (void)snprintf(where, PATH_MAX, "%.*s/basic-auth-password", PATH_MAX - 32, folder);
    (void)snprintf(user, sizeof(user), "%.*s/basic-auth-user", PATH_MAX - 32, folder);
    int r = read_line(AT_FDCWD, where, line, NULL);
    if (r == 0 && credential_password_ok(line))
        memcpy(c->password, line, strlen(line) + 1);
    else if (r == 0)
        r = uf_fail(err, -EINVAL, "%.150s: must hold a password of 1 to %u bytes", where,
                    CREDENTIAL_PASSWORD_MAX);
    else
        (void)uf_fail(err, r, "%.150s: %s", where, strerror(-r));
    sodium_memzero(line, sizeof(line));
    if (r < 0)
        return r;
    r = read_line(AT_FDCWD, user, line, NULL);
    if (r == -ENOENT)
        (void)snprintf(line, sizeof(line), PASSWORD_USER);
    else if (r < 0 || line[0] == '\0' || strlen(line) > CREDENTIAL_USER_MAX ||
             strchr(line, ':') != NULL)
        return uf_fail(err, r < 0 ? r : -EINVAL, "%.150s: must hold a user's name without :", user);
    (void)snprintf(c->user, sizeof(c->user), "%.*s", (int)CREDENTIAL_USER_MAX, line);
    return 1;
}
