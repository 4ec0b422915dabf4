// SPDX-License-Identifier: MIT
// LINK: daemon/fetch/url.c daemon/fetch/address.c
#include "daemon/fetch/url.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

static void a_url_is_written_in_one_way_only(void)
{
    static const struct {
        const char *in;
        const char *out;
        const char *host;
        unsigned port;
    } some[] = {
        {"http://a", "http://a/", "a", 80},
        {"https://a", "https://a/", "a", 443},
        {"HTTPS://Api.Example.COM/x?Y=Z", "https://api.example.com/x?Y=Z", "api.example.com", 443},
        {"http://a:80/", "http://a/", "a", 80},
        {"https://a:443", "https://a/", "a", 443},
        {"https://a:80/", "https://a:80/", "a", 80},
        {"http://a:08080/", "http://a:8080/", "a", 8080},
        {"http://a./b", "http://a/b", "a", 80},
        {"http://a_b.c/", "http://a_b.c/", "a_b.c", 80},
        {"http://a?b", "http://a/?b", "a", 80},
        {"http://a/b#c?d", "http://a/b", "a", 80},
        {"http://a#b", "http://a/", "a", 80},
        {"http://a/?b?c/../d", "http://a/?b?c/../d", "a", 80},
        {"http://127.0.0.1:8123/x", "http://127.0.0.1:8123/x", "127.0.0.1", 8123},
        {"http://[::1]/x", "http://[::1]/x", "::1", 80},
        {"http://[0:0::0001]:81", "http://[::1]:81/", "::1", 81},
        {"http://[::FFFF:7f00:1]/", "http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", 80},
        {"http://a/b/c/..", "http://a/b/", "a", 80},
        {"http://a/b/../c", "http://a/c", "a", 80},
        {"http://a/b/./c/.", "http://a/b/c/", "a", 80},
        {"http://a/../../b", "http://a/b", "a", 80},
        {"http://a/b//../c", "http://a/b/c", "a", 80},
        {"http://a//", "http://a//", "a", 80},
        {"http://a//..", "http://a/", "a", 80},
        {"http://a/b/%2e%2E/c/%2e", "http://a/c/", "a", 80},
        {"http://a/b/.%2e/c", "http://a/c", "a", 80},
        {"http://a/.../..b/b..", "http://a/.../..b/b..", "a", 80},
        {"http://a/b%2fc;d?%2e", "http://a/b%2fc;d?%2e", "a", 80},
        {"http://a/[x]|{y}^`z", "http://a/[x]|{y}^`z", "a", 80},
    };
    struct url u;
    struct url again;

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        int r = url_parse(some[i].in, &u, NULL);

        CHECK(r == 0);
        if (r < 0 || strcmp(u.text, some[i].out) != 0)
            printf("# %s is %s\n", some[i].in, r < 0 ? "refused" : u.text);
        CHECK(strcmp(u.text, some[i].out) == 0);
        CHECK(strcmp(u.host, some[i].host) == 0);
        CHECK(u.port == some[i].port);
        CHECK(url_parse(u.text, &again, NULL) == 0 && strcmp(u.text, again.text) == 0);
        CHECK(url_is_same_origin(&u, &again));
    }
}

static const char *const bad[] = {
    "",
    "a",
    "//a/b",
    "ftp://a/",
    "file:///etc/passwd",
    "gopher://a/",
    "http:/a",
    "http://",
    "http:///a",
    "http://?a",
    "http://user@a/",
    "http://user:word@a/",
    "http://a@b@c/",
    "https://allowed.example@evil.example/",
    "https://allowed.example:443@evil.example/",
    "https://allowed.example\\@evil.example/",
    "http://a\\b/",
    "http://a/b c",
    "http://a/\tb",
    "http://a/b\r\nHost: c",
    "http://a/\x7f",
    "http://a/\xc3\xa4",
    "http://\xc3\xa4/",
    "http://a/<b>",
    "http://a/%",
    "http://a/%4",
    "http://a/%zz",
    "http://a/%00",
    "http://a%2eb/",
    "http://a..b/",
    "http://.a/",
    "http://-a/",
    "http://a,b/",
    "http://a:/",
    "http://a:0/",
    "http://a:65536/",
    "http://a:999999/",
    "http://a:-1/",
    "http://a:8o/",
    "http://a:1:2/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.0.01/",
    "http://127.0.0.256/",
    "http://1.2.3.4.5/",
    "http://a.1/",
    "http://[::1/",
    "http://[::1]x/",
    "http://[]/",
    "http://[a]/",
    "http://[fe80::1%25lo]/",
    "http://[::1]:/",
    "http://::1/",
    "http://a/b/..%2fc",
    "http://a/..%2F",
    "http://a/b%2f..%2fc",
    "http://a/..%5cb",
    "http://a/..;/b",
    "http://a/%2e%2e;x/b",
};

static void what_can_be_read_in_two_ways_is_refused(void)
{
    struct url u;
    struct uf_err err;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        err = (struct uf_err){0};
        if (url_parse(bad[i], &u, &err) != -EINVAL || err.msg[0] == '\0') {
            printf("# accepted: %s\n", bad[i]);
            CHECK(url_parse(bad[i], &u, &err) == -EINVAL);
        }
    }
}

static void a_url_has_a_largest_length(void)
{
    static char longer[URL_MAX + 8] = "http://a/";
    static char name[300] = "http://";
    struct url u;

    memset(longer + 9, 'b', URL_MAX - 9);
    CHECK(url_parse(longer, &u, NULL) == -EINVAL);
    longer[URL_MAX - 17] = '\0';
    CHECK(url_parse(longer, &u, NULL) == 0 && strlen(u.text) == URL_MAX - 17);
    memset(name + 7, 'b', 64);
    CHECK(url_parse(name, &u, NULL) == -EINVAL);
    name[7 + 63] = '\0';
    CHECK(url_parse(name, &u, NULL) == 0);
    for (int i = 0; i < 127; i++)
        memcpy(name + 7 + 2L * i, "b.", 3);
    CHECK(url_parse(name, &u, NULL) == 0 && strlen(u.host) == 253);
    memcpy(name + 7 + 254, "b", 2);
    CHECK(url_parse(name, &u, NULL) == -EINVAL);
}

static bool same(const char *a, const char *b)
{
    struct url u;
    struct url v;

    CHECK(url_parse(a, &u, NULL) == 0 && url_parse(b, &v, NULL) == 0);
    return url_is_same_origin(&u, &v);
}

static void an_origin_is_scheme_host_and_port(void)
{
    CHECK(same("http://a/b", "http://A:80/c?d"));
    CHECK(!same("http://a/", "https://a/"));
    CHECK(!same("http://a/", "http://a:81/"));
    CHECK(!same("http://a/", "http://b/"));
    CHECK(!same("http://a/", "http://a.b/"));
    CHECK(!same("http://a.b/", "http://a/b"));
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_url_is_written_in_one_way_only),
        TAP_CASE(what_can_be_read_in_two_ways_is_refused),
        TAP_CASE(a_url_has_a_largest_length),
        TAP_CASE(an_origin_is_scheme_host_and_port),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
