// SPDX-License-Identifier: MIT
// LINK: tender/core/symbols.c
#include "tender/core/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "tests/tap.h"

static const char names[] = "\0first\0second\0main.c\0evil\x1b[31m";

static struct blob {
    struct uf_symtab head;
    struct uf_symtab_func func[3];
    struct uf_symtab_line line[3];
    char names[sizeof(names)];
} blob;

static struct symbols table(void)
{
    blob = (struct blob){
        .head = {UF_SYMTAB_MAGIC, 3, 3, sizeof(names)},
        .func = {{0x100, 0x10, 1}, {0x110, 0, 7}, {0x200, 0x20, 21}},
        .line = {{0x100, 4, 14}, {0x108, 5, 14}, {0x110, 0, 0}},
    };
    memcpy(blob.names, names, sizeof(names));
    return (struct symbols){.blob = (const uint8_t *)&blob,
                            .size = offsetof(struct blob, names) + sizeof(names)};
}

static void an_address_gets_function_file_and_line(void)
{
    struct symbols s = table();
    struct symbol sym;

    CHECK(symbols_find(&s, 0x109, &sym));
    CHECK(strcmp(sym.name, "first") == 0);
    CHECK(sym.start == 0x100);
    CHECK(strcmp(sym.file, "main.c") == 0 && sym.line == 5);
}

static void past_a_functions_size_there_is_nothing(void)
{
    struct symbols s = table();
    struct symbol sym;

    CHECK(!symbols_find(&s, 0xff, &sym));
    CHECK(symbols_find(&s, 0x21f, &sym));
    CHECK(!symbols_find(&s, 0x220, &sym));
}

static void a_function_without_a_size_reaches_to_the_next(void)
{
    struct symbols s = table();
    struct symbol sym;

    CHECK(symbols_find(&s, 0x1ff, &sym));
    CHECK(strcmp(sym.name, "second") == 0);
    CHECK(sym.line == 0);
}

static void names_are_printable_whatever_they_hold(void)
{
    struct symbols s = table();
    struct symbol sym;

    CHECK(symbols_find(&s, 0x200, &sym));
    CHECK(strcmp(sym.name, "evil?[31m") == 0);
}

static void a_name_outside_the_names_is_empty(void)
{
    struct symbols s = table();
    struct symbol sym;

    blob.func[0].name = UINT32_MAX;
    CHECK(symbols_find(&s, 0x100, &sym));
    CHECK(sym.name[0] == '\0');
}

static void counts_that_do_not_fit_mean_no_table(void)
{
    struct symbol sym;

    for (int i = 0; i < 4; i++) {
        struct symbols s = table();

        if (i == 0)
            blob.head.nfuncs = UINT32_MAX;
        if (i == 1)
            blob.head.nlines = UINT32_MAX;
        if (i == 2)
            blob.head.names_size++;
        if (i == 3)
            blob.head.magic = 0;
        CHECK(!symbols_find(&s, 0x100, &sym));
    }
}

static void every_truncation_is_safe(void)
{
    struct symbols whole = table();
    struct symbol sym;

    for (size_t n = 0; n < whole.size; n++) {
        uint8_t *copy = malloc(n + 1); /* its end is where the sanitizer looks */
        struct symbols s = {.blob = copy, .size = n};

        memcpy(copy, whole.blob, n);
        CHECK(!symbols_find(&s, 0x100, &sym));
        free(copy);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(an_address_gets_function_file_and_line),
        TAP_CASE(past_a_functions_size_there_is_nothing),
        TAP_CASE(a_function_without_a_size_reaches_to_the_next),
        TAP_CASE(names_are_printable_whatever_they_hold),
        TAP_CASE(a_name_outside_the_names_is_empty),
        TAP_CASE(counts_that_do_not_fit_mean_no_table),
        TAP_CASE(every_truncation_is_safe),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
