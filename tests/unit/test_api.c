// SPDX-License-Identifier: MIT
// LINK: daemon/api/request.c daemon/api/rfc3339.c daemon/api/guard.c daemon/store/files.c
// LINK: daemon/http daemon/loop
// LINK: engine/function.c engine/function_key.c engine/function_yaml.c engine/function_json.c
// LINK: engine/yamltree.c
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
                "\"com.unifaas.max_instances\":\"3\",\"topic\":\"t\"}}") == 0);
    CHECK(job.conf.timeout_ns == UINT64_C(9000000000) && job.conf.max_instances == 3);
    CHECK(strstr(job.deployment, "\"topic\":\"t\"") != NULL);
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
        {"{\"service\":\"a\",\"image\":\"hello:1\"}", "/system/images"},
        {"{\"service\":\"a\",\"image\":\"sha256:../../etc\"}", "64 hexadecimal"},
        {"{\"service\":\"a\"," IMAGE ",\"namespace\":\"other\"}", "only openfaas-fn"},
        {"{\"service\":\"a\"," IMAGE ",\"secrets\":[\"key\"]}", "unable to find secret: key"},
        {"{\"service\":\"a\"," IMAGE ",\"labels\":[1]}", "labels: must be an object"},
        {"{\"service\":\"a\"," IMAGE ",\"labels\":{\"x\":1}}", "labels: the value of x"},
        {"{\"service\":\"a\"," IMAGE ",\"envVars\":{\"A=B\":\"1\"}}", "envVars"},
        {"{\"service\":\"a\"," IMAGE ",\"limits\":{\"memory\":\"much\"}}", "limits: memory"},
        {"{\"service\":\"a\"," IMAGE ",\"annotations\":{\"com.unifaas.timout\":\"1s\"}}", "timout"},
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
        TAP_CASE(a_manifest_rules),
        TAP_CASE(what_the_format_has_more_is_accepted),
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
    return r;
}
