// SPDX-License-Identifier: MIT
// LINK: engine/snapfile.c engine/arch.c engine/memfile.c engine/reason.c
// LIBS: libsodium
#include "engine/snapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "abi/image.h"
#include "abi/snapshot.h"
#include "engine/arch.h"
#include "engine/memfile.h"
#include "tests/tap.h"

#define BODY 150000u /* bytes after the header: more than one chunk of the reader */

static uint8_t file[UF_SNAPSHOT_HEADER + BODY];

static struct uf_snapshot valid_header(void)
{
    return (struct uf_snapshot){
        .magic = UF_SNAPSHOT_MAGIC,
        .version = UF_SNAPSHOT_VERSION,
        .machine = arch_host()->machine,
        .abi_version = UF_ABI_VERSION,
        .page_size = 4096,
        .file_size = sizeof(file),
    };
}

/* A sealed snapshot with that header. */
static int make(const struct uf_snapshot *s, char hex[static SNAPFILE_HEX])
{
    struct uf_err e;
    int fd = memfile_make("test", 0, &e);

    for (size_t i = 0; i < sizeof(file); i++)
        file[i] = (uint8_t)(i * 7 + i / 251);
    memset(file, 0, UF_SNAPSHOT_HEADER);
    memcpy(file, s, sizeof(*s));
    CHECK(fd >= 0 && pwrite(fd, file, sizeof(file), 0) == (ssize_t)sizeof(file));
    CHECK(snapfile_seal(fd, hex, &e) == 0);
    return fd;
}

static int make_valid(char hex[static SNAPFILE_HEX])
{
    struct uf_snapshot s = valid_header();

    return make(&s, hex);
}

/* Is it refused with these words in the reason? */
static bool refused(int fd, const char *hex, const char *words)
{
    struct uf_err e = {0};
    int r = snapfile_verify(fd, hex, &e);

    if (r == -EINVAL && strstr(e.msg, words) != NULL)
        return true;
    printf("# %d: %s\n", r, e.msg);
    return false;
}

static void flip(int fd, off_t at)
{
    uint8_t b;

    CHECK(pread(fd, &b, 1, at) == 1);
    b ^= 0x10;
    CHECK(pwrite(fd, &b, 1, at) == 1);
}

static void a_sealed_snapshot_is_accepted(void)
{
    char hex[SNAPFILE_HEX];
    int fd = make_valid(hex);
    struct uf_err e = {0};

    CHECK(strlen(hex) == 64);
    CHECK(snapfile_verify(fd, hex, &e) == 0);
    (void)close(fd);
}

static void sealing_twice_gives_the_same_name(void)
{
    char first[SNAPFILE_HEX];
    char second[SNAPFILE_HEX];
    int fd = make_valid(first);

    CHECK(snapfile_seal(fd, second, NULL) == 0);
    CHECK(strcmp(first, second) == 0);
    (void)close(fd);
}

static void hash_is_the_sha256_that_everybody_computes(void)
{
    char hex[SNAPFILE_HEX];
    int fd = memfile_make("abc", 0, NULL);

    CHECK(write(fd, "abc", 3) == 3);
    CHECK(snapfile_hash(fd, hex, NULL) == 0);
    CHECK(strcmp(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
    (void)close(fd);
}

/* A file that is right but for its header, sealed, is refused with these words. */
static bool refused_sealed(const struct uf_snapshot *s, const char *words)
{
    char hex[SNAPFILE_HEX];
    int fd = make(s, hex);
    bool yes = refused(fd, hex, words);

    (void)close(fd);
    return yes;
}

static void clause_1_2_another_version_is_refused(void)
{
    struct uf_snapshot s = valid_header();

    s.version = UF_SNAPSHOT_VERSION + 1;
    CHECK(refused_sealed(&s, "format version 2"));
}

static void clause_1_3_another_machine_is_refused(void)
{
    struct uf_snapshot s = valid_header();

    s.machine = s.machine == UF_EM_X86_64 ? UF_EM_AARCH64 : UF_EM_X86_64;
    CHECK(refused_sealed(&s, "for machine"));
}

static void clause_1_4_another_abi_is_refused(void)
{
    struct uf_snapshot s = valid_header();

    s.abi_version = UF_ABI_VERSION + 1;
    CHECK(refused_sealed(&s, "guest ABI 2"));
}

static void clause_1_1_what_is_no_snapshot_is_refused(void)
{
    char hex[SNAPFILE_HEX];
    struct uf_err e = {0};
    int fd = make_valid(hex);

    flip(fd, 0);
    CHECK(refused(fd, hex, "magic"));
    CHECK(snapfile_seal(fd, hex, &e) == -EINVAL);
    CHECK(ftruncate(fd, 100) == 0);
    CHECK(refused(fd, hex, "not a snapshot: 100 bytes"));
    CHECK(ftruncate(fd, 0) == 0);
    CHECK(refused(fd, hex, "not a snapshot: 0 bytes"));
    (void)close(fd);
}

static void clause_2_a_file_of_another_size_is_refused(void)
{
    char hex[SNAPFILE_HEX];
    int fd = make_valid(hex);

    CHECK(ftruncate(fd, (off_t)sizeof(file) - 1) == 0);
    CHECK(refused(fd, hex, "truncated"));
    CHECK(ftruncate(fd, (off_t)sizeof(file) + 1) == 0);
    CHECK(refused(fd, hex, "too long"));
    (void)close(fd);
}

/* One flipped bit in each field after the size, in the padding, at both ends
 * of the body and around a chunk's border. */
static void clause_3_1_a_flipped_bit_anywhere_is_refused(void)
{
    const size_t at[] = {
        offsetof(struct uf_snapshot, page_size),
        offsetof(struct uf_snapshot, checksum),
        offsetof(struct uf_snapshot, ram_start),
        offsetof(struct uf_snapshot, ram_end),
        offsetof(struct uf_snapshot, entry),
        offsetof(struct uf_snapshot, event_entry),
        offsetof(struct uf_snapshot, door_block),
        offsetof(struct uf_snapshot, boot_block),
        offsetof(struct uf_snapshot, nregions),
        offsetof(struct uf_snapshot, region),
        offsetof(struct uf_snapshot, extent),
        UF_SNAPSHOT_HEADER - 1,
        UF_SNAPSHOT_HEADER,
        65535,
        65536,
        sizeof(file) - 1,
        offsetof(struct uf_snapshot, checksum) + 31,
    };

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        char hex[SNAPFILE_HEX];
        int fd = make_valid(hex);

        flip(fd, (off_t)at[i]);
        CHECK(refused(fd, hex, "checksum differs"));
        (void)close(fd);
    }
}

static void clause_3_2_another_name_is_refused(void)
{
    char hex[SNAPFILE_HEX];
    int fd = make_valid(hex);

    hex[0] = hex[0] == 'a' ? 'b' : 'a';
    CHECK(refused(fd, hex, "as its name says"));
    (void)close(fd);
}

static void a_file_that_cannot_be_read_gives_the_reason(void)
{
    char hex[SNAPFILE_HEX];
    struct uf_err e = {0};
    int fd = open("/", O_RDONLY | O_CLOEXEC);

    CHECK(snapfile_hash(fd, hex, &e) == -EISDIR);
    CHECK(strstr(e.msg, "cannot read") != NULL);
    CHECK(snapfile_verify(fd, "", &e) == -EISDIR);
    CHECK(snapfile_seal(fd, hex, &e) == -EISDIR);
    (void)close(fd);
}

static void a_snapshot_larger_than_its_functions_memory_is_not_even_read(void)
{
    const uint64_t memory = UINT64_C(1) << 20;
    const uint64_t most = UF_SNAPSHOT_HEADER + memory + UF_SYMTAB_MAX + UF_ALIGN;
    struct uf_err e = {0};
    int fd = memfile_make("test", 0, &e);

    CHECK(ftruncate(fd, (off_t)most) == 0 && snapfile_bound(fd, memory, &e) == 0);
    CHECK(ftruncate(fd, (off_t)most + 1) == 0 && snapfile_bound(fd, memory, &e) == -EFBIG);
    CHECK(strstr(e.msg, "1048576 bytes of memory") != NULL);
    CHECK(ftruncate(fd, INT64_C(1) << 40) == 0 && snapfile_bound(fd, memory, &e) == -EFBIG);
    (void)close(fd);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_sealed_snapshot_is_accepted),
        TAP_CASE(sealing_twice_gives_the_same_name),
        TAP_CASE(hash_is_the_sha256_that_everybody_computes),
        TAP_CASE(clause_1_1_what_is_no_snapshot_is_refused),
        TAP_CASE(clause_1_2_another_version_is_refused),
        TAP_CASE(clause_1_3_another_machine_is_refused),
        TAP_CASE(clause_1_4_another_abi_is_refused),
        TAP_CASE(clause_2_a_file_of_another_size_is_refused),
        TAP_CASE(clause_3_1_a_flipped_bit_anywhere_is_refused),
        TAP_CASE(clause_3_2_another_name_is_refused),
        TAP_CASE(a_file_that_cannot_be_read_gives_the_reason),
        TAP_CASE(a_snapshot_larger_than_its_functions_memory_is_not_even_read),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
