// SPDX-License-Identifier: MIT
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1
#include "engine/function.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "engine/function_key.h"
#include "tests/tap.h"

static bool accepted(struct function *f, const char *yaml)
{
    struct uf_err e = {0};

    *f = (struct function){0};
    if (function_parse_yaml(f, yaml, strlen(yaml), "function.yaml", &e) == 0)
        return true;
    printf("# %s\n", e.msg);
    return false;
}

/* Is it refused with exactly this message? */
static bool refused(const char *yaml, const char *msg)
{
    struct function f = {.max_instances = 77};
    struct uf_err e = {0};
    int r = function_parse_yaml(&f, yaml, strlen(yaml), "function.yaml", &e);

    if (r == -EINVAL && strcmp(e.msg, msg) == 0 && f.max_instances == 77)
        return true;
    printf("# %d: %s\n", r, e.msg);
    return false;
}

static bool json_refused(const char *json, const char *words)
{
    struct function f = {.max_instances = 77};
    struct uf_err e = {0};
    int r = function_parse_json(&f, json, strlen(json), &e);

    if (r == -EINVAL && strstr(e.msg, words) != NULL && f.max_instances == 77)
        return true;
    printf("# %d: %s\n", r, e.msg);
    return false;
}

static void check_default_retry(const struct function_retry *r)
{
    static const uint16_t codes[] = {408, 429, 500, 502, 503, 504, 0};

    CHECK(r->attempts == 4);
    CHECK(r->min_wait_ns == UINT64_C(1000000000) && r->max_wait_ns == UINT64_C(60000000000));
    CHECK(memcmp(r->codes, codes, sizeof(codes)) == 0);
}

static void an_empty_manifest_gives_the_documented_defaults(void)
{
    const char *const empty[] = {"", "# nothing\n", "---\n", "{}\n",
                                 "env:\nlimits:\ntriggers:\nretry:\nallow:\n"};

    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        struct function f;

        CHECK(accepted(&f, empty[i]));
        CHECK(f.name[0] == '\0');
        CHECK(strcmp(f.lang, "c") == 0);
        CHECK(f.memory == 8u << 20);
        CHECK(f.timeout_ns == UINT64_C(3000000000));
        CHECK(f.max_instances == 10);
        CHECK(f.isolation == ISOLATION_AUTO);
        CHECK(f.reuse == REUSE_INVOCATION);
        CHECK(f.keep_warm_ns == UINT64_C(60000000000));
        CHECK(f.cpu_ns == f.timeout_ns);
        CHECK(f.log_max == 64u << 10);
        CHECK(f.body_max == 1u << 20);
        CHECK(f.host_calls == 1000);
        CHECK(f.env_size == 0);
        CHECK(f.effects_max == 1u << 20);
        CHECK(f.scale_threshold == 10);
        CHECK(f.nqueues == 0 && f.topics.n == 0 && f.access == ACCESS_PUBLIC);
        CHECK(f.max_age_ns == UINT64_C(86400000000000));
        check_default_retry(&f.retry);
        CHECK(f.on_success[0] == '\0' && f.on_failure[0] == '\0');
        CHECK(f.allow.n == 0 && f.secrets.n == 0 && f.steps.n == 0);
        function_fini(&f);
    }
}

static const char full[] = "name: my-function\n"
                           "lang: c++\n"
                           "memory: 16Mi\n"
                           "timeout: 1m\n"
                           "max_instances: 3\n"
                           "isolation: kvm\n"
                           "reuse: instance\n"
                           "keep_warm: 0\n"
                           "env:\n"
                           "  GREETING: hello world\n"
                           "  PORT: 8080\n"
                           "  EMPTY:\n"
                           "limits:\n"
                           "  cpu_time: 500ms\n"
                           "  log: 4Ki\n"
                           "  response: 2Mi\n"
                           "  host_calls: 0\n"
                           "  effects: 2Mi\n"
                           "triggers:\n"
                           "  - http\n"
                           "  - queue: first\n"
                           "  - {queue: second, batch: 64, batch_window: 50ms}\n"
                           "  - topic: news\n"
                           "access: password\n"
                           "scale_threshold: 100\n"
                           "retry:\n"
                           "  attempts: 7\n"
                           "  min_wait: 2s\n"
                           "  max_wait: 1h\n"
                           "  codes: [500, 503]\n"
                           "max_age: 1h\n"
                           "on_success: next-one\n"
                           "on_failure: undertaker\n"
                           "allow:\n"
                           "  - https://example.org/v1/*\n"
                           "  - http://10.0.0.7:8123/\n"
                           "secrets: [token, db.password]\n";

static bool is_list(const struct function_list *l, const char *first, const char *second)
{
    return l->n == (second != NULL ? 2 : 1) && strcmp(l->item[0], first) == 0 &&
           (second == NULL || strcmp(l->item[1], second) == 0);
}

static void check_full_events(const struct function *f)
{
    CHECK(f->effects_max == 2u << 20);
    CHECK(f->nqueues == 2);
    CHECK(strcmp(f->queue[0].name, "first") == 0 && f->queue[0].batch == 1);
    CHECK(f->queue[0].batch_window_ns == 0);
    CHECK(strcmp(f->queue[1].name, "second") == 0 && f->queue[1].batch == 64);
    CHECK(f->queue[1].batch_window_ns == 50000000);
    CHECK(is_list(&f->topics, "news", NULL));
    CHECK(f->access == ACCESS_PASSWORD);
    CHECK(f->scale_threshold == 100);
    CHECK(f->retry.attempts == 7 && f->retry.min_wait_ns == UINT64_C(2000000000));
    CHECK(f->retry.max_wait_ns == UINT64_C(3600000000000));
    CHECK(f->retry.codes[0] == 500 && f->retry.codes[1] == 503 && f->retry.codes[2] == 0);
    CHECK(f->max_age_ns == UINT64_C(3600000000000));
    CHECK(strcmp(f->on_success, "next-one") == 0 && strcmp(f->on_failure, "undertaker") == 0);
    CHECK(is_list(&f->allow, "https://example.org/v1/*", "http://10.0.0.7:8123/"));
    CHECK(is_list(&f->secrets, "token", "db.password"));
}

static void check_full(const struct function *f)
{
    const char env[] = "GREETING=hello world\0PORT=8080\0EMPTY=";

    CHECK(strcmp(f->name, "my-function") == 0);
    CHECK(strcmp(f->lang, "c++") == 0);
    CHECK(f->memory == 16u << 20);
    CHECK(f->timeout_ns == UINT64_C(60000000000));
    CHECK(f->max_instances == 3);
    CHECK(f->isolation == ISOLATION_KVM);
    CHECK(f->reuse == REUSE_INSTANCE);
    CHECK(f->keep_warm_ns == 0);
    CHECK(f->cpu_ns == 500000000);
    CHECK(f->log_max == 4096);
    CHECK(f->body_max == 2u << 20);
    CHECK(f->host_calls == 0);
    CHECK(f->env_size == sizeof(env) && memcmp(f->env, env, sizeof(env)) == 0);
    check_full_events(f);
}

static void every_key_is_read_from_yaml(void)
{
    struct function f;

    CHECK(accepted(&f, full));
    check_full(&f);
    function_fini(&f);
}

static void json_carries_every_key_there_and_back(void)
{
    struct function f;
    struct function g;
    struct uf_err e = {0};

    CHECK(accepted(&f, full));
    char *text = function_format_json(&f);
    CHECK(text != NULL);
    if (text == NULL)
        return;
    CHECK(function_parse_json(&g, text, strlen(text), &e) == 0);
    check_full(&g);
    char *again = function_format_json(&g);
    CHECK(again != NULL && strcmp(text, again) == 0);
    free(text);
    free(again);
    function_fini(&f);
    function_fini(&g);
}

static void limits_carry_every_bound_to_the_tender(void)
{
    struct function f;
    struct uf_limits l;

    CHECK(accepted(&f, full));
    function_limits(&f, 1u << 20, &l);
    CHECK(l.memory == f.memory && l.timeout_ns == f.timeout_ns && l.cpu_ns == f.cpu_ns);
    CHECK(l.event_max == 1u << 20 && l.log_max == 4096 && l.body_max == 2u << 20);
    CHECK(l.host_calls == 0 && l.keep_memory == 1 && l.effects_max == 2u << 20);
    f.reuse = REUSE_INVOCATION;
    function_limits(&f, 1u << 20, &l);
    CHECK(l.keep_memory == 0);
    function_fini(&f);
}

static void memory_is_rounded_up_to_what_can_be_mapped(void)
{
    struct function f;

    CHECK(accepted(&f, "memory: 64M\n"));
    CHECK(f.memory % UF_ALIGN == 0 && f.memory >= 64000000 && f.memory < 64000000 + UF_ALIGN);
    function_fini(&f);
}

static void cpu_time_follows_the_timeout_unless_given(void)
{
    struct function f;

    CHECK(accepted(&f, "timeout: 10s\n"));
    CHECK(f.cpu_ns == UINT64_C(10000000000));
    function_fini(&f);
    CHECK(accepted(&f, "limits: {cpu_time: 1s}\ntimeout: 10s\n"));
    CHECK(f.cpu_ns == UINT64_C(1000000000));
    function_fini(&f);
}

static void triggers_may_be_words_or_mappings(void)
{
    struct function f;

    CHECK(accepted(&f, "triggers: [http]\n"));
    function_fini(&f);
    CHECK(accepted(&f, "triggers:\n  - http:\n"));
    function_fini(&f);
    CHECK(accepted(&f, "triggers:\n  - http: {}\n"));
    function_fini(&f);
}

static void unknown_keys_are_refused_with_line_and_the_valid_ones(void)
{
    CHECK(refused(
        "name: a\n\nmemroy: 8Mi\n",
        "function.yaml:3: unknown key \"memroy\"; valid keys: name, lang, memory, timeout, "
        "max_instances, isolation, reuse, keep_warm, scale_threshold, access, max_age, on_success, "
        "on_failure, next, functions, triggers, retry, allow, secrets, env, limits, params"));
    CHECK(refused("limits:\n  log: 1Ki\n  logs: 1Ki\n",
                  "function.yaml:3: unknown key \"logs\" in limits; valid keys: cpu_time, log, "
                  "response, host_calls, effects"));
    CHECK(refused(
        "<<: {memory: 8Mi}\n",
        "function.yaml:1: unknown key \"<<\"; valid keys: name, lang, memory, timeout, "
        "max_instances, isolation, reuse, keep_warm, scale_threshold, access, max_age, on_success, "
        "on_failure, next, functions, triggers, retry, allow, secrets, env, limits, params"));
}

static void bad_values_are_refused_with_line_and_the_valid_ones(void)
{
    CHECK(refused("isolation: vm\n",
                  "function.yaml:1: isolation: \"vm\" is not valid; it must be one "
                  "of: auto, kvm, process"));
    CHECK(refused("\nreuse: never\n",
                  "function.yaml:2: reuse: \"never\" is not valid; it must be one "
                  "of: invocation, instance"));
    CHECK(refused("lang: rust\n",
                  "function.yaml:1: lang: \"rust\" is not valid; it must be one of: "
                  "c, c++, javascript, sequence"));
    CHECK(refused("memory: lots\n",
                  "function.yaml:1: memory: \"lots\" is not valid; it must be a size "
                  "like 8Mi, 512Ki or 64M, from 1Mi to 1Gi"));
    CHECK(refused("timeout: 3\n", "function.yaml:1: timeout: \"3\" is not valid; it must be a time "
                                  "like 3s, 500ms or 1m30s, from 1ms to 1h"));
    CHECK(refused("name: Upper\n",
                  "function.yaml:1: name: \"Upper\" is not valid; it must be 1 to 63 "
                  "of a-z, 0-9 and -, not - first or last"));
    CHECK(
        refused("limits:\n  host_calls: -1\n",
                "function.yaml:2: host_calls: \"-1\" is not valid; it must be a whole number from "
                "0 to 1000000"));
}

static void every_bound_is_enforced_on_both_sides(void)
{
    static const struct {
        const char *key;
        const char *low;
        const char *lowest;
        const char *highest;
        const char *high;
    } t[] = {
        {"memory: %s\n", "1023Ki", "1Mi", "1Gi", "1073741825"},
        {"timeout: %s\n", "999us", "1ms", "1h", "3600001ms"},
        {"max_instances: %s\n", "0", "1", "1000", "1001"},
        {"keep_warm: %s\n", "-1s", "0s", "24h", "25h"},
        {"limits: {cpu_time: %s}\n", "0s", "1ms", "1h", "2h"},
        {"limits: {log: %s}\n", "-1", "0", "16Mi", "16777217"},
        {"limits: {response: %s}\n", "-1", "0", "64Mi", "65Mi"},
        {"limits: {host_calls: %s}\n", "-1", "0", "1000000", "1000001"},
        {"limits: {effects: %s}\n", "-1", "0", "64Mi", "67108865"},
        {"scale_threshold: %s\n", "0", "1", "1000000", "1000001"},
        {"retry: {attempts: %s}\n", "0", "1", "100", "101"},
        {"retry: {min_wait: %s, max_wait: 24h}\n", "-1s", "0s", "24h", "86400001ms"},
        {"retry: {min_wait: 0s, max_wait: %s}\n", "-1s", "0s", "24h", "86400001ms"},
        {"retry: {codes: [%s]}\n", "299", "300", "599", "600"},
        {"max_age: %s\n", "999ms", "1s", "8760h", "8761h"},
        {"triggers: [{queue: q, batch: %s}]\n", "0", "1", "1000", "1001"},
        {"triggers: [{queue: q, batch_window: %s}]\n", "-1s", "0s", "60s", "60001ms"},
        {"max_instances: %s\n", "1.5", "2", "3", "99999999999999999999"},
        {"max_instances: %s\n", "''", "2", "3", "three"},
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        const char *const value[] = {t[i].low, t[i].lowest, t[i].highest, t[i].high};

        for (size_t j = 0; j < 4; j++) {
            char yaml[128];
            struct function f;
            struct uf_err e = {0};
            const char *at = strstr(t[i].key, "%s");

            (void)snprintf(yaml, sizeof(yaml), "%.*s%s%s", (int)(at - t[i].key), t[i].key, value[j],
                           at + 2);
            int r = function_parse_yaml(&f, yaml, strlen(yaml), "m", &e);
            CHECK(r == (j == 1 || j == 2 ? 0 : -EINVAL));
            if (r == 0)
                function_fini(&f);
            else
                CHECK(strstr(e.msg, "it must be") != NULL);
        }
    }
}

static void wrong_shapes_are_refused(void)
{
    CHECK(refused("- name\n",
                  "function.yaml:1: a manifest must be a mapping (key: value lines), not "
                  "a list"));
    CHECK(refused("name\n",
                  "function.yaml:1: a manifest must be a mapping (key: value lines), not a "
                  "value"));
    CHECK(refused("name: [a]\n", "function.yaml:1: name must be a single value, not a list"));
    CHECK(refused("env:\n  A: {}\n", "function.yaml:2: A must be a single value, not a mapping"));
    CHECK(refused("env: 7\n", "function.yaml:1: env must be a mapping (key: value lines), not a "
                              "value"));
    CHECK(refused("limits: []\n",
                  "function.yaml:1: limits must be a mapping (key: value lines), not "
                  "a list"));
    CHECK(refused("? [a]\n: b\n", "function.yaml:1: a key must be a single value, not a list"));
    CHECK(refused("triggers: http\n",
                  "function.yaml:1: triggers must be a list (lines with -), not a "
                  "value"));
    CHECK(refused("name: \"a\\0b\"\n", "function.yaml:1: name has a NUL byte"));
}

static void keys_given_twice_are_refused(void)
{
    CHECK(refused("name: a\nlang: c\nname: b\n",
                  "function.yaml:3: name is given twice, first on line 1"));
    CHECK(refused("env:\n  A: 1\n  A: 2\n", "function.yaml:3: A is given twice, first on line 2"));
    CHECK(json_refused("{\"name\":\"a\",\"name\":\"b\"}", "duplicate"));
}

static void unknown_triggers_are_refused_with_those_that_exist(void)
{
    CHECK(
        refused("triggers:\n  - http\n  - cron\n",
                "function.yaml:3: triggers: there is no trigger \"cron\"; available: http, queue, "
                "topic"));
    CHECK(refused("triggers:\n  - queue: {name: q}\n",
                  "function.yaml:2: queue must be a single value, not a mapping"));
    CHECK(refused("triggers:\n  - http: {path: /a}\n",
                  "function.yaml:2: triggers: http takes no options"));
    CHECK(
        json_refused("{\"name\":\"a\",\"triggers\":[\"mqtt\"]}", "available: http, queue, topic"));
}

static void bad_variables_are_refused(void)
{
    static char yaml[40000];

    CHECK(refused("env:\n  1A: x\n",
                  "function.yaml:2: env: \"1A\" is not a variable's name; it must be 1 to 128 "
                  "letters, digits and _, not a digit first"));
    CHECK(refused("env:\n  A=B: x\n",
                  "function.yaml:2: env: \"A=B\" is not a variable's name; it must be 1 to 128 "
                  "letters, digits and _, not a digit first"));
    int n = snprintf(yaml, sizeof(yaml), "env:\n  OK: x\n  BIG: ");
    memset(yaml + n, 'x', 16384);
    CHECK(refused(yaml, "function.yaml:3: env: more than 16384 bytes of variables, with BIG"));
    n = snprintf(yaml, sizeof(yaml), "env:\n  ? ");
    memset(yaml + n, 'N', 129);
    CHECK(!accepted(&(struct function){0}, yaml));
}

static void the_environment_may_fill_its_area_exactly(void)
{
    static char yaml[20000];
    struct function f;
    int n = snprintf(yaml, sizeof(yaml), "env:\n  A: ");

    memset(yaml + n, 'x', UF_ENV_MAX - 3); /* "A=", the value, NUL */
    CHECK(accepted(&f, yaml));
    CHECK(f.env_size == UF_ENV_MAX);
    function_fini(&f);
}

static void broken_yaml_is_refused_with_its_line(void)
{
    struct function f;
    struct uf_err e = {0};
    const char tab[] = "name: a\n\tlang: c\n";

    CHECK(function_parse_yaml(&f, tab, sizeof(tab) - 1, "f", &e) == -EINVAL);
    CHECK(strncmp(e.msg, "f:2: not YAML: ", 15) == 0);
    CHECK(function_parse_yaml(&f, "a: [", 4, "f", &e) == -EINVAL);
    CHECK(function_parse_yaml(&f, "a: \xff\n", 6, "f", &e) == -EINVAL);
    CHECK(
        refused("name: a\n---\nname: b\n", "function.yaml:3: a second document, where one is all"));
}

static void an_alias_cannot_multiply_work(void)
{
    CHECK(
        refused("env: &e\n  A: *e\n", "function.yaml:1: A must be a single value, not a mapping"));
}

static void oversized_manifests_are_refused_unread(void)
{
    static char big[(64u << 10) + 1];
    struct function f;
    struct uf_err e = {0};

    memset(big, '#', sizeof(big));
    CHECK(function_parse_yaml(&f, big, sizeof(big), "f", &e) == -EINVAL);
    CHECK(strcmp(e.msg, "f: 65537 bytes, at most 65536 are read") == 0);
}

static void messages_never_carry_control_characters(void)
{
    struct function f;
    struct uf_err e = {0};
    const char yaml[] = "\"\\e[31mred\": x\n";

    CHECK(function_parse_yaml(&f, yaml, sizeof(yaml) - 1, "f", &e) == -EINVAL);
    CHECK(strchr(e.msg, '\033') == NULL && strstr(e.msg, "\"?[31mred\"") != NULL);
}

static void json_is_read_strictly(void)
{
    CHECK(json_refused("{", "not JSON"));
    CHECK(json_refused("[]", "must be an object"));
    CHECK(json_refused("{}", "name: is missing"));
    CHECK(
        json_refused("{\"name\":\"a\",\"memroy\":1}", "unknown key \"memroy\"; valid keys: name"));
    CHECK(json_refused("{\"name\":\"a\",\"limits\":{\"x\":1}}", "unknown key \"x\" in limits"));
    CHECK(json_refused("{\"name\":\"a\",\"limits\":1}", "limits: must be an object"));
    CHECK(json_refused("{\"name\":\"a\",\"env\":[]}", "env: must be an object"));
    CHECK(json_refused("{\"name\":\"a\",\"env\":{\"A\":1}}", "env: A must be a string"));
    CHECK(json_refused("{\"name\":\"a\",\"triggers\":\"http\"}", "triggers: must be an array"));
    CHECK(json_refused("{\"name\":\"a\",\"triggers\":[1]}",
                       "an entry must be a string or an object"));
    CHECK(json_refused("{\"name\":\"a\",\"memory\":true}", "memory: must be a string or a whole"));
    CHECK(json_refused("{\"name\":\"a\",\"memory\":\"1Ki\"}", "from 1Mi to 1Gi"));
    CHECK(json_refused("{\"name\":\"a\\u0000b\"}", "not JSON"));
}

static void json_sizes_may_be_plain_bytes(void)
{
    const char json[] = "{\"name\":\"a\",\"memory\":16777216,\"max_instances\":2}";
    struct function f;

    CHECK(function_parse_json(&f, json, sizeof(json) - 1, NULL) == 0);
    CHECK(f.memory == 16777216 && f.max_instances == 2);
    function_fini(&f);
}

static void names_are_dns_labels(void)
{
    char longest[FUNCTION_NAME_MAX + 2];

    memset(longest, 'a', sizeof(longest));
    longest[FUNCTION_NAME_MAX + 1] = '\0';
    CHECK(!function_name_ok(longest));
    longest[FUNCTION_NAME_MAX] = '\0';
    CHECK(function_name_ok(longest));
    CHECK(function_name_ok("a") && function_name_ok("7") && function_name_ok("a-b-9"));
    CHECK(!function_name_ok("") && !function_name_ok("-a") && !function_name_ok("a-"));
    CHECK(!function_name_ok("A") && !function_name_ok("a_b") && !function_name_ok("a.b"));
    CHECK(!function_name_ok("a/b") && !function_name_ok("..") && !function_name_ok("\xc3\xa4"));
}

static void every_key_round_trips_through_its_text(void)
{
    const struct function_key *const tables[] = {function_keys, function_limit_keys,
                                                 function_retry_keys};
    struct function f;
    struct function g;

    CHECK(accepted(&f, full));
    function_defaults(&g);
    for (size_t i = 0; i < 3; i++)
        for (const struct function_key *k = tables[i]; k->name != NULL; k++) {
            char a[FUNCTION_KEY_TEXT];
            char b[FUNCTION_KEY_TEXT];

            CHECK(function_key_set(&g, k, function_key_get(&f, k, a), NULL) == 0);
            CHECK(strcmp(a, function_key_get(&g, k, b)) == 0);
        }
    function_fini(&f);
}

static void single_keys_can_be_changed_later(void)
{
    struct function f;
    struct uf_err e = {0};

    function_defaults(&f);
    CHECK(function_set(&f, "memory", "16Mi", &e) == 0 && f.memory == 16u << 20);
    CHECK(function_set(&f, "limits.log", "1Ki", &e) == 0 && f.log_max == 1024);
    CHECK(function_set(&f, "timeout", "9s", &e) == 0 && f.cpu_ns == UINT64_C(9000000000));
    CHECK(function_set(&f, "limits.cpu_time", "1s", &e) == 0);
    CHECK(function_set(&f, "timeout", "8s", &e) == 0 && f.cpu_ns == UINT64_C(1000000000));
    CHECK(function_set(&f, "memory", "x", &e) == -EINVAL && f.memory == 16u << 20);
    CHECK(function_set(&f, "limits.memory", "1Mi", &e) == -EINVAL);
    CHECK(strstr(e.msg, "valid keys: cpu_time, log") != NULL);
    CHECK(function_set(&f, "log", "1Mi", &e) == -EINVAL);
    function_fini(&f);
}

static void a_variable_set_again_takes_the_place_of_the_old(void)
{
    struct function f;
    struct uf_err e = {0};
    const char want[] = "B=22\0C=\0A=new=x";

    function_defaults(&f);
    CHECK(function_env_set(&f, "A", "1", &e) == 0);
    CHECK(function_env_set(&f, "B", "22", &e) == 0);
    CHECK(function_env_set(&f, "C", "", &e) == 0);
    CHECK(function_env_set(&f, "A", "new=x", &e) == 0);
    CHECK(f.env_size == sizeof(want) && memcmp(f.env, want, sizeof(want)) == 0);
    CHECK(function_env_set(&f, "", "x", &e) == -EINVAL);
    CHECK(function_env_set(&f, "A-B", "x", &e) == -EINVAL);
    function_fini(&f);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(an_empty_manifest_gives_the_documented_defaults),
        TAP_CASE(every_key_is_read_from_yaml),
        TAP_CASE(json_carries_every_key_there_and_back),
        TAP_CASE(limits_carry_every_bound_to_the_tender),
        TAP_CASE(memory_is_rounded_up_to_what_can_be_mapped),
        TAP_CASE(cpu_time_follows_the_timeout_unless_given),
        TAP_CASE(triggers_may_be_words_or_mappings),
        TAP_CASE(unknown_keys_are_refused_with_line_and_the_valid_ones),
        TAP_CASE(bad_values_are_refused_with_line_and_the_valid_ones),
        TAP_CASE(every_bound_is_enforced_on_both_sides),
        TAP_CASE(wrong_shapes_are_refused),
        TAP_CASE(keys_given_twice_are_refused),
        TAP_CASE(unknown_triggers_are_refused_with_those_that_exist),
        TAP_CASE(bad_variables_are_refused),
        TAP_CASE(the_environment_may_fill_its_area_exactly),
        TAP_CASE(broken_yaml_is_refused_with_its_line),
        TAP_CASE(an_alias_cannot_multiply_work),
        TAP_CASE(oversized_manifests_are_refused_unread),
        TAP_CASE(messages_never_carry_control_characters),
        TAP_CASE(json_is_read_strictly),
        TAP_CASE(json_sizes_may_be_plain_bytes),
        TAP_CASE(names_are_dns_labels),
        TAP_CASE(every_key_round_trips_through_its_text),
        TAP_CASE(single_keys_can_be_changed_later),
        TAP_CASE(a_variable_set_again_takes_the_place_of_the_old),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
