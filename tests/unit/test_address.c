// SPDX-License-Identifier: MIT
// LINK: daemon/fetch/address.c daemon/fetch/reach.c daemon/fetch/patterns.c
// LINK: daemon/fetch/url.c engine/allow.c
#include "daemon/fetch/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "daemon/fetch/patterns.h"
#include "tests/tap.h"

#define PUBLIC  ADDRESS_PUBLIC
#define PRIVATE ADDRESS_PRIVATE
#define LOCAL   ADDRESS_LOCAL
#define NEVER   ADDRESS_NEVER

static enum address_kind kind(const char *text)
{
    struct sockaddr_storage a;

    CHECK(address_parse(text, &a) == 0);
    return address_kind((const struct sockaddr *)&a);
}

static enum address_kind kind_v4(uint32_t ip)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(ip)};

    return address_kind((const struct sockaddr *)&in);
}

/* All of IPv4, from first to last, without a gap. */
static const struct range {
    const char *first;
    enum address_kind kind;
} all[] = {
    {"0.0.0.0", NEVER},           {"1.0.0.0", PUBLIC},      {"10.0.0.0", PRIVATE},
    {"11.0.0.0", PUBLIC},         {"100.64.0.0", PRIVATE},  {"100.100.100.200", LOCAL},
    {"100.100.100.201", PRIVATE}, {"100.128.0.0", PUBLIC},  {"127.0.0.0", LOCAL},
    {"128.0.0.0", PUBLIC},        {"168.63.129.16", LOCAL}, {"168.63.129.17", PUBLIC},
    {"169.254.0.0", LOCAL},       {"169.255.0.0", PUBLIC},  {"172.16.0.0", PRIVATE},
    {"172.32.0.0", PUBLIC},       {"192.0.0.0", LOCAL},     {"192.0.1.0", PUBLIC},
    {"192.0.2.0", NEVER},         {"192.0.3.0", PUBLIC},    {"192.88.99.0", NEVER},
    {"192.88.100.0", PUBLIC},     {"192.168.0.0", PRIVATE}, {"192.169.0.0", PUBLIC},
    {"198.18.0.0", PRIVATE},      {"198.20.0.0", PUBLIC},   {"198.51.100.0", NEVER},
    {"198.51.101.0", PUBLIC},     {"203.0.113.0", NEVER},   {"203.0.114.0", PUBLIC},
    {"224.0.0.0", NEVER},
};
#define NALL (sizeof(all) / sizeof(all[0]))

static uint32_t number(const char *text)
{
    struct in_addr in;

    CHECK(inet_pton(AF_INET, text, &in) == 1);
    return ntohl(in.s_addr);
}

static void every_ipv4_address_is_of_the_kind_that_it_should_be(void)
{
    for (size_t i = 0; i < NALL; i++) {
        uint32_t first = number(all[i].first);
        uint32_t last = i + 1 < NALL ? number(all[i + 1].first) - 1 : UINT32_MAX;
        /* Both ends, and a step that no prefix divides. */
        uint32_t step = (last - first) / 9973 + 1;

        CHECK(first <= last);
        CHECK(kind_v4(first) == all[i].kind && kind_v4(last) == all[i].kind);
        for (uint64_t ip = first; ip <= last; ip += step)
            if (kind_v4((uint32_t)ip) != all[i].kind) {
                CHECK(kind_v4((uint32_t)ip) == all[i].kind);
                break;
            }
    }
}

static void an_ipv6_address_is_of_the_kind_that_it_should_be(void)
{
    static const struct range some[] = {
        {"::", NEVER},
        {"::1", LOCAL},
        {"::2", NEVER},
        {"::7f00:1", NEVER}, /* compatible with IPv4, long gone */
        {"::10.0.0.1", NEVER},
        {"64:ff9b:1::1", PRIVATE},
        {"64:ff9b:2::1", NEVER},
        {"100::1", NEVER},
        {"1fff:ffff::1", NEVER},
        {"2001::1", NEVER},
        {"2001:1ff:ffff::1", NEVER},
        {"2001:200::1", PUBLIC},
        {"2001:db7:ffff::1", PUBLIC},
        {"2001:db8::1", NEVER},
        {"2001:db8:ffff:ffff::1", NEVER},
        {"2001:db9::1", PUBLIC},
        {"2606:2800:220:1::1", PUBLIC},
        {"2a00:1450::1", PUBLIC},
        {"3ffe:ffff::1", PUBLIC},
        {"3fff::1", NEVER},
        {"3fff:fff:ffff::1", NEVER},
        {"3fff:1000::1", PUBLIC},
        {"4000::1", NEVER},
        {"fbff:ffff::1", NEVER},
        {"fc00::1", PRIVATE},
        {"fd00:ec2::253", PRIVATE},
        {"fd00:ec2::254", LOCAL},
        {"fdff:ffff::1", PRIVATE},
        {"fe00::1", NEVER},
        {"fe7f:ffff::1", NEVER},
        {"fe80::1", LOCAL},
        {"febf:ffff::1", LOCAL},
        {"fec0::1", PRIVATE},
        {"feff:ffff::1", PRIVATE},
        {"ff00::1", NEVER},
        {"ff02::1", NEVER},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NEVER},
    };

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
        if (kind(some[i].first) != some[i].kind) {
            printf("# %s\n", some[i].first);
            CHECK(kind(some[i].first) == some[i].kind);
        }
}

static void an_ipv4_address_inside_another_decides(void)
{
    char text[ADDRESS_TEXT];

    for (size_t i = 0; i < NALL; i++) {
        uint32_t ip = number(all[i].first);

        (void)snprintf(text, sizeof(text), "::ffff:%s", all[i].first);
        CHECK(kind(text) == all[i].kind);
        (void)snprintf(text, sizeof(text), "64:ff9b::%x:%x", ip >> 16, ip & 0xffff);
        CHECK(kind(text) == all[i].kind);
        (void)snprintf(text, sizeof(text), "2002:%x:%x::1", ip >> 16, ip & 0xffff);
        CHECK(kind(text) == all[i].kind);
    }
}

static void what_is_no_ip_address_is_never_connected_to(void)
{
    struct sockaddr a = {.sa_family = AF_UNIX};
    struct sockaddr_storage out;

    CHECK(address_kind(&a) == NEVER && address_is_private(&a));
    CHECK(address_parse("", &out) == -EINVAL);
    CHECK(address_parse("127.1", &out) == -EINVAL);
    CHECK(address_parse("0177.0.0.1", &out) == -EINVAL);
    CHECK(address_parse("1.2.3.4.5", &out) == -EINVAL);
    CHECK(address_parse("fe80::1%lo", &out) == -EINVAL);
}

static void text_and_address_are_the_same(void)
{
    static const char *const some[] = {"192.0.2.1", "2001:db8::1", "::", "::1", "255.255.255.255"};
    struct sockaddr_storage a;
    char text[ADDRESS_TEXT];

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        CHECK(address_parse(some[i], &a) == 0);
        CHECK(strcmp(address_format((const struct sockaddr *)&a, text), some[i]) == 0);
    }
}

static void only_what_is_named_is_private_and_only_an_address_or_localhost_local(void)
{
    struct url u = {.port = 80};

    for (int kind = PUBLIC; kind <= NEVER; kind++) {
        CHECK(!reach_includes(FETCH_NOWHERE, (enum address_kind)kind));
        CHECK(reach_includes(FETCH_PUBLIC, (enum address_kind)kind) == (kind == PUBLIC));
        CHECK(reach_includes(FETCH_PRIVATE, (enum address_kind)kind) == (kind <= PRIVATE));
        CHECK(reach_includes(FETCH_LOCAL, (enum address_kind)kind) == (kind <= LOCAL));
    }
    CHECK(reach_of_named("broker.lan") == FETCH_PRIVATE);
    CHECK(reach_of_named("localhost.example") == FETCH_PRIVATE);
    CHECK(reach_of_named("localhost") == FETCH_LOCAL);
    CHECK(reach_of_named("192.168.1.5") == FETCH_LOCAL);
    CHECK(reach_of_named("::1") == FETCH_LOCAL);
    CHECK(fetch_policy_public.reach(&fetch_policy_public, &u) == FETCH_PUBLIC);
}

static enum fetch_reach of(const struct patterns *p, const char *text)
{
    struct url u;

    CHECK(url_parse(text, &u, NULL) == 0);
    return patterns_reach(p->item, p->n, &u);
}

static void a_pattern_reaches_as_far_as_it_names_its_host(void)
{
    struct patterns p;
    struct url u;
    struct uf_err err = {0};

    CHECK(patterns_init(&p,
                        " https://api.example.org/v1/* http://*.lan/*\thttp://broker.lan/x "
                        "http://10.0.0.7:81/* http://localhost/* http://[::1]/ ",
                        &err) == 0);
    CHECK(p.n == 6);
    CHECK(of(&p, "https://api.example.org/v1/a") == FETCH_PRIVATE);
    CHECK(of(&p, "https://api.example.org/v2") == FETCH_NOWHERE);
    CHECK(of(&p, "http://printer.lan/x") == FETCH_PUBLIC);
    CHECK(of(&p, "http://broker.lan/y") == FETCH_PUBLIC);
    CHECK(of(&p, "http://broker.lan/x") == FETCH_PRIVATE); /* the farthest counts */
    CHECK(of(&p, "http://10.0.0.7:81/") == FETCH_LOCAL);
    CHECK(of(&p, "http://10.0.0.7/") == FETCH_NOWHERE);
    CHECK(of(&p, "http://LOCALHOST./") == FETCH_LOCAL);
    CHECK(of(&p, "http://[0::1]/") == FETCH_LOCAL);
    /* A callback may also go to whatever is public. */
    CHECK(url_parse("https://elsewhere.example/", &u, NULL) == 0);
    CHECK(p.policy.reach(&p.policy, &u) == FETCH_PUBLIC);
    CHECK(url_parse("http://broker.lan/x", &u, NULL) == 0);
    CHECK(p.policy.reach(&p.policy, &u) == FETCH_PRIVATE);
    patterns_fini(&p);
    CHECK(patterns_init(&p, "", &err) == 0 && p.n == 0);
    patterns_fini(&p);
    CHECK(patterns_init(&p, "http://a/ nonsense", &err) == -EINVAL);
    CHECK(strncmp(err.msg, "nonsense: ", 10) == 0 && p.n == 0);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(every_ipv4_address_is_of_the_kind_that_it_should_be),
        TAP_CASE(an_ipv6_address_is_of_the_kind_that_it_should_be),
        TAP_CASE(an_ipv4_address_inside_another_decides),
        TAP_CASE(what_is_no_ip_address_is_never_connected_to),
        TAP_CASE(text_and_address_are_the_same),
        TAP_CASE(only_what_is_named_is_private_and_only_an_address_or_localhost_local),
        TAP_CASE(a_pattern_reaches_as_far_as_it_names_its_host),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
