// SPDX-License-Identifier: MIT
/* key.c: see key.h. */
#include "daemon/secrets/key.h"

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
#include "engine/reason.h"

#define FILE_NAME "secret.key"
#define FILE_SAID "STATE/" FILE_NAME
#define FILE_NEW  "secret.key.new"
#define HEX_SIZE  (2 * (size_t)SECRET_KEY_SIZE)
#define FILE_MAX  256u

#define NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG   crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(SECRET_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "size of a key");
_Static_assert(SECRET_SEAL == NONCE + TAG, "size of a seal");

/* ---- the file ------------------------------------------------------------------------ */

/* 64 digits and perhaps the end of a line, or the bytes themselves. */
static bool decode(const char *text, size_t size, unsigned char out[static SECRET_KEY_SIZE])
{
    size_t n = 0;

    if (size == SECRET_KEY_SIZE) {
        memcpy(out, text, SECRET_KEY_SIZE);
        return true;
    }
    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
        size--;
    return size == HEX_SIZE &&
           sodium_hex2bin(out, SECRET_KEY_SIZE, text, size, NULL, &n, NULL) == 0 &&
           n == SECRET_KEY_SIZE;
}

/* shown: the path for messages. */
static int read_file(unsigned char *out, int dir, const char *path, const char *shown,
                     struct uf_err *err)
{
    UF_AUTO_FD int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    char text[FILE_MAX];

    if (fd < 0)
        return reason_fail(err, -errno, REASON_NONE, "%.150s", shown);
    ssize_t n = read(fd, text, sizeof(text));
    int r = n < 0 ? reason_fail(err, -errno, REASON_NONE, "%.150s", shown) : 0;
    if (r == 0 && !decode(text, (size_t)n, out))
        r = uf_fail(err, -EINVAL, "%.150s holds no key: it must be %zu hexadecimal digits", shown,
                    HEX_SIZE);
    sodium_memzero(text, sizeof(text));
    return r;
}

static int write_file(const unsigned char *key, int dir)
{
    UF_AUTO_FD int fd =
        openat(dir, FILE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    char hex[HEX_SIZE + 1];

    if (fd < 0 || fchmod(fd, 0600) < 0)
        return -errno;
    (void)sodium_bin2hex(hex, sizeof(hex), key, SECRET_KEY_SIZE);
    hex[HEX_SIZE] = '\n'; /* in the place of the NUL */
    ssize_t n = write(fd, hex, sizeof(hex));
    int r = n < 0 ? -errno : n != (ssize_t)sizeof(hex) ? -ENOSPC : 0;
    sodium_memzero(hex, sizeof(hex));
    if (r < 0)
        return r;
    return fsync(fd) < 0 || renameat(dir, FILE_NEW, dir, FILE_NAME) < 0 || fsync(dir) < 0 ? -errno
                                                                                          : 0;
}

static int make_file(unsigned char *key, int dir, struct uf_err *err)
{
    randombytes_buf(key, SECRET_KEY_SIZE);
    int r = write_file(key, dir);

    return r == 0 ? 0 : reason_fail(err, r, reason_of_disk(r), "cannot keep a key for secrets");
}

/* The service manager's, when it gives one. */
static bool given_path(char out[static PATH_MAX])
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    if (folder == NULL || folder[0] != '/')
        return false;
    (void)snprintf(out, PATH_MAX, "%.*s/unifaas-secret-key", PATH_MAX - 32, folder);
    return access(out, F_OK) == 0;
}

static int read_key(unsigned char *key, int dir, bool may_make, struct uf_err *err)
{
    char path[PATH_MAX];

    if (given_path(path))
        return read_file(key, AT_FDCWD, path, path, err);
    int r = read_file(key, dir, FILE_NAME, FILE_SAID, err);
    return r == -ENOENT && may_make ? make_file(key, dir, err) : r;
}

int secret_key_read(struct secret_key *k, int dir, bool may_make, struct uf_err *err)
{
    static const char what[] = "unifaas secret key";

    k->bytes = sodium_malloc(SECRET_KEY_SIZE);
    if (k->bytes == NULL)
        return uf_fail(err, -ENOMEM, "no memory for the key of secrets");
    int r = read_key(k->bytes, dir, may_make, err);
    if (r < 0) {
        secret_key_fini(k);
        return r;
    }
    unsigned char id[crypto_generichash_BYTES];
    (void)crypto_generichash(id, sizeof(id), (const unsigned char *)what, sizeof(what), k->bytes,
                             SECRET_KEY_SIZE);
    memcpy(k->id, id, sizeof(k->id));
    (void)sodium_mprotect_readonly(k->bytes);
    return 0;
}

void secret_key_fini(struct secret_key *k)
{
    sodium_free(k->bytes);
    *k = (struct secret_key){.bytes = NULL};
}

/* ---- sealing ------------------------------------------------------------------------- */

/* Namespace and name with their NULs, so that no two pairs give the same bytes. */
static size_t associate(const char *space, const char *name, unsigned char *out, size_t cap)
{
    int n = snprintf((char *)out, cap, "unifaas secret 1%c%s%c%s", '\0', space, '\0', name);

    return n < 0 || (size_t)n >= cap ? cap : (size_t)n;
}

void secret_seal(const struct secret_key *k, const char *space, const char *name, const void *data,
                 size_t size, unsigned char *out)
{
    unsigned char ad[512];
    size_t n = associate(space, name, ad, sizeof(ad));

    randombytes_buf(out, NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + NONCE, NULL, data, size, ad, n, NULL,
                                                     out, k->bytes);
}

bool secret_unseal(const struct secret_key *k, const char *space, const char *name,
                   const unsigned char *sealed, size_t sealed_size, unsigned char *out)
{
    unsigned char ad[512];
    size_t n = associate(space, name, ad, sizeof(ad));

    return sealed_size > SECRET_SEAL &&
           crypto_aead_xchacha20poly1305_ietf_decrypt(
               out, NULL, NULL, sealed + NONCE, sealed_size - NONCE, ad, n, sealed, k->bytes) == 0;
}
