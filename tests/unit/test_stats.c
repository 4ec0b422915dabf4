// SPDX-License-Identifier: MIT
// LINK: daemon/record/stats.c
#include "daemon/record/stats.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static char *format(const struct stats *s)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    stats_format_seconds(s, "f.ns", out);
    stats_format_total(s, "f.ns", out);
    (void)fclose(out);
    return text;
}

static void buckets_are_cumulative_and_end_with_infinity(void)
{
    struct stats s = {0};

    stats_record(&s, 200, 90000);                 /* 0.09 ms */
    stats_record(&s, 200, 100000);                /* exactly a bound belongs to it */
    stats_record(&s, 200, 3000000);               /* 3 ms    */
    stats_record(&s, 200, UINT64_C(60000000000)); /* a minute */
    char *text = format(&s);
    CHECK(strstr(text, "_bucket{code=\"200\",function_name=\"f.ns\",le=\"0.0001\"} 2\n") != NULL);
    CHECK(strstr(text, "_bucket{code=\"200\",function_name=\"f.ns\",le=\"0.0025\"} 2\n") != NULL);
    CHECK(strstr(text, "_bucket{code=\"200\",function_name=\"f.ns\",le=\"0.005\"} 3\n") != NULL);
    CHECK(strstr(text, "_bucket{code=\"200\",function_name=\"f.ns\",le=\"10\"} 3\n") != NULL);
    CHECK(strstr(text, "_bucket{code=\"200\",function_name=\"f.ns\",le=\"+Inf\"} 4\n") != NULL);
    CHECK(strstr(text, "_sum{code=\"200\",function_name=\"f.ns\"} 60.003190000\n") != NULL);
    CHECK(strstr(text, "_count{code=\"200\",function_name=\"f.ns\"} 4\n") != NULL);
    free(text);
    stats_fini(&s);
}

static void every_status_is_counted_by_itself(void)
{
    struct stats s = {0};

    stats_record(&s, 200, 1);
    stats_record(&s, 502, 1);
    stats_record(&s, 502, 1);
    char *text = format(&s);
    CHECK(strstr(text, "invocation_total{code=\"200\",function_name=\"f.ns\"} 1\n") != NULL);
    CHECK(strstr(text, "invocation_total{code=\"502\",function_name=\"f.ns\"} 2\n") != NULL);
    CHECK(stats_total(&s) == 3);
    free(text);
    stats_fini(&s);
}

static void a_function_that_answers_with_every_status_takes_bounded_memory(void)
{
    struct stats s = {0};

    for (unsigned code = 200; code < 600; code++)
        stats_record(&s, code, 1);
    CHECK(s.ncodes == STATS_CODES + 1);
    CHECK(stats_total(&s) == 400);
    char *text = format(&s);
    CHECK(strstr(text, "invocation_total{code=\"other\",function_name=\"f.ns\"} 384\n") != NULL);
    free(text);
    stats_fini(&s);
}

static void nothing_recorded_is_nothing_written(void)
{
    struct stats s = {0};
    char *text = format(&s);

    CHECK(text[0] == '\0');
    free(text);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(buckets_are_cumulative_and_end_with_infinity),
        TAP_CASE(every_status_is_counted_by_itself),
        TAP_CASE(a_function_that_answers_with_every_status_takes_bounded_memory),
        TAP_CASE(nothing_recorded_is_nothing_written),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
