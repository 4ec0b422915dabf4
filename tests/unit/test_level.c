// SPDX-License-Identifier: MIT
// LINK: daemon/record/level.c
// LIBS: jansson
#include "daemon/record/level.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static enum log_level of(const char *line)
{
    /* Without a NUL, as lines of a log are. */
    size_t len = strlen(line);
    char *copy = malloc(len > 0 ? len : 1);

    if (len > 0)
        memcpy(copy, line, len);
    enum log_level level = level_of(copy, len);
    free(copy);
    return level;
}

static void what_uf_log_writes_keeps_its_level(void)
{
    CHECK(of("debug: x") == LEVEL_DEBUG);
    CHECK(of("info: x") == LEVEL_INFO);
    CHECK(of("warn: the sensor is silent") == LEVEL_WARN);
    CHECK(of("error: ") == LEVEL_ERROR);
}

static void a_line_that_only_looks_like_it_has_none(void)
{
    CHECK(of("") == LEVEL_NONE);
    CHECK(of("hello") == LEVEL_NONE);
    CHECK(of("warn:x") == LEVEL_NONE);
    CHECK(of("warn:") == LEVEL_NONE);
    CHECK(of("warning: x") == LEVEL_NONE);
    CHECK(of(" warn: x") == LEVEL_NONE);
    CHECK(of(": x") == LEVEL_NONE);
    CHECK(of("Warn: x") == LEVEL_NONE);
}

static void json_keeps_its_level(void)
{
    CHECK(of("{\"level\":\"warn\",\"msg\":\"x\"}") == LEVEL_WARN);
    CHECK(of("{\"msg\":\"x\",\"level\":\"ERROR\"}") == LEVEL_ERROR);
    CHECK(of("{\"severity\":\"NOTICE\"}") == LEVEL_INFO);
    CHECK(of("{\"level\":\"trace\"}") == LEVEL_DEBUG);
    CHECK(of("{\"level\":\"fatal\"}") == LEVEL_ERROR);
    CHECK(of("{\"level\":30}") == LEVEL_INFO);
    CHECK(of("{\"level\":20}") == LEVEL_DEBUG);
    CHECK(of("{\"level\":40}") == LEVEL_WARN);
    CHECK(of("{\"level\":60}") == LEVEL_ERROR);
}

static void json_that_says_none_has_none(void)
{
    CHECK(of("{\"msg\":\"x\"}") == LEVEL_NONE);
    CHECK(of("{\"level\":\"warn\"") == LEVEL_NONE);
    CHECK(of("{\"level\":null}") == LEVEL_NONE);
    CHECK(of("{\"level\":\"loud\"}") == LEVEL_NONE);
    CHECK(of("{\"a\":{\"level\":\"warn\"}}") == LEVEL_NONE);
    CHECK(of("{\"msg\":\"\\\"level\\\":\\\"warn\\\"\"}") == LEVEL_NONE);
    CHECK(of("[\"level\"]") == LEVEL_NONE);
}

static void a_line_too_long_to_look_into_has_none(void)
{
    char line[10000];

    memset(line, ' ', sizeof(line));
    memcpy(line, "{\"level\":\"warn\"", 15);
    memcpy(line + sizeof(line) - 2, "}", 2);
    CHECK(of(line) == LEVEL_NONE);
    memcpy(line + 8000, "}", 2);
    CHECK(of(line) == LEVEL_WARN);
}

static void a_level_is_asked_for_by_a_word_of_its_meaning(void)
{
    CHECK(level_parse("warn") == LEVEL_WARN && level_parse("Warning") == LEVEL_WARN);
    CHECK(level_parse("error") == LEVEL_ERROR && level_parse("debug") == LEVEL_DEBUG);
    CHECK(level_parse("") < 0 && level_parse("x") < 0);
    for (int i = LEVEL_DEBUG; i <= LEVEL_ERROR; i++)
        CHECK(level_parse(level_word((enum log_level)i)) == i);
}

static void who_says_nothing_is_heard_as_info(void)
{
    CHECK(level_reaches(LEVEL_NONE, LEVEL_NONE) && level_reaches(LEVEL_NONE, LEVEL_INFO));
    CHECK(!level_reaches(LEVEL_NONE, LEVEL_WARN));
    CHECK(level_reaches(LEVEL_ERROR, LEVEL_WARN) && !level_reaches(LEVEL_DEBUG, LEVEL_INFO));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_uf_log_writes_keeps_its_level),
        TAP_CASE(a_line_that_only_looks_like_it_has_none),
        TAP_CASE(json_keeps_its_level),
        TAP_CASE(json_that_says_none_has_none),
        TAP_CASE(a_line_too_long_to_look_into_has_none),
        TAP_CASE(a_level_is_asked_for_by_a_word_of_its_meaning),
        TAP_CASE(who_says_nothing_is_heard_as_info),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
