// SPDX-License-Identifier: MIT
/*
 * image.h: what a function image is, and where its memory lies.
 *
 * An image is a static ELF executable, linked at UF_IMAGE_BASE, whose loadable
 * segments are never both writable and executable, with one note that names
 * its entry points. The same bytes run under every backend, because nothing
 * in the image says how it leaves: it calls the door page, which the tender
 * provides.
 *
 * The guest's address space, the same under every backend (all of it below
 * 2 GiB, so that the small code model reaches everything):
 *
 *	0x00000000                 unmapped: null pointers fault
 *	UF_EVENT_BASE  0x04000000  the event, read-only, up to UF_EVENT_MAX
 *	UF_DOOR_BASE   0x0e000000  the door page, read-execute
 *	               ...         unmapped: 31 MiB of stack guard
 *	               ram.start   stack, grows down, read-write
 *	UF_IMAGE_BASE  0x10000000  text r-x | rodata r-- | data, bss rw-
 *	               heap.start  boot block, then heap, read-write
 *	               ram.end     ram.start + the function's memory
 *
 * Every boundary is a multiple of UF_ALIGN, so that hosts with 4, 16 and
 * 64 KiB pages give the same protections.
 */
#ifndef ABI_IMAGE_H
#define ABI_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#define UF_ABI_VERSION 1u

#define UF_ALIGN      UINT64_C(0x10000)    /* bytes; the largest host page        */
#define UF_PAGE       UINT64_C(0x1000)     /* bytes; the guest's own page         */
#define UF_EVENT_BASE UINT64_C(0x04000000) /* the event area                      */
#define UF_EVENT_MAX  UINT64_C(0x08000000) /* bytes of it at most: 128 MiB        */
#define UF_DOOR_BASE  UINT64_C(0x0e000000) /* the door page                       */
#define UF_DOOR_SIZE  UF_ALIGN             /* bytes                               */
#define UF_IMAGE_BASE UINT64_C(0x10000000) /* first byte of text; top of stack    */
#define UF_RAM_LIMIT  UINT64_C(0x60000000) /* no RAM at or above                  */

#define UF_MEMORY_MIN  UINT64_C(0x00100000) /* bytes: 1 MiB                       */
#define UF_MEMORY_MAX  UINT64_C(0x40000000) /* bytes: 1 GiB                       */
#define UF_STACK_MIN   UF_ALIGN             /* bytes                              */
#define UF_STACK_MAX   UINT64_C(0x00800000) /* bytes: 8 MiB                       */
#define UF_STACK_USUAL UINT64_C(0x00040000) /* bytes: 256 KiB                     */
#define UF_SEGMENT_MAX 8u                   /* loadable segments                  */
#define UF_ENV_MAX     16384u               /* bytes of "NAME=value\0" strings    */

/* ELF machine numbers of the architectures we know (ELF gABI, e_machine). */
#define UF_EM_X86_64  62u
#define UF_EM_AARCH64 183u

/*
 * The note: n_name "UniFaaS", n_type UF_NOTE_TYPE, and this descriptor. The
 * linker script places it in a PT_NOTE segment. Addresses are guest addresses.
 *
 * symbols_* say where in the file the symbol table of backtraces lies (see
 * struct uf_symtab). The builder fills them in after linking; 0 and 0 mean
 * none.
 */
#define UF_NOTE_NAME "UniFaaS" /* 8 bytes with its NUL */
#define UF_NOTE_TYPE 1u

struct uf_image_note {
    uint32_t abi_version;    /* UF_ABI_VERSION                                    */
    uint32_t stack_size;     /* bytes, UF_STACK_MIN..UF_STACK_MAX, UF_ALIGN units */
    uint64_t boot_entry;     /* runs init, then opens the door with READY         */
    uint64_t event_entry;    /* handles one event, then opens the door with DONE  */
    uint64_t thread_pointer; /* value of the thread register at both entries      */
    uint64_t door_block;     /* struct uf_door in writable memory, 16-aligned     */
    uint64_t symbols_offset; /* bytes from the start of the file                  */
    uint64_t symbols_size;   /* bytes                                             */
};

/*
 * What the tender leaves for the boot entry, in the first bytes of the heap;
 * its address is the one argument of both entries. Kept by the snapshot, so
 * the event entry finds it as init left it.
 */
struct uf_boot {
    uint64_t heap_start; /* first free byte after this block, UF_PAGE aligned     */
    uint64_t heap_end;   /* one past the last byte                                */
    uint32_t env_size;   /* bytes of env that follow: "NAME=value\0"...           */
    uint32_t env_count;  /* strings in it                                         */
    char name[64];       /* the function's name, NUL-terminated                   */
};

/*
 * Symbols for backtraces: this header, then nfuncs functions sorted by addr,
 * then nlines line marks sorted by addr, then names_size bytes of
 * NUL-terminated strings. An address belongs to the last function at or below
 * it, and to the last line mark at or below it within that function.
 */
#define UF_SYMTAB_MAGIC 0x4d595355u /* "USYM" */
#define UF_SYMTAB_MAX   0x00400000u /* bytes: 4 MiB */

struct uf_symtab {
    uint32_t magic;
    uint32_t nfuncs;
    uint32_t nlines;
    uint32_t names_size;
};

struct uf_symtab_func {
    uint32_t addr;
    uint32_t size; /* bytes; 0 when unknown              */
    uint32_t name; /* offset into the names              */
};

struct uf_symtab_line {
    uint32_t addr;
    uint32_t line; /* 0 ends a run: no line known here   */
    uint32_t file; /* offset into the names              */
};

/*
 * Files that the builder put into a finished image, for a language runtime whose
 * script comes later than its compiler: the contents of a last, read-only segment,
 * which begins at the first multiple of UF_ALIGN after the image's own. This
 * header, then nfiles files, then names and contents, each followed by a NUL that
 * its size does not count. Offsets are from the start of the header. The first
 * file is the one to begin with. UF_BUNDLE_PARAMS, which is no path in the folder,
 * names the manifest's default parameters: an object as JSON.
 */
#define UF_BUNDLE_MAGIC  0x4c444e42u /* "BNDL" */
#define UF_BUNDLE_FILES  1024u       /* files at most            */
#define UF_BUNDLE_MAX    0x01000000u /* bytes of it all: 16 MiB  */
#define UF_BUNDLE_PARAMS "/params.json"

struct uf_bundle {
    uint32_t magic;
    uint32_t nfiles;
};

struct uf_bundle_file {
    uint32_t name; /* offset; a path with "/", relative to the function's folder */
    uint32_t name_size;
    uint32_t data; /* offset                                                     */
    uint32_t data_size;
};

/* ABI tripwires. Do not edit a number to make the build pass: read docs/abi.md. */
_Static_assert(sizeof(struct uf_bundle) == 8, "ABI v1: uf_bundle");
_Static_assert(sizeof(struct uf_bundle_file) == 16, "ABI v1: uf_bundle_file");
_Static_assert(sizeof(struct uf_image_note) == 56, "ABI v1: uf_image_note");
_Static_assert(offsetof(struct uf_image_note, door_block) == 32, "ABI v1: door_block");
_Static_assert(sizeof(struct uf_boot) == 88, "ABI v1: uf_boot");
_Static_assert(sizeof(struct uf_symtab) == 16, "ABI v1: uf_symtab");
_Static_assert(sizeof(struct uf_symtab_func) == 12, "ABI v1: uf_symtab_func");
_Static_assert(sizeof(struct uf_symtab_line) == 12, "ABI v1: uf_symtab_line");

#endif
