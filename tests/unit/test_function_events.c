// SPDX-License-Identifier: MIT
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1
/* What a manifest says about events, effects and other functions. */
#include "engine/function.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

static struct function f;
static struct uf_err err;

static int read_yaml(const char *yaml)
{
    function_fini(&f);
    memset(&err, 0, sizeof(err));
    return function_parse_yaml(&f, yaml, strlen(yaml), "f", &err);
}

static bool accepted(const char *yaml)
{
    if (read_yaml(yaml) == 0)
        return true;
    printf("# %s\n", err.msg);
    return false;
}

static bool refused(const char *yaml, const char *msg)
{
    int r = read_yaml(yaml);

    if (r == -EINVAL && strcmp(err.msg, msg) == 0)
        return true;
    printf("# %d: %s\n", r, err.msg);
    return false;
}

static bool json_refused(const char *json, const char *words)
{
    int r = function_parse_json(&f, json, strlen(json), &err);

    if (r == -EINVAL && strstr(err.msg, words) != NULL)
        return true;
    printf("# %d: %s\n", r, err.msg);
    return false;
}

static bool set_refused(const char *key, const char *value, const char *words)
{
    char *before = function_format_json(&f);
    int r = function_set(&f, key, value, &err);
    char *after = function_format_json(&f);
    bool same = before != NULL && after != NULL && strcmp(before, after) == 0;

    free(before);
    free(after);
    if (r == -EINVAL && same && strstr(err.msg, words) != NULL)
        return true;
    printf("# %d: %s\n", r, err.msg);
    return false;
}

/* Is it the same after its way through JSON? */
static bool travels(void)
{
    struct function g;
    char *text;
    char *again = NULL;
    bool same = false;

    if (f.name[0] == '\0')
        memcpy(f.name, "a", 2);
    text = function_format_json(&f);
    if (text != NULL && function_parse_json(&g, text, strlen(text), &err) == 0) {
        again = function_format_json(&g);
        same = again != NULL && strcmp(text, again) == 0 && g.access == f.access;
        function_fini(&g);
    }
    if (!same)
        printf("# %s\n# %s\n# %s\n", text, again, err.msg);
    free(text);
    free(again);
    return same;
}

/* A YAML list of n names, each made from a number. */
static const char *many(const char *key, const char *form, unsigned n)
{
    static char yaml[8192];
    size_t at = (size_t)snprintf(yaml, sizeof(yaml), "%s:\n", key);

    for (unsigned i = 0; i < n; i++)
        at += (size_t)snprintf(yaml + at, sizeof(yaml) - at, "%s%u\n", form, i);
    return yaml;
}

static void without_http_among_the_triggers_a_function_is_internal(void)
{
    CHECK(accepted("triggers: [queue: q]") && f.access == ACCESS_INTERNAL && travels());
    CHECK(accepted("triggers: [topic: t]") && f.access == ACCESS_INTERNAL && travels());
    CHECK(accepted("triggers: [queue: q, http]") && f.access == ACCESS_PUBLIC && travels());
    CHECK(accepted("triggers: []") && f.access == ACCESS_PUBLIC && travels());
    CHECK(accepted("access: password\ntriggers: [queue: q]"));
    CHECK(f.access == ACCESS_PASSWORD && travels());
    CHECK(accepted("triggers: [queue: q]\naccess: public"));
    CHECK(f.access == ACCESS_PUBLIC && travels());
    CHECK(accepted("access: internal") && f.access == ACCESS_INTERNAL && travels());
    CHECK(refused("access: nobody", "f:1: access: \"nobody\" is not valid; it must be one of: "
                                    "public, password, internal"));
}

static void a_trigger_says_one_thing(void)
{
    CHECK(refused("triggers:\n  - {queue: a, topic: b}\n",
                  "f:2: triggers: queue and topic in one entry; write one for each"));
    CHECK(refused("triggers:\n  - queue\n",
                  "f:2: triggers: a queue needs its name, as in - queue: NAME"));
    CHECK(refused("triggers:\n  - topic:\n",
                  "f:2: triggers: a topic needs its name, as in - topic: NAME"));
    CHECK(refused("triggers:\n  - {topic: a, batch: 2}\n",
                  "f:2: triggers: batch and batch_window are a queue's"));
    CHECK(refused("triggers:\n  - batch: 2\n",
                  "f:2: triggers: batch and batch_window are a queue's"));
    CHECK(refused("triggers:\n  - {}\n",
                  "f:2: triggers: an entry says nothing; available: http, queue, topic"));
    CHECK(refused("triggers:\n  - queue: q\n    batches: 2\n",
                  "f:3: triggers: there is no trigger \"batches\"; available: http, queue, topic"));
    CHECK(refused("triggers:\n  - queue: q\n    batch: many\n",
                  "f:3: batch: \"many\" is not valid; it must be a whole number from 1 to 1000"));
    CHECK(json_refused("{\"name\":\"a\",\"triggers\":[{\"queue\":7}]}", "names must be strings"));
    CHECK(json_refused("{\"name\":\"a\",\"triggers\":[{\"http\":{}}]}", "http: must be a string"));
    CHECK(json_refused("{\"name\":\"a\",\"triggers\":[{}]}", "an entry says nothing"));
}

static void a_queue_or_topic_given_twice_is_refused(void)
{
    CHECK(refused("triggers:\n  - queue: a\n  - queue: b\n  - queue: a\n",
                  "f:4: queue: \"a\" is given twice"));
    CHECK(refused("triggers:\n  - topic: a\n  - topic: a\n", "f:3: topic: \"a\" is given twice"));
    CHECK(accepted("triggers:\n  - topic: a\n  - queue: a\n") && travels());
    CHECK(json_refused("{\"name\":\"a\",\"triggers\":[{\"queue\":\"q\"},{\"queue\":\"q\"}]}",
                       "queue: \"q\" is given twice"));
}

static void names_of_queues_are_text_and_not_those_of_functions(void)
{
    static char yaml[512] = "triggers:\n  - queue: ";
    size_t at = strlen(yaml);

    CHECK(accepted("triggers:\n  - queue: \"sensors/k\xc3\xbc"
                   "che #1\"\n") &&
          travels());
    CHECK(accepted("triggers:\n  - topic: '@any'\n"));
    CHECK(refused("triggers:\n  - queue: '@a'\n",
                  "f:2: queue: \"@a\" is not valid; it must be 1 to 255 bytes of UTF-8 without "
                  "control characters, not @ first"));
    CHECK(refused("triggers:\n  - topic: \"a\\tb\"\n",
                  "f:2: topic: \"a?b\" is not valid; it must be 1 to 255 bytes of UTF-8 without "
                  "control characters"));
    memset(yaml + at, 'q', 255);
    CHECK(accepted(yaml) && f.nqueues == 1 && strlen(f.queue[0].name) == 255 && travels());
    yaml[at + 255] = 'q';
    CHECK(read_yaml(yaml) == -EINVAL);
}

static void lists_have_a_largest_length(void)
{
    static const struct {
        const char *key;
        const char *form;
        unsigned max;
    } t[] = {
        {"triggers", "  - queue: q", FUNCTION_QUEUES_MAX},
        {"triggers", "  - topic: t", FUNCTION_TOPICS_MAX},
        {"allow", "  - https://example.org/", FUNCTION_ALLOW_MAX},
        {"secrets", "  - s", FUNCTION_SECRETS_MAX},
        {"lang: sequence\nfunctions", "  - f", FUNCTION_STEPS_MAX},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        CHECK(accepted(many(t[i].key, t[i].form, t[i].max)) && travels());
        CHECK(read_yaml(many(t[i].key, t[i].form, t[i].max + 1)) == -EINVAL);
        CHECK(strstr(err.msg, ": more than ") != NULL);
    }
    CHECK(accepted("retry: {codes: [300,301,302,303,304,305,306,307,308,309,310,311,312,313,314,"
                   "315]}") &&
          travels());
    CHECK(refused("retry: {codes: [300,301,302,303,304,305,306,307,308,309,310,311,312,313,314,"
                  "315,316]}",
                  "f:1: codes: more than 16"));
}

static void retries_make_sense_or_are_refused(void)
{
    CHECK(accepted("retry: {min_wait: 1m, max_wait: 1m}") && travels());
    CHECK(refused("name: a\nretry:\n  min_wait: 2m\n",
                  "f:2: retry: min_wait, 2m, is longer than max_wait, 1m"));
    CHECK(refused("retry:\n  codes: []\n",
                  "f:1: retry: codes are none; attempts: 1 is how nothing is tried again"));
    CHECK(refused("retry:\n  codes: [500, 500]\n", "f:2: codes: \"500\" is given twice"));
    CHECK(
        refused("retry:\n  codes: 500\n", "f:2: codes must be a list (lines with -), not a value"));
    CHECK(refused("retry:\n  tries: 3\n", "f:2: unknown key \"tries\" in retry; valid keys: "
                                          "attempts, min_wait, max_wait, codes"));
    CHECK(json_refused("{\"name\":\"a\",\"retry\":[]}", "retry: must be an object"));
    CHECK(json_refused("{\"name\":\"a\",\"retry\":{\"codes\":500}}", "codes: must be an array"));
    CHECK(json_refused("{\"name\":\"a\",\"retry\":{\"codes\":[]}}", "codes are none"));
    CHECK(json_refused("{\"name\":\"a\",\"retry\":{\"min_wait\":\"2m\"}}", "longer than max_wait"));
}

static void next_is_another_word_for_on_success(void)
{
    CHECK(accepted("next: b") && strcmp(f.on_success, "b") == 0 && travels());
    CHECK(refused("next: b\non_success: b\n",
                  "f:2: next and on_success are two words for one thing; write one"));
    CHECK(refused("on_success: b\nnext: c\n",
                  "f:2: next and on_success are two words for one thing; write one"));
    CHECK(json_refused("{\"name\":\"a\",\"next\":\"b\",\"on_success\":\"c\"}", "two words"));
    CHECK(refused("on_failure: Not\n", "f:1: on_failure: \"Not\" is not valid; it must be 1 to 63 "
                                       "of a-z, 0-9 and -, not - first or last"));
}

static void patterns_and_secrets_are_checked_where_they_stand(void)
{
    CHECK(refused("allow:\n  - https://example.org/*\n  - https://user@example.org/\n",
                  "f:3: allow: \"https://user@example.org/\" is not valid: a user's name (@) does "
                  "not belong into it"));
    CHECK(refused("allow:\n  - http://a/\n  - http://a/\n",
                  "f:3: allow: \"http://a/\" is given twice"));
    CHECK(refused("secrets:\n  - ok\n  - Token\n",
                  "f:3: secrets: \"Token\" is not a secret's name; it must be at most 253 of a-z, "
                  "0-9, - and ., as a name in the DNS"));
    CHECK(refused("secrets:\n  - ../key\n",
                  "f:2: secrets: \"../key\" is not a secret's name; it must be at most 253 of a-z, "
                  "0-9, - and ., as a name in the DNS"));
    CHECK(read_yaml("secrets: [a..b]") == -EINVAL && read_yaml("secrets: [a.]") == -EINVAL);
    CHECK(json_refused("{\"name\":\"a\",\"secrets\":\"s\"}", "secrets: must be an array"));
    CHECK(json_refused("{\"name\":\"a\",\"allow\":[1]}", "allow: entry 0 must be a string"));
    CHECK(json_refused("{\"name\":\"a\",\"topic\":[]}", "unknown key \"topic\""));
}

static void a_secrets_name_has_a_largest_length(void)
{
    char yaml[300] = "secrets: [";
    size_t at = strlen(yaml);

    for (size_t i = 0; i < 253; i++)
        yaml[at + i] = i % 64 == 63 ? '.' : 'a';
    yaml[at + 253] = ']';
    CHECK(accepted(yaml) && f.secrets.n == 1 && travels());
    yaml[at + 253] = 'a';
    yaml[at + 254] = ']';
    CHECK(read_yaml(yaml) == -EINVAL);
}

static void a_sequence_has_functions_and_no_image(void)
{
    static const char *const senseless[] = {"memory: 1Mi",     "timeout: 1s",   "isolation: auto",
                                            "reuse: instance", "keep_warm: 1s", "env: {A: b}",
                                            "limits: {}",      "allow: []",     "secrets: []"};

    CHECK(accepted("functions: [a, b, a]\nlang: sequence\nname: s\ntriggers: [queue: q]\n"
                   "retry: {attempts: 2}\non_failure: f\nmax_instances: 2\n"));
    CHECK(function_is_sequence(&f) && f.steps.n == 3 && strcmp(f.steps.item[1], "b") == 0);
    CHECK(f.access == ACCESS_INTERNAL && travels());
    for (size_t i = 0; i < sizeof(senseless) / sizeof(senseless[0]); i++) {
        char yaml[128];

        (void)snprintf(yaml, sizeof(yaml), "%s\nlang: sequence\nfunctions: [a, b]\n", senseless[i]);
        CHECK(read_yaml(yaml) == -EINVAL);
        CHECK(strncmp(err.msg, "f:1: ", 5) == 0 &&
              strstr(err.msg, "makes no sense for a sequence"));
    }
    CHECK(refused("functions: [a, b]\n",
                  "f:1: functions: only a sequence has them (lang: sequence)"));
    CHECK(refused("lang: sequence\n", "f: functions: a sequence has 2 to 32 of them, not 0"));
    CHECK(refused("lang: sequence\nfunctions: [a]\n",
                  "f: functions: a sequence has 2 to 32 of them, not 1"));
    CHECK(refused("lang: sequence\nname: a\nfunctions: [b, a]\n",
                  "f: functions: a cannot be a part of itself"));
    CHECK(refused("lang: sequence\nfunctions:\n  - a\n  - b/c\n",
                  "f:4: functions: \"b/c\" is not a function's name; it must be 1 to 63 of a-z, "
                  "0-9 and -, not - first or last"));
    CHECK(json_refused("{\"memory\":\"1Mi\",\"name\":\"s\",\"lang\":\"sequence\"}",
                       "memory: makes no sense"));
}

static void every_key_can_be_set_from_text(void)
{
    CHECK(accepted("name: a\n"));
    CHECK(function_set(&f, "queue", "one, two ,three", &err) == 0 && f.nqueues == 3);
    CHECK(strcmp(f.queue[1].name, "two") == 0 && f.queue[1].batch == 1);
    CHECK(function_set(&f, "queue.batch", "8", &err) == 0 && f.queue[2].batch == 8);
    CHECK(function_set(&f, "queue.batch_window", "1s", &err) == 0);
    CHECK(f.queue[0].batch_window_ns == 1000000000);
    CHECK(function_set(&f, "topic", "t", &err) == 0 && f.topics.n == 1);
    CHECK(function_set(&f, "allow", "https://a/*,http://b/", &err) == 0 && f.allow.n == 2);
    CHECK(function_set(&f, "secrets", "x,y", &err) == 0 && f.secrets.n == 2);
    CHECK(function_set(&f, "retry.attempts", "9", &err) == 0 && f.retry.attempts == 9);
    CHECK(function_set(&f, "retry.codes", "500, 501", &err) == 0 && f.retry.codes[1] == 501);
    CHECK(f.retry.codes[2] == 0);
    CHECK(function_set(&f, "limits.effects", "1Ki", &err) == 0 && f.effects_max == 1024);
    CHECK(function_set(&f, "env.A", "b", &err) == 0 && strcmp(f.env, "A=b") == 0);
    CHECK(function_set(&f, "next", "n", &err) == 0 && strcmp(f.on_success, "n") == 0);
    CHECK(function_set(&f, "access", "internal", &err) == 0 && f.access == ACCESS_INTERNAL);
    CHECK(function_set(&f, "queue", "", &err) == 0 && f.nqueues == 0);
    CHECK(function_set(&f, "queue", "four", &err) == 0 && f.nqueues == 1 && travels());
    CHECK(function_set(&f, "lang", "sequence", &err) == 0);
    CHECK(function_check(&f, &err) == -EINVAL && strstr(err.msg, "2 to 32") != NULL);
    CHECK(function_set(&f, "functions", "a-1,b", &err) == 0 && f.steps.n == 2);
    CHECK(function_check(&f, &err) == 0);
    CHECK(set_refused("memory", "16Mi", "makes no sense for a sequence"));
    CHECK(set_refused("limits.log", "1Ki", "makes no sense for a sequence"));
}

static void what_cannot_be_set_changes_nothing(void)
{
    CHECK(accepted("name: a\ntriggers: [queue: q, topic: t]\nsecrets: [s]\n"));
    CHECK(set_refused("queue", "a,b,a", "given twice"));
    CHECK(set_refused("queue", "a,,b", "a queue needs its name"));
    CHECK(set_refused("queue.batch", "0", "from 1 to 1000"));
    CHECK(set_refused("queue.size", "1", "unknown key \"size\" in queue; valid keys: batch,"));
    CHECK(set_refused("topic", "a,", "topic: \"\" is not valid"));
    CHECK(set_refused("secrets", "ok,Bad", "not a secret's name"));
    CHECK(set_refused("allow", "https://a/,b", "must begin with https://"));
    CHECK(set_refused("retry.codes", "500,9", "from 300 to 599"));
    CHECK(set_refused("retry.codes", "", "codes are none"));
    CHECK(set_refused("retry.wait", "1s", "valid keys: attempts, min_wait, max_wait, codes"));
    CHECK(set_refused("triggers", "http", "name queue and topic by themselves"));
    CHECK(set_refused("functions", "a,b", "only a sequence"));
    CHECK(set_refused("colour", "red", "valid keys: name, lang"));
    CHECK(accepted("name: a\n"));
    CHECK(set_refused("queue.batch", "2", "no queue triggers it"));
}

static void what_is_moved_is_owned_once(void)
{
    struct function to;

    CHECK(accepted("name: a\nenv: {A: b}\ntriggers: [queue: q, topic: t]\nsecrets: [s]\n"));
    function_move(&to, &f);
    CHECK(f.env == NULL && f.nqueues == 0 && f.topics.item == NULL && f.name[0] == '\0');
    CHECK(strcmp(to.queue[0].name, "q") == 0 && strcmp(to.secrets.item[0], "s") == 0);
    function_fini(&to); /* the sanitizer counts */
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(without_http_among_the_triggers_a_function_is_internal),
        TAP_CASE(a_trigger_says_one_thing),
        TAP_CASE(a_queue_or_topic_given_twice_is_refused),
        TAP_CASE(names_of_queues_are_text_and_not_those_of_functions),
        TAP_CASE(lists_have_a_largest_length),
        TAP_CASE(retries_make_sense_or_are_refused),
        TAP_CASE(next_is_another_word_for_on_success),
        TAP_CASE(patterns_and_secrets_are_checked_where_they_stand),
        TAP_CASE(a_secrets_name_has_a_largest_length),
        TAP_CASE(a_sequence_has_functions_and_no_image),
        TAP_CASE(every_key_can_be_set_from_text),
        TAP_CASE(what_cannot_be_set_changes_nothing),
        TAP_CASE(what_is_moved_is_owned_once),
    };
    int r = tap_run(cases, sizeof(cases) / sizeof(cases[0]));

    function_fini(&f);
    return r;
}
