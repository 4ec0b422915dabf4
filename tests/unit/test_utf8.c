// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <string.h>

#include "tests/tap.h"

static void every_well_formed_length_is_known(void)
{
    CHECK(utf8_length("a", 1) == 1 && utf8_length("\xc3\xa9", 2) == 2);
    CHECK(utf8_length("\xe2\x82\xac", 3) == 3 && utf8_length("\xf0\x9f\x98\x80", 4) == 4);
    CHECK(utf8_length("\xf4\x8f\xbf\xbf", 4) == 4 && utf8_length("\xed\x9f\xbf", 3) == 3);
}

static void what_is_cut_is_none(void)
{
    CHECK(utf8_length("", 0) == 0 && utf8_length("\xc3\xa9", 1) == 0);
    CHECK(utf8_length("\xe2\x82\xac", 2) == 0 && utf8_length("\xf0\x9f\x98\x80", 3) == 0);
}

static void what_is_not_well_formed_is_none(void)
{
    static const char *const bad[] = {"\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xc3(",
                                      "\xe2(\xa1",
                                      "\xe2\x82(",
                                      "\xf0\x9f\x98("};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(utf8_length(bad[i], strlen(bad[i])) == 0);
}

static void control_characters_are_not_plain(void)
{
    static const char *const bad[] = {"\n", "a\tb", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f"};

    CHECK(utf8_is_plain("", 0) && utf8_is_plain("a b~", 4) && utf8_is_plain("\xc2\xa0", 2));
    CHECK(!utf8_is_plain("a\0b", 3));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(!utf8_is_plain(bad[i], strlen(bad[i])));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_well_formed_length_is_known),
        TAP_CASE(what_is_cut_is_none),
        TAP_CASE(what_is_not_well_formed_is_none),
        TAP_CASE(control_characters_are_not_plain),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
