// SPDX-License-Identifier: MIT
/* allow.c: see allow.h. One parser takes both apart, so they mean the same. */
#include "engine/allow.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX  253u /* bytes of a name in the DNS */
#define LABEL_MAX 63u

/* Where the parts are; they point into the text. */
struct parts {
    bool is_https;
    const char *host;
    size_t host_size; /* without "*" of a wildcard: then it begins with "." */
    bool is_wild;
    uint32_t port;
    const char *path;
    size_t path_size; /* without query and the "*" at its end */
    bool is_prefix;
};

_Static_assert(ALLOW_PATTERN_MAX == 1024, "as the message says");

/* All that follow return NULL, or what is wrong, in words. */

static const char *check_bytes(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '#')
            return "a fragment (#) is nothing that a server sees";
        if (*text <= ' ' || *text > '~' || *text == '\\')
            return "it has a byte that no URL has";
    }
    return NULL;
}

static const char *take_scheme(const char **at, struct parts *out)
{
    out->is_https = strncmp(*at, "https://", 8) == 0;
    if (!out->is_https && strncmp(*at, "http://", 7) != 0)
        return "it must begin with https:// or http://";
    *at += out->is_https ? 8 : 7;
    return NULL;
}

static bool is_label(const char *s, size_t size)
{
    if (size == 0 || size > LABEL_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)s[i]) && s[i] != '-' && s[i] != '_')
            return false;
    return true;
}

/* What a resolver could take for a part of an address: 1, 0x7f. */
static bool is_number(const char *s, size_t size)
{
    if (size >= 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
        return true;
    for (size_t i = 0; i < size; i++)
        if (!isdigit((unsigned char)s[i]))
            return false;
    return true;
}

static bool is_address(int family, const char *s, size_t size)
{
    char text[INET6_ADDRSTRLEN];
    uint8_t bytes[sizeof(struct in6_addr)];

    if (size >= sizeof(text))
        return false;
    memcpy(text, s, size);
    text[size] = '\0';
    return inet_pton(family, text, bytes) == 1;
}

/* One that ends in a number is an address, written in full, or nothing. */
static const char *check_name(const char *s, size_t size, bool is_wild)
{
    size_t label = 0;

    for (size_t i = 0; i <= size; i++) {
        if (i < size && s[i] != '.')
            continue;
        if (size > HOST_MAX || !is_label(s + label, i - label))
            return "its host is not a name, an address, or *. and a name";
        if (i == size && is_number(s + label, i - label) &&
            (is_wild || !is_address(AF_INET, s, size)))
            return "its host is not a name, but no IPv4 address of four numbers either";
        label = i + 1;
    }
    return NULL;
}

static const char *check_port(const char *s, size_t size, struct parts *out)
{
    static const char wrong[] = "its port is not a number from 1 to 65535";

    if (size == 0 || size > 5 || s[0] == '0')
        return wrong;
    out->port = 0;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)s[i]))
            return wrong;
        out->port = out->port * 10 + (uint32_t)(s[i] - '0');
    }
    return out->port > UINT16_MAX ? wrong : NULL;
}

static const char *take_ipv6(const char *s, size_t size, struct parts *out, size_t *end)
{
    const char *close = memchr(s, ']', size);

    if (close == NULL || !is_address(AF_INET6, s + 1, (size_t)(close - s) - 1))
        return "its host is not an IPv6 address in brackets";
    out->host = s;
    out->host_size = (size_t)(close - s) + 1;
    *end = out->host_size;
    return NULL;
}

static const char *take_name(const char *s, size_t size, bool is_pattern, struct parts *out,
                             size_t *end)
{
    const char *colon = memchr(s, ':', size);

    *end = colon != NULL ? (size_t)(colon - s) : size;
    out->is_wild = is_pattern && strncmp(s, "*.", 2) == 0;
    out->host = s + out->is_wild;
    out->host_size = *end - out->is_wild;
    return check_name(out->host + out->is_wild, out->host_size - out->is_wild, out->is_wild);
}

/* Host and port, up to the path. */
static const char *take_authority(const char **at, bool is_pattern, struct parts *out)
{
    const char *s = *at;
    size_t size = strcspn(s, "/?");
    size_t end = 0;

    if (memchr(s, '@', size) != NULL)
        return "a user's name (@) does not belong into it";
    const char *bad =
        s[0] == '[' ? take_ipv6(s, size, out, &end) : take_name(s, size, is_pattern, out, &end);
    if (bad != NULL)
        return bad;
    *at += size;
    out->port = out->is_https ? 443 : 80;
    if (end == size)
        return NULL;
    return s[end] == ':' ? check_port(s + end + 1, size - end - 1, out)
                         : "its host is not an IPv6 address in brackets";
}

static int hex(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* "%2f" and the like, at s, of which `left` bytes are path. */
static bool is_honest_escape(const char *s, size_t left)
{
    if (left < 3 || hex(s[1]) < 0 || hex(s[2]) < 0)
        return false;
    int c = hex(s[1]) * 16 + hex(s[2]);
    return c >= ' ' && c != 0x7f && strchr("/\\.%", c) == NULL;
}

/* "." or "..", with or without parameters (";..."), which some servers strip. */
static bool is_dots(const char *s, size_t size)
{
    const char *semicolon = memchr(s, ';', size);
    size_t n = semicolon != NULL ? (size_t)(semicolon - s) : size;

    return (n == 1 || n == 2) && s[0] == '.' && s[n - 1] == '.';
}

static const char *check_path(const char *s, size_t size, bool is_pattern)
{
    size_t segment = 1;

    for (size_t i = 1; i <= size; i++) {
        if (i == size || s[i] == '/') {
            if (is_dots(s + segment, i - segment))
                return "its path has . or .. in it";
            segment = i + 1;
        } else if (s[i] == '%' && !is_honest_escape(s + i, size - i)) {
            return "its path has an escape that is none, or hides / \\ . % or a control character";
        } else if (s[i] == '*' && is_pattern) {
            return "its path has a * that is not its last character";
        }
    }
    return NULL;
}

static const char *take_path(const char *s, bool is_pattern, struct parts *out)
{
    out->path = s;
    out->path_size = strcspn(s, "?");
    if (is_pattern && s[0] != '/')
        return "it has no path; write / or, for everything that the host has, /*";
    if (is_pattern && s[out->path_size] != '\0')
        return "a query (?) does not belong into it: any is allowed";
    if (out->path_size == 0) {
        out->path = "/";
        out->path_size = 1;
    }
    out->is_prefix = is_pattern && s[out->path_size - 1] == '*';
    out->path_size -= out->is_prefix;
    return check_path(out->path, out->path_size, is_pattern);
}

static const char *take_apart(const char *text, bool is_pattern, struct parts *out)
{
    const char *bad = is_pattern && strlen(text) > ALLOW_PATTERN_MAX ? "it has more than 1024 bytes"
                                                                     : check_bytes(text);

    *out = (struct parts){.path = NULL};
    if (bad == NULL)
        bad = take_scheme(&text, out);
    if (bad == NULL)
        bad = take_authority(&text, is_pattern, out);
    return bad != NULL ? bad : take_path(text, is_pattern, out);
}

int allow_check(const char *pattern, struct uf_err *err)
{
    struct parts parts;
    const char *bad = take_apart(pattern, true, &parts);

    return bad != NULL ? uf_fail(err, -EINVAL, "%s", bad) : 0;
}

static bool host_matches(const struct parts *p, const struct parts *u)
{
    size_t size = p->host_size;

    if (p->is_wild ? u->host_size <= size : u->host_size != size)
        return false;
    return strncasecmp(p->host, u->host + u->host_size - size, size) == 0;
}

static bool path_matches(const struct parts *p, const struct parts *u)
{
    if (p->is_prefix ? u->path_size < p->path_size : u->path_size != p->path_size)
        return false;
    return memcmp(p->path, u->path, p->path_size) == 0;
}

bool allow_match(const char *pattern, const char *url)
{
    struct parts p;
    struct parts u;

    return take_apart(pattern, true, &p) == NULL && take_apart(url, false, &u) == NULL &&
           p.is_https == u.is_https && p.port == u.port && host_matches(&p, &u) &&
           path_matches(&p, &u);
}
