// SPDX-License-Identifier: MIT
// LINK: daemon/api/request.c daemon/api/rfc3339.c daemon/api/guard.c daemon/store/files.c
// LINK: daemon/http daemon/loop daemon/record/say.c
// LINK: engine/function*.c engine/annotation.c engine/allow.c engine/hostcall.c
// LINK: engine/yamltree.c engine/reason.c
// LIBS: jansson yaml-0.1 libmicrohttpd
#include "daemon/api/api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"

#define HEX   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define IMAGE "\"image\":\"sha256:" HEX "\""

static struct deploy_job job;
static struct uf_err err;

static int parse(const char *text)
{
    function_fini(&job.conf);
    free(job.deployment);
    free(job.source);
    memset(&job, 0, sizeof(job));
    memset(&err, 0, sizeof(err));
    function_defaults(&job.conf);
    return request_parse(&job, text, strlen(text), &err);
}

static void a_plain_deployment_has_defaults(void)
{
    CHECK(parse("{\"service\":\"hello\"," IMAGE "}") == 0);
    CHECK(strcmp(job.conf.name, "hello") == 0 && strcmp(job.image, HEX) == 0);
    CHECK(job.conf.memory == 8u << 20 && job.conf.env_size == 0);
}

static void limits_and_variables_are_understood(void)
{
    CHECK(parse("{\"service\":\"hello\"," IMAGE ",\"limits\":{\"memory\":\"64Mi\"},"
                "\"envVars\":{\"A\":\"1\"}}") == 0);
    CHECK(job.conf.memory == 64u << 20);
    CHECK(job.conf.env_size == 4 && strcmp(job.conf.env, "A=1") == 0);
}

static void annotations_of_ours_are_understood_and_others_kept(void)
{
    CHECK(parse("{\"service\":\"hello\"," IMAGE ",\"annotations\":{\"com.unifaas.timeout\":\"9s\","
                "\"com.unifaas.max_instances\":\"3\",\"topic\":\"t\",\"mine\":\"x\"}}") == 0);
    CHECK(job.conf.timeout_ns == UINT64_C(9000000000) && job.conf.max_instances == 3);
    CHECK(job.conf.topics.n == 1 && strcmp(job.conf.topics.item[0], "t") == 0);
    CHECK(strstr(job.deployment, "\"topic\":\"t\"") != NULL);
    CHECK(strstr(job.deployment, "\"mine\":\"x\"") != NULL);
}

static void labels_mean_what_annotations_do_and_come_back_as_labels(void)
{
    CHECK(parse("{\"service\":\"hello\"," IMAGE ",\"labels\":{\"com.openfaas.scale.max\":\"7\"},"
                "\"annotations\":{\"com.openfaas.queue\":\"q\"}}") == 0);
    CHECK(job.conf.max_instances == 7 && job.conf.nqueues == 1);
    CHECK(strstr(job.deployment, "\"labels\":{\"com.openfaas.scale.max\":\"7\"}") != NULL);
    CHECK(strstr(job.deployment, "\"annotations\":{\"com.openfaas.queue\":\"q\"}") != NULL);
}

static void a_sequence_needs_no_image(void)
{
    CHECK(parse("{\"service\":\"s\",\"annotations\":{\"com.unifaas.functions\":\"a,b\","
                "\"com.unifaas.lang\":\"sequence\"}}") == 0);
    CHECK(function_is_sequence(&job.conf) && job.conf.steps.n == 2 && job.image[0] == '\0');
    CHECK(parse("{\"service\":\"s\",\"image\":\"any:1\",\"unifaas\":{\"name\":\"s\","
                "\"lang\":\"sequence\",\"functions\":[\"a\",\"b\"]}}") == 0);
}

static void a_manifest_rules(void)
{
    CHECK(parse("{\"service\":\"hello\"," IMAGE ",\"limits\":{\"memory\":\"64Mi\"},"
                "\"unifaas\":{\"name\":\"hello\",\"memory\":\"16Mi\"}}") == 0);
    CHECK(job.conf.memory == 16u << 20);
}

static void what_the_format_has_more_is_accepted(void)
{
    CHECK(parse("{\"service\":\"hello\",\"image\":\"registry/hello@sha256:" HEX "\","
                "\"namespace\":\"openfaas-fn\",\"constraints\":[\"x\"],\"secrets\":[],"
                "\"labels\":{\"a\":\"b\"},\"envProcess\":\"\",\"requests\":null,"
                "\"readOnlyRootFilesystem\":true,\"future\":1}") == 0);
    CHECK(strcmp(job.image, HEX) == 0);
    CHECK(strstr(job.deployment, "\"constraints\":[\"x\"]") != NULL);
    CHECK(strstr(job.deployment, "future") == NULL);
}

static void an_image_that_is_no_whole_hash_is_looked_for_later(void)
{
    static const char *const names[] = {"hello.img", "/srv/images/hello.img", "hello:1",
                                        "sha256:0123abcd", "sha256:../../etc"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char text[128];

        (void)snprintf(text, sizeof(text), "{\"service\":\"a\",\"image\":\"%s\"}", names[i]);
        CHECK(parse(text) == 0 && job.image[0] == '\0');
        CHECK(job.source != NULL && strcmp(job.source, names[i]) == 0);
    }
    CHECK(parse("{\"service\":\"a\"," IMAGE "}") == 0 && job.source == NULL);
}

static void what_makes_no_sense_is_refused_by_name(void)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"", "not JSON: line 1"},
        {"{\"service\":", "not JSON"},
        {"[]", "must be an object"},
        {"{" IMAGE "}", "service: is missing"},
        {"{\"service\":1," IMAGE "}", "service: is missing"},
        {"{\"service\":\"Hello\"," IMAGE "}", "a-z, 0-9"},
        {"{\"service\":\"a/b\"," IMAGE "}", "a-z, 0-9"},
        {"{\"service\":\"a\"}", "image: is missing"},
        {"{\"service\":\"a\",\"image\":\"\"}", "image: is missing"},
        {"{\"service\":\"a\"," IMAGE ",\"namespace\":\"An/other\"}",
         "namespace: \"An/other\" can be none"},
        {"{\"service\":\"a\"," IMAGE ",\"secrets\":{}}", "secrets: must be an array"},
        {"{\"service\":\"a\"," IMAGE ",\"secrets\":[1]}", "secrets: names must be strings"},
        {"{\"service\":\"a\"," IMAGE ",\"secrets\":[\"../x\"]}", "not a secret's name"},
        {"{\"service\":\"a\"," IMAGE ",\"annotations\":{\"schedule\":\"* * * * *\"}}",
         "schedule: cron is not available yet"},
        {"{\"service\":\"a\",\"limits\":{\"memory\":\"2Mi\"},\"annotations\":{"
         "\"com.unifaas.lang\":\"sequence\",\"com.unifaas.functions\":\"a,b\"}}",
         "cannot be a part of itself"},
        {"{\"service\":\"s\",\"limits\":{\"memory\":\"2Mi\"},\"annotations\":{"
         "\"com.unifaas.lang\":\"sequence\",\"com.unifaas.functions\":\"a,b\"}}",
         "limits: memory: makes no sense for a sequence"},
        {"{\"service\":\"s\",\"envVars\":{\"A\":\"b\"},\"annotations\":{"
         "\"com.unifaas.lang\":\"sequence\",\"com.unifaas.functions\":\"a,b\"}}",
         "envVars: env: makes no sense for a sequence"},
        {"{\"service\":\"a\"," IMAGE ",\"labels\":[1]}", "labels: must be an object"},
        {"{\"service\":\"a\"," IMAGE ",\"labels\":{\"x\":1}}", "labels: the value of x"},
        {"{\"service\":\"a\"," IMAGE ",\"envVars\":{\"A=B\":\"1\"}}", "envVars"},
        {"{\"service\":\"a\"," IMAGE ",\"limits\":{\"memory\":\"much\"}}", "limits: memory"},
        {"{\"service\":\"a\"," IMAGE ",\"annotations\":{\"com.unifaas.timout\":\"1s\"}}", "timout"},
        {"{\"service\":\"a\"," IMAGE ",\"annotations\":{\"com.unifaas.name\":\"b\"}}",
         "service is \"a\", but the manifest's name is \"b\""},
        {"{\"service\":\"a\"," IMAGE ",\"annotations\":{\"com.unifaas.on_failure\":\"a\"}}",
         "on_failure: a cannot be told of what it gave up itself"},
        {"{\"service\":\"a\"," IMAGE ",\"annotations\":{\"com.unifaas.timeout\":\"1\"}}",
         "timeout"},
        {"{\"service\":\"a\"," IMAGE ",\"unifaas\":[]}", "manifest"},
        {"{\"service\":\"a\"," IMAGE ",\"unifaas\":{\"name\":\"b\"}}", "manifest's name is \"b\""},
        {"{\"service\":\"a\"," IMAGE ",\"unifaas\":{\"name\":\"a\",\"colour\":1}}", "colour"},
        {"{\"service\":\"a\",\"service\":\"b\"," IMAGE "}", "duplicate"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        CHECK(parse(table[i].text) == -EINVAL);
        if (strstr(err.msg, table[i].says) == NULL)
            printf("# %s\n# said: %s\n", table[i].text, err.msg);
        CHECK(strstr(err.msg, table[i].says) != NULL);
    }
}

/* ---- times ---------------------------------------------------------------------------- */

static void times_are_read(void)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } table[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-01-31T12:00:00Z", UINT64_C(1769860800000000000)},
        {"2026-01-31T12:00:00.5Z", UINT64_C(1769860800500000000)},
        {"2026-01-31T12:00:00.123456789012Z", UINT64_C(1769860800123456789)},
        {"2026-01-31T13:00:00+01:00", UINT64_C(1769860800000000000)},
        {"2026-01-31T13:00:00 01:00", UINT64_C(1769860800000000000)},
        {"2026-01-31t06:30:00-05:30", UINT64_C(1769860800000000000)},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        uint64_t ns = 1;

        CHECK(rfc3339_parse(table[i].text, &ns) == 0);
        CHECK(ns == table[i].ns);
    }
}

static void what_is_no_time_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "now",
        "2026-01-31",
        "2026-01-31T12:00:00",
        "2026-13-31T12:00:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T12:00:00+1",
        "2026-01-31T12:00:00Zx",
        "1969-12-31T23:59:59Z",
        "2026-01-31T-1:00:00Z",
        "2026-01-31T12:00:00+99:00",
        "9999-12-31T00:00:00Z",
    };
    uint64_t ns;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(rfc3339_parse(bad[i], &ns) == -EINVAL);
}

static void what_is_written_is_read_again(void)
{
    char text[RFC3339_TEXT];
    uint64_t ns = 0;

    rfc3339_format(text, UINT64_C(1769860800000001000));
    CHECK(strcmp(text, "2026-01-31T12:00:00.000001Z") == 0);
    CHECK(rfc3339_parse(text, &ns) == 0 && ns == UINT64_C(1769860800000001000));
}

/* ---- web pages ------------------------------------------------------------------------- */

static void only_names_of_the_loopback_are_local(void)
{
    CHECK(guard_host_is_local("localhost"));
    CHECK(guard_host_is_local("LocalHost:8080"));
    CHECK(guard_host_is_local("127.0.0.1:8080"));
    CHECK(guard_host_is_local("127.1.2.3"));
    CHECK(guard_host_is_local("[::1]:8080"));
    CHECK(!guard_host_is_local("evil.example:8080"));
    CHECK(!guard_host_is_local("127.0.0.1.evil.example"));
    CHECK(!guard_host_is_local("localhost.evil.example"));
    CHECK(!guard_host_is_local("10.0.0.1"));
    CHECK(!guard_host_is_local(""));
}

static void an_origin_is_the_host_or_foreign(void)
{
    CHECK(guard_same_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
    CHECK(guard_same_origin("https://Board.local", "board.local"));
    CHECK(!guard_same_origin("http://evil.example", "127.0.0.1:8080"));
    CHECK(!guard_same_origin("http://127.0.0.1:9090", "127.0.0.1:8080"));
    CHECK(!guard_same_origin("null", "127.0.0.1:8080"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_plain_deployment_has_defaults),
        TAP_CASE(limits_and_variables_are_understood),
        TAP_CASE(annotations_of_ours_are_understood_and_others_kept),
        TAP_CASE(labels_mean_what_annotations_do_and_come_back_as_labels),
        TAP_CASE(a_sequence_needs_no_image),
        TAP_CASE(a_manifest_rules),
        TAP_CASE(what_the_format_has_more_is_accepted),
        TAP_CASE(an_image_that_is_no_whole_hash_is_looked_for_later),
        TAP_CASE(what_makes_no_sense_is_refused_by_name),
        TAP_CASE(times_are_read),
        TAP_CASE(what_is_no_time_is_refused),
        TAP_CASE(what_is_written_is_read_again),
        TAP_CASE(only_names_of_the_loopback_are_local),
        TAP_CASE(an_origin_is_the_host_or_foreign),
    };
    int r = tap_run(cases, sizeof(cases) / sizeof(cases[0]));

    function_fini(&job.conf);
    free(job.deployment);
    free(job.source);
    return r;
}
