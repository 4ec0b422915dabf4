// SPDX-License-Identifier: MIT
// LINK: tender/core/gmem.c
#include "tender/core/gmem.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

#define BASE UF_IMAGE_BASE

static uint8_t ram[4 * UF_ALIGN];
static int calls;

static int fake_read(struct machine *m, uint64_t addr, void *dst, size_t len)
{
    (void)m;
    calls++;
    memcpy(dst, ram + (addr - BASE), len);
    return 0;
}

static int fake_write(struct machine *m, const struct piece *p, size_t n)
{
    (void)m;
    calls++;
    for (size_t i = 0; i < n; i++)
        memcpy(ram + (p[i].addr - BASE), p[i].src, p[i].len);
    return 0;
}

static const struct machine_ops ops = {.read = fake_read, .write = fake_write};
static struct machine machine = {.ops = &ops};

/* text | rodata | gap | data */
static const struct uf_snapshot snap = {
    .nregions = 3,
    .region = {{BASE, BASE + UF_ALIGN, UF_PROT_READ | UF_PROT_EXEC, 0},
               {BASE + UF_ALIGN, BASE + 2 * UF_ALIGN, UF_PROT_READ, 0},
               {BASE + 3 * UF_ALIGN, BASE + 4 * UF_ALIGN, UF_PROT_READ | UF_PROT_WRITE, 0}},
};
static const struct gmem mem = {.machine = &machine, .snap = &snap};

static int read_at(uint64_t addr, size_t len)
{
    static uint8_t buf[4 * UF_ALIGN];

    return gmem_read(&mem, (struct uf_gva){addr}, buf, len);
}

static int write_at(uint64_t addr, size_t len)
{
    static const uint8_t buf[4 * UF_ALIGN];

    return gmem_write(&mem, (struct uf_gva){addr}, buf, len);
}

static void last_byte_of_a_region_can_be_read(void)
{
    CHECK(read_at(BASE + 4 * UF_ALIGN - 1, 1) == 0);
}

static void a_range_over_two_touching_regions_can_be_read(void)
{
    CHECK(read_at(BASE + UF_ALIGN - 4, 8) == 0);
}

static void one_past_the_end_is_refused(void)
{
    CHECK(read_at(BASE + 4 * UF_ALIGN - 1, 2) == -EFAULT);
    CHECK(read_at(BASE + 4 * UF_ALIGN, 1) == -EFAULT);
}

static void a_range_over_a_gap_is_refused(void)
{
    CHECK(read_at(BASE + 2 * UF_ALIGN - 1, 2) == -EFAULT);
    CHECK(read_at(BASE, 4 * UF_ALIGN) == -EFAULT);
}

static void an_address_that_wraps_is_refused(void)
{
    CHECK(read_at(UINT64_MAX, 2) == -EFAULT);
    CHECK(read_at(UINT64_MAX - 1, 2) == -EFAULT);
    CHECK(read_at(BASE, SIZE_MAX) == -EFAULT);
}

static void what_the_guest_cannot_write_is_not_written_for_it(void)
{
    CHECK(write_at(BASE, 1) == -EFAULT);
    CHECK(write_at(BASE + UF_ALIGN, 1) == -EFAULT);
    CHECK(write_at(BASE + 3 * UF_ALIGN - 1, 2) == -EFAULT);
    CHECK(write_at(BASE + 3 * UF_ALIGN, UF_ALIGN) == 0);
}

static void a_refused_access_never_reaches_the_machine(void)
{
    calls = 0;
    (void)read_at(0, 1);
    (void)write_at(BASE, 1);
    CHECK(calls == 0);
}

static void an_empty_range_reads_nothing_wherever_it_is(void)
{
    calls = 0;
    CHECK(read_at(0, 0) == 0);
    CHECK(calls == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(last_byte_of_a_region_can_be_read),
        TAP_CASE(a_range_over_two_touching_regions_can_be_read),
        TAP_CASE(one_past_the_end_is_refused),
        TAP_CASE(a_range_over_a_gap_is_refused),
        TAP_CASE(an_address_that_wraps_is_refused),
        TAP_CASE(what_the_guest_cannot_write_is_not_written_for_it),
        TAP_CASE(a_refused_access_never_reaches_the_machine),
        TAP_CASE(an_empty_range_reads_nothing_wherever_it_is),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
