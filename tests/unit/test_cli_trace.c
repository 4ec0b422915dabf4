// SPDX-License-Identifier: MIT
// LINK: cli/trace.c cli/net cli/paths.c cli/files.c cli/cli.c cli/options.c engine/curl.c engine/lazy.c
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1 libsodium
#include "cli/trace.h"

#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static json_t *doc;

static void begin(const char *id)
{
    doc = json_pack("{s:s,s:[]}", "activationId", id, "trace");
}

static void add(const char *id, const char *name, const char *trigger, const char *cause)
{
    json_t *one = json_pack("{s:s,s:s,s:{s:s,s:s,s:i}}", "activationId", id, "name", name,
                            "unifaas", "trigger", trigger, "outcome", "ok", "run_us", 1250);

    if (cause != NULL)
        (void)json_object_set_new(one, "cause", json_string(cause));
    (void)json_array_append_new(json_object_get(doc, "trace"), one);
}

/* What is printed, but for its first line. */
static const char *end(void)
{
    static char out[4096];
    char *text = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&text, &size);

    trace_print(doc, f);
    (void)fclose(f);
    json_decref(doc);
    const char *first = strchr(text, '\n');
    (void)snprintf(out, sizeof(out), "%s", first != NULL ? first + 1 : text);
    free(text);
    return out;
}

static void what_follows_is_below_what_it_follows_from(void)
{
    begin("b");
    add("a", "front", "http", NULL);
    add("b", "alert", "queue", "a");
    add("c", "log", "next", "b");
    add("d", "other", "queue", "a");
    CHECK(strcmp(end(), "    http front: ok, 1.25 ms, a\n"
                        "  *   queue alert: ok, 1.25 ms, b\n"
                        "        next log: ok, 1.25 ms, c\n"
                        "      queue other: ok, 1.25 ms, d\n") == 0);
}

static void what_has_a_cause_that_is_not_kept_stands_at_the_left(void)
{
    begin("c");
    add("b", "alert", "queue", "gone");
    add("c", "log", "next", "b");
    CHECK(strcmp(end(), "    queue alert: ok, 1.25 ms, b\n"
                        "  *   next log: ok, 1.25 ms, c\n") == 0);
}

static void what_an_event_led_to_is_below_its_last_attempt(void)
{
    begin("a");
    add("a", "alert", "queue", NULL);
    add("a", "alert", "queue", NULL);
    add("c", "log", "next", "a");
    CHECK(strcmp(end(), "  * queue alert: ok, 1.25 ms, a\n"
                        "  * queue alert: ok, 1.25 ms, a\n"
                        "      next log: ok, 1.25 ms, c\n") == 0);
}

static void a_trace_of_one_is_not_worth_a_word(void)
{
    begin("a");
    add("a", "front", "http", NULL);
    CHECK(strcmp(end(), "") == 0);
    begin("a");
    CHECK(strcmp(end(), "") == 0);
}

static void causes_that_go_round_come_to_an_end(void)
{
    begin("a");
    add("a", "front", "http", "a");
    add("b", "alert", "queue", "c");
    add("c", "log", "queue", "b");
    add("d", "log", "queue", NULL);
    add("", "log", "queue", "d");
    CHECK(strlen(end()) < 4000);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(what_follows_is_below_what_it_follows_from),
        TAP_CASE(what_has_a_cause_that_is_not_kept_stands_at_the_left),
        TAP_CASE(what_an_event_led_to_is_below_its_last_attempt),
        TAP_CASE(a_trace_of_one_is_not_worth_a_word),
        TAP_CASE(causes_that_go_round_come_to_an_end),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
