// SPDX-License-Identifier: MIT
/*
 * symbols.h: names for addresses, from the table that the builder appended to
 * the image (struct uf_symtab). The table is the function author's word: wrong
 * names are possible, reading outside it is not.
 */
#ifndef TENDER_CORE_SYMBOLS_H
#define TENDER_CORE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbols {
    const uint8_t *blob; /* NULL: none */
    size_t size;
};

struct symbol {
    char name[64];  /* printable, NUL-terminated               */
    uint32_t start; /* the function's first byte              */
    char file[64];  /* "" when unknown                        */
    uint32_t line;  /* 0 when unknown                         */
};

/* Find the function that addr lies in. Returns false when there is none. */
bool symbols_find(const struct symbols *s, uint64_t addr, struct symbol *out);

#endif
