// SPDX-License-Identifier: MIT
// LINK: tender/core/snap.c tender/core/gmem.c tender/core/host.c @arch
/* Clauses (1), (2), (4), (5), (6) of abi/snapshot.h; (3) is test_snapfile.c's. */
#include "tender/core/snap.h"

#include <errno.h>
#include <string.h>

#include "tender/core/host.h"
#include "tests/tap.h"

#define FILE_SIZE 0x20000u

static struct uf_snapshot good(void)
{
    struct uf_snapshot s = {
        .magic = UF_SNAPSHOT_MAGIC,
        .version = UF_SNAPSHOT_VERSION,
        .machine = host_machine(),
        .abi_version = UF_ABI_VERSION,
        .page_size = 4096,
        .file_size = FILE_SIZE,
        .ram_start = UF_IMAGE_BASE - UF_STACK_USUAL,
        .ram_end = UF_IMAGE_BASE - UF_STACK_USUAL + (8u << 20),
        .entry = UF_IMAGE_BASE,
        .event_entry = UF_IMAGE_BASE + 16,
        .thread_pointer = UF_IMAGE_BASE + 0x20000,
        .door_block = UF_IMAGE_BASE + 0x20100,
        .boot_block = UF_IMAGE_BASE + 0x30000,
        .nregions = 3,
        .nextents = 2,
    };

    s.region[0] = (struct uf_region){s.ram_start, UF_IMAGE_BASE, UF_PROT_READ | UF_PROT_WRITE, 0};
    s.region[1] =
        (struct uf_region){UF_IMAGE_BASE, UF_IMAGE_BASE + 0x10000, UF_PROT_READ | UF_PROT_EXEC, 0};
    s.region[2] =
        (struct uf_region){UF_IMAGE_BASE + 0x20000, s.ram_end, UF_PROT_READ | UF_PROT_WRITE, 0};
    s.extent[0] = (struct uf_extent){UF_IMAGE_BASE, 0x3000, 0x1000};
    s.extent[1] = (struct uf_extent){UF_IMAGE_BASE + 0x20000, 0x1000, 0x4000};
    return s;
}

static int check(const struct uf_snapshot *s)
{
    return snap_check(s, FILE_SIZE, 4096, NULL);
}

/* Change one field of a good snapshot; it must be refused. */
#define REFUSED(change)                \
    do {                               \
        struct uf_snapshot s = good(); \
        change;                        \
        CHECK(check(&s) == -EINVAL);   \
    } while (0)

static void a_good_snapshot_is_accepted(void)
{
    struct uf_snapshot s = good();

    CHECK(check(&s) == 0);
}

static void clause_1_foreign_files_are_refused(void)
{
    REFUSED(s.magic ^= 1);
    REFUSED(s.version++);
    REFUSED(s.machine ^= 1);
    REFUSED(s.abi_version++);
}

static void clause_2_a_file_of_another_size_is_refused(void)
{
    REFUSED(s.file_size--);
    REFUSED(s.file_size++);
    REFUSED(s.file_size = 0);
}

static void clause_4_pages_smaller_than_the_hosts_are_refused(void)
{
    struct uf_snapshot small = good();

    CHECK(snap_check(&small, FILE_SIZE, 16384, NULL) == -EINVAL);
    REFUSED(s.page_size = 0);
    REFUSED(s.page_size = 4095);
    REFUSED(s.page_size = 0x20000);
    REFUSED(s.page_size = 12288);
}

static void clause_5_ram_and_stack_stay_within_bounds(void)
{
    REFUSED(s.ram_start -= UF_STACK_MAX);
    REFUSED(s.ram_start += 1);
    REFUSED(s.ram_start = UF_IMAGE_BASE);
    REFUSED(s.ram_end = UF_RAM_LIMIT + UF_ALIGN);
    REFUSED(s.ram_end = UF_IMAGE_BASE);
    REFUSED(s.ram_end = 0);
    REFUSED(s.ram_end = UINT64_MAX - UF_ALIGN + 1);
}

static void clause_5_regions_are_sorted_aligned_apart_and_inside(void)
{
    REFUSED(s.nregions = 0);
    REFUSED(s.nregions = UF_SEGMENT_MAX + 1);
    REFUSED(s.nregions = UINT32_MAX);
    REFUSED(s.region[1].start -= UF_ALIGN);
    REFUSED(s.region[1].start += 1);
    REFUSED(s.region[1].end = s.region[1].start);
    REFUSED(s.region[2].end += UF_ALIGN);
    REFUSED(s.region[2].end = UINT64_MAX);
    REFUSED(s.region[0].start = 0);
}

static void clause_5_nothing_is_writable_and_executable(void)
{
    REFUSED(s.region[1].prot |= UF_PROT_WRITE);
    REFUSED(s.region[2].prot |= UF_PROT_EXEC);
    REFUSED(s.region[1].prot = UF_PROT_EXEC);
    REFUSED(s.region[1].prot |= 8);
}

static void clause_5_entries_and_blocks_lie_in_memory_of_their_kind(void)
{
    REFUSED(s.entry = s.ram_start);
    REFUSED(s.entry = 0);
    REFUSED(s.event_entry = s.door_block);
    REFUSED(s.event_entry = UF_IMAGE_BASE + 0x10000);
    REFUSED(s.door_block = UF_IMAGE_BASE);
    REFUSED(s.door_block += 8);
    REFUSED(s.door_block = s.ram_end - 16);
    REFUSED(s.door_block = UINT64_MAX - 15);
    REFUSED(s.boot_block = s.ram_end - 8);
    REFUSED(s.thread_pointer = s.ram_end);
    REFUSED(s.thread_pointer = UINT64_C(0x8000000000000000));
}

static void clause_6_extents_are_sorted_and_inside_memory(void)
{
    REFUSED(s.nextents = UF_SNAPSHOT_EXTENTS + 1);
    REFUSED(s.extent[1].addr = s.extent[0].addr);
    REFUSED(s.extent[0].addr = s.ram_start - 0x1000);
    REFUSED(s.extent[1].addr = s.ram_end);
    REFUSED(s.extent[1].size = s.ram_end);
    REFUSED(s.extent[1].size = UINT64_MAX - 0xfff);
    REFUSED(s.extent[1].size = 0);
    REFUSED(s.extent[1].addr += 1);
}

static void clause_6_extents_lie_inside_the_file_past_its_header(void)
{
    REFUSED(s.extent[0].offset = 0);
    REFUSED(s.extent[0].offset += 1);
    REFUSED(s.extent[1].offset = FILE_SIZE);
    REFUSED(s.extent[1].offset = UINT64_MAX - 0xfff);
    REFUSED((s.symbols_offset = 0x1000, s.symbols_size = FILE_SIZE));
    REFUSED((s.symbols_offset = 0, s.symbols_size = 1));
    REFUSED((s.symbols_offset = UINT64_MAX, s.symbols_size = 1));
}

static void the_reason_names_what_is_wrong(void)
{
    struct uf_snapshot s = good();
    struct uf_err err = {0};

    s.version = 7;
    CHECK(snap_check(&s, FILE_SIZE, 4096, &err) == -EINVAL);
    CHECK(strstr(err.msg, "version 7") != NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_good_snapshot_is_accepted),
        TAP_CASE(clause_1_foreign_files_are_refused),
        TAP_CASE(clause_2_a_file_of_another_size_is_refused),
        TAP_CASE(clause_4_pages_smaller_than_the_hosts_are_refused),
        TAP_CASE(clause_5_ram_and_stack_stay_within_bounds),
        TAP_CASE(clause_5_regions_are_sorted_aligned_apart_and_inside),
        TAP_CASE(clause_5_nothing_is_writable_and_executable),
        TAP_CASE(clause_5_entries_and_blocks_lie_in_memory_of_their_kind),
        TAP_CASE(clause_6_extents_are_sorted_and_inside_memory),
        TAP_CASE(clause_6_extents_lie_inside_the_file_past_its_header),
        TAP_CASE(the_reason_names_what_is_wrong),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
