// SPDX-License-Identifier: MIT
/* test_inputs.c: what compilers say that an object depends on. */
// LINK: cli/build/inputs.c
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/build/inputs.h"
#include "tests/tap.h"

/* Names that a rule comes to, sorted, each with a "|" behind it. */
static bool comes_to(const char *rule, const char *folder, const char *want)
{
    char *exact = strdup(rule); /* nothing may be read behind its NUL */
    struct inputs in = {.n = 0};
    char got[PATH_MAX * 3] = "";

    inputs_add_rule(&in, exact, folder, "/opt/sdk");
    inputs_sort(&in);
    for (size_t i = 0; i < in.n; i++)
        (void)snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s|", in.name[i]);
    inputs_fini(&in);
    free(exact);
    if (strcmp(got, want) != 0)
        printf("# got: %s, want: %s\n", got, want);
    return strcmp(got, want) == 0;
}

static void names_are_relative_to_the_folder(void)
{
    CHECK(comes_to("it: main.c table.def ../common/x.h\n", "", "../common/x.h|main.c|table.def|"));
    CHECK(comes_to("it: f/main.c \\\n f/in/one.h \\\n f/../common/x.h\n", "f/",
                   "../common/x.h|in/one.h|main.c|"));
    CHECK(comes_to("it: ./@f/main.c ./@f/./one.h\n", "./@f/", "main.c|one.h|"));
    CHECK(comes_to("it: ./@a.c ./one.h\n", "./", "@a.c|one.h|"));
    CHECK(comes_to("it: /abs/f/main.c /abs/x.h\n", "/abs/f/", "/abs/x.h|main.c|"));
}

static void what_has_another_place_is_absolute(void)
{
    char real[PATH_MAX];
    char want[PATH_MAX + 16];

    CHECK(realpath("Makefile", real) != NULL);
    (void)snprintf(want, sizeof(want), "%s|main.c|", real);
    CHECK(comes_to("it: f/main.c Makefile\n", "f/", want));
    CHECK(comes_to("it: f/main.c gone/x.h\n", "f/", "gone/x.h|main.c|"));
}

static void each_is_there_once(void)
{
    CHECK(comes_to("it: main.c one.h ./one.h main.c\n", "", "main.c|one.h|"));
}

static void what_is_of_the_sdk_is_left_out(void)
{
    CHECK(comes_to("it: main.c /opt/sdk/include/unifaas.h /opt/sdk2/x.h\n", "",
                   "/opt/sdk2/x.h|main.c|"));
}

static void names_may_have_any_character(void)
{
    CHECK(comes_to("it: a\\ b.c c\\#.h $$d.h e\\f.h g:h.h\n", "", "$d.h|a b.c|c#.h|e\\f.h|g:h.h|"));
    CHECK(comes_to("it: a.c\\\n b.h\\\r\n c.h\n", "", "a.c|b.h\\|c.h|"));
}

static void what_is_no_rule_names_nothing(void)
{
    CHECK(comes_to("", "", ""));
    CHECK(comes_to("main.c", "", ""));
    CHECK(comes_to("it:", "", ""));
    CHECK(comes_to("it: \\\n", "", ""));
    CHECK(comes_to("it: main.c\\", "", "main.c\\|"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(names_are_relative_to_the_folder),
        TAP_CASE(what_has_another_place_is_absolute),
        TAP_CASE(each_is_there_once),
        TAP_CASE(what_is_of_the_sdk_is_left_out),
        TAP_CASE(names_may_have_any_character),
        TAP_CASE(what_is_no_rule_names_nothing),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
