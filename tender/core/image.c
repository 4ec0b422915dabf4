// SPDX-License-Identifier: MIT
/* image.c: the ELF loader; see image.h. ELF gABI chapters 4 and 5. */
#include "tender/core/image.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "tender/arch/arch.h"
#include "tender/core/gmem.h"
#include "tender/core/host.h"
#include "tender/core/snap.h"

#define PHDRS_MAX 16u
#define NOTES_MAX 4096u /* bytes of one PT_NOTE segment */
#define CHUNK     65536u
#define IMAGE_MAX (UINT64_C(64) << 20)

struct image {
    int fd;
    uint64_t size; /* bytes of the file */
    Elf64_Ehdr ehdr;
    Elf64_Phdr phdr[PHDRS_MAX];
    struct uf_image_note note;
};

static uint64_t align_up(uint64_t v, uint64_t to)
{
    return (v + to - 1) & ~(to - 1);
}

static int read_headers(struct image *im, struct uf_err *err)
{
    const Elf64_Ehdr *h = &im->ehdr;
    int r = host_file_size(im->fd, &im->size);

    if (r < 0)
        return uf_fail(err, r, "image: cannot be read");
    if (im->size > IMAGE_MAX)
        return uf_fail(err, -EFBIG, "image: %" PRIu64 " bytes, allowed are %" PRIu64, im->size,
                       IMAGE_MAX);
    if (im->size < sizeof(*h) || host_pread(im->fd, &im->ehdr, sizeof(*h), 0) < 0 ||
        memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return uf_fail(err, -EINVAL, "image: not an ELF file");
    if (h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
        h->e_type != ET_EXEC)
        return uf_fail(err, -EINVAL, "image: not a static 64-bit little-endian executable");
    if (h->e_machine != arch_elf_machine())
        return uf_fail(err, -EINVAL, "image: for ELF machine %u, this is %u", h->e_machine,
                       arch_elf_machine());
    if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phnum == 0 || h->e_phnum > PHDRS_MAX)
        return uf_fail(err, -EINVAL, "image: %u program headers of %u bytes", h->e_phnum,
                       h->e_phentsize);
    if (h->e_phoff > im->size || h->e_phnum * sizeof(Elf64_Phdr) > im->size - h->e_phoff ||
        host_pread(im->fd, im->phdr, h->e_phnum * sizeof(Elf64_Phdr), h->e_phoff) < 0)
        return uf_fail(err, -EINVAL, "image: program headers outside the file");
    return 0;
}

/* Find our note in one PT_NOTE segment. 1 when found. */
static int scan_notes(struct image *im, const Elf64_Phdr *p)
{
    uint8_t buf[NOTES_MAX];
    size_t at = 0;

    if (p->p_filesz > sizeof(buf) || p->p_offset > im->size ||
        p->p_filesz > im->size - p->p_offset ||
        host_pread(im->fd, buf, p->p_filesz, p->p_offset) < 0)
        return 0;
    while (p->p_filesz - at >= sizeof(Elf64_Nhdr)) {
        Elf64_Nhdr n;
        size_t left = p->p_filesz - at - sizeof(n);

        memcpy(&n, buf + at, sizeof(n));
        if (n.n_namesz > left || align_up(n.n_namesz, 4) > left ||
            n.n_descsz > left - align_up(n.n_namesz, 4))
            return 0;
        const uint8_t *name = buf + at + sizeof(n);
        const uint8_t *desc = name + align_up(n.n_namesz, 4);
        if (n.n_type == UF_NOTE_TYPE && n.n_namesz == sizeof(UF_NOTE_NAME) &&
            memcmp(name, UF_NOTE_NAME, sizeof(UF_NOTE_NAME)) == 0 &&
            n.n_descsz == sizeof(im->note)) {
            memcpy(&im->note, desc, sizeof(im->note));
            return 1;
        }
        uint64_t step = sizeof(n) + align_up(n.n_namesz, 4) + align_up(n.n_descsz, 4);
        if (step > p->p_filesz - at)
            return 0;
        at += step;
    }
    return 0;
}

static int find_note(struct image *im, struct uf_err *err)
{
    for (unsigned i = 0; i < im->ehdr.e_phnum; i++)
        if (im->phdr[i].p_type == PT_NOTE && scan_notes(im, &im->phdr[i]) == 1) {
            const struct uf_image_note *n = &im->note;

            if (n->abi_version != UF_ABI_VERSION)
                return uf_fail(err, -EINVAL, "image: built for ABI %u, this tender has %u",
                               n->abi_version, UF_ABI_VERSION);
            if (n->stack_size < UF_STACK_MIN || n->stack_size > UF_STACK_MAX ||
                n->stack_size % UF_ALIGN != 0)
                return uf_fail(err, -EINVAL,
                               "image: stack of %u bytes, allowed are %" PRIu64 " to %" PRIu64,
                               n->stack_size, UF_STACK_MIN, UF_STACK_MAX);
            if (n->symbols_size != 0 &&
                (n->symbols_size > UF_SYMTAB_MAX || n->symbols_offset > im->size ||
                 n->symbols_size > im->size - n->symbols_offset))
                return uf_fail(err, -EINVAL, "image: symbols outside the file");
            return 0;
        }
    return uf_fail(err, -EINVAL, "image: no UniFaaS note; was it made by unifaas build?");
}

static int check_segment(const struct image *im, const Elf64_Phdr *p, uint64_t at,
                         struct uf_err *err)
{
    if ((p->p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
        return uf_fail(err, -EINVAL, "image: segment at 0x%" PRIx64 " is writable and executable",
                       p->p_vaddr);
    if (p->p_vaddr < at || p->p_vaddr % UF_ALIGN != 0 || p->p_vaddr >= UF_RAM_LIMIT)
        return uf_fail(err, -EINVAL, "image: segment at 0x%" PRIx64 " is misplaced", p->p_vaddr);
    if (p->p_filesz > p->p_memsz || p->p_memsz > UF_RAM_LIMIT - p->p_vaddr)
        return uf_fail(err, -EINVAL, "image: segment at 0x%" PRIx64 " has sizes that make no sense",
                       p->p_vaddr);
    if (p->p_offset > im->size || p->p_filesz > im->size - p->p_offset)
        return uf_fail(err, -EINVAL, "image: segment at 0x%" PRIx64 " lies outside the file",
                       p->p_vaddr);
    return 0;
}

static int add_region(struct uf_snapshot *s, uint64_t start, uint64_t end, uint32_t prot,
                      struct uf_err *err)
{
    if (s->nregions == UF_SEGMENT_MAX)
        return uf_fail(err, -EINVAL, "image: more than %u segments", UF_SEGMENT_MAX - 2);
    s->region[s->nregions++] = (struct uf_region){.start = start, .end = end, .prot = prot};
    return 0;
}

/* Lay out stack, segments, boot block and heap; fill in all but the extents. */
static int lay_out(const struct image *im, uint64_t memory, struct uf_snapshot *s,
                   struct uf_err *err)
{
    uint64_t at = UF_IMAGE_BASE;
    int r = 0;

    s->ram_start = UF_IMAGE_BASE - im->note.stack_size;
    s->ram_end = s->ram_start + memory;
    r = add_region(s, s->ram_start, UF_IMAGE_BASE, UF_PROT_READ | UF_PROT_WRITE, err);
    for (unsigned i = 0; i < im->ehdr.e_phnum && r == 0; i++) {
        const Elf64_Phdr *p = &im->phdr[i];

        if (p->p_type == PT_DYNAMIC || p->p_type == PT_INTERP)
            return uf_fail(err, -EINVAL, "image: dynamically linked; link it statically");
        if (p->p_type != PT_LOAD || (p->p_memsz | p->p_filesz) == 0)
            continue;
        r = check_segment(im, p, at, err);
        if (r < 0)
            return r;
        at = align_up(p->p_vaddr + p->p_memsz, UF_ALIGN);
        r = add_region(s, p->p_vaddr, at,
                       UF_PROT_READ | ((p->p_flags & PF_W) != 0 ? UF_PROT_WRITE : 0u) |
                           ((p->p_flags & PF_X) != 0 ? UF_PROT_EXEC : 0u),
                       err);
    }
    if (r < 0)
        return r;
    s->boot_block = at;
    if (at + 2 * UF_ALIGN > s->ram_end)
        return uf_fail(err, -E2BIG,
                       "image: needs more than %" PRIu64 " bytes of memory, the limit "
                       "of this function; raise `memory`",
                       memory);
    return add_region(s, at, s->ram_end, UF_PROT_READ | UF_PROT_WRITE, err);
}

/* What to append: bytes of data, or without it of the image at from, which
 * become memory at addr unless that is 0. */
struct part {
    uint64_t addr;
    uint64_t from;
    const void *data;
    uint64_t len;
};

static int put_part(const struct image *im, int out, struct uf_snapshot *s, const struct part *p)
{
    static uint8_t buf[CHUNK];
    uint64_t size = align_up(p->len, s->page_size);
    uint64_t done = 0;

    while (done < size) {
        size_t n = size - done < sizeof(buf) ? (size_t)(size - done) : sizeof(buf);
        size_t have = done >= p->len ? 0 : p->len - done < n ? (size_t)(p->len - done) : n;
        int r = 0;

        memset(buf, 0, n);
        if (p->data != NULL)
            memcpy(buf, (const uint8_t *)p->data + done, have);
        else if (have > 0)
            r = host_pread(im->fd, buf, have, p->from + done);
        if (r == 0)
            r = host_pwrite(out, buf, n, s->file_size + done);
        if (r < 0)
            return r;
        done += n;
    }
    if (p->addr != 0)
        s->extent[s->nextents++] =
            (struct uf_extent){.addr = p->addr, .size = size, .offset = s->file_size};
    s->file_size += size;
    return 0;
}

static int put_boot(const struct image *im, int out, struct uf_snapshot *s,
                    const struct image_boot *boot)
{
    static struct {
        struct uf_boot b;
        char env[UF_ENV_MAX];
    } page;
    size_t len = sizeof(page.b) + boot->env_size;

    memset(&page, 0, sizeof(page));
    page.b.heap_start = align_up(s->boot_block + len, UF_PAGE);
    page.b.heap_end = s->ram_end;
    page.b.env_size = boot->env_size;
    for (uint32_t i = 0; i < boot->env_size; i++)
        page.b.env_count += boot->env[i] == '\0';
    strncpy(page.b.name, boot->name, sizeof(page.b.name) - 1);
    memcpy(page.env, boot->env, boot->env_size);
    return put_part(im, out, s, &(struct part){.addr = s->boot_block, .data = &page, .len = len});
}

static int put_contents(const struct image *im, int out, struct uf_snapshot *s,
                        const struct image_boot *boot)
{
    int r = 0;

    s->file_size = align_up(UF_SNAPSHOT_HEADER, s->page_size);
    if (im->note.symbols_size != 0) {
        s->symbols_offset = s->file_size;
        s->symbols_size = im->note.symbols_size;
        r = put_part(im, out, s,
                     &(struct part){.from = im->note.symbols_offset, .len = s->symbols_size});
    }
    for (unsigned i = 0; i < im->ehdr.e_phnum && r == 0; i++) {
        const Elf64_Phdr *p = &im->phdr[i];

        if (p->p_type == PT_LOAD && p->p_filesz != 0)
            r = put_part(im, out, s, &(struct part){p->p_vaddr, p->p_offset, NULL, p->p_filesz});
    }
    if (r == 0)
        r = put_boot(im, out, s, boot);
    if (r == 0)
        r = host_pwrite(out, s, sizeof(*s), 0);
    return r;
}

int image_to_snapshot(int image, int out, const struct image_boot *boot, struct uf_snapshot *snap,
                      struct uf_err *err)
{
    struct image im = {.fd = image};
    int r;

    if (boot->env_size > UF_ENV_MAX ||
        (boot->env_size > 0 && boot->env[boot->env_size - 1] != '\0'))
        return uf_fail(err, -EINVAL, "environment: %u bytes, allowed are %u", boot->env_size,
                       UF_ENV_MAX);
    if (boot->memory % UF_ALIGN != 0 || boot->memory < UF_MEMORY_MIN ||
        boot->memory > UF_MEMORY_MAX)
        return uf_fail(err, -EINVAL,
                       "memory: %" PRIu64 " bytes, allowed are %" PRIu64 " to %" PRIu64
                       " in steps of %" PRIu64,
                       boot->memory, UF_MEMORY_MIN, UF_MEMORY_MAX, UF_ALIGN);
    memset(snap, 0, sizeof(*snap));
    r = read_headers(&im, err);
    if (r == 0)
        r = find_note(&im, err);
    if (r == 0)
        r = lay_out(&im, boot->memory, snap, err);
    if (r < 0)
        return r;
    snap->magic = UF_SNAPSHOT_MAGIC;
    snap->version = UF_SNAPSHOT_VERSION;
    snap->machine = arch_elf_machine();
    snap->abi_version = UF_ABI_VERSION;
    snap->page_size = (uint32_t)boot->page_size;
    snap->entry = im.note.boot_entry;
    snap->event_entry = im.note.event_entry;
    snap->thread_pointer = im.note.thread_pointer;
    snap->door_block = im.note.door_block;
    r = put_contents(&im, out, snap, boot);
    if (r < 0)
        return uf_fail(err, r, "image: cannot be copied: %s", strerror(-r));
    r = snap_check(snap, snap->file_size, boot->page_size, err);
    return r < 0 ? uf_wrap(err, r, "image") : 0;
}
