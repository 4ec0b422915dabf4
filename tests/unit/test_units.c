// SPDX-License-Identifier: MIT
#include "base/units.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tests/tap.h"

static bool size_is(const char *text, uint64_t want)
{
    uint64_t got = ~want;

    return units_parse_size(text, &got) == 0 && got == want;
}

static int size_error(const char *text)
{
    uint64_t v = 77;
    int r = units_parse_size(text, &v);

    return v == 77 ? r : 1;
}

static bool time_is(const char *text, uint64_t want)
{
    uint64_t got = ~want;

    return units_parse_duration(text, &got) == 0 && got == want;
}

static int time_error(const char *text)
{
    uint64_t v = 77;
    int r = units_parse_duration(text, &v);

    return v == 77 ? r : 1;
}

static void sizes_read_as_kubernetes_writes_them(void)
{
    CHECK(size_is("0", 0));
    CHECK(size_is("4096", 4096));
    CHECK(size_is("8Mi", 8u << 20));
    CHECK(size_is("512Ki", 512u << 10));
    CHECK(size_is("1Gi", 1u << 30));
    CHECK(size_is("64M", 64000000));
    CHECK(size_is("100k", 100000));
    CHECK(size_is("2G", 2000000000));
}

static void a_fraction_counts_when_it_is_whole_bytes(void)
{
    CHECK(size_is("1.5Mi", 1572864));
    CHECK(size_is("0.5Ki", 512));
    CHECK(size_error("0.5") == -EINVAL);
    CHECK(size_error("0.3Ki") == -EINVAL);
}

static void what_is_not_a_size_is_refused(void)
{
    const char *const bad[] = {"",     "Mi",    "8mi",  "8 Mi", "8MiB", "-8Mi", "+8",   "8.Mi",
                               ".5Mi", "1.2.3", "0x10", "8Mi ", " 8Mi", "8K",   "eight"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(size_error(bad[i]) == -EINVAL);
}

static void a_size_that_overflows_is_refused(void)
{
    CHECK(size_is("18446744073709551615", UINT64_MAX));
    CHECK(size_error("18446744073709551616") == -ERANGE);
    CHECK(size_is("17179869183Gi", UINT64_C(17179869183) << 30));
    CHECK(size_error("17179869184Gi") == -ERANGE);
    CHECK(size_error("1.00000000000000000000000Mi") == -ERANGE);
}

static void durations_read_as_go_writes_them(void)
{
    CHECK(time_is("3s", UINT64_C(3000000000)));
    CHECK(time_is("500ms", 500000000));
    CHECK(time_is("1m", UINT64_C(60000000000)));
    CHECK(time_is("1h30m", UINT64_C(5400000000000)));
    CHECK(time_is("1m0.5s", UINT64_C(60500000000)));
    CHECK(time_is("7us", 7000));
    CHECK(time_is("9ns", 9));
    CHECK(time_is("0", 0));
    CHECK(time_is("0s", 0));
}

static void what_is_not_a_duration_is_refused(void)
{
    const char *const bad[] = {"",      "3",   "s",    "3 s",  "-1s", "3S",
                               "1.5ns", "3s ", "1m30", "3sec", "3d",  "3s4"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(time_error(bad[i]) == -EINVAL);
}

static void a_duration_that_overflows_is_refused(void)
{
    CHECK(time_is("18446744073709551615ns", UINT64_MAX));
    CHECK(time_error("18446744073709551615ns1ns") == -ERANGE);
    CHECK(time_error("5124096h") == -ERANGE);
}

static void formatting_and_reading_are_inverses(void)
{
    const uint64_t v[] = {0,
                          1,
                          999,
                          1000,
                          1024,
                          1536,
                          65536,
                          1u << 20,
                          64000000,
                          1u << 30,
                          UINT64_C(60000000000),
                          UINT64_C(3600000000001),
                          UINT64_MAX};
    char text[UNITS_TEXT];

    for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
        CHECK(size_is(units_format_size(v[i], text), v[i]));
        CHECK(time_is(units_format_duration(v[i], text), v[i]));
    }
}

static void formatting_takes_the_largest_unit_that_divides(void)
{
    char text[UNITS_TEXT];

    CHECK(strcmp(units_format_size(8u << 20, text), "8Mi") == 0);
    CHECK(strcmp(units_format_size(1536, text), "1536") == 0);
    CHECK(strcmp(units_format_size(UINT64_C(3) << 30, text), "3Gi") == 0);
    CHECK(strcmp(units_format_duration(UINT64_C(60000000000), text), "1m") == 0);
    CHECK(strcmp(units_format_duration(1500000000, text), "1500ms") == 0);
    CHECK(strcmp(units_format_duration(0, text), "0s") == 0);
}

static void numbers_are_padded_and_never_cut(void)
{
    char text[24];

    CHECK(units_put(text, 0, 1) == text + 1 && strcmp(text, "0") == 0);
    CHECK(units_put(text, 42, 6) == text + 6 && strcmp(text, "000042") == 0);
    CHECK(units_put(text, 1234567, 6) == text + 7 && strcmp(text, "1234567") == 0);
    CHECK(units_put(text, UINT64_MAX, 1) == text + 20 && strcmp(text, "18446744073709551615") == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(sizes_read_as_kubernetes_writes_them),
        TAP_CASE(a_fraction_counts_when_it_is_whole_bytes),
        TAP_CASE(what_is_not_a_size_is_refused),
        TAP_CASE(a_size_that_overflows_is_refused),
        TAP_CASE(durations_read_as_go_writes_them),
        TAP_CASE(what_is_not_a_duration_is_refused),
        TAP_CASE(a_duration_that_overflows_is_refused),
        TAP_CASE(formatting_and_reading_are_inverses),
        TAP_CASE(formatting_takes_the_largest_unit_that_divides),
        TAP_CASE(numbers_are_padded_and_never_cut),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
