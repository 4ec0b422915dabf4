// SPDX-License-Identifier: MIT
// LINK: engine/allow.c
#include "engine/allow.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

static bool refused(const char *pattern, const char *why)
{
    struct uf_err e = {0};
    int r = allow_check(pattern, &e);

    if (r == -EINVAL && strstr(e.msg, why) != NULL && !allow_match(pattern, pattern))
        return true;
    printf("# %s: %d %s\n", pattern, r, e.msg);
    return false;
}

static bool accepted(const char *pattern)
{
    struct uf_err e = {0};

    if (allow_check(pattern, &e) == 0)
        return true;
    printf("# %s: %s\n", pattern, e.msg);
    return false;
}

static void patterns_of_every_form_are_accepted(void)
{
    CHECK(accepted("https://example.org/"));
    CHECK(accepted("http://localhost:8123/api/*"));
    CHECK(accepted("https://*.example.org/*"));
    CHECK(accepted("https://*.local/state"));
    CHECK(accepted("http://10.0.0.7:65535/*"));
    CHECK(accepted("http://[fd00::1]:1/a*"));
    CHECK(accepted("https://a_b-c.example/%7euser/x;y=1/*"));
    CHECK(accepted("https://example.org//*"));
}

static void what_is_no_pattern_is_refused_with_the_reason(void)
{
    char label[] = "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.org/";

    CHECK(refused("", "must begin with https://"));
    CHECK(refused("example.org/", "must begin with https://"));
    CHECK(refused("ftp://example.org/", "must begin with https://"));
    CHECK(refused("HTTPS://example.org/", "must begin with https://"));
    CHECK(refused("*://example.org/", "must begin with https://"));
    CHECK(refused("https:///x", "host is not a name"));
    CHECK(refused("https://*/x", "host is not a name"));
    CHECK(refused("https://*./x", "host is not a name"));
    CHECK(refused("https://a*.example.org/", "host is not a name"));
    CHECK(refused("https://*.*.org/", "host is not a name"));
    CHECK(refused("https://example.org./", "host is not a name"));
    CHECK(refused("https://a..org/", "host is not a name"));
    CHECK(refused("https://ex%61mple.org/", "host is not a name"));
    CHECK(refused(label, "host is not a name"));
    CHECK(refused("https://127.1/", "no IPv4 address"));
    CHECK(refused("https://0x7f000001/", "no IPv4 address"));
    CHECK(refused("https://2130706433/", "no IPv4 address"));
    CHECK(refused("https://127.0.0.01/", "no IPv4 address"));
    CHECK(refused("https://*.0.0.1/", "no IPv4 address"));
    CHECK(refused("https://[fd00::1/", "IPv6 address in brackets"));
    CHECK(refused("https://[fd00::1]x/", "IPv6 address in brackets"));
    CHECK(refused("https://[127.0.0.1]/", "IPv6 address in brackets"));
    CHECK(refused("https://example.org:/", "port is not a number"));
    CHECK(refused("https://example.org:0/", "port is not a number"));
    CHECK(refused("https://example.org:65536/", "port is not a number"));
    CHECK(refused("https://example.org:080/", "port is not a number"));
    CHECK(refused("https://example.org:*/", "port is not a number"));
    CHECK(refused("https://user@example.org/", "user's name (@)"));
    CHECK(refused("https://example.org", "no path; write /"));
    CHECK(refused("https://example.org/a?b=*", "query (?)"));
    CHECK(refused("https://example.org/#x", "fragment (#)"));
    CHECK(refused("https://example.org/*/x", "not its last character"));
    CHECK(refused("https://example.org/**", "not its last character"));
    CHECK(refused("https://example.org/a/../b", ". or .."));
    CHECK(refused("https://example.org/./b", ". or .."));
    CHECK(refused("https://example.org/%2fb", "hides / "));
    CHECK(refused("https://example.org/%2", "escape that is none"));
    CHECK(refused("https://example.org/%2*", "escape that is none"));
    CHECK(refused("https://example.org/a b", "byte that no URL has"));
    CHECK(refused("https://example.org\\@evil.org/", "byte that no URL has"));
    CHECK(refused("https://m\xc3\xbcnchen.example/", "byte that no URL has"));
}

static void a_pattern_has_a_largest_length(void)
{
    char pattern[ALLOW_PATTERN_MAX + 2] = "https://example.org/";

    memset(pattern + strlen(pattern), 'a', sizeof(pattern) - 1 - strlen(pattern));
    CHECK(refused(pattern, "more than 1024 bytes"));
    pattern[ALLOW_PATTERN_MAX] = '\0';
    CHECK(accepted(pattern));
}

static void a_path_without_an_asterisk_is_that_path_only(void)
{
    CHECK(allow_match("https://example.org/", "https://example.org/"));
    CHECK(allow_match("https://example.org/", "https://example.org"));
    CHECK(allow_match("https://example.org/", "https://example.org?x=1"));
    CHECK(allow_match("https://example.org/a", "https://example.org/a?x=/../b"));
    CHECK(!allow_match("https://example.org/a", "https://example.org/ab"));
    CHECK(!allow_match("https://example.org/a", "https://example.org/a/"));
    CHECK(!allow_match("https://example.org/a", "https://example.org/A"));
    CHECK(!allow_match("https://example.org/ab", "https://example.org/a"));
}

static void an_asterisk_is_whatever_follows(void)
{
    CHECK(allow_match("https://example.org/*", "https://example.org"));
    CHECK(allow_match("https://example.org/*", "https://example.org/a/b?c"));
    CHECK(allow_match("https://example.org/v1/*", "https://example.org/v1/"));
    CHECK(allow_match("https://example.org/v1/*", "https://example.org/v1/x%20y*z"));
    CHECK(allow_match("https://example.org/v1*", "https://example.org/v10"));
    CHECK(!allow_match("https://example.org/v1/*", "https://example.org/v1"));
    CHECK(!allow_match("https://example.org/v1/*", "https://example.org/v2/v1/"));
}

static void scheme_and_port_are_exact(void)
{
    CHECK(!allow_match("https://example.org/*", "http://example.org/"));
    CHECK(!allow_match("http://example.org/*", "https://example.org/"));
    CHECK(allow_match("https://example.org/*", "https://example.org:443/"));
    CHECK(allow_match("http://example.org:80/*", "http://example.org/"));
    CHECK(!allow_match("http://example.org/*", "http://example.org:443/"));
    CHECK(!allow_match("https://example.org/*", "https://example.org:8443/"));
    CHECK(!allow_match("https://example.org:443/*", "http://example.org:443/"));
    CHECK(!allow_match("https://example.org/*", "https://example.org:/"));
    CHECK(!allow_match("https://example.org/*", "https://example.org:0443/"));
}

static void hosts_are_compared_whole_and_without_case(void)
{
    CHECK(allow_match("https://Example.org/*", "https://eXAMPLE.ORG/"));
    CHECK(!allow_match("https://example.org/*", "https://example.org.evil.net/"));
    CHECK(!allow_match("https://example.org/*", "https://evilexample.org/"));
    CHECK(!allow_match("https://example.org/*", "https://a.example.org/"));
    CHECK(!allow_match("https://example.org/*", "https://example.org./"));
    CHECK(allow_match("http://[::1]/*", "http://[::1]/"));
    CHECK(!allow_match("http://[::1]/*", "http://[::2]/"));
    CHECK(!allow_match("http://127.0.0.1/*", "http://127.1/"));
    CHECK(!allow_match("http://127.0.0.1/*", "http://0x7f.0.0.1/"));
}

static void a_wildcard_is_every_host_below_and_not_the_name_itself(void)
{
    CHECK(allow_match("https://*.example.org/*", "https://a.example.org/"));
    CHECK(allow_match("https://*.example.org/*", "https://A.b.EXAMPLE.org/"));
    CHECK(!allow_match("https://*.example.org/*", "https://example.org/"));
    CHECK(!allow_match("https://*.example.org/*", "https://.example.org/"));
    CHECK(!allow_match("https://*.example.org/*", "https://evilexample.org/"));
    CHECK(!allow_match("https://*.example.org/*", "https://a.example.org.evil.net/"));
    CHECK(!allow_match("https://*.example.org/*", "https://*.example.org/"));
}

static void nobody_gets_around_it(void)
{
    static const char *const tricks[] = {
        "https://example.org@evil.net/v1/",
        "https://user:pw@example.org/v1/",
        "https://evil.net#@example.org/v1/",
        "https://evil.net\\@example.org/v1/",
        "https://example.org\\.evil.net/v1/",
        "https://example.org%2eevil.net/v1/",
        "https://example.org%00.evil.net/v1/",
        "https://example.org /v1/",
        "https://example.org\t/v1/",
        "https://example.org:443@evil.net/v1/",
        "https://example.org:443:80/v1/",
        "https://evil.net?https://example.org/v1/",
        "https://example.org?/v1/",
        "https:example.org/v1/",
        "https:/example.org/v1/",
        "https:///example.org/v1/",
        "//example.org/v1/",
        " https://example.org/v1/",
        "https://example.org/v1/../admin",
        "https://example.org/v1/..",
        "https://example.org/v1/a/../../admin",
        "https://example.org/v1/./x",
        "https://example.org/v1/..;/admin",
        "https://example.org/v1/..;a=b/admin",
        "https://example.org/v1/%2e%2e/admin",
        "https://example.org/v1/.%2E/admin",
        "https://example.org/v1/..%2fadmin",
        "https://example.org/v1/..%5cadmin",
        "https://example.org/v1/..\\admin",
        "https://example.org/v1/%252e%252e%252fadmin",
        "https://example.org/v1/a%00",
        "https://example.org/v1/a%0d%0aHost:%20evil.net",
        "https://example.org/v1/a\r\nHost: evil.net",
        "https://example.org/v1/%",
        "https://example.org/v1/%2",
        "https://example.org/v1/%zz",
        "https://example.org/v1/#/../admin",
        "https://example.org/%76%31/",
        "https://example.org/v1/\xc0\xae\xc0\xae/admin",
        "https://example\xe3\x80\x82org/v1/",
    };

    CHECK(allow_match("https://example.org/v1/*", "https://example.org/v1/..a/.b/c..;/d.e"));
    for (size_t i = 0; i < sizeof(tricks) / sizeof(tricks[0]); i++) {
        if (allow_match("https://example.org/v1/*", tricks[i]))
            printf("# %s\n", tricks[i]);
        CHECK(!allow_match("https://example.org/v1/*", tricks[i]));
    }
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(patterns_of_every_form_are_accepted),
        TAP_CASE(what_is_no_pattern_is_refused_with_the_reason),
        TAP_CASE(a_pattern_has_a_largest_length),
        TAP_CASE(a_path_without_an_asterisk_is_that_path_only),
        TAP_CASE(an_asterisk_is_whatever_follows),
        TAP_CASE(scheme_and_port_are_exact),
        TAP_CASE(hosts_are_compared_whole_and_without_case),
        TAP_CASE(a_wildcard_is_every_host_below_and_not_the_name_itself),
        TAP_CASE(nobody_gets_around_it),
    };
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
