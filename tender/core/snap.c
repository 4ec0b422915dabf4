// SPDX-License-Identifier: MIT
/* snap.c: see snap.h; the clauses are numbered as in abi/snapshot.h. */
#include "tender/core/snap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tender/arch/arch.h"
#include "tender/core/gmem.h"
#include "tender/core/host.h"

static bool aligned(uint64_t v, uint64_t to)
{
    return v % to == 0;
}

static int check_identity(const struct uf_snapshot *s, uint64_t file_size, uint64_t host_page,
                          struct uf_err *err)
{
    if (s->magic != UF_SNAPSHOT_MAGIC)
        return uf_fail(err, -EINVAL, "not a snapshot file");
    if (s->version != UF_SNAPSHOT_VERSION)
        return uf_fail(err, -EINVAL, "snapshot version %u, this tender reads %u", s->version,
                       UF_SNAPSHOT_VERSION);
    if (s->machine != arch_elf_machine())
        return uf_fail(err, -EINVAL, "snapshot for ELF machine %u, this is %u", s->machine,
                       arch_elf_machine());
    if (s->abi_version != UF_ABI_VERSION)
        return uf_fail(err, -EINVAL, "snapshot for ABI %u, this tender has %u", s->abi_version,
                       UF_ABI_VERSION);
    if (s->file_size != file_size)
        return uf_fail(err, -EINVAL, "snapshot of %" PRIu64 " bytes, the file has %" PRIu64,
                       s->file_size, file_size);
    if (s->page_size < UF_PAGE || s->page_size > UF_ALIGN || !aligned(s->page_size, host_page) ||
        !aligned(UF_ALIGN, s->page_size))
        return uf_fail(err, -EINVAL, "snapshot with %u byte pages, this host has %" PRIu64,
                       s->page_size, host_page);
    return 0;
}

int snap_check_ram(uint64_t ram_start, uint64_t ram_end, struct uf_err *err)
{
    uint64_t stack = UF_IMAGE_BASE - ram_start;

    if (!aligned(ram_start, UF_ALIGN) || !aligned(ram_end, UF_ALIGN))
        return uf_fail(err, -EINVAL, "RAM is not aligned to %" PRIu64 " bytes", UF_ALIGN);
    if (ram_start >= UF_IMAGE_BASE || stack < UF_STACK_MIN || stack > UF_STACK_MAX)
        return uf_fail(err, -EINVAL,
                       "stack of %" PRIu64 " bytes, allowed are %" PRIu64 " to %" PRIu64, stack,
                       UF_STACK_MIN, UF_STACK_MAX);
    if (ram_end <= UF_IMAGE_BASE || ram_end > UF_RAM_LIMIT || ram_end - ram_start > UF_MEMORY_MAX ||
        ram_end - ram_start < UF_MEMORY_MIN)
        return uf_fail(err, -EINVAL, "RAM from 0x%" PRIx64 " to 0x%" PRIx64 " is out of bounds",
                       ram_start, ram_end);
    return 0;
}

static int check_regions(const struct uf_snapshot *s, struct uf_err *err)
{
    const uint32_t all = UF_PROT_READ | UF_PROT_WRITE | UF_PROT_EXEC;
    uint64_t at = s->ram_start;

    if (s->nregions == 0 || s->nregions > UF_SEGMENT_MAX)
        return uf_fail(err, -EINVAL, "%u regions, allowed are 1 to %u", s->nregions,
                       UF_SEGMENT_MAX);
    for (uint32_t i = 0; i < s->nregions; i++) {
        const struct uf_region *r = &s->region[i];

        if (r->start < at || r->end <= r->start || r->end > s->ram_end ||
            !aligned(r->start, UF_ALIGN) || !aligned(r->end, UF_ALIGN))
            return uf_fail(err, -EINVAL, "region %u: 0x%" PRIx64 "-0x%" PRIx64 " is misplaced", i,
                           r->start, r->end);
        if ((r->prot & ~all) != 0 || (r->prot & UF_PROT_READ) == 0 ||
            (r->prot & (UF_PROT_WRITE | UF_PROT_EXEC)) == (UF_PROT_WRITE | UF_PROT_EXEC))
            return uf_fail(err, -EINVAL, "region %u: protection %u is not allowed", i, r->prot);
        at = r->end;
    }
    return 0;
}

static int check_places(const struct uf_snapshot *s, struct uf_err *err)
{
    const uint32_t rx = UF_PROT_READ | UF_PROT_EXEC;
    const uint32_t rw = UF_PROT_READ | UF_PROT_WRITE;

    if (gmem_check(s, (struct uf_gva){s->ram_start}, UF_IMAGE_BASE - s->ram_start, rw) < 0)
        return uf_fail(err, -EINVAL, "the stack is not writable memory");
    if (gmem_check(s, (struct uf_gva){s->entry}, 1, rx) < 0 ||
        gmem_check(s, (struct uf_gva){s->event_entry}, 1, rx) < 0)
        return uf_fail(err, -EINVAL, "an entry point is not in executable memory");
    if (!aligned(s->door_block, 16) ||
        gmem_check(s, (struct uf_gva){s->door_block}, sizeof(struct uf_door), rw) < 0)
        return uf_fail(err, -EINVAL, "the door block is not in writable memory");
    if (gmem_check(s, (struct uf_gva){s->boot_block}, sizeof(struct uf_boot), rw) < 0)
        return uf_fail(err, -EINVAL, "the boot block is not in writable memory");
    /* The thread register is loaded, never followed, by the tender; it still
     * has to be an address that every CPU accepts. */
    if (s->thread_pointer < s->ram_start || s->thread_pointer >= s->ram_end)
        return uf_fail(err, -EINVAL, "the thread pointer is outside RAM");
    return 0;
}

static int check_extents(const struct uf_snapshot *s, struct uf_err *err)
{
    uint64_t at = s->ram_start;

    if (s->nextents > UF_SNAPSHOT_EXTENTS)
        return uf_fail(err, -EINVAL, "%u extents, allowed are %u", s->nextents,
                       UF_SNAPSHOT_EXTENTS);
    for (uint32_t i = 0; i < s->nextents; i++) {
        const struct uf_extent *x = &s->extent[i];

        if (x->addr < at || x->addr >= s->ram_end || x->size == 0 ||
            x->size > s->ram_end - x->addr || !aligned(x->addr, s->page_size) ||
            !aligned(x->size, s->page_size))
            return uf_fail(err, -EINVAL, "extent %u: misplaced in memory", i);
        if (x->offset < UF_SNAPSHOT_HEADER || x->offset > s->file_size ||
            x->size > s->file_size - x->offset || !aligned(x->offset, s->page_size))
            return uf_fail(err, -EINVAL, "extent %u: misplaced in the file", i);
        at = x->addr + x->size;
    }
    if (s->symbols_size != 0 &&
        (s->symbols_size > UF_SYMTAB_MAX || s->symbols_offset < UF_SNAPSHOT_HEADER ||
         s->symbols_offset > s->file_size || s->symbols_size > s->file_size - s->symbols_offset))
        return uf_fail(err, -EINVAL, "the symbols lie outside the file");
    return 0;
}

int snap_check(const struct uf_snapshot *s, uint64_t file_size, uint64_t host_page,
               struct uf_err *err)
{
    int r = check_identity(s, file_size, host_page, err);

    if (r == 0)
        r = snap_check_ram(s->ram_start, s->ram_end, err);
    if (r == 0)
        r = check_regions(s, err);
    if (r == 0)
        r = check_places(s, err);
    if (r == 0)
        r = check_extents(s, err);
    return r;
}

int snap_read(struct uf_snapshot *out, int fd, struct uf_err *err)
{
    uint64_t size;
    int r = host_file_size(fd, &size);

    if (r < 0)
        return uf_fail(err, r, "snapshot: cannot be read");
    memset(out, 0, sizeof(*out));
    if (size < UF_SNAPSHOT_HEADER || pread(fd, out, sizeof(*out), 0) != (ssize_t)sizeof(*out))
        return uf_fail(err, -EINVAL, "snapshot: shorter than its header");
    return snap_check(out, size, host_page_size(), err);
}

const uint8_t *snap_view(const struct uf_snapshot *s, int fd, struct uf_err *err)
{
    size_t len = s->ram_end - s->ram_start;
    uint8_t *view = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (view == MAP_FAILED) {
        (void)uf_fail(err, -errno, "cannot reserve %zu bytes of address space", len);
        return NULL;
    }
    for (uint32_t i = 0; i < s->nextents; i++) {
        const struct uf_extent *x = &s->extent[i];

        if (mmap(view + (x->addr - s->ram_start), x->size, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
                 (off_t)x->offset) == MAP_FAILED) {
            (void)uf_fail(err, -errno, "cannot map extent %u of the snapshot", i);
            return NULL;
        }
    }
    return view;
}
