// SPDX-License-Identifier: MIT
// LINK: tender/core/symbols.c
/* fuzz_symbols: any table gives printable names and stays inside itself. */
#include <stdlib.h>
#include <string.h>

#include "tender/core/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t addr;
    struct symbol sym;

    if (size < sizeof(addr))
        return 0;
    memcpy(&addr, data, sizeof(addr));
    /* A copy of exactly its size, so that the sanitizer sees its end. */
    size_t len = size - sizeof(addr);
    uint8_t *blob = malloc(len + 1);
    if (blob == NULL)
        return 0;
    memcpy(blob, data + sizeof(addr), len);
    struct symbols s = {.blob = blob, .size = len};
    (void)symbols_find(&s, addr, &sym);
    for (const char *p = sym.name; *p != '\0'; p++)
        if (*p < ' ' || *p > '~')
            abort();
    if (strlen(sym.file) >= sizeof(sym.file))
        abort();
    free(blob);
    return 0;
}
