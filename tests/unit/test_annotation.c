// SPDX-License-Identifier: MIT
// LINK: engine/function*.c engine/annotation.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1
#include "engine/annotation.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

#define S "com.openfaas.scale."
#define R "com.openfaas.retry."
#define U "com.unifaas."

static struct function f;
static struct uf_err err;

/* Apply pairs of key and value, up to a NULL, to a function with all defaults. */
static int annotate(const char *const *pairs)
{
    struct annotation a[16];
    size_t n = 0;

    function_fini(&f);
    function_defaults(&f);
    memset(&err, 0, sizeof(err));
    for (; pairs[2 * n] != NULL; n++)
        a[n] = (struct annotation){.key = pairs[2 * n], .value = pairs[2 * n + 1]};
    int r = function_annotate(&f, a, n, &err);
    if (r < 0)
        printf("# %s\n", err.msg);
    return r;
}

#define ANNOTATE(...) annotate((const char *const[]){__VA_ARGS__, NULL})

static bool refused(const char *key, const char *value, const char *words)
{
    bool ok = ANNOTATE(key, value) == -EINVAL && strstr(err.msg, words) != NULL &&
              strncmp(err.msg, key, strlen(key)) == 0;

    return ok;
}

static void every_key_of_a_manifest_can_be_an_annotation(void)
{
    CHECK(ANNOTATE(U "timeout", "9s", U "limits.log", "1Ki", U "retry.attempts", "2",
                   U "retry.codes", "500,502", U "access", "password", U "max_age", "1h") == 0);
    CHECK(f.timeout_ns == UINT64_C(9000000000) && f.log_max == 1024 && f.retry.attempts == 2);
    CHECK(f.retry.codes[1] == 502 && f.access == ACCESS_PASSWORD);
    CHECK(ANNOTATE(U "topic", "a,b", U "allow", "https://a/*", U "secrets", "x,y", U "on_failure",
                   "z", U "next", "n", U "env.A", "1") == 0);
    CHECK(f.topics.n == 2 && f.allow.n == 1 && f.secrets.n == 2 && f.env_size == 4);
    CHECK(strcmp(f.on_success, "n") == 0 && strcmp(f.on_failure, "z") == 0);
}

static void the_order_of_annotations_does_not_matter(void)
{
    CHECK(ANNOTATE(U "queue.batch", "8", U "queue", "a,b") == 0);
    CHECK(f.nqueues == 2 && f.queue[1].batch == 8);
    CHECK(ANNOTATE(U "functions", "a,b", U "lang", "sequence") == 0 && f.steps.n == 2);
    CHECK(ANNOTATE(S "target", "50", S "type", "queue") == 0 && f.scale_threshold == 50);
    CHECK(ANNOTATE(U "retry.min_wait", "2m", U "retry.max_wait", "3m") == 0);
}

static void what_openfaas_has_too_means_the_same(void)
{
    CHECK(ANNOTATE("topic", "news, weather", "com.openfaas.queue", "orders") == 0);
    CHECK(f.topics.n == 2 && strcmp(f.topics.item[1], "weather") == 0 && f.nqueues == 1);
    CHECK(f.access == ACCESS_PUBLIC);
    CHECK(ANNOTATE(R "attempts", "9", R "codes", "429", R "min_wait", "2s", R "max_wait", "5m") ==
          0);
    CHECK(f.retry.attempts == 9 && f.retry.codes[0] == 429 && f.retry.codes[1] == 0);
    CHECK(f.retry.min_wait_ns == UINT64_C(2000000000));
    CHECK(f.retry.max_wait_ns == UINT64_C(300000000000));
    CHECK(ANNOTATE(S "min", "0", S "max", "20", S "zero", "true", S "zero-duration", "15m",
                   S "type", "capacity", S "target", "25") == 0);
    CHECK(f.max_instances == 20 && f.keep_warm_ns == UINT64_C(900000000000));
    CHECK(f.scale_threshold == 25);
}

static void what_is_not_available_is_refused_with_the_way_out(void)
{
    CHECK(refused("schedule", "*/5 * * * *", "push to a queue"));
    CHECK(refused(S "min", "1", "keep_warm"));
    CHECK(refused(S "min", "", "keep_warm"));
    CHECK(refused(S "zero", "false", "an idle function holds no process"));
    CHECK(refused(S "target", "5", "only with capacity or queue"));
    CHECK(refused(S "type", "rps", U "scale_threshold"));
    CHECK(refused(S "type", "cpu", U "scale_threshold"));
    CHECK(refused(S "target-proportion", "0.9", U "scale_threshold"));
    CHECK(refused(S "factor", "20", "scale_threshold and max_instances"));
    CHECK(refused(S "maximum", "3", "there are: min, max, zero"));
    CHECK(refused(R "count", "3", "there are: attempts, codes"));
}

static void what_it_means_here_is_within_the_same_bounds(void)
{
    CHECK(refused(S "max", "0", "max_instances: \"0\" is not valid; it must be"));
    CHECK(refused(S "max", "1001", "from 1 to 1000"));
    CHECK(refused(R "attempts", "0", "from 1 to 100"));
    CHECK(refused(R "codes", "500;502", "from 300 to 599"));
    CHECK(refused(R "min_wait", "2m", "longer than max_wait") == false); /* checked at the end */
    CHECK(strstr(err.msg, "retry: min_wait, 2m, is longer than max_wait, 1m") != NULL);
    CHECK(refused("com.openfaas.queue", "@a", "not @ first"));
    CHECK(refused("topic", "a,a", "given twice"));
    CHECK(refused(U "timout", "1s", "unknown key \"timout\"; valid keys: name, lang"));
    CHECK(refused(U "triggers", "http", "name queue and topic"));
    CHECK(ANNOTATE(U "next", "a", U "on_success", "b") == -EINVAL);
    CHECK(strstr(err.msg, "two words for one thing") != NULL);
}

static void ours_go_before_those_of_openfaas(void)
{
    CHECK(ANNOTATE(U "max_instances", "3", S "max", "5", U "topic", "ours", "topic", "theirs") ==
          0);
    CHECK(f.max_instances == 3 && f.topics.n == 1 && strcmp(f.topics.item[0], "ours") == 0);
}

static void what_is_for_others_means_nothing(void)
{
    CHECK(ANNOTATE("com.openfaas.health.http.path", "/health", "com.openfaas.profile", "x",
                   "com.openfaas.ready.http.path", "/r", "prometheus.io.scrape", "false",
                   "com.unifaasx", "1", "anything", "") == 0);
    CHECK(f.max_instances == FUNCTION_INSTANCES && f.nqueues == 0 && f.topics.n == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_key_of_a_manifest_can_be_an_annotation),
        TAP_CASE(the_order_of_annotations_does_not_matter),
        TAP_CASE(what_openfaas_has_too_means_the_same),
        TAP_CASE(what_is_not_available_is_refused_with_the_way_out),
        TAP_CASE(what_it_means_here_is_within_the_same_bounds),
        TAP_CASE(ours_go_before_those_of_openfaas),
        TAP_CASE(what_is_for_others_means_nothing),
    };
    int r = tap_run(cases, sizeof(cases) / sizeof(cases[0]));

    function_fini(&f);
    return r;
}
