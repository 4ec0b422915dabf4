// SPDX-License-Identifier: MIT
// LINK: tender/core/snap.c tender/core/gmem.c tender/core/host.c @arch
/*
 * The clauses of docs/snapshot-format.md, but for 3, which is test_snapfile.c's.
 * Every case changes one thing of a good snapshot, and the reason must be the
 * one of that clause: a refusal for anything else does not count.
 */
#include "tender/core/snap.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tender/arch/arch.h"
#include "tender/core/host.h"
#include "tests/tap.h"

#define FILE_SIZE 0x20000u

static struct uf_snapshot good(void)
{
    struct uf_snapshot s = {
        .magic = UF_SNAPSHOT_MAGIC,
        .version = UF_SNAPSHOT_VERSION,
        .machine = arch_elf_machine(),
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

static bool refused(const struct uf_snapshot *s, uint64_t host_page, const char *why)
{
    struct uf_err err = {0};
    int r = snap_check(s, FILE_SIZE, host_page, &err);

    if (r == -EINVAL && strstr(err.msg, why) != NULL)
        return true;
    printf("# %d: %s\n", r, err.msg);
    return false;
}

/* Change one thing of a good snapshot; it must be refused with these words. */
#define REFUSED(why, change)             \
    do {                                 \
        struct uf_snapshot s = good();   \
        change;                          \
        CHECK(refused(&s, 4096, (why))); \
    } while (0)

/* The other side of a bound. */
#define ACCEPTED(change)                                   \
    do {                                                   \
        struct uf_snapshot s = good();                     \
        change;                                            \
        CHECK(snap_check(&s, FILE_SIZE, 4096, NULL) == 0); \
    } while (0)

/* The good one as a host with pages of 64 KiB would have made it. */
static struct uf_snapshot coarse(void)
{
    struct uf_snapshot s = good();

    s.page_size = 0x10000;
    s.nextents = 1;
    s.extent[0] = (struct uf_extent){UF_IMAGE_BASE, 0x10000, 0x10000};
    return s;
}

static void a_good_snapshot_is_accepted(void)
{
    ACCEPTED((void)s);
}

static void clause_1_1_another_magic_is_refused(void)
{
    REFUSED("not a snapshot", s.magic ^= 1);
    REFUSED("not a snapshot", s.magic = 0);
}

static void clause_1_2_another_version_is_refused(void)
{
    REFUSED("snapshot version 0", s.version = 0);
    REFUSED("snapshot version 2", s.version = 2);
}

static void clause_1_3_another_machine_is_refused(void)
{
    REFUSED("ELF machine", s.machine ^= 1);
    REFUSED("ELF machine", s.machine = s.machine == UF_EM_X86_64 ? UF_EM_AARCH64 : UF_EM_X86_64);
}

static void clause_1_4_another_abi_is_refused(void)
{
    REFUSED("for ABI 2", s.abi_version = 2);
}

static void clause_2_a_file_of_another_size_is_refused(void)
{
    REFUSED("the file has", s.file_size--);
    REFUSED("the file has", s.file_size++);
    REFUSED("the file has", s.file_size = 0);
}

static void clause_4_1_a_page_size_is_4_to_64_kib_and_a_power_of_two(void)
{
    REFUSED("byte pages", s.page_size = 0);
    REFUSED("byte pages", s.page_size = 2048);
    REFUSED("byte pages", s.page_size = 4097);
    REFUSED("byte pages", s.page_size = 12288);
    REFUSED("byte pages", s.page_size = 0x20000);
}

static void clause_4_2_pages_smaller_than_the_hosts_are_refused(void)
{
    struct uf_snapshot fine = good();
    struct uf_snapshot large = coarse();

    CHECK(refused(&fine, 16384, "4096 byte pages"));
    CHECK(snap_check(&large, FILE_SIZE, 4096, NULL) == 0);
    CHECK(snap_check(&large, FILE_SIZE, 16384, NULL) == 0);
    CHECK(snap_check(&large, FILE_SIZE, 65536, NULL) == 0);
}

static void clause_5_1_ram_is_aligned(void)
{
    REFUSED("RAM is not aligned", s.ram_start += 4096);
    REFUSED("RAM is not aligned", s.ram_end -= 4096);
}

static void clause_5_2_the_stack_is_neither_too_small_nor_too_large(void)
{
    REFUSED("stack of 0 bytes", s.ram_start = UF_IMAGE_BASE);
    REFUSED("stack of", s.ram_start = UF_IMAGE_BASE + UF_ALIGN);
    REFUSED("stack of", s.ram_start = UF_IMAGE_BASE - UF_STACK_MAX - UF_ALIGN);
    REFUSED("stack of", s.ram_start = 0);
    ACCEPTED(s.ram_start = s.region[0].start = UF_IMAGE_BASE - UF_STACK_MIN);
    ACCEPTED(s.ram_start = s.region[0].start = UF_IMAGE_BASE - UF_STACK_MAX);
}

static void clause_5_3_ram_is_neither_too_small_nor_too_large(void)
{
    REFUSED("out of bounds", s.ram_end = 0);
    REFUSED("out of bounds", s.ram_end = UF_IMAGE_BASE);
    REFUSED("out of bounds",
            (s.ram_start = UF_IMAGE_BASE - UF_STACK_MAX, s.ram_end = UF_IMAGE_BASE - UF_ALIGN));
    REFUSED("out of bounds", s.ram_end = s.ram_start + UF_MEMORY_MIN - UF_ALIGN);
    REFUSED("out of bounds", s.ram_end = s.ram_start + UF_MEMORY_MAX + UF_ALIGN);
    REFUSED("out of bounds", s.ram_end = UF_RAM_LIMIT + UF_ALIGN);
    REFUSED("out of bounds", s.ram_end = UINT64_MAX - UF_ALIGN + 1);
    ACCEPTED(s.ram_end = s.region[2].end = s.ram_start + UF_MEMORY_MIN);
    ACCEPTED(s.ram_end = s.region[2].end = s.ram_start + UF_MEMORY_MAX);
}

static void clause_5_4_there_are_1_to_8_regions(void)
{
    REFUSED("0 regions", s.nregions = 0);
    REFUSED("9 regions", s.nregions = 9);
    REFUSED("4294967295 regions", s.nregions = UINT32_MAX);
}

static void clause_5_5_regions_are_sorted_apart_aligned_and_inside_ram(void)
{
    REFUSED("is misplaced", s.region[1].start -= UF_ALIGN);
    REFUSED("is misplaced", s.region[1].start += 1);
    REFUSED("is misplaced", s.region[1].end -= 4096);
    REFUSED("is misplaced", s.region[1].end = s.region[1].start);
    REFUSED("is misplaced", s.region[2].end += UF_ALIGN);
    REFUSED("is misplaced", s.region[2].end = UINT64_MAX);
    REFUSED("is misplaced", s.region[0].start = 0);
    REFUSED("is misplaced", s.region[2] = s.region[1]);
    ACCEPTED(s.region[2].start -= UF_ALIGN);
}

static void clause_5_6_nothing_is_writable_and_executable(void)
{
    REFUSED("protection 7", s.region[1].prot |= UF_PROT_WRITE);
    REFUSED("protection 7", s.region[2].prot |= UF_PROT_EXEC);
    REFUSED("protection 4", s.region[1].prot = UF_PROT_EXEC);
    REFUSED("protection 0", s.region[1].prot = 0);
    REFUSED("protection 13", s.region[1].prot |= 8);
}

static void clause_5_7_all_of_the_stack_can_be_written(void)
{
    REFUSED("the stack is not", s.region[0].prot = UF_PROT_READ);
    REFUSED("the stack is not", s.region[0].start += UF_ALIGN);
    REFUSED("the stack is not", s.region[0].end -= UF_ALIGN);
}

static void clause_5_8_both_entries_can_be_executed(void)
{
    REFUSED("an entry point", s.entry = s.ram_start);
    REFUSED("an entry point", s.entry = 0);
    REFUSED("an entry point", s.event_entry = s.door_block);
    REFUSED("an entry point", s.event_entry = UF_IMAGE_BASE + 0x10000);
}

static void clause_5_9_the_door_block_is_aligned_and_can_be_written(void)
{
    REFUSED("the door block", s.door_block = UF_IMAGE_BASE);
    REFUSED("the door block", s.door_block += 8);
    REFUSED("the door block", s.door_block = s.ram_end - 16);
    REFUSED("the door block", s.door_block = UINT64_MAX - 15);
}

static void clause_5_10_the_boot_block_can_be_written(void)
{
    REFUSED("the boot block", s.boot_block = UF_IMAGE_BASE);
    REFUSED("the boot block", s.boot_block = s.ram_end - 8);
    REFUSED("the boot block", s.boot_block = UINT64_MAX - 7);
}

static void clause_5_11_the_thread_pointer_lies_in_ram(void)
{
    REFUSED("the thread pointer", s.thread_pointer = s.ram_start - 1);
    REFUSED("the thread pointer", s.thread_pointer = s.ram_end);
    REFUSED("the thread pointer", s.thread_pointer = UINT64_C(0x8000000000000000));
}

static void clause_6_1_there_are_at_most_96_extents(void)
{
    REFUSED("97 extents", s.nextents = 97);
    REFUSED("4294967295 extents", s.nextents = UINT32_MAX);
    ACCEPTED(s.nextents = 0);
}

static void clause_6_2_extents_are_sorted_apart_aligned_and_inside_ram(void)
{
    REFUSED("misplaced in memory", s.extent[1].addr = s.extent[0].addr);
    REFUSED("misplaced in memory", s.extent[1].addr = s.extent[0].addr + 0x2000);
    REFUSED("misplaced in memory", s.extent[0].addr = s.ram_start - 0x1000);
    REFUSED("misplaced in memory", s.extent[1].addr = s.ram_end);
    REFUSED("misplaced in memory", s.extent[1].addr = s.ram_end + 0x1000);
    REFUSED("misplaced in memory", s.extent[1].size = s.ram_end);
    REFUSED("misplaced in memory", s.extent[1].size = UINT64_MAX - 0xfff);
    REFUSED("misplaced in memory", s.extent[1].size = 0);
    REFUSED("misplaced in memory", s.extent[1].size = 0x800);
    REFUSED("misplaced in memory", s.extent[1].addr += 1);
    ACCEPTED(s.extent[1].addr = s.extent[0].addr + 0x3000);
}

static void clause_6_3_extents_lie_past_the_header_aligned_and_inside_the_file(void)
{
    REFUSED("misplaced in the file", s.extent[0].offset = 0);
    REFUSED("misplaced in the file", s.extent[0].offset += 1);
    REFUSED("misplaced in the file", s.extent[1].offset = FILE_SIZE);
    REFUSED("misplaced in the file", s.extent[1].offset = UINT64_MAX - 0xfff);
    ACCEPTED(s.extent[1].offset = FILE_SIZE - 0x1000);
}

static void clause_6_4_symbols_are_none_or_inside_the_file(void)
{
    REFUSED("the symbols lie", (s.symbols_offset = 0x1000, s.symbols_size = FILE_SIZE));
    REFUSED("the symbols lie", (s.symbols_offset = 0, s.symbols_size = 1));
    REFUSED("the symbols lie", (s.symbols_offset = FILE_SIZE, s.symbols_size = 1));
    REFUSED("the symbols lie", (s.symbols_offset = UINT64_MAX, s.symbols_size = 1));
    REFUSED("the symbols lie", (s.symbols_offset = 0x1000, s.symbols_size = UINT64_MAX));
    ACCEPTED((s.symbols_offset = FILE_SIZE - 1, s.symbols_size = 1));
    ACCEPTED((s.symbols_offset = UINT64_MAX, s.symbols_size = 0));
}

static void symbols_of_more_than_4_mib_are_refused(void)
{
    struct uf_snapshot s = good();
    struct uf_err err = {0};

    s.file_size = UINT64_C(64) << 20;
    s.symbols_offset = 0x1000;
    s.symbols_size = UF_SYMTAB_MAX;
    CHECK(snap_check(&s, s.file_size, 4096, NULL) == 0);
    s.symbols_size++;
    CHECK(snap_check(&s, s.file_size, 4096, &err) == -EINVAL);
    CHECK(strstr(err.msg, "the symbols lie") != NULL);
}

/* What no clause speaks of does not matter. */
static void unused_entries_are_not_looked_at(void)
{
    ACCEPTED(memset(&s.region[s.nregions], 0xff, sizeof(s.region[0])));
    ACCEPTED(memset(&s.extent[s.nextents], 0xff, sizeof(s.extent[0])));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_good_snapshot_is_accepted),
        TAP_CASE(clause_1_1_another_magic_is_refused),
        TAP_CASE(clause_1_2_another_version_is_refused),
        TAP_CASE(clause_1_3_another_machine_is_refused),
        TAP_CASE(clause_1_4_another_abi_is_refused),
        TAP_CASE(clause_2_a_file_of_another_size_is_refused),
        TAP_CASE(clause_4_1_a_page_size_is_4_to_64_kib_and_a_power_of_two),
        TAP_CASE(clause_4_2_pages_smaller_than_the_hosts_are_refused),
        TAP_CASE(clause_5_1_ram_is_aligned),
        TAP_CASE(clause_5_2_the_stack_is_neither_too_small_nor_too_large),
        TAP_CASE(clause_5_3_ram_is_neither_too_small_nor_too_large),
        TAP_CASE(clause_5_4_there_are_1_to_8_regions),
        TAP_CASE(clause_5_5_regions_are_sorted_apart_aligned_and_inside_ram),
        TAP_CASE(clause_5_6_nothing_is_writable_and_executable),
        TAP_CASE(clause_5_7_all_of_the_stack_can_be_written),
        TAP_CASE(clause_5_8_both_entries_can_be_executed),
        TAP_CASE(clause_5_9_the_door_block_is_aligned_and_can_be_written),
        TAP_CASE(clause_5_10_the_boot_block_can_be_written),
        TAP_CASE(clause_5_11_the_thread_pointer_lies_in_ram),
        TAP_CASE(clause_6_1_there_are_at_most_96_extents),
        TAP_CASE(clause_6_2_extents_are_sorted_apart_aligned_and_inside_ram),
        TAP_CASE(clause_6_3_extents_lie_past_the_header_aligned_and_inside_the_file),
        TAP_CASE(clause_6_4_symbols_are_none_or_inside_the_file),
        TAP_CASE(symbols_of_more_than_4_mib_are_refused),
        TAP_CASE(unused_entries_are_not_looked_at),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
