// SPDX-License-Identifier: MIT
/*
 * symbols.h: the symbol table of backtraces (abi/image.h, struct uf_symtab),
 * made from what the linker left: functions from the ELF symbol table, line
 * marks from DWARF.
 */
#ifndef CLI_BUILD_SYMBOLS_H
#define CLI_BUILD_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"
#include "base/err.h"

struct symbols_func {
    uint64_t addr;
    uint64_t size;
    char *name;
};

struct symbols_line {
    uint64_t addr;
    uint32_t line; /* 0: none from here on          */
    uint32_t file; /* index in files                */
};

struct symbols {
    struct symbols_func *funcs; /* sorted by addr, no two the same */
    size_t nfuncs;
    struct symbols_line *lines; /* sorted by addr                  */
    size_t nlines;
    char **files;
    size_t nfiles;
};

/*
 * Read a linked executable.
 *
 * sources  names of the author's own files, as the compiler recorded them;
 *          only their lines are taken. nsources 0: no lines.
 */
int symbols_read(struct symbols *s, const char *elf, char *const *sources, size_t nsources,
                 struct uf_err *err);

void symbols_fini(struct symbols *s);

/*
 * Write the table.
 *
 * Returns  its bytes in *blob (the caller frees) and *size, or -EFBIG when it
 *          is larger than UF_SYMTAB_MAX.
 */
int symbols_format(const struct symbols *s, uint8_t **blob, size_t *size, struct uf_err *err);

#endif
