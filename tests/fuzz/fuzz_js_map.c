// SPDX-License-Identifier: MIT
// LINK: runtime/javascript/sourcemap.c
/*
 * fuzz_js_map.c: a stack trace, and the source map that it is told with. The input is
 * the stack up to the first NUL, then the map.
 *
 * A text that is cut is the beginning of the whole one, and says how long that is.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/javascript/js.h"

#define SHORT ((size_t)64)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char code_name[] = "a.bundle.js";
static const char map_name[] = "a.bundle.js.map";
static struct bundle_file map;

/* In place of the library OS, which reads the image's. */
uint32_t uf_bundle_count(void)
{
    return 2;
}

struct bundle_file uf_bundle_file(uint32_t index)
{
    return index == 1 ? map : (struct bundle_file){code_name, sizeof(code_name) - 1, "", 0};
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* A copy of exactly its size, and a NUL. */
static char *copy(const uint8_t *from, size_t size)
{
    char *to = malloc(size + 1);

    must(to != NULL);
    memcpy(to, from, size);
    to[size] = '\0';
    return to;
}

static void check_place(uint32_t line, uint32_t column)
{
    struct place p;

    if (!sourcemap_find(code_name, sizeof(code_name) - 1, line, column, &p))
        return;
    must(p.file >= map.data && p.file_size > 0);
    must((size_t)p.file_size < (size_t)(map.data + map.data_size - p.file));
    must(memchr(p.file, '\n', (size_t)p.file_size) == NULL);
}

static void check_stack(const char *stack)
{
    char cut[SHORT];
    size_t need = sourcemap_stack(stack, cut, sizeof(cut));
    char *whole = malloc(need + 1);

    must(whole != NULL && sourcemap_stack(stack, whole, need + 1) == need);
    must(strlen(whole) == need);
    must(strlen(cut) == (need < SHORT ? need : SHORT - 1));
    must(strncmp(whole, cut, strlen(cut)) == 0);
    free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t nstack = nul != NULL ? (size_t)(nul - data) : size;
    size_t nmap = nul != NULL ? size - nstack - 1 : 0;
    char *stack = copy(data, nstack);
    char *text = copy(data + size - nmap, nmap);

    map = (struct bundle_file){map_name, sizeof(map_name) - 1, text, nmap};
    for (uint32_t line = 0; line < 4; line++)
        for (uint32_t column = 0; column < 64; column += 7)
            check_place(line, column);
    check_place(UINT32_MAX, UINT32_MAX);
    check_stack(stack);
    free(text);
    free(stack);
    return 0;
}
