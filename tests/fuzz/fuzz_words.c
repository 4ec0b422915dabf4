// SPDX-License-Identifier: MIT
// LINK: cli/build/bundler_words.c
/*
 * fuzz_words.c: what a bundler complains about, which quotes the files of strangers, as
 * the builder tells it. The input is what it said up to the first NUL, then the table of
 * built-ins.
 *
 * A complaint is told in one line at least, and nothing that begins none.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/build/bundler.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t nsaid = nul != NULL ? (size_t)(nul - data) : size;
    size_t ntable = nul != NULL ? size - nsaid - 1 : 0;
    char *said = copy(data, nsaid);
    char *table = copy(data + size - ntable, ntable);
    char *told = NULL;
    size_t ntold = 0;
    FILE *was = stderr;

    stderr = open_memstream(&told, &ntold);
    must(stderr != NULL);
    bundler_explain(said, nsaid % 2 == 0 ? "." : "some/folder", table);
    (void)fclose(stderr);
    stderr = was;
    bool complains = strstr(said, " [ERROR] ") != NULL || strstr(said, " [WARNING] ") != NULL;
    must(ntold == 0 || (complains && told[ntold - 1] == '\n'));
    free(told);
    free(table);
    free(said);
    return 0;
}
