// SPDX-License-Identifier: MIT
// LINK: daemon/config.c daemon/config_paths.c daemon/listen.c engine/yamltree.c engine/statedir.c
// LIBS: yaml-0.1
#include "daemon/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/listen.h"
#include "tests/tap.h"

static struct config c;
static struct uf_err err;

static int yaml(const char *text)
{
    config_defaults(&c);
    err = (struct uf_err){0};
    return config_read_yaml(&c, text, strlen(text), "conf.yaml", &err);
}

static int args(enum config_action *action, const char *a, const char *b, const char *d)
{
    char *argv[5] = {strdup("unifaasd"), NULL, NULL, NULL, NULL};
    const char *given[] = {a, b, d};
    int argc = 1;

    for (int i = 0; i < 3; i++)
        if (given[i] != NULL)
            argv[argc++] = strdup(given[i]);
    config_defaults(&c);
    err = (struct uf_err){0};
    int r = config_read(&c, argc, argv, action, &err);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
    return r;
}

static void check_defaults(void)
{
    CHECK(strcmp(c.listen, "127.0.0.1:8080") == 0);
    CHECK(strcmp(c.backend, "auto") == 0);
    CHECK(c.pool == 2 && c.max_body == 1u << 20 && c.queue == 1024 && c.uid_base == 900000);
    CHECK(c.memory_budget > 0 && !c.allow_remote && !c.no_auth);
    CHECK(c.queue_depth == 1000000 && c.max_wait_ns == 100000000);
    CHECK(c.records == 10000 && c.records_size == 8u << 20);
    CHECK(c.records_age_ns == UINT64_C(7) * 86400 * 1000000000);
}

static void the_defaults_are_documented_ones(void)
{
    config_defaults(&c);
    check_defaults();
}

static void the_example_of_a_file_says_the_defaults(void)
{
    enum config_action action;

    CHECK(args(&action, "--config", "docs/unifaasd.yaml.example", NULL) == 0);
    check_defaults();
}

static void a_file_sets_every_option(void)
{
    CHECK(
        yaml(
            "listen: '[::1]:9'\nstate-dir: /x\nbackend: process\npool: 0\n"
            "memory-budget: 64Mi\nmax-body: 2M\nqueue: 1\ntender: /t\nuid-base: 5\n"
            "allow-remote: true\nno-auth: true\nrecords: 0\nrecords-size: 1Mi\nrecords-age: 1h30m\n"
            "ca-file: /c\ncallback-allow: http://a/ http://b/*\nqueue-depth: 12\n"
            "max-wait: 2s\n") == 0);
    CHECK(strcmp(c.listen, "[::1]:9") == 0 && strcmp(c.state_dir, "/x") == 0);
    CHECK(strcmp(c.backend, "process") == 0 && strcmp(c.tender, "/t") == 0);
    CHECK(strcmp(c.ca_file, "/c") == 0 && strcmp(c.callback_allow, "http://a/ http://b/*") == 0);
    CHECK(c.pool == 0 && c.memory_budget == 64u << 20 && c.max_body == 2000000);
    CHECK(c.queue == 1 && c.queue_depth == 12 && c.max_wait_ns == 2000000000 && c.uid_base == 5 &&
          c.allow_remote && c.no_auth);
    CHECK(c.records == 0 && c.records_size == 1u << 20);
    CHECK(c.records_age_ns == UINT64_C(5400) * 1000000000);
}

static void an_unknown_key_is_refused_with_its_line_and_the_valid_ones(void)
{
    CHECK(yaml("pool: 1\nqueu: 3\n") == -EINVAL);
    CHECK(strncmp(err.msg, "conf.yaml:2: ", 13) == 0);
    CHECK(strstr(err.msg, "\"queu\"") != NULL && strstr(err.msg, "memory-budget, max-body, queue"));
}

static void a_bad_value_is_refused_with_its_line_and_what_is_valid(void)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"pool: many\n", "conf.yaml:1: pool: \"many\""},
        {"\nqueue: 0\n",
         "conf.yaml:2: queue: \"0\" is not valid; it must be a whole number from 1"},
        {"max-body: 65Mi\n", "from 1Ki to 64Mi"},
        {"memory-budget: 1Mi\n", "from 16Mi"},
        {"backend: xen\n", "one of: auto, kvm, process"},
        {"allow-remote: maybe\n", "true or false"},
        {"listen: ''\n", "must not be empty"},
        {"pool: [1]\n", "conf.yaml:1"},
        {"- a\n", "conf.yaml:1"},
        {"pool: -1\n", "whole number"},
        {"queue: 99999999999999999999\n", "whole number"},
        {"records-age: soon\n", "a time like 24h, from 1m to 87600h"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        CHECK(yaml(table[i].text) == -EINVAL);
        CHECK(strstr(err.msg, table[i].says) != NULL);
    }
}

static void every_bound_is_enforced_on_both_sides(void)
{
    static const char *const good[] = {
        "pool: 0\n",
        "pool: 256\n",
        "max-body: 1Ki\n",
        "max-body: 64Mi\n",
        "queue: 1\n",
        "queue: 100000\n",
        "queue-depth: 1\n",
        "queue-depth: 1000000000\n",
        "max-wait: 0s\n",
        "max-wait: 1h\n",
        "memory-budget: 16Mi\n",
        "uid-base: 1\n",
        "records: 1000000\n",
        "records-size: 64Ki\n",
        "records-size: 1Gi\n",
        "records-age: 1m\n",
        "records-age: 87600h\n",
    };
    static const char *const bad[] = {
        "pool: -1\n",
        "pool: 257\n",
        "max-wait: 61m\n",
        "max-body: 1023\n",
        "max-body: 67108865\n",
        "queue: 0\n",
        "queue: 100001\n",
        "queue-depth: 0\n",
        "queue-depth: 1000000001\n",
        "memory-budget: 16777215\n",
        "uid-base: 0\n",
        "records: 1000001\n",
        "records-size: 65535\n",
        "records-size: 1073741825\n",
        "records-age: 59s\n",
        "records-age: 87601h\n",
        "uid-base: 4294967295\n",
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CHECK(yaml(good[i]) == 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        CHECK(yaml(bad[i]) == -EINVAL);
}

static void the_command_line_wins_over_the_file(void)
{
    char path[] = "/tmp/unifaas-config.XXXXXX";
    char option[64];
    int fd = mkstemp(path);
    enum config_action action;

    CHECK(fd >= 0 && write(fd, "pool: 7\nqueue: 9\n", 17) == 17);
    (void)close(fd);
    (void)snprintf(option, sizeof(option), "--config=%s", path);
    CHECK(args(&action, "--pool=3", option, NULL) == 0);
    CHECK(action == CONFIG_RUN && c.pool == 3 && c.queue == 9);
    CHECK(args(&action, option, "--pool=3", NULL) == 0 && c.pool == 3 && c.queue == 9);
    (void)unlink(path);
    CHECK(args(&action, option, NULL, NULL) == -ENOENT);
    CHECK(strstr(err.msg, path) != NULL);
}

static void a_bad_option_is_named(void)
{
    enum config_action action;

    CHECK(args(&action, "--colour=red", NULL, NULL) == -EINVAL);
    CHECK(strstr(err.msg, "--colour=red") != NULL);
    CHECK(args(&action, "--pool", NULL, NULL) == -EINVAL && strstr(err.msg, "needs a value"));
    CHECK(args(&action, "--pool=x", NULL, NULL) == -EINVAL && strstr(err.msg, "pool: \"x\""));
    CHECK(args(&action, "extra", NULL, NULL) == -EINVAL && strstr(err.msg, "extra"));
}

static void flags_need_no_value_and_help_is_help(void)
{
    enum config_action action;

    CHECK(args(&action, "--allow-remote", NULL, NULL) == 0 && c.allow_remote);
    CHECK(args(&action, "--help", NULL, NULL) == 0 && action == CONFIG_HELP);
    CHECK(args(&action, "--version", NULL, NULL) == 0 && action == CONFIG_VERSION);
}

/* ---- addresses ----------------------------------------------------------------------- */

static void addresses_are_read_and_written_alike(void)
{
    static const struct {
        const char *text;
        bool is_loopback;
    } table[] = {
        {"127.0.0.1:8080", true}, {"127.9.9.9:0", true}, {"0.0.0.0:80", false},
        {"[::1]:8080", true},     {"[::]:8080", false},  {"[fe80::1]:65535", false},
        {"10.0.0.1:1", false},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct listen_address a;
        char text[LISTEN_TEXT];

        CHECK(listen_parse(table[i].text, &a, NULL) == 0);
        CHECK(listen_is_loopback(&a) == table[i].is_loopback);
        CHECK(strcmp(listen_format(&a, text), table[i].text) == 0);
    }
}

static void what_is_no_address_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "8080",
        ":8080",
        "localhost:80",
        "127.0.0.1",
        "127.0.0.1:",
        "::1:8080",
        "[::1]",
        "[::1]8080",
        "[::1]x:80",
        "127.0.0.1:65536",
        "1.2.3.4:-1",
        "1.2.3.4:80x",
        "[1.2.3.4]:1",
        "]:1",
        "[]:1",
        "1.2.3.4: 80",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct listen_address a;

        CHECK(listen_parse(bad[i], &a, &err) == -EINVAL);
        CHECK(strstr(err.msg, "127.0.0.1:8080") != NULL);
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(the_defaults_are_documented_ones),
        TAP_CASE(the_example_of_a_file_says_the_defaults),
        TAP_CASE(a_file_sets_every_option),
        TAP_CASE(an_unknown_key_is_refused_with_its_line_and_the_valid_ones),
        TAP_CASE(a_bad_value_is_refused_with_its_line_and_what_is_valid),
        TAP_CASE(every_bound_is_enforced_on_both_sides),
        TAP_CASE(the_command_line_wins_over_the_file),
        TAP_CASE(a_bad_option_is_named),
        TAP_CASE(flags_need_no_value_and_help_is_help),
        TAP_CASE(addresses_are_read_and_written_alike),
        TAP_CASE(what_is_no_address_is_refused),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
