// SPDX-License-Identifier: MIT
/* test_sourcemap.c: places in bundled code, as places in the author's files. */
// LINK: runtime/javascript/sourcemap.c
#include "runtime/javascript/sourcemap.h"

#include <stdlib.h>
#include <string.h>

#include "guest/core/bundle.h"
#include "tests/tap.h"

/* ---- the bundle, as the library OS would show it ---------------------------------- */

static struct bundle_file files[4];
static uint32_t nfiles;

uint32_t uf_bundle_count(void)
{
    return nfiles;
}

struct bundle_file uf_bundle_file(uint32_t index)
{
    return index < nfiles ? files[index] : (struct bundle_file){.name = NULL};
}

/* In memory of their own, so that nothing is read behind their NULs unnoticed. */
static void add_file(const char *name, const char *data)
{
    files[nfiles++] = (struct bundle_file){strdup(name), strlen(name), strdup(data), strlen(data)};
}

static void drop_files(void)
{
    for (; nfiles > 0; nfiles--) {
        free((void *)(uintptr_t)files[nfiles - 1].name);
        free((void *)(uintptr_t)files[nfiles - 1].data);
    }
}

static void with_map(const char *map)
{
    drop_files();
    add_file("b.js", "code");
    add_file("b.js.map", map);
}

/* Is (b.js:line:column) from there? NULL: from nowhere. */
static bool from(uint32_t line, uint32_t column, const char *want)
{
    struct place p = {NULL, 0, 0, 0};
    char got[128] = "nowhere";

    if (sourcemap_find("b.js", 4, line, column, &p))
        (void)snprintf(got, sizeof(got), "%.*s:%u:%u", p.file_size, p.file, p.line, p.column);
    bool ok = strcmp(got, want == NULL ? "nowhere" : want) == 0;
    if (!ok)
        printf("# %u:%u: got %s\n", line, column, got);
    return ok;
}

/*
 * A digit of base 64 is five bits of a number and one that says that more follow; the
 * lowest bit of a number is its sign: A is 0, C 1, D -1, E 2, K 5, gB 16, hB -16.
 */
static void a_place_is_that_of_the_last_segment_before_it(void)
{
    with_map("a.ts\nlib/b.ts\n\nAAAA,EAAE;ACAA;;KDCC");
    CHECK(from(1, 1, "a.ts:1:1"));
    CHECK(from(1, 2, "a.ts:1:1"));
    CHECK(from(1, 3, "a.ts:1:3"));
    CHECK(from(1, 4000000000, "a.ts:1:3"));
}

static void columns_begin_anew_with_each_line_and_all_else_goes_on(void)
{
    with_map("a.ts\nlib/b.ts\n\nAAAA,EAAE;ACAA;;KDCC");
    CHECK(from(2, 1, "lib/b.ts:1:3"));
    CHECK(from(3, 1, NULL));
    CHECK(from(4, 5, NULL));
    CHECK(from(4, 6, "a.ts:2:4"));
    CHECK(from(5, 1, NULL));
    CHECK(from(0, 1, NULL));
    CHECK(from(1, 0, NULL));
}

static void numbers_may_have_several_digits_and_be_negative(void)
{
    with_map("a.ts\n\ngBAgCgB;AAhCF");
    CHECK(from(1, 16, NULL));
    CHECK(from(1, 17, "a.ts:33:17"));
    CHECK(from(2, 1, "a.ts:1:15"));
}

static void a_segment_may_have_a_name_or_no_source(void)
{
    with_map("a.ts\n\nAAAAA,CAACC,C,CAAC");
    CHECK(from(1, 1, "a.ts:1:1"));
    CHECK(from(1, 2, "a.ts:1:2"));
    CHECK(from(1, 3, NULL));
    CHECK(from(1, 4, "a.ts:1:3"));
}

static void only_its_own_map_counts(void)
{
    drop_files();
    add_file("xb.js.map", "wrong.ts\n\nAAAA");
    add_file("b.js.mapx", "wrong.ts\n\nAAAA");
    add_file("b.jsx.map", "wrong.ts\n\nAAAA");
    CHECK(from(1, 1, NULL));
    add_file("b.js.map", "right.ts\n\nAAAA");
    CHECK(from(1, 1, "right.ts:1:1"));
    drop_files();
    CHECK(from(1, 1, NULL));
}

/* A bundle may be anybody's. */
static void what_is_no_map_gives_nothing(void)
{
    static const char *const bad[] = {"",
                                      "\n",
                                      "\n\n",
                                      "a.ts",
                                      "a.ts\n",
                                      "a.ts\n\n",
                                      "\nAAAA",
                                      "a.ts\n\n!",
                                      "a.ts\n\nA!",
                                      "a.ts\n\nAAA",
                                      "a.ts\n\nAAAg",
                                      "a.ts\n\ng",
                                      "a.ts\n\nAEAA",
                                      "a.ts\n\nADAA",
                                      "a.ts\n\nAggggggggggA",
                                      "a.ts\n\nAAAggggggggggggggC",
                                      "a.ts\n\n,,,,",
                                      "a.ts\n\n\xff\xff"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        with_map(bad[i]);
        CHECK(from(1, 1, NULL));
        CHECK(from(2, 1, NULL));
    }
}

/* ---- stacks ------------------------------------------------------------------------ */

static bool becomes(const char *stack, const char *want)
{
    char *exact = strdup(stack);
    char out[1024];
    size_t n = sourcemap_stack(exact, out, sizeof(out));
    bool ok = strcmp(out, want) == 0 && n == strlen(want);

    if (!ok)
        printf("# got (%zu): %s\n# want: %s\n", n, out, want);
    free(exact);
    return ok;
}

static void a_stack_names_the_authors_places(void)
{
    with_map("a.ts\nlib/b.ts\n\nAAAA,EAAE;ACAA;;KDCC");
    CHECK(becomes("    at f (b.js:1:3)\n    at map (native)\n    at main (b.js:2:1)\n",
                  "    at f (a.ts:1:3)\n    at map (native)\n    at main (lib/b.ts:1:3)\n"));
    CHECK(becomes("    at f (b.js:1:3)", "    at f (a.ts:1:3)"));
    CHECK(becomes("    at <anonymous> (x) (b.js:4:6)\n", "    at <anonymous> (x) (a.ts:2:4)\n"));
}

static void a_file_may_have_colons_in_its_name(void)
{
    drop_files();
    add_file("a:1:b.js.map", "c.ts\n\nAAAA");
    CHECK(becomes("    at f (a:1:b.js:1:1)\n", "    at f (c.ts:1:1)\n"));
}

static void what_has_no_place_stays_as_it_is(void)
{
    static const char *const same[] = {"",
                                       "\n",
                                       "\n\n",
                                       "(",
                                       ")",
                                       "()",
                                       "(:)",
                                       "(::)",
                                       "(:1:2)",
                                       "b.js:1:1",
                                       "(b.js)",
                                       "(b.js:1)",
                                       "(b.js:1:)",
                                       "(b.js::1)",
                                       "(b.js:1:1",
                                       "(b.js:1:1) ",
                                       "(b.js:x:1)",
                                       "(b.js:1:1x)",
                                       "(b.js:0:1)",
                                       "(b.js:1:0)",
                                       "(b.js:3:1)",
                                       "(c.js:1:1)",
                                       "at f (b.js:9:9)",
                                       "    at (native)\n"};

    with_map("a.ts\nlib/b.ts\n\nAAAA,EAAE;ACAA;;KDCC");
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        CHECK(becomes(same[i], same[i]));
}

static void what_does_not_fit_is_cut_and_counted(void)
{
    static const char stack[] = "at f (b.js:1:3)\nat g (b.js:2:1)\nat (native)";
    static const char want[] = "at f (a.ts:1:3)\nat g (lib/b.ts:1:3)\nat (native)";

    with_map("a.ts\nlib/b.ts\n\nAAAA,EAAE;ACAA;;KDCC");
    CHECK(sourcemap_stack(stack, NULL, 0) == sizeof(want) - 1);
    for (size_t cap = 1; cap <= sizeof(want); cap++) {
        char *out = malloc(cap);

        CHECK(sourcemap_stack(stack, out, cap) == sizeof(want) - 1);
        CHECK(strlen(out) == cap - 1 && strncmp(out, want, cap - 1) == 0);
        free(out);
    }
    drop_files();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_place_is_that_of_the_last_segment_before_it),
        TAP_CASE(columns_begin_anew_with_each_line_and_all_else_goes_on),
        TAP_CASE(numbers_may_have_several_digits_and_be_negative),
        TAP_CASE(a_segment_may_have_a_name_or_no_source),
        TAP_CASE(only_its_own_map_counts),
        TAP_CASE(what_is_no_map_gives_nothing),
        TAP_CASE(a_stack_names_the_authors_places),
        TAP_CASE(a_file_may_have_colons_in_its_name),
        TAP_CASE(what_has_no_place_stays_as_it_is),
        TAP_CASE(what_does_not_fit_is_cut_and_counted),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
