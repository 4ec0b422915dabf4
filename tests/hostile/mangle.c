// SPDX-License-Identifier: MIT
/*
 * mangle.c: a good image, broken in one place at a time.
 *
 *	mangle IMAGE DIR [CASE]
 *
 * Writes DIR/CASE.img for each line of the table below (or for one of them),
 * and prints the case, a tab, and what is to be said of it: an extended regular
 * expression for the refusal, or "served" where the change is in a field that
 * nobody reads, so that the function answers as ever.
 *
 * Some values are of this architecture's builder: text at UF_IMAGE_BASE, then
 * constants, then data, each in a segment of its own.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/image.h"
#include "base/auto.h"

/* What a change is counted from: the file's start, or a structure in it. */
enum base { NOWHERE, FILE_END, EHDR, TEXT, CONSTANTS, DATA, TLS, NOTE, STACK, NOTE_HEAD, DESC };

/* How the value becomes the field's: as it is, added, or from the file's size. */
enum how { SET, ADD, FROM_END };

struct change {
    enum base base;
    enum how how;
    size_t at;   /* of the field, from base                              */
    size_t size; /* of the field; with FILE_END: the file's new length is */
    uint64_t value;
};

struct hurt {
    const char *name;
    const char *want;
    struct change change[2];
};

#define FIELD(base, how, type, member, value)                                   \
    {                                                                           \
        base, how, offsetof(type, member), sizeof(((type *)0)->member), (value) \
    }
#define E(member, value)              FIELD(EHDR, SET, Elf64_Ehdr, member, value)
#define P(segment, member, value)     FIELD(segment, SET, Elf64_Phdr, member, value)
#define ADDED(segment, member, value) FIELD(segment, ADD, Elf64_Phdr, member, (uint64_t)(value))
#define PAST(segment, member, value)  FIELD(segment, FROM_END, Elf64_Phdr, member, (uint64_t)(value))
#define N(member, value)              FIELD(DESC, SET, struct uf_image_note, member, value)
#define NH(member, value)             FIELD(NOTE_HEAD, SET, Elf64_Nhdr, member, value)
#define IDENT(i, value)            \
    {                              \
        EHDR, SET, (i), 1, (value) \
    }
#define LENGTH(how, value)                     \
    {                                          \
        FILE_END, how, 0, 0, (uint64_t)(value) \
    }

#define SERVED    "served"
#define NOT_ELF   "image: not an ELF file"
#define NOT_OURS  "not a static 64-bit little-endian executable"
#define MACHINE   "image: for ELF machine [0-9]+, this is [0-9]+"
#define HEADERS   "image: [0-9]+ program headers of [0-9]+ bytes"
#define OUTSIDE   "program headers outside the file"
#define DYNAMIC   "dynamically linked; link it statically"
#define MISPLACED "segment at 0x[0-9a-f]+ is misplaced"
#define SIZES     "segment at 0x[0-9a-f]+ has sizes that make no sense"
#define BEYOND    "segment at 0x[0-9a-f]+ lies outside the file"
#define WX        "segment at 0x[0-9a-f]+ is writable and executable"
#define NO_NOTE   "no UniFaaS note; was it made by unifaas build"
#define ENTRY     "an entry point is not in executable memory"
#define BLOCK     "the door block is not in writable memory"
#define THREAD    "the thread pointer is outside RAM"
#define SYMBOLS   "symbols outside the file"
#define STACK_OF  "image: stack of [0-9]+ bytes, allowed are 65536 to 8388608"
#define MEMORY    "needs more than [0-9]+ bytes of memory.*raise `memory`"

static const struct hurt table[] = {
    /* clang-format off: a table */
    /* ---- the file ---- */
    {"file-empty", "not an ELF file|no image in the request", {LENGTH(SET, 0)}},
    {"file-one-byte", NOT_ELF, {LENGTH(SET, 1)}},
    {"file-magic-only", NOT_ELF, {LENGTH(SET, 4)}},
    {"file-half-header", NOT_ELF, {LENGTH(SET, 63)}},
    {"file-header-only", OUTSIDE, {LENGTH(SET, 64)}},
    {"file-ends-in-phdrs", OUTSIDE, {LENGTH(SET, 64 + 56 * 2 + 7)}},
    {"file-ends-before-text", NO_NOTE, {LENGTH(SET, 4096)}},
    {"file-ends-in-text", NO_NOTE, {LENGTH(SET, 4096 + 100)}},
    {"file-trailing-garbage", SERVED, {LENGTH(FROM_END, 70000)}},
    {"file-of-zeroes-after", "larger than 64Mi|allowed are 67108864", {LENGTH(SET, 65u << 20)}},
    /* ---- the ELF header ---- */
    {"ident-mag0", NOT_ELF, {IDENT(EI_MAG0, 0)}},
    {"ident-mag1", NOT_ELF, {IDENT(EI_MAG1, 'e')}},
    {"ident-mag2", NOT_ELF, {IDENT(EI_MAG2, 0xff)}},
    {"ident-mag3", NOT_ELF, {IDENT(EI_MAG3, 0)}},
    {"ident-class-none", NOT_OURS, {IDENT(EI_CLASS, ELFCLASSNONE)}},
    {"ident-class-32", NOT_OURS, {IDENT(EI_CLASS, ELFCLASS32)}},
    {"ident-class-255", NOT_OURS, {IDENT(EI_CLASS, 255)}},
    {"ident-data-none", NOT_OURS, {IDENT(EI_DATA, ELFDATANONE)}},
    {"ident-data-big-endian", NOT_OURS, {IDENT(EI_DATA, ELFDATA2MSB)}},
    {"ident-version", SERVED, {IDENT(EI_VERSION, 255)}},
    {"ident-osabi", SERVED, {IDENT(EI_OSABI, 255)}},
    {"ident-abiversion", SERVED, {IDENT(EI_ABIVERSION, 255)}},
    {"ident-padding", SERVED, {{EHDR, SET, EI_PAD, 7, UINT64_MAX}}},
    {"type-none", NOT_OURS, {E(e_type, ET_NONE)}},
    {"type-object", NOT_OURS, {E(e_type, ET_REL)}},
    {"type-shared", NOT_OURS, {E(e_type, ET_DYN)}},
    {"type-core", NOT_OURS, {E(e_type, ET_CORE)}},
    {"type-65535", NOT_OURS, {E(e_type, UINT16_MAX)}},
    {"machine-none", MACHINE, {E(e_machine, EM_NONE)}},
    {"machine-386", MACHINE, {E(e_machine, EM_386)}},
    {"machine-riscv", MACHINE, {E(e_machine, EM_RISCV)}},
    {"machine-65535", MACHINE, {E(e_machine, UINT16_MAX)}},
    {"version-255", SERVED, {E(e_version, 255)}},
    {"entry-kernel", SERVED, {E(e_entry, UINT64_MAX)}},
    {"phoff-zero", NO_NOTE, {E(e_phoff, 0)}},
    {"phoff-odd", NO_NOTE, {E(e_phoff, 61)}},
    {"phoff-at-end", OUTSIDE, {{EHDR, FROM_END, offsetof(Elf64_Ehdr, e_phoff), 8, 0}}},
    {"phoff-last-byte", OUTSIDE, {{EHDR, FROM_END, offsetof(Elf64_Ehdr, e_phoff), 8, UINT64_MAX}}},
    {"phoff-huge", OUTSIDE, {E(e_phoff, UINT64_MAX)}},
    {"phoff-wraps", OUTSIDE, {E(e_phoff, UINT64_MAX - 100)}},
    {"phoff-negative", OUTSIDE, {E(e_phoff, UINT64_C(1) << 63)}},
    {"phnum-none", HEADERS, {E(e_phnum, 0)}},
    {"phnum-one", NO_NOTE, {E(e_phnum, 1)}},
    {"phnum-17", HEADERS, {E(e_phnum, 17)}},
    {"phnum-65534", HEADERS, {E(e_phnum, 65534)}},
    {"phnum-65535", HEADERS, {E(e_phnum, 65535)}},
    {"phentsize-zero", HEADERS, {E(e_phentsize, 0)}},
    {"phentsize-one", HEADERS, {E(e_phentsize, 1)}},
    {"phentsize-32-bit", HEADERS, {E(e_phentsize, sizeof(Elf32_Phdr))}},
    {"phentsize-65535", HEADERS, {E(e_phentsize, UINT16_MAX)}},
    {"ehsize", SERVED, {E(e_ehsize, UINT16_MAX)}},
    {"flags", SERVED, {E(e_flags, UINT32_MAX)}},
    {"shoff", SERVED, {E(e_shoff, UINT64_MAX)}},
    {"shnum-shentsize", SERVED, {E(e_shnum, UINT16_MAX), E(e_shentsize, UINT16_MAX)}},
    {"shstrndx", SERVED, {E(e_shstrndx, UINT16_MAX)}},
    /* ---- program headers ---- */
    {"type-interp", DYNAMIC, {P(STACK, p_type, PT_INTERP)}},
    {"type-dynamic", DYNAMIC, {P(STACK, p_type, PT_DYNAMIC)}},
    {"type-unknown", SERVED, {P(STACK, p_type, 0x7fffffff)}},
    {"text-not-loaded", ENTRY, {P(TEXT, p_type, PT_NULL)}},
    {"tls-is-loaded", MISPLACED, {P(TLS, p_type, PT_LOAD), P(TLS, p_memsz, 4096)}},
    {"offset-huge", BEYOND, {P(TEXT, p_offset, UINT64_MAX)}},
    {"offset-at-end", BEYOND, {PAST(TEXT, p_offset, 0)}},
    {"offset-one-too-far", BEYOND, {PAST(TEXT, p_offset, -99), P(TEXT, p_filesz, 100)}},
    {"offset-into-headers", "init(:| failed:)", {P(TEXT, p_offset, 0)}},
    {"filesz-above-memsz", SIZES, {ADDED(TEXT, p_filesz, 1)}},
    {"filesz-huge", SIZES, {P(TEXT, p_filesz, UINT64_MAX)}},
    {"filesz-beyond-file", BEYOND, {P(TEXT, p_filesz, 1u << 30), P(TEXT, p_memsz, 1u << 30)}},
    {"filesz-without-memsz", SIZES, {P(TEXT, p_memsz, 0)}},
    {"memsz-huge", SIZES, {P(DATA, p_memsz, UINT64_MAX)}},
    {"memsz-wraps", SIZES, {P(DATA, p_memsz, UINT64_MAX - 0x10020000 + 1)}},
    {"memsz-above-the-top", SIZES, {P(DATA, p_memsz, UF_RAM_LIMIT - 0x10020000 + 1)}},
    {"memsz-all-of-it", MEMORY, {P(DATA, p_memsz, UF_RAM_LIMIT - 0x10020000)}},
    {"memsz-over-memory", MEMORY, {P(DATA, p_memsz, 64u << 20)}},
    {"vaddr-null", MISPLACED, {P(TEXT, p_vaddr, 0)}},
    {"vaddr-event", MISPLACED, {P(TEXT, p_vaddr, UF_EVENT_BASE)}},
    {"vaddr-door", MISPLACED, {P(TEXT, p_vaddr, UF_DOOR_BASE)}},
    {"vaddr-stack", MISPLACED, {P(TEXT, p_vaddr, UF_IMAGE_BASE - UF_ALIGN)}},
    {"vaddr-odd", MISPLACED, {P(TEXT, p_vaddr, UF_IMAGE_BASE + 1)}},
    {"vaddr-small-page", MISPLACED, {P(DATA, p_vaddr, 0x10021000)}},
    {"vaddr-top", MISPLACED, {P(DATA, p_vaddr, UF_RAM_LIMIT)}},
    {"vaddr-last-page", MISPLACED, {P(DATA, p_vaddr, UINT64_MAX - UF_ALIGN + 1)}},
    {"vaddr-kernel", MISPLACED, {P(TEXT, p_vaddr, UINT64_C(0xffffffff80000000))}},
    {"vaddr-far", MEMORY, {P(DATA, p_vaddr, UF_RAM_LIMIT - UF_ALIGN)}},
    {"segments-same-place", MISPLACED, {P(CONSTANTS, p_vaddr, UF_IMAGE_BASE)}},
    {"segments-overlap", MISPLACED, {P(TEXT, p_filesz, 0), P(TEXT, p_memsz, UF_ALIGN + 1)}},
    {"segments-out-of-order",
     MISPLACED,
     {P(CONSTANTS, p_vaddr, 0x10020000), P(DATA, p_vaddr, 0x10010000)}},
    {"flags-text-writable", WX, {P(TEXT, p_flags, PF_R | PF_W | PF_X)}},
    {"flags-data-executable", WX, {P(DATA, p_flags, PF_R | PF_W | PF_X)}},
    {"flags-write-execute", WX, {P(DATA, p_flags, PF_W | PF_X)}},
    {"flags-all", WX, {P(CONSTANTS, p_flags, UINT32_MAX)}},
    {"flags-text-none", ENTRY, {P(TEXT, p_flags, 0)}},
    {"flags-data-read-only", BLOCK, {P(DATA, p_flags, PF_R)}},
    {"flags-unknown", SERVED, {P(CONSTANTS, p_flags, PF_R | 0xfffffff8u)}},
    {"align-not-a-power", SERVED, {P(TEXT, p_align, 12345)}},
    {"align-huge", SERVED, {P(DATA, p_align, UINT64_MAX)}},
    {"paddr", SERVED, {P(TEXT, p_paddr, UINT64_MAX)}},
    /* ---- the note ---- */
    {"note-missing", NO_NOTE, {P(NOTE, p_type, PT_NULL)}},
    {"note-empty", NO_NOTE, {P(NOTE, p_filesz, 0)}},
    {"note-short", NO_NOTE, {ADDED(NOTE, p_filesz, -4)}},
    {"note-in-pieces", NO_NOTE, {P(NOTE, p_filesz, 11)}},
    {"note-too-large", NO_NOTE, {P(NOTE, p_filesz, 4097)}},
    {"note-huge", NO_NOTE, {P(NOTE, p_filesz, UINT64_MAX)}},
    {"note-at-end", NO_NOTE, {PAST(NOTE, p_offset, 0)}},
    {"note-far", NO_NOTE, {P(NOTE, p_offset, UINT64_MAX - 10)}},
    {"note-of-code", NO_NOTE, {P(NOTE, p_offset, 4096)}},
    {"note-name-size", NO_NOTE, {NH(n_namesz, UINT32_MAX)}},
    {"note-name-empty", NO_NOTE, {NH(n_namesz, 0)}},
    {"note-desc-size", NO_NOTE, {NH(n_descsz, UINT32_MAX)}},
    {"note-desc-short", NO_NOTE, {NH(n_descsz, 52)}},
    {"note-type", NO_NOTE, {NH(n_type, 2)}},
    {"note-name", NO_NOTE, {{NOTE_HEAD, SET, 12, 1, 'x'}}},
    {"abi-older", "built for ABI 0, this tender has 1", {N(abi_version, 0)}},
    {"abi-newer", "built for ABI 2, this tender has 1", {N(abi_version, 2)}},
    {"stack-none", STACK_OF, {N(stack_size, 0)}},
    {"stack-a-page", STACK_OF, {N(stack_size, 4096)}},
    {"stack-odd", STACK_OF, {N(stack_size, 65537)}},
    {"stack-too-large", STACK_OF, {N(stack_size, 0x00810000)}},
    {"stack-huge", STACK_OF, {N(stack_size, 0xffff0000)}},
    {"boot-entry-null", ENTRY, {N(boot_entry, 0)}},
    {"boot-entry-data", ENTRY, {N(boot_entry, 0x10020000)}},
    {"boot-entry-constants", ENTRY, {N(boot_entry, 0x10010000)}},
    {"boot-entry-stack", ENTRY, {N(boot_entry, UF_IMAGE_BASE - 16)}},
    {"boot-entry-door", ENTRY, {N(boot_entry, UF_DOOR_BASE)}},
    {"boot-entry-event", ENTRY, {N(boot_entry, UF_EVENT_BASE)}},
    {"boot-entry-machine", ENTRY, {N(boot_entry, 0x1000)}},
    {"boot-entry-kernel", ENTRY, {N(boot_entry, UINT64_MAX)}},
    {"event-entry-null", ENTRY, {N(event_entry, 0)}},
    {"event-entry-data", ENTRY, {N(event_entry, 0x10020000)}},
    {"event-entry-last", ENTRY, {N(event_entry, UINT64_MAX)}},
    {"thread-null", THREAD, {N(thread_pointer, 0)}},
    {"thread-not-canonical", THREAD, {N(thread_pointer, UINT64_C(1) << 47)}},
    {"thread-kernel", THREAD, {N(thread_pointer, UINT64_MAX)}},
    {"thread-door", THREAD, {N(thread_pointer, UF_DOOR_BASE)}},
    {"block-null", BLOCK, {N(door_block, 0)}},
    {"block-text", BLOCK, {N(door_block, UF_IMAGE_BASE)}},
    {"block-constants", BLOCK, {N(door_block, 0x10010000)}},
    {"block-event", BLOCK, {N(door_block, UF_EVENT_BASE)}},
    {"block-door", BLOCK, {N(door_block, UF_DOOR_BASE)}},
    {"block-odd", BLOCK, {N(door_block, 0x10020208)}},
    {"block-wraps", BLOCK, {N(door_block, UINT64_MAX - 15)}},
    {"block-below-stack", BLOCK, {N(door_block, UF_IMAGE_BASE - UF_STACK_USUAL - 64)}},
    {"block-above-the-top", BLOCK, {N(door_block, UF_RAM_LIMIT)}},
    {"symbols-huge", SYMBOLS, {N(symbols_size, UINT64_MAX)}},
    {"symbols-over-4-mib", SYMBOLS, {N(symbols_size, UF_SYMTAB_MAX + 1)}},
    {"symbols-past-the-end",
     SYMBOLS,
     {{DESC, FROM_END, offsetof(struct uf_image_note, symbols_offset), 8, UINT64_MAX},
      N(symbols_size, 16)}},
    {"symbols-offset-huge", SYMBOLS, {N(symbols_offset, UINT64_MAX - 8), N(symbols_size, 16)}},
    {"symbols-are-headers", SERVED, {N(symbols_offset, 0), N(symbols_size, 4096)}},
    /* clang-format on */
};

static uint8_t *good;
static size_t good_size;

static size_t segment_at(enum base base)
{
    static const struct {
        uint32_t type, flags;
    } is[] = {
        [TEXT] = {PT_LOAD, PF_R | PF_X}, [CONSTANTS] = {PT_LOAD, PF_R},
        [DATA] = {PT_LOAD, PF_R | PF_W}, [TLS] = {PT_TLS, PF_R},
        [NOTE] = {PT_NOTE, PF_R},        [STACK] = {PT_GNU_STACK, PF_R | PF_W},
    };
    const Elf64_Ehdr *h = (const Elf64_Ehdr *)good;

    for (size_t i = 0; i < h->e_phnum; i++) {
        size_t at = h->e_phoff + i * sizeof(Elf64_Phdr);
        const Elf64_Phdr *p = (const Elf64_Phdr *)(good + at);

        if (p->p_type == is[base].type && p->p_flags == is[base].flags)
            return at;
    }
    errx(1, "the image has no segment of kind %d", (int)base);
}

/* From the start of the file. */
static size_t base_at(enum base base)
{
    if (base == EHDR)
        return 0;
    if (base != NOTE_HEAD && base != DESC)
        return segment_at(base);
    const Elf64_Phdr *note = (const Elf64_Phdr *)(good + segment_at(NOTE));
    return note->p_offset + (base == DESC ? sizeof(Elf64_Nhdr) + sizeof(UF_NOTE_NAME) : 0);
}

static uint64_t value_of(const struct change *c, uint64_t now)
{
    return c->how == SET ? c->value : c->how == ADD ? now + c->value : good_size + c->value;
}

static void put_field(int fd, const struct change *c)
{
    size_t at = base_at(c->base) + c->at;
    uint64_t now = 0;

    memcpy(&now, good + at, c->size);
    uint64_t value = value_of(c, now);
    if (pwrite(fd, &value, c->size, (off_t)at) != (ssize_t)c->size)
        err(1, "write");
}

static void write_case(const struct hurt *h, const char *dir)
{
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s.img", dir, h->name);
    UF_AUTO_FD int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, good, good_size) != (ssize_t)good_size)
        err(1, "%s", path);
    for (size_t i = 0; i < 2; i++) {
        const struct change *c = &h->change[i];

        if (c->base == FILE_END && ftruncate(fd, (off_t)value_of(c, 0)) < 0)
            err(1, "%s", path);
        if (c->base > FILE_END)
            put_field(fd, c);
    }
    (void)printf("%s\t%s\n", h->name, h->want);
}

int main(int argc, char **argv)
{
    struct stat st;

    if (argc != 3 && argc != 4)
        errx(2, "usage: mangle IMAGE DIR [CASE]");
    UF_AUTO_FD int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        err(1, "%s", argv[1]);
    good_size = (size_t)st.st_size;
    good = malloc(good_size);
    if (good == NULL || good_size < sizeof(Elf64_Ehdr) ||
        read(fd, good, good_size) != (ssize_t)good_size)
        errx(1, "%s: cannot be read", argv[1]);
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (argc == 3 || strcmp(argv[3], table[i].name) == 0)
            write_case(&table[i], argv[2]);
    free(good);
    return 0;
}
