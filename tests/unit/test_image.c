// SPDX-License-Identifier: MIT
// LINK: tender/core/image.c tender/core/snap.c tender/core/gmem.c tender/core/host.c @arch
/* Every ELF field that the loader believes, out of range. */
#include "tender/core/image.h"

#include <elf.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tender/arch/arch.h"
#include "tender/core/host.h"
#include "tests/tap.h"

#define TEXT   UF_IMAGE_BASE
#define RODATA (UF_IMAGE_BASE + UF_ALIGN)
#define DATA   (UF_IMAGE_BASE + 2 * UF_ALIGN)

struct note {
    Elf64_Nhdr head;
    char name[8];
    struct uf_image_note desc; /* 20 bytes in: notes are aligned to 4 */
} __attribute__((packed));

/* A whole image: headers, one page each of text, rodata with the note, data. */
static struct file {
    Elf64_Ehdr ehdr;
    Elf64_Phdr phdr[4];
    struct note note;
    uint8_t text[16];
    uint8_t data[16];
} elf;

static Elf64_Phdr load(uint64_t addr, uint32_t flags, size_t offset)
{
    return (Elf64_Phdr){.p_type = PT_LOAD,
                        .p_flags = flags,
                        .p_offset = offset,
                        .p_vaddr = addr,
                        .p_filesz = 16,
                        .p_memsz = 16,
                        .p_align = 4096};
}

static void make_good(void)
{
    memset(&elf, 0, sizeof(elf));
    memcpy(elf.ehdr.e_ident, ELFMAG, SELFMAG);
    elf.ehdr.e_ident[EI_CLASS] = ELFCLASS64;
    elf.ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
    elf.ehdr.e_type = ET_EXEC;
    elf.ehdr.e_machine = (uint16_t)arch_elf_machine();
    elf.ehdr.e_phoff = offsetof(struct file, phdr);
    elf.ehdr.e_phentsize = sizeof(Elf64_Phdr);
    elf.ehdr.e_phnum = 4;
    elf.phdr[0] = load(TEXT, PF_R | PF_X, offsetof(struct file, text));
    elf.phdr[1] = load(RODATA, PF_R, offsetof(struct file, text));
    elf.phdr[2] = load(DATA, PF_R | PF_W, offsetof(struct file, data));
    elf.phdr[2].p_memsz = 4096;
    elf.phdr[3] = (Elf64_Phdr){.p_type = PT_NOTE,
                               .p_offset = offsetof(struct file, note),
                               .p_filesz = sizeof(struct note),
                               .p_vaddr = RODATA};
    elf.note.head = (Elf64_Nhdr){8, sizeof(struct uf_image_note), UF_NOTE_TYPE};
    memcpy(elf.note.name, UF_NOTE_NAME, 8);
    elf.note.desc = (struct uf_image_note){
        .abi_version = UF_ABI_VERSION,
        .stack_size = (uint32_t)UF_STACK_USUAL,
        .boot_entry = TEXT,
        .event_entry = TEXT + 4,
        .thread_pointer = DATA + 64,
        .door_block = DATA + 128,
    };
}

static struct uf_snapshot snap;
static struct uf_err err;

static int convert(uint64_t memory)
{
    struct image_boot boot = {
        .name = "f", .env = "A=1", .env_size = 4, .memory = memory, .page_size = 4096};
    int in = memfd_create("image", 0);
    int out = memfd_create("snapshot", 0);
    int r;

    memset(&err, 0, sizeof(err));
    if (host_pwrite(in, &elf, sizeof(elf), 0) < 0)
        return 1;
    r = image_to_snapshot(in, out, &boot, &snap, &err);
    (void)close(in);
    (void)close(out);
    return r;
}

#define MEMORY (UINT64_C(8) << 20)

#define REFUSED(change)                                   \
    do {                                                  \
        make_good();                                      \
        change;                                           \
        CHECK(convert(MEMORY) < 0 && err.msg[0] != '\0'); \
    } while (0)

static void a_good_image_becomes_a_snapshot(void)
{
    make_good();
    CHECK(convert(MEMORY) == 0);
    CHECK(snap.ram_end - snap.ram_start == MEMORY);
    CHECK(snap.entry == TEXT && snap.event_entry == TEXT + 4);
    CHECK(snap.nregions == 5);
    CHECK(snap.boot_block == DATA + UF_ALIGN);
    CHECK(snap.region[4].end == snap.ram_end);
}

static void what_is_no_executable_of_ours_is_refused(void)
{
    REFUSED(elf.ehdr.e_ident[0] = 0);
    REFUSED(elf.ehdr.e_ident[EI_CLASS] = ELFCLASS32);
    REFUSED(elf.ehdr.e_ident[EI_DATA] = ELFDATA2MSB);
    REFUSED(elf.ehdr.e_type = ET_DYN);
    REFUSED(elf.ehdr.e_machine ^= 1);
    REFUSED(elf.phdr[3].p_type = PT_INTERP);
    REFUSED(elf.phdr[0].p_type = PT_DYNAMIC);
}

static void program_headers_outside_the_file_are_refused(void)
{
    REFUSED(elf.ehdr.e_phoff = UINT64_MAX);
    REFUSED(elf.ehdr.e_phoff = sizeof(elf));
    REFUSED(elf.ehdr.e_phnum = 0);
    REFUSED(elf.ehdr.e_phnum = UINT16_MAX);
    REFUSED(elf.ehdr.e_phentsize = 1);
}

static void a_segment_both_writable_and_executable_is_refused(void)
{
    REFUSED(elf.phdr[0].p_flags |= PF_W);
    CHECK(strstr(err.msg, "writable and executable") != NULL);
}

static void misplaced_segments_are_refused(void)
{
    REFUSED(elf.phdr[0].p_vaddr = 0);
    REFUSED(elf.phdr[0].p_vaddr = TEXT - UF_ALIGN);
    REFUSED(elf.phdr[0].p_vaddr += 1);
    REFUSED(elf.phdr[1].p_vaddr = TEXT);
    REFUSED(elf.phdr[2].p_vaddr = UINT64_MAX - UF_ALIGN + 1);
    REFUSED(elf.phdr[2].p_vaddr = UF_RAM_LIMIT);
    REFUSED(elf.phdr[0].p_memsz = 2 * UF_ALIGN);
}

static void segment_sizes_that_lie_are_refused(void)
{
    REFUSED(elf.phdr[0].p_filesz = 17);
    REFUSED(elf.phdr[1].p_memsz = 0);
    CHECK(strstr(err.msg, "sizes") != NULL);
    REFUSED(elf.phdr[2].p_filesz = UINT64_MAX);
    REFUSED(elf.phdr[2].p_memsz = UINT64_MAX);
    REFUSED(elf.phdr[2].p_offset = UINT64_MAX);
    REFUSED(elf.phdr[2].p_offset = sizeof(elf) - 8);
}

static void an_image_without_a_sound_note_is_refused(void)
{
    REFUSED(elf.phdr[3].p_type = PT_NULL);
    REFUSED(elf.phdr[3].p_offset = UINT64_MAX);
    REFUSED(elf.phdr[3].p_filesz = UINT64_MAX);
    REFUSED(elf.phdr[3].p_filesz -= 4);
    REFUSED(elf.note.head.n_namesz = UINT32_MAX);
    REFUSED(elf.note.head.n_descsz = UINT32_MAX);
    REFUSED(elf.note.head.n_type = 2);
    REFUSED(elf.note.name[0] = 'x');
    REFUSED(elf.note.desc.abi_version++);
}

static void a_note_that_points_astray_is_refused(void)
{
    REFUSED(elf.note.desc.stack_size = 0);
    REFUSED(elf.note.desc.stack_size = 4096);
    REFUSED(elf.note.desc.stack_size = UINT32_MAX & ~(uint32_t)(UF_ALIGN - 1));
    REFUSED(elf.note.desc.boot_entry = DATA);
    REFUSED(elf.note.desc.event_entry = 0);
    REFUSED(elf.note.desc.thread_pointer = 0);
    REFUSED(elf.note.desc.door_block = TEXT);
    REFUSED(elf.note.desc.door_block = DATA + 8);
    REFUSED((elf.note.desc.symbols_size = 1, elf.note.desc.symbols_offset = sizeof(elf)));
    REFUSED(elf.note.desc.symbols_size = UINT64_MAX);
}

static void memory_that_is_too_small_is_named_with_its_limit(void)
{
    make_good();
    elf.phdr[2].p_memsz = 16u << 20;
    CHECK(convert(MEMORY) == -E2BIG);
    CHECK(strstr(err.msg, "8388608") != NULL && strstr(err.msg, "memory") != NULL);
    make_good();
    CHECK(convert(0) == -EINVAL);
    CHECK(convert(UF_MEMORY_MAX + UF_ALIGN) == -EINVAL);
    CHECK(convert(MEMORY + 1) == -EINVAL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_good_image_becomes_a_snapshot),
        TAP_CASE(what_is_no_executable_of_ours_is_refused),
        TAP_CASE(program_headers_outside_the_file_are_refused),
        TAP_CASE(a_segment_both_writable_and_executable_is_refused),
        TAP_CASE(misplaced_segments_are_refused),
        TAP_CASE(segment_sizes_that_lie_are_refused),
        TAP_CASE(an_image_without_a_sound_note_is_refused),
        TAP_CASE(a_note_that_points_astray_is_refused),
        TAP_CASE(memory_that_is_too_small_is_named_with_its_limit),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
