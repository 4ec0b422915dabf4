// SPDX-License-Identifier: MIT
/*
 * snapshot.h: a function's memory after init, as a file.
 *
 *	offset 0          struct uf_snapshot, UF_SNAPSHOT_HEADER bytes, zero-padded
 *	symbols_offset    the image's symbol table, symbols_size bytes
 *	extent[i].offset  extent[i].size bytes of memory; offset and size are
 *	                  multiples of page_size, so the file maps directly
 *
 * Memory that no extent covers is zero. There is no register state: every
 * register at the event entry is a constant of the ABI (door.h).
 *
 * A snapshot is valid if and only if
 *   (1) magic, version, machine and abi_version are this tender's own;
 *   (2) file_size is the size of the file;
 *   (3) checksum is the SHA-256 of the whole file with this field zero, and
 *       the file's name is that sum in hexadecimal;
 *   (4) page_size is a power of two, a multiple of the host's page, and at
 *       most UF_ALIGN;
 *   (5) RAM, stack, regions, entries, blocks and thread pointer obey image.h;
 *   (6) extents and symbols lie where they may, in memory and in the file.
 * docs/snapshot-format.md has each clause in full, with its test. The daemon
 * checks (1) to (3) when it first uses a file; the tender, who maps it, trusts
 * nobody and checks all but (3).
 */
#ifndef ABI_SNAPSHOT_H
#define ABI_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"

#define UF_SNAPSHOT_MAGIC   UINT64_C(0x0a1a50414e534655) /* "UFSNAP\x1a\n" */
#define UF_SNAPSHOT_VERSION 1u
#define UF_SNAPSHOT_HEADER  4096u /* bytes */
#define UF_SNAPSHOT_EXTENTS 96u
#define UF_SNAPSHOT_SUM     32u /* bytes of SHA-256 */

enum uf_prot {
    UF_PROT_READ = 1,
    UF_PROT_WRITE = 2,
    UF_PROT_EXEC = 4,
};

/* A stretch of guest memory with one protection. */
struct uf_region {
    uint64_t start; /* UF_ALIGN aligned              */
    uint64_t end;   /* one past the last, likewise   */
    uint32_t prot;  /* enum uf_prot bits             */
    uint32_t zero;
};

/* A stretch of guest memory whose bytes are in the file. */
struct uf_extent {
    uint64_t addr;   /* guest address */
    uint64_t size;   /* bytes, not 0  */
    uint64_t offset; /* in the file   */
};

struct uf_snapshot {
    uint64_t magic;                    /* UF_SNAPSHOT_MAGIC                     */
    uint32_t version;                  /* UF_SNAPSHOT_VERSION                   */
    uint32_t machine;                  /* UF_EM_*                               */
    uint32_t abi_version;              /* UF_ABI_VERSION                        */
    uint32_t page_size;                /* bytes; alignment of the extents       */
    uint8_t checksum[UF_SNAPSHOT_SUM]; /* see (3)                               */
    uint64_t file_size;                /* bytes                                 */
    uint64_t ram_start;                /* lowest byte of the stack              */
    uint64_t ram_end;                  /* one past the last byte of the heap    */
    uint64_t entry;                    /* where a run starts                    */
    uint64_t event_entry;              /* where a run starts after init         */
    uint64_t thread_pointer;
    uint64_t door_block;
    uint64_t boot_block; /* struct uf_boot                        */
    uint64_t symbols_offset;
    uint64_t symbols_size;
    uint32_t nregions; /* at most UF_SEGMENT_MAX                */
    uint32_t nextents; /* at most UF_SNAPSHOT_EXTENTS           */
    struct uf_region region[UF_SEGMENT_MAX];
    struct uf_extent extent[UF_SNAPSHOT_EXTENTS];
};

/* ABI tripwires. Do not edit a number to make the build pass: bump the version. */
_Static_assert(sizeof(struct uf_region) == 24, "snapshot v1: uf_region");
_Static_assert(sizeof(struct uf_extent) == 24, "snapshot v1: uf_extent");
_Static_assert(offsetof(struct uf_snapshot, checksum) == 24, "snapshot v1: checksum");
_Static_assert(offsetof(struct uf_snapshot, region) == 144, "snapshot v1: region");
_Static_assert(offsetof(struct uf_snapshot, extent) == 336, "snapshot v1: extent");
_Static_assert(sizeof(struct uf_snapshot) == 2640, "snapshot v1: header");
_Static_assert(sizeof(struct uf_snapshot) <= UF_SNAPSHOT_HEADER, "snapshot v1: header");

#endif
