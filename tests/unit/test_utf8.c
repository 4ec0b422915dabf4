// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <stdio.h>
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

static void what_is_no_text_becomes_question_marks(void)
{
    static const struct {
        const char *in;
        const char *out;
    } table[] = {
        {"plain\ttext", "plain\ttext"},
        {"\x1b[31mred", "?[31mred"},
        {"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
        {"\xe2\x82\xac \xf0\x9f\x98\x80", "\xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xc3", "?"},
        {"\xc3x", "?x"},
        {"\xc0\x80", "??"},           /* an overlong NUL            */
        {"\xed\xa0\x80", "???"},      /* half a surrogate pair      */
        {"\xf4\x90\x80\x80", "????"}, /* beyond the last code point */
        {"\xe2\x82", "??"},
        {"\xff\xfe", "??"},
        {"a\x7f", "a?"},
        {"\xc2\x9b"
         "2J\xc2\xa0",
         "??2J\xc2\xa0"}, /* C1 is a control, too */
        {"a\tb\n", "a\tb?"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "%s", table[i].in);
        utf8_mend(text, strlen(text), "\t");
        CHECK(strcmp(text, table[i].out) == 0);
    }
}

static void nul_is_no_text_whatever_else_is(void)
{
    char text[] = {'a', '\0', '\n'};

    utf8_mend(text, sizeof(text), "\n");
    CHECK(memcmp(text, "a?\n", sizeof(text)) == 0);
}

static void a_text_is_well_formed_when_all_its_characters_are(void)
{
    CHECK(utf8_is_well_formed("", 0));
    CHECK(utf8_is_well_formed("a\n\x7f\xc3\xa9\xf0\x9f\x98\x80", 9));
    CHECK(!utf8_is_well_formed("a\xff", 2) && !utf8_is_well_formed("\xc3\xa9\xc3", 3));
    CHECK(!utf8_is_well_formed("\xed\xa0\x80", 3));
}

static void what_was_cut_ends_with_a_whole_character(void)
{
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    static const size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};

    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
        CHECK(utf8_whole(text, i) == whole[i]);
    CHECK(utf8_whole("a\x80\x80", 3) == 3 && utf8_whole("\x80\x80\x80\x80\x80", 5) == 5);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_well_formed_length_is_known),
        TAP_CASE(what_is_cut_is_none),
        TAP_CASE(what_is_not_well_formed_is_none),
        TAP_CASE(control_characters_are_not_plain),
        TAP_CASE(what_is_no_text_becomes_question_marks),
        TAP_CASE(nul_is_no_text_whatever_else_is),
        TAP_CASE(a_text_is_well_formed_when_all_its_characters_are),
        TAP_CASE(what_was_cut_ends_with_a_whole_character),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
