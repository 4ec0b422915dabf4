// SPDX-License-Identifier: MIT
/* address.c: see address.h. */
#include "daemon/fetch/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* The first row that fits counts. */
static const struct {
    uint32_t net;
    unsigned bits;
    enum address_kind kind;
} v4[] = {
#define NET(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
    {NET(168, 63, 129, 16), 32, ADDRESS_LOCAL},   /* a cloud's agent             */
    {NET(100, 100, 100, 200), 32, ADDRESS_LOCAL}, /* a cloud's metadata          */
    {NET(0, 0, 0, 0), 8, ADDRESS_NEVER},          /* this network; 0 is loopback */
    {NET(10, 0, 0, 0), 8, ADDRESS_PRIVATE},       /* RFC 1918                    */
    {NET(100, 64, 0, 0), 10, ADDRESS_PRIVATE},    /* shared by carriers          */
    {NET(127, 0, 0, 0), 8, ADDRESS_LOCAL},        /* loopback                    */
    {NET(169, 254, 0, 0), 16, ADDRESS_LOCAL},     /* link-local, metadata        */
    {NET(172, 16, 0, 0), 12, ADDRESS_PRIVATE},    /* RFC 1918                    */
    {NET(192, 0, 0, 0), 24, ADDRESS_LOCAL},       /* protocols; metadata         */
    {NET(192, 0, 2, 0), 24, ADDRESS_NEVER},       /* documentation               */
    {NET(192, 88, 99, 0), 24, ADDRESS_NEVER},     /* relays of 6to4, gone        */
    {NET(192, 168, 0, 0), 16, ADDRESS_PRIVATE},   /* RFC 1918                    */
    {NET(198, 18, 0, 0), 15, ADDRESS_PRIVATE},    /* benchmarks                  */
    {NET(198, 51, 100, 0), 24, ADDRESS_NEVER},    /* documentation               */
    {NET(203, 0, 113, 0), 24, ADDRESS_NEVER},     /* documentation               */
    {NET(224, 0, 0, 0), 3, ADDRESS_NEVER},        /* multicast, reserved, broadcast */
    {NET(0, 0, 0, 0), 0, ADDRESS_PUBLIC},
#undef NET
};

/* inner: where an IPv4 address stands inside, which decides; 0: nowhere. */
static const struct {
    uint8_t net[16];
    unsigned bits;
    unsigned inner;
    enum address_kind kind;
} v6[] = {
    {{[10] = 0xff, 0xff}, 96, 12, ADDRESS_NEVER},                         /* mapped             */
    {{[15] = 1}, 128, 0, ADDRESS_LOCAL},                                  /* loopback           */
    {{0x00, 0x64, 0xff, 0x9b}, 96, 12, ADDRESS_NEVER},                    /* NAT64              */
    {{0x00, 0x64, 0xff, 0x9b, 0, 1}, 48, 0, ADDRESS_PRIVATE},             /* NAT64 of a network */
    {{0x20, 0x01}, 23, 0, ADDRESS_NEVER},                                 /* protocols, Teredo  */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, 0, ADDRESS_NEVER},                     /* documentation      */
    {{0x20, 0x02}, 16, 2, ADDRESS_NEVER},                                 /* 6to4               */
    {{0x3f, 0xff}, 20, 0, ADDRESS_NEVER},                                 /* documentation      */
    {{0x20}, 3, 0, ADDRESS_PUBLIC},                                       /* global unicast     */
    {{0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, 0x54}, 128, 0, ADDRESS_LOCAL}, /* metadata    */
    {{0xfc}, 7, 0, ADDRESS_PRIVATE},                                      /* unique local       */
    {{0xfe, 0x80}, 10, 0, ADDRESS_LOCAL},                                 /* link-local         */
    {{0xfe, 0xc0}, 10, 0, ADDRESS_PRIVATE},                               /* site-local         */
    {{0}, 0, 0, ADDRESS_NEVER},                                           /* anything else      */
};

static enum address_kind kind_of_v4(const uint8_t a[static 4])
{
    uint32_t ip = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
    size_t i = 0;

    while (v4[i].bits != 0 && (ip ^ v4[i].net) >> (32 - v4[i].bits) != 0)
        i++;
    return v4[i].kind;
}

static bool is_within(const uint8_t a[static 16], const uint8_t net[static 16], unsigned bits)
{
    unsigned whole = bits / 8;
    unsigned rest = bits % 8;

    return memcmp(a, net, whole) == 0 &&
           (rest == 0 || ((unsigned)a[whole] ^ net[whole]) >> (8 - rest) == 0);
}

static enum address_kind kind_of_v6(const uint8_t a[static 16])
{
    size_t i = 0;

    while (!is_within(a, v6[i].net, v6[i].bits))
        i++;
    return v6[i].inner != 0 ? kind_of_v4(a + v6[i].inner) : v6[i].kind;
}

enum address_kind address_kind(const struct sockaddr *a)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    /* Copied: a sockaddr need not be aligned for either. */
    if (a->sa_family == AF_INET) {
        memcpy(&in, a, sizeof(in));
        return kind_of_v4((const uint8_t *)&in.sin_addr);
    }
    if (a->sa_family != AF_INET6)
        return ADDRESS_NEVER;
    memcpy(&in6, a, sizeof(in6));
    return kind_of_v6(in6.sin6_addr.s6_addr);
}

bool address_is_private(const struct sockaddr *a)
{
    return address_kind(a) != ADDRESS_PUBLIC;
}

const char *address_format(const struct sockaddr *a, char text[static ADDRESS_TEXT])
{
    size_t at = a->sa_family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_addr)
                                         : offsetof(struct sockaddr_in, sin_addr);

    if (inet_ntop(a->sa_family, (const char *)a + at, text, ADDRESS_TEXT) == NULL)
        (void)snprintf(text, ADDRESS_TEXT, "?");
    return text;
}

int address_parse(const char *text, struct sockaddr_storage *out)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

    if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
        *out = (struct sockaddr_storage){0};
        memcpy(out, &in, sizeof(in));
        return 0;
    }
    if (inet_pton(AF_INET6, text, &in6.sin6_addr) != 1)
        return -EINVAL;
    *out = (struct sockaddr_storage){0};
    memcpy(out, &in6, sizeof(in6));
    return 0;
}

const char *address_words(enum address_kind kind)
{
    static const char *const words[] = {
        [ADDRESS_PUBLIC] = "a public address",
        [ADDRESS_PRIVATE] = "an address of a private network",
        [ADDRESS_LOCAL] = "an address of this machine or its link",
        [ADDRESS_NEVER] = "an address that no host has",
    };

    return words[kind];
}
