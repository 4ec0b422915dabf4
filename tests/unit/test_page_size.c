// SPDX-License-Identifier: MIT
// LINK: tender/core/image.c tender/core/snap.c tender/core/gmem.c tender/core/host.c @arch
// LINK: tender/core/dump.c tender/core/pages.c
/*
 * Hosts with pages of 4, 16 and 64 KiB: every image that this build has made,
 * laid out for each. Only aarch64 has such kernels; the layout is the same code.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/control.h"
#include "tender/arch/arch.h"
#include "tender/core/dump.h"
#include "tender/core/host.h"
#include "tender/core/image.h"
#include "tender/core/snap.h"
#include "tender/kvm/vm.h"
#include "tests/tap.h"

#define MEMORY (UINT64_C(16) << 20)
#define IMAGES "build/*-release/guest/*.elf"
#define SAMPLE "build/*-release/functions/*.elf"

/* Constant places, which become memory slots and mappings of their own. */
_Static_assert(UF_EVENT_BASE % UF_ALIGN == 0, "the event area suits pages of 64 KiB");
_Static_assert(UF_DOOR_BASE % UF_ALIGN == 0, "so does the door page");
_Static_assert(UF_IMAGE_BASE % UF_ALIGN == 0, "so does the image");
_Static_assert(UF_RAM_LIMIT % UF_ALIGN == 0, "so does the end of RAM");
_Static_assert(UF_STACK_USUAL % UF_ALIGN == 0, "so does the stack");
_Static_assert(UF_MEMORY_MIN % UF_ALIGN == 0, "so does the smallest memory");
_Static_assert(VM_SYSTEM_BASE % UF_ALIGN == 0 && VM_SYSTEM_SIZE % UF_ALIGN == 0,
               "so does the virtual machine's own slot");

static const uint64_t sizes[] = {4096, 16384, 65536};
static glob_t images; /* guests of tests, then functions */
static size_t nguests;
static unsigned native;

static bool aligned(uint64_t v, uint64_t page)
{
    return v % page == 0;
}

/* ---- what the linker script made --------------------------------------------- */

static bool is_laid_out_apart(const Elf64_Ehdr *e, const Elf64_Phdr *p)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < e->e_phnum; i++) {
        if (p[i].p_type != PT_LOAD || p[i].p_memsz == 0)
            continue;
        if (!aligned(p[i].p_vaddr, UF_ALIGN) || p[i].p_vaddr < at ||
            (p[i].p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
            return false;
        at = p[i].p_vaddr + p[i].p_memsz;
    }
    return at > 0;
}

static void segments_of_every_image_are_64_kib_apart_and_never_writable_and_executable(void)
{
    for (size_t i = 0; i < images.gl_pathc; i++) {
        int fd = open(images.gl_pathv[i], O_RDONLY | O_CLOEXEC);
        Elf64_Ehdr e = {.e_phnum = 0};
        Elf64_Phdr p[16];
        bool good = host_pread(fd, &e, sizeof(e), 0) == 0 && e.e_phnum <= 16 &&
                    host_pread(fd, p, e.e_phnum * sizeof(p[0]), e.e_phoff) == 0 &&
                    is_laid_out_apart(&e, p);

        native += e.e_machine == arch_elf_machine();
        if (!good)
            printf("# %s\n", images.gl_pathv[i]);
        CHECK(good);
        (void)close(fd);
    }
    /* Both architectures, where both have been built. */
    CHECK(native > 50);
}

/* ---- what the loader makes of it ----------------------------------------------- */

/* Each stretch that is mapped from the file, as both backends do it. */
static bool pieces_fit(const struct uf_snapshot *s, const struct uf_region *r, uint64_t page)
{
    for (uint32_t i = 0; i < s->nextents; i++) {
        const struct uf_extent *x = &s->extent[i];
        uint64_t start = x->addr > r->start ? x->addr : r->start;
        uint64_t end = x->addr + x->size < r->end ? x->addr + x->size : r->end;

        if (start < end && (!aligned(start, page) || !aligned(end, page) ||
                            !aligned(x->offset + (start - x->addr), page)))
            return false;
    }
    return true;
}

static bool layout_fits(const struct uf_snapshot *s, uint64_t page)
{
    bool good = aligned(s->ram_start, page) && aligned(s->ram_end, page) &&
                (s->symbols_size == 0 || aligned(s->symbols_offset, page)) && s->nregions > 0;

    for (uint32_t i = 0; i < s->nregions; i++) {
        const struct uf_region *r = &s->region[i];

        good = good && aligned(r->start, page) && aligned(r->end, page) &&
               (r->prot & (UF_PROT_WRITE | UF_PROT_EXEC)) != (UF_PROT_WRITE | UF_PROT_EXEC) &&
               (i == 0 || r->start >= s->region[i - 1].end) && pieces_fit(s, r, page);
    }
    return good;
}

/* A snapshot in a memory file, or -1 for an image of the other architecture. */
static int convert(const char *path, uint64_t page, struct uf_snapshot *snap)
{
    const struct image_boot boot = {
        .name = "f", .env = "A=1", .env_size = 4, .memory = MEMORY, .page_size = page};
    struct uf_err err = {0};
    Elf64_Ehdr e = {.e_machine = 0};
    int in = open(path, O_RDONLY | O_CLOEXEC);
    int out = -1;

    if (host_pread(in, &e, sizeof(e), 0) == 0 && e.e_machine == arch_elf_machine()) {
        out = memfd_create("snapshot", MFD_CLOEXEC);
        int r = image_to_snapshot(in, out, &boot, snap, &err);
        if (r < 0)
            printf("# %s, pages of %u: %s\n", path, (unsigned)page, err.msg);
        CHECK(r == 0);
    }
    (void)close(in);
    return out;
}

static void every_image_is_laid_out_for_pages_of_each_size(void)
{
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
        for (size_t i = 0; i < images.gl_pathc; i++) {
            struct uf_snapshot s;
            int fd = convert(images.gl_pathv[i], sizes[k], &s);

            if (fd < 0)
                continue;
            CHECK(s.page_size == sizes[k] && layout_fits(&s, sizes[k]));
            (void)close(fd);
        }
}

static void a_snapshot_runs_on_hosts_with_smaller_pages_only(void)
{
    for (size_t made = 0; made < sizeof(sizes) / sizeof(sizes[0]); made++)
        for (size_t host = 0; host < sizeof(sizes) / sizeof(sizes[0]); host++) {
            struct uf_snapshot s = {.magic = 0};
            int fd = -1;

            for (size_t i = 0; i < images.gl_pathc && fd < 0; i++)
                fd = convert(images.gl_pathv[i], sizes[made], &s);
            int r = snap_check(&s, s.file_size, sizes[host], NULL);
            CHECK(r == (host <= made ? 0 : -EINVAL));
            (void)close(fd);
        }
}

/* ---- what a dump makes of memory -------------------------------------------------- */

static uint8_t *ram;

static int read_ram(struct machine *m, uint64_t addr, void *dst, size_t len)
{
    memcpy(dst, (const uint8_t *)(uintptr_t)(addr + m->pages.base), len);
    return 0;
}

/* Lay memory out as the kvm backend does: zero, extents over it. */
static void fill(const struct uf_snapshot *s, int fd, uint8_t *at)
{
    for (uint32_t i = 0; i < s->nextents; i++)
        CHECK(host_pread(fd, at + (s->extent[i].addr - s->ram_start), s->extent[i].size,
                         s->extent[i].offset) == 0);
}

static bool same_memory(const struct uf_snapshot *s, const uint8_t *again)
{
    for (uint32_t i = 0; i < s->nregions; i++) {
        const struct uf_region *r = &s->region[i];
        uint64_t at = r->start - s->ram_start;

        /* The stack is nobody's. */
        if (r->start >= UF_IMAGE_BASE && memcmp(ram + at, again + at, r->end - r->start) != 0)
            return false;
    }
    return true;
}

static struct symbols read_symbols(const struct uf_snapshot *s, int fd)
{
    static uint8_t blob[1 << 20];

    CHECK(s->symbols_size <= sizeof(blob) &&
          host_pread(fd, blob, s->symbols_size, s->symbols_offset) == 0);
    return (struct symbols){.blob = blob, .size = s->symbols_size};
}

static bool same_symbols(const struct uf_snapshot *s, int fd, const struct symbols *syms)
{
    static uint8_t blob[1 << 20];

    return s->symbols_size == syms->size &&
           host_pread(fd, blob, s->symbols_size, s->symbols_offset) == 0 &&
           memcmp(blob, syms->blob, syms->size) == 0;
}

static void dump_one(const char *path, uint64_t page)
{
    static const struct machine_ops ops = {.read = read_ram};
    struct machine m = {.ops = &ops};
    struct uf_snapshot before;
    struct uf_snapshot after = {.magic = 0};
    struct uf_err err = {0};
    int fd = convert(path, page, &before);

    if (fd < 0)
        return;
    int out = memfd_create("dump", MFD_CLOEXEC);
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    ram = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, flags, -1, 0);
    uint8_t *again = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, flags, -1, 0);
    fill(&before, fd, ram);
    /* What init writes: here and there on the heap. */
    for (uint64_t at = before.boot_block + 0x21000; at < before.ram_end; at += 0x1b1000)
        ram[at - before.ram_start] = 1;
    m.pages.base = (uint64_t)(uintptr_t)ram - before.ram_start;
    m.pages.fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    const struct gmem g = {.machine = &m, .snap = &before};
    const struct symbols syms = read_symbols(&before, fd);
    CHECK(dump_snapshot(&g, &syms, out, &err) == 0);
    CHECK(host_pread(out, &after, sizeof(after), 0) == 0);
    uint64_t size = 0;
    CHECK(host_file_size(out, &size) == 0 && snap_check(&after, size, page, &err) == 0);
    CHECK(after.nextents > 0 && layout_fits(&after, page));
    fill(&after, out, again);
    CHECK(same_memory(&after, again));
    CHECK(same_symbols(&after, out, &syms));
    (void)munmap(ram, MEMORY);
    (void)munmap(again, MEMORY);
    (void)close(m.pages.fd);
    (void)close(out);
    (void)close(fd);
}

/* Of functions: all of memory is compared, which for every image would take a minute. */
static void a_dump_for_pages_of_each_size_holds_what_memory_held(void)
{
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
        for (size_t i = nguests; i < images.gl_pathc; i++)
            dump_one(images.gl_pathv[i], sizes[k]);
    CHECK(images.gl_pathc > nguests);
}

int main(void)
{
    const struct tap_case all[] = {
        TAP_CASE(segments_of_every_image_are_64_kib_apart_and_never_writable_and_executable),
        TAP_CASE(every_image_is_laid_out_for_pages_of_each_size),
        TAP_CASE(a_snapshot_runs_on_hosts_with_smaller_pages_only),
        TAP_CASE(a_dump_for_pages_of_each_size_holds_what_memory_held),
    };

    (void)glob(IMAGES, 0, NULL, &images);
    nguests = images.gl_pathc;
    (void)glob(SAMPLE, GLOB_APPEND, NULL, &images);
    int r = tap_run(all, sizeof(all) / sizeof(all[0]));
    globfree(&images);
    return r;
}
