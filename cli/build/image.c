// SPDX-License-Identifier: MIT
/* image.c: see image.h. ELF gABI chapters 4 and 5. */
#include "cli/build/image.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "base/alloc.h"
#include "base/units.h"
#include "cli/files.h"

#define ELF_MAX       ((size_t)256 << 20) /* bytes of the linker's output */
#define SEGMENT_ALIGN ((size_t)16)        /* bytes, in the file           */

struct program {
    char *bytes; /* owned */
    size_t size;
    Elf64_Ehdr ehdr;
    Elf64_Phdr *phdr; /* ehdr.e_phnum of them; owned */
};

static void program_fini(struct program *p)
{
    free(p->bytes);
    free(p->phdr);
}

static int read_program(struct program *p, const char *elf, struct uf_err *err)
{
    int r = file_read(elf, ELF_MAX, &p->bytes, &p->size, err);
    Elf64_Ehdr *h = &p->ehdr;

    if (r < 0)
        return r;
    if (p->size < sizeof(*h))
        return uf_fail(err, -EINVAL, "%s: not an ELF file", elf);
    memcpy(h, p->bytes, sizeof(*h));
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0 || h->e_ident[EI_CLASS] != ELFCLASS64 ||
        h->e_type != ET_EXEC || h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff > p->size ||
        (size_t)h->e_phnum * sizeof(Elf64_Phdr) > p->size - h->e_phoff)
        return uf_fail(err, -EINVAL, "%s: not a static 64-bit executable", elf);
    p->phdr = xnew((h->e_phnum + 1u) * sizeof(p->phdr[0]));
    memcpy(p->phdr, p->bytes + h->e_phoff, h->e_phnum * sizeof(p->phdr[0]));
    for (unsigned i = 0; i < h->e_phnum; i++)
        if (p->phdr[i].p_filesz > 0 &&
            (p->phdr[i].p_offset > p->size || p->phdr[i].p_filesz > p->size - p->phdr[i].p_offset))
            return uf_fail(err, -EINVAL, "%s: segment %u lies outside the file", elf, i);
    return 0;
}

/* Is b, of the program before packing, a part of the loaded segment a? */
static bool is_part(const Elf64_Phdr *a, const Elf64_Phdr *b)
{
    return a->p_type == PT_LOAD && b->p_type != PT_LOAD && b->p_filesz > 0 &&
           b->p_offset >= a->p_offset && b->p_offset + b->p_filesz <= a->p_offset + a->p_filesz;
}

/* A segment of its own, the n-th, after all others in memory. Returns the end of the file. */
static size_t add_bundle(const struct image_job *job, struct program *to, unsigned n, size_t at)
{
    uint64_t end = UF_IMAGE_BASE;

    for (unsigned i = 0; i < n; i++)
        if (to->phdr[i].p_type == PT_LOAD && to->phdr[i].p_vaddr + to->phdr[i].p_memsz > end)
            end = to->phdr[i].p_vaddr + to->phdr[i].p_memsz;
    end = (end + UF_ALIGN - 1) & ~(UF_ALIGN - 1);
    at = (at + SEGMENT_ALIGN - 1) & ~(SEGMENT_ALIGN - 1);
    memcpy(to->bytes + at, job->bundle, job->bundle_size);
    to->phdr[n] = (Elf64_Phdr){
        .p_type = PT_LOAD,
        .p_flags = PF_R,
        .p_offset = at,
        .p_vaddr = end,
        .p_paddr = end,
        .p_filesz = job->bundle_size,
        .p_memsz = job->bundle_size,
        .p_align = SEGMENT_ALIGN,
    };
    return at + job->bundle_size;
}

/*
 * Headers and loaded segments, one right after the other. The linker leaves up
 * to a page between them, so that they could be mapped from the file; images
 * are copied into snapshots, never mapped. Nothing else comes along: neither
 * section headers nor debug information nor the linker's symbols.
 */
static void pack(const struct program *from, const struct image_job *job, struct program *to)
{
    unsigned n = from->ehdr.e_phnum;
    unsigned more = job->bundle_size > 0 ? 1 : 0;
    size_t at = sizeof(to->ehdr) + (n + more) * sizeof(to->phdr[0]);

    to->bytes = xnew(from->size + at + (n + more) * SEGMENT_ALIGN + job->bundle_size);
    to->phdr = xnew((n + more + 1u) * sizeof(to->phdr[0]));
    memcpy(to->phdr, from->phdr, n * sizeof(to->phdr[0]));
    for (unsigned i = 0; i < n; i++) {
        const Elf64_Phdr *p = &from->phdr[i];

        if (p->p_type != PT_LOAD)
            continue;
        at = (at + SEGMENT_ALIGN - 1) & ~(SEGMENT_ALIGN - 1);
        memcpy(to->bytes + at, from->bytes + p->p_offset, p->p_filesz);
        to->phdr[i].p_offset = at;
        to->phdr[i].p_align = SEGMENT_ALIGN;
        for (unsigned j = 0; j < n; j++)
            if (is_part(p, &from->phdr[j]))
                to->phdr[j].p_offset = at + (from->phdr[j].p_offset - p->p_offset);
        at += p->p_filesz;
    }
    if (more > 0)
        at = add_bundle(job, to, n, at);
    to->size = at;
    to->ehdr = from->ehdr;
    to->ehdr.e_phnum = (Elf64_Half)(n + more);
    to->ehdr.e_phoff = sizeof(to->ehdr);
    to->ehdr.e_shoff = 0;
    to->ehdr.e_shnum = 0;
    to->ehdr.e_shstrndx = 0;
    memcpy(to->bytes, &to->ehdr, sizeof(to->ehdr));
    memcpy(to->bytes + sizeof(to->ehdr), to->phdr, (n + more) * sizeof(to->phdr[0]));
}

static void count_segment(const Elf64_Phdr *p, struct image_sizes *z)
{
    if (p->p_type != PT_LOAD)
        return;
    if ((p->p_flags & PF_X) != 0)
        z->text += p->p_filesz;
    else if ((p->p_flags & PF_W) != 0)
        z->data += p->p_filesz;
    else
        z->rodata += p->p_filesz;
    z->bss += p->p_memsz - p->p_filesz;
    z->memory += (p->p_memsz + UF_ALIGN - 1) & ~(UF_ALIGN - 1);
}

/* Find our note in a PT_NOTE segment. Returns its place in the file, or 0. */
static uint64_t find_note(const struct program *im, const Elf64_Phdr *p)
{
    uint64_t at = p->p_offset;
    uint64_t end = p->p_offset + p->p_filesz;
    Elf64_Nhdr n;

    if (end > im->size)
        return 0;
    while (end - at >= sizeof(n)) {
        memcpy(&n, im->bytes + at, sizeof(n));
        uint64_t desc = at + sizeof(n) + ((uint64_t)n.n_namesz + 3) / 4 * 4;
        uint64_t next = desc + ((uint64_t)n.n_descsz + 3) / 4 * 4;

        if (desc + n.n_descsz > end)
            return 0;
        if (n.n_type == UF_NOTE_TYPE && n.n_namesz == sizeof(UF_NOTE_NAME) &&
            memcmp(im->bytes + at + sizeof(n), UF_NOTE_NAME, sizeof(UF_NOTE_NAME)) == 0 &&
            n.n_descsz == sizeof(struct uf_image_note))
            return desc;
        if (next > end)
            return 0;
        at = next;
    }
    return 0;
}

/* Count everything, and write where the symbols will be into the note. */
static int finish(struct program *im, const struct image_job *job, struct image_sizes *z,
                  struct uf_err *err)
{
    size_t symbols = (im->size + SEGMENT_ALIGN - 1) & ~(SEGMENT_ALIGN - 1);
    uint64_t at = 0;
    struct uf_image_note n;

    for (unsigned i = 0; i < im->ehdr.e_phnum; i++) {
        count_segment(&im->phdr[i], z);
        if (im->phdr[i].p_type == PT_NOTE && at == 0)
            at = find_note(im, &im->phdr[i]);
    }
    if (at == 0)
        return uf_fail(err, -EINVAL, "%s: no UniFaaS note; does the SDK belong to this program?",
                       job->elf);
    memcpy(&n, im->bytes + at, sizeof(n));
    n.symbols_offset = job->blob_size != 0 ? symbols : 0;
    n.symbols_size = job->blob_size;
    memcpy(im->bytes + at, &n, sizeof(n));
    z->stack = n.stack_size;
    z->memory += n.stack_size;
    z->symbols = job->blob_size;
    z->file = symbols + job->blob_size;
    return 0;
}

/* The boot block and a little heap have to fit beside the image. */
static int check_memory(const struct image_job *job, const struct image_sizes *z,
                        struct uf_err *err)
{
    char want[UNITS_TEXT];
    char have[UNITS_TEXT];
    uint64_t least = z->memory + 2 * UF_ALIGN;

    if (least <= job->memory)
        return 0;
    return uf_fail(err, -ENOMEM,
                   "%s: the image needs %s of memory, and `memory` in function.yaml is %s",
                   job->out, units_format_size(least, want), units_format_size(job->memory, have));
}

int image_finish(const struct image_job *job, struct image_sizes *sizes, struct uf_err *err)
{
    static char zeros[SEGMENT_ALIGN];
    struct program linked = {0};
    struct program im = {0};
    struct image_sizes z = {0};
    union {
        const uint8_t *in;
        void *out;
    } blob = {.in = job->blob}; /* struct iovec has no const */
    int r = read_program(&linked, job->elf, err);

    if (r == 0) {
        pack(&linked, job, &im);
        r = finish(&im, job, &z, err);
    }
    if (r == 0)
        r = check_memory(job, &z, err);
    if (r == 0) {
        const struct iovec parts[] = {
            {im.bytes, im.size}, {zeros, z.file - z.symbols - im.size}, {blob.out, job->blob_size}};

        r = job->fd != NULL ? file_write_to(*job->fd, job->out, parts, 3, err)
                            : file_write(job->out, parts, 3, err);
    }
    if (r == 0)
        *sizes = z;
    program_fini(&linked);
    program_fini(&im);
    return r;
}
