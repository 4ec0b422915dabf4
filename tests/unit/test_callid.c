// SPDX-License-Identifier: MIT
// LINK: daemon/store/callid.c
// LIBS: libsodium
#include "daemon/store/callid.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

#define SALT UINT64_C(0x1122334455667788)

static bool parse(const char *text, uint64_t salt)
{
    uint64_t queue;
    uint64_t event;

    return callid_parse(text, salt, &queue, &event);
}

static void what_was_made_is_taken_apart_again(void)
{
    static const uint64_t queues[] = {1, 2, 255, CALLID_QUEUE_MAX};
    static const uint64_t events[] = {1, 2, 1000000, CALLID_EVENT_MAX};
    char text[CALLID_TEXT];

    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++) {
            uint64_t queue = 0;
            uint64_t event = 0;

            callid_format(text, SALT, queues[i], events[j]);
            CHECK(callid_parse(text, SALT, &queue, &event));
            CHECK(queue == queues[i] && event == events[j]);
        }
}

static void it_is_a_uuid_of_version_8(void)
{
    char text[CALLID_TEXT];

    for (uint64_t i = 1; i < 1000; i++) {
        callid_format(text, SALT, 3, i);
        CHECK(strlen(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
              text[23] == '-');
        CHECK(text[14] == '8' && strchr("89ab", text[19]) != NULL);
        CHECK(strspn(text, "0123456789abcdef-") == 36);
    }
}

static void neighbours_have_nothing_in_common(void)
{
    char a[CALLID_TEXT];
    char b[CALLID_TEXT];
    int same = 0;

    callid_format(a, SALT, 1, 1);
    callid_format(b, SALT, 1, 2);
    for (int i = 0; i < 36; i++)
        same += a[i] == b[i];
    /* Four dashes and the version, and one digit in sixteen by chance. */
    CHECK(same < 16);
}

static void one_of_another_database_is_none(void)
{
    char text[CALLID_TEXT];

    callid_format(text, SALT, 7, 9);
    CHECK(parse(text, SALT));
    CHECK(!parse(text, SALT + 1));
}

static void a_changed_digit_makes_it_none(void)
{
    char text[CALLID_TEXT];

    callid_format(text, SALT, 7, 9);
    for (int i = 0; i < 36; i++) {
        char was = text[i];

        for (const char *c = "0123456789abcdef-x"; *c != '\0'; c++) {
            text[i] = *c;
            CHECK(*c == was || !parse(text, SALT));
        }
        text[i] = was;
    }
    CHECK(parse(text, SALT));
}

static void what_is_no_uuid_is_none(void)
{
    char text[CALLID_TEXT + 1];

    CHECK(!parse("", SALT));
    CHECK(!parse("job-17", SALT));
    CHECK(!parse("00000000-0000-8000-8000-000000000000", SALT));
    callid_format(text, SALT, 7, 9);
    text[36] = '0';
    text[37] = '\0';
    CHECK(!parse(text, SALT));
    text[35] = '\0';
    CHECK(!parse(text, SALT));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_was_made_is_taken_apart_again), TAP_CASE(it_is_a_uuid_of_version_8),
        TAP_CASE(neighbours_have_nothing_in_common),  TAP_CASE(one_of_another_database_is_none),
        TAP_CASE(a_changed_digit_makes_it_none),      TAP_CASE(what_is_no_uuid_is_none),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
