// SPDX-License-Identifier: MIT
/* snapfile.c: see snapfile.h; the numbered clauses are abi/snapshot.h's. */
#include "engine/snapfile.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/image.h"
#include "abi/snapshot.h"
#include "engine/arch.h"

#define CHUNK   65536u
#define SUM_AT  offsetof(struct uf_snapshot, checksum)
#define SUM_END (SUM_AT + UF_SNAPSHOT_SUM)

_Static_assert(UF_SNAPSHOT_SUM == crypto_hash_sha256_BYTES, "the checksum is a SHA-256");
_Static_assert(SNAPFILE_HEX == 2 * UF_SNAPSHOT_SUM + 1, "its name is the checksum");

/* The checksum field reads as zero: it cannot be part of its own sum. */
static void blank_sum(uint8_t *buf, uint64_t at, size_t n)
{
    uint64_t from = at > SUM_AT ? at : SUM_AT;
    uint64_t to = at + n < SUM_END ? at + n : SUM_END;

    if (from < to)
        memset(buf + (from - at), 0, (size_t)(to - from));
}

/* Hash a whole file, in chunks, with or without its checksum field. */
static int hash_file(int fd, bool blank, uint8_t sum[static UF_SNAPSHOT_SUM], struct uf_err *err)
{
    crypto_hash_sha256_state state;
    uint8_t buf[CHUNK];
    uint64_t at = 0;
    ssize_t n;

    (void)crypto_hash_sha256_init(&state);
    while ((n = pread(fd, buf, sizeof(buf), (off_t)at)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return uf_fail(err, -errno, "cannot read: %s", strerror(errno));
        if (blank)
            blank_sum(buf, at, (size_t)n);
        (void)crypto_hash_sha256_update(&state, buf, (unsigned long long)n);
        at += (uint64_t)n;
    }
    (void)crypto_hash_sha256_final(&state, sum);
    return 0;
}

int snapfile_hash(int fd, char hex[static SNAPFILE_HEX], struct uf_err *err)
{
    uint8_t sum[UF_SNAPSHOT_SUM];
    int r = hash_file(fd, false, sum, err);

    if (r == 0)
        (void)sodium_bin2hex(hex, SNAPFILE_HEX, sum, sizeof(sum));
    return r;
}

/* Read the fixed part of the header. */
static int read_header(int fd, struct uf_snapshot *s, struct uf_err *err)
{
    ssize_t n;

    do
        n = pread(fd, s, sizeof(*s), 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return uf_fail(err, -errno, "cannot read: %s", strerror(errno));
    if ((size_t)n < sizeof(*s))
        return uf_fail(err, -EINVAL, "not a snapshot: %zd bytes, its header alone has %zu", n,
                       sizeof(*s));
    if (s->magic != UF_SNAPSHOT_MAGIC)
        return uf_fail(err, -EINVAL, "not a snapshot: wrong magic number");
    return 0;
}

int snapfile_bound(int fd, uint64_t memory, struct uf_err *err)
{
    const uint64_t most = UF_SNAPSHOT_HEADER + memory + UF_SYMTAB_MAX + UF_ALIGN;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return uf_fail(err, -errno, "cannot stat: %s", strerror(errno));
    if ((uint64_t)st.st_size > most)
        return uf_fail(err, -EFBIG,
                       "snapshot of %lld bytes, %llu bytes of memory make at most %llu",
                       (long long)st.st_size, (unsigned long long)memory, (unsigned long long)most);
    return 0;
}

int snapfile_seal(int fd, char hex[static SNAPFILE_HEX], struct uf_err *err)
{
    struct uf_snapshot s;
    uint8_t sum[UF_SNAPSHOT_SUM];
    ssize_t n;
    int r = read_header(fd, &s, err);

    if (r == 0)
        r = hash_file(fd, true, sum, err);
    if (r < 0)
        return r;
    do
        n = pwrite(fd, sum, sizeof(sum), SUM_AT);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(sum))
        return uf_fail(err, n < 0 ? -errno : -EIO, "cannot write the checksum: %s",
                       n < 0 ? strerror(errno) : "short write");
    (void)sodium_bin2hex(hex, SNAPFILE_HEX, sum, sizeof(sum));
    return 0;
}

/* (1): made by this version, for this machine. */
static int check_kind(const struct uf_snapshot *s, struct uf_err *err)
{
    const struct arch *host = arch_host();

    if (s->version != UF_SNAPSHOT_VERSION)
        return uf_fail(err, -EINVAL, "snapshot of format version %u, this program has %u",
                       s->version, UF_SNAPSHOT_VERSION);
    if (host == NULL || s->machine != host->machine)
        return uf_fail(err, -EINVAL, "snapshot for machine %u (%s), this is %s", s->machine,
                       arch_word(s->machine), host != NULL ? host->name : "unknown");
    if (s->abi_version != UF_ABI_VERSION)
        return uf_fail(err, -EINVAL, "snapshot of guest ABI %u, this program has %u",
                       s->abi_version, UF_ABI_VERSION);
    return 0;
}

/* (2): whole. */
static int check_size(int fd, const struct uf_snapshot *s, struct uf_err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return uf_fail(err, -errno, "cannot stat: %s", strerror(errno));
    if (s->file_size != (uint64_t)st.st_size)
        return uf_fail(err, -EINVAL, "snapshot %s: %lld bytes, its header says %llu",
                       (uint64_t)st.st_size < s->file_size ? "truncated" : "too long",
                       (long long)st.st_size, (unsigned long long)s->file_size);
    return 0;
}

int snapfile_verify(int fd, const char *hex, struct uf_err *err)
{
    struct uf_snapshot s;
    uint8_t sum[UF_SNAPSHOT_SUM];
    char found[SNAPFILE_HEX];
    int r = read_header(fd, &s, err);

    if (r == 0)
        r = check_kind(&s, err);
    if (r == 0)
        r = check_size(fd, &s, err);
    if (r == 0)
        r = hash_file(fd, true, sum, err);
    if (r < 0)
        return r;
    /* (3): nothing in it has changed, and it is the one that was asked for. */
    if (memcmp(sum, s.checksum, sizeof(sum)) != 0)
        return uf_fail(err, -EINVAL, "snapshot damaged: its checksum differs");
    (void)sodium_bin2hex(found, sizeof(found), sum, sizeof(sum));
    if (strcmp(found, hex) != 0)
        return uf_fail(err, -EINVAL, "snapshot is %.16s..., not %.16s... as its name says", found,
                       hex);
    return 0;
}
