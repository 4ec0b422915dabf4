// SPDX-License-Identifier: MIT
/* test_bundler_words.c: what esbuild complains about, in our words. */
// LINK: cli/build/bundler_words.c
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/build/bundler.h"
#include "tests/tap.h"

static const char table[] = "fs\tkv for values\nfsx\twrong\nnode\tnothing\ncrypto\tglobal crypto\n";

/* What it prints; the caller frees. said is copied to where nothing may be read behind
 * its NUL. */
static char *explained(const char *said, const char *dir, const char *builtins)
{
    char *exact = strdup(said);
    char *text = calloc(1, 4096);
    int old = dup(STDERR_FILENO);
    int fd = memfd_create("stderr", 0);

    (void)fflush(stderr);
    (void)dup2(fd, STDERR_FILENO);
    bundler_explain(exact, dir, builtins);
    (void)fflush(stderr);
    (void)dup2(old, STDERR_FILENO);
    (void)!pread(fd, text, 4095, 0);
    (void)close(fd);
    (void)close(old);
    free(exact);
    return text;
}

static bool says(const char *said, const char *dir, const char *want)
{
    char *got = explained(said, dir, table);
    bool ok = strcmp(got, want) == 0;

    if (!ok)
        printf("# got: %s# want: %s", got, want);
    free(got);
    return ok;
}

static void a_complaint_has_place_kind_and_source(void)
{
    static const char said[] = "\xe2\x9c\x98 [ERROR] Expected \";\" but found \"y\"\n"
                               "\n"
                               "    lib/a.ts:6:6:\n"
                               "      6 | x y\n"
                               "        ~   ^\n"
                               "\n"
                               "1 error\n";

    CHECK(says(
        said, ".",
        "lib/a.ts:6:6: error: Expected \";\" but found \"y\"\n      6 | x y\n        ~   ^\n"));
    CHECK(says(said, "price",
               "price/lib/a.ts:6:6: error: Expected \";\" but found \"y\"\n      6 | x y\n"
               "        ~   ^\n"));
}

static void a_warning_is_called_one(void)
{
    CHECK(says(
        "\xe2\x96\xb2 [WARNING] Duplicate key \"a\" [duplicate-object-key]\n\n    a.js:8:35:\n",
        ".", "a.js:8:35: warning: Duplicate key \"a\" [duplicate-object-key]\n"));
}

static void what_has_no_place_is_told_without(void)
{
    CHECK(says(
        "X [ERROR] Could not read from file: /x\n\nX [ERROR] No matching export\n\n    a.js:1:2:\n",
        ".", "error: Could not read from file: /x\na.js:1:2: error: No matching export\n"));
    CHECK(says("X [ERROR] cut here", "price", "error: cut here\n"));
}

static void a_built_in_of_node_names_what_to_use(void)
{
    CHECK(says("X [ERROR] Could not resolve \"fs\"\n\n    a.js:1:2:\n", ".",
               "a.js:1:2: error: \"fs\" is Node's own and not here; use kv for values\n"));
    CHECK(says(
        "X [ERROR] Could not resolve \"node:fs/promises\"\n\n    a.js:1:2:\n"
        "\n  The package \"node:fs/promises\" wasn't found on the file system but is built into "
        "node.\n",
        ".",
        "a.js:1:2: error: \"node:fs/promises\" is Node's own and not here; use kv for values\n"));
    CHECK(says("X [ERROR] Could not resolve \"crypto\"", ".",
               "error: \"crypto\" is Node's own and not here; use global crypto\n"));
}

static void a_package_is_no_built_in_that_begins_like_it(void)
{
    static const char words[] =
        "\" is not installed; npm install, in the function's folder, brings what "
        "package.json names\n";
    static const char *const names[] = {"f", "fs-extra", "left-pad", "@a/b", "", "nod"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char said[128];
        char want[256];

        (void)snprintf(said, sizeof(said), "X [ERROR] Could not resolve \"%s\"\n", names[i]);
        (void)snprintf(want, sizeof(want), "error: package \"%s%s", names[i], words);
        CHECK(says(said, ".", want));
    }
    char *got = explained("X [ERROR] Could not resolve \"fs\"\n", ".", "");
    CHECK(strstr(got, "package \"fs\" is not installed") != NULL);
    free(got);
}

static void a_file_that_is_not_there_is_no_package(void)
{
    CHECK(says("X [ERROR] Could not resolve \"./lib/gone\"\n\n    a.js:1:2:\n", ".",
               "a.js:1:2: error: there is no file ./lib/gone\n"));
    CHECK(says("X [ERROR] Could not resolve \"/gone\"\n", ".", "error: there is no file /gone\n"));
}

static void a_note_has_its_own_place(void)
{
    CHECK(says("X [ERROR] The symbol \"x\" has already been declared\n"
               "\n"
               "    a.ts:6:6:\n"
               "      6 | const x = 2;\n"
               "\n"
               "  The symbol \"x\" was originally declared here:\n"
               "\n"
               "    a.ts:5:6:\n"
               "      5 | const x = 1;\n",
               "p",
               "p/a.ts:6:6: error: The symbol \"x\" has already been declared\n"
               "      6 | const x = 2;\n"
               "p/a.ts:5:6: note: The symbol \"x\" was originally declared here\n"
               "      5 | const x = 1;\n"));
}

static void a_note_without_a_place_is_esbuilds_own_advice(void)
{
    CHECK(says(
        "X [ERROR] a\n\n    a.js:1:2:\n      1 | x\n\n  You can use \"--format=esm\" to do that.\n\n"
        "X [ERROR] b\n\n    b.js:3:4:\n",
        ".", "a.js:1:2: error: a\n      1 | x\nb.js:3:4: error: b\n"));
}

static void what_a_package_keeps_for_itself_is_not_missing(void)
{
    CHECK(says(
        "X [ERROR] Could not resolve \"bad/y\"\n"
        "\n"
        "    a.js:3:16:\n"
        "\n"
        "  The path \"./y\" is not exported by package \"bad\":\n"
        "\n"
        "    node_modules/bad/package.json:1:24:\n"
        "\n"
        "X [ERROR] Could not resolve \"other\"\n",
        ".",
        "a.js:3:16: error: \"bad/y\" is none of what its package exports; its package.json says "
        "what is\n"
        "node_modules/bad/package.json:1:24: note: The path \"./y\" is not exported by package "
        "\"bad\"\n"
        "error: package \"other\" is not installed; npm install, in the function's folder, brings "
        "what package.json names\n"));
    CHECK(says(
        "X [ERROR] Could not resolve \"other\"\n\n    a.js:1:2:\n\n"
        "X [ERROR] Could not resolve \"bad/y\"\n\n  is not exported by package\n",
        ".",
        "a.js:1:2: error: package \"other\" is not installed; npm install, in the function's "
        "folder, brings what package.json names\n"
        "error: \"bad/y\" is none of what its package exports; its package.json says what is\n"));
}

static void what_is_no_complaint_says_nothing(void)
{
    static const char *const said[] = {"",
                                       "\n",
                                       "\n\n    a.js:1:2:\n      1 | x\n",
                                       " [ERROR] indented",
                                       "some words [ERROR] far behind\n",
                                       "2 errors",
                                       "  note\n",
                                       "    :"};

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
        CHECK(says(said[i], ".", ""));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_complaint_has_place_kind_and_source),
        TAP_CASE(a_warning_is_called_one),
        TAP_CASE(what_has_no_place_is_told_without),
        TAP_CASE(a_built_in_of_node_names_what_to_use),
        TAP_CASE(a_package_is_no_built_in_that_begins_like_it),
        TAP_CASE(a_file_that_is_not_there_is_no_package),
        TAP_CASE(a_note_has_its_own_place),
        TAP_CASE(a_note_without_a_place_is_esbuilds_own_advice),
        TAP_CASE(what_a_package_keeps_for_itself_is_not_missing),
        TAP_CASE(what_is_no_complaint_says_nothing),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
