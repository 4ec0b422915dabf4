// SPDX-License-Identifier: MIT
/* url.c: see url.h. RFC 3986, and of what browsers do, what is stricter. */
#include "daemon/fetch/url.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "daemon/fetch/address.h"

#define LABEL_MAX 63u

/* What is read: from at to end. */
struct span {
    const char *at;
    size_t size;
};

static bool has_all(struct span s, const char *set)
{
    for (size_t i = 0; i < s.size; i++)
        if (strchr(set, s.at[i]) == NULL)
            return false;
    return true;
}

/* ---- the host ------------------------------------------------------------------------ */

#define DIGITS "0123456789"
#define HEX    DIGITS "abcdef"

/* "[2001:db8::1]" */
static int take_v6(struct span s, struct url *out, struct uf_err *err)
{
    struct sockaddr_storage a;
    char text[ADDRESS_TEXT];

    if (s.size >= 3 && s.size - 2 < sizeof(text) && s.at[s.size - 1] == ']') {
        (void)snprintf(text, sizeof(text), "%.*s", (int)s.size - 2, s.at + 1);
        if (has_all((struct span){text, strlen(text)}, HEX "ABCDEF:.") &&
            address_parse(text, &a) == 0) {
            (void)address_format((const struct sockaddr *)&a, out->host);
            out->is_address = true;
            return 0;
        }
    }
    return uf_fail(err, -EINVAL, "no host: \"%.*s\" is no IPv6 address", (int)s.size, s.at);
}

static bool is_label(struct span s)
{
    return s.size >= 1 && s.size <= LABEL_MAX &&
           has_all(s, DIGITS "abcdefghijklmnopqrstuvwxyz-_") && s.at[0] != '-';
}

/* Would somebody read it as an IPv4 address, "2130706433", "127.1", "0x7f.1"? */
static bool is_number(struct span label)
{
    if (label.size >= 2 && label.at[0] == '0' && label.at[1] == 'x')
        return has_all((struct span){label.at + 2, label.size - 2}, HEX);
    return has_all(label, DIGITS);
}

static int take_name(struct span s, struct url *out, struct uf_err *err)
{
    struct sockaddr_storage a;
    struct span label;

    if (s.size > 0 && s.at[s.size - 1] == '.')
        s.size--;
    if (s.size == 0 || s.size >= URL_HOST_MAX)
        return uf_fail(err, -EINVAL, s.size == 0 ? "no host" : "the host's name is too long");
    for (size_t i = 0; i < s.size; i++)
        out->host[i] = (char)tolower((unsigned char)s.at[i]);
    out->host[s.size] = '\0';
    for (const char *at = out->host;; at = label.at + label.size + 1) {
        label = (struct span){at, strcspn(at, ".")};
        if (!is_label(label))
            return uf_fail(err, -EINVAL,
                           "\"%.60s\" is no host's name; letters beyond a-z are written xn--...",
                           out->host);
        if (label.at[label.size] == '\0')
            break;
    }
    if (!is_number(label))
        return 0;
    out->is_address = address_parse(out->host, &a) == 0;
    return out->is_address ? 0 : uf_fail(err, -EINVAL, "\"%.60s\" is no IPv4 address", out->host);
}

static int take_port(struct span s, struct url *out, struct uf_err *err)
{
    unsigned port = 0;

    for (size_t i = 0; i < s.size && i < 6; i++)
        port = port * 10 + (unsigned)(s.at[i] - '0');
    if (s.size == 0 || s.size > 5 || !has_all(s, DIGITS) || port == 0 || port > UINT16_MAX)
        return uf_fail(err, -EINVAL, "\"%.*s\" is no port: 1 to 65535",
                       s.size < 20 ? (int)s.size : 20, s.at);
    out->port = (uint16_t)port;
    return 0;
}

/* "host", "host:444", "[::1]:444" */
static int take_authority(struct span s, struct url *out, struct uf_err *err)
{
    const char *colon = memrchr(s.at, ':', s.size);
    bool is_v6 = s.size > 0 && s.at[0] == '[';

    if (memchr(s.at, '@', s.size) != NULL)
        return uf_fail(err, -EINVAL, "no user or password in a URL; send a header Authorization");
    if (is_v6 && colon != NULL && colon > s.at && colon[-1] != ']')
        colon = NULL;
    size_t host = colon != NULL ? (size_t)(colon - s.at) : s.size;
    int r = is_v6 ? take_v6((struct span){s.at, host}, out, err)
                  : take_name((struct span){s.at, host}, out, err);
    out->port = out->is_https ? 443 : 80;
    return r == 0 && colon != NULL
               ? take_port((struct span){colon + 1, s.size - host - 1}, out, err)
               : r;
}

/* ---- the path -------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return isxdigit((unsigned char)c) ? (c | 0x20) - 'a' + 10 : -1;
}

/* The byte that two digits say, or -1. */
static int hex_at(const char *at)
{
    int high = hex_digit(at[0]);
    int low = high < 0 ? -1 : hex_digit(at[1]);

    return low < 0 ? -1 : high * 16 + low;
}

/* Printable, nothing that some reader takes for another, and escapes are whole. */
static int check_text(const char *text, struct uf_err *err)
{
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;

        if (c <= ' ' || c >= 0x7f || strchr("\"<>\\", c) != NULL)
            return uf_fail(err, -EINVAL, "a URL has no byte 0x%02x; write %%%02X", c, c);
        if (c == '%' && hex_at(at + 1) <= 0)
            return uf_fail(err, -EINVAL, "\"%.3s\" in a URL is no byte that may be there", at);
    }
    return 0;
}

enum segment {
    PLAIN,
    DOT,    /* "."                                          */
    UP,     /* ".."                                         */
    HIDDEN, /* a server may find ".." in it: "..%2fx", "..;x" */
};

/* Part of a segment, as a server may see it that decodes escapes first. */
struct piece {
    unsigned dots;
    bool has_others;
};

static bool is_up(const struct piece *p)
{
    return p->dots == 2 && !p->has_others;
}

static enum segment what_segment(struct span s)
{
    struct piece p = {0};
    bool is_hidden = false;
    bool is_cut = false;

    for (size_t i = 0; i < s.size; i += s.at[i] == '%' ? 3 : 1) {
        int c = s.at[i] == '%' ? hex_at(s.at + i + 1) : s.at[i];

        if (c == '/' || c == '\\' || c == ';') {
            is_cut = true;
            is_hidden = is_hidden || is_up(&p);
            p = (struct piece){.has_others = c == ';'};
        } else if (c == '.') {
            p.dots++;
        } else {
            p.has_others = true;
        }
    }
    if (is_cut)
        return is_hidden || is_up(&p) ? HIDDEN : PLAIN;
    if (p.has_others || p.dots == 0 || p.dots > 2)
        return PLAIN;
    return p.dots == 2 ? UP : DOT;
}

/* Bytes of text without its last segment; not before the path. */
static size_t parent(const struct url *u, size_t len)
{
    while (len > u->origin + 1 && u->text[len - 1] != '/')
        len--;
    return len > u->origin + 1 ? len - 1 : len;
}

/* path begins with "/", or is empty. Never longer than what was read. */
static int add_path(struct span path, struct url *out, size_t *len, struct uf_err *err)
{
    size_t n = *len;
    size_t i = 0;

    while (i < path.size) {
        struct span s = {path.at + i + 1, 0};
        bool is_last;

        while (i + 1 + s.size < path.size && s.at[s.size] != '/')
            s.size++;
        i += 1 + s.size;
        is_last = i >= path.size;
        switch (what_segment(s)) {
        case HIDDEN:
            return uf_fail(err, -EINVAL, "\"%.*s\" in a URL hides a way up", (int)s.size, s.at);
        case UP:
            n = n > out->origin ? parent(out, n) : n;
            if (n == out->origin + 1)
                n = out->origin;
            break;
        case DOT:
            break;
        case PLAIN:
            out->text[n++] = '/';
            memcpy(out->text + n, s.at, s.size);
            n += s.size;
            continue;
        }
        if (is_last)
            out->text[n++] = '/';
    }
    if (n == out->origin)
        out->text[n++] = '/';
    *len = n;
    return 0;
}

/* ---- all of it --------------------------------------------------------------------------- */

static size_t write_origin(struct url *u)
{
    bool is_v6 = strchr(u->host, ':') != NULL;
    int n = snprintf(u->text, sizeof(u->text), "http%s://%s%s%s", u->is_https ? "s" : "",
                     is_v6 ? "[" : "", u->host, is_v6 ? "]" : "");

    if (u->port != (u->is_https ? 443 : 80))
        n += snprintf(u->text + n, sizeof(u->text) - (size_t)n, ":%" PRIu16, u->port);
    return (size_t)n;
}

int url_parse(const char *text, struct url *out, struct uf_err *err)
{
    struct url u = {.port = 0};
    size_t size = strlen(text);

    if (size + 16 >= URL_MAX)
        return uf_fail(err, -EINVAL, "a URL of %zu bytes is too long; at most %u", size,
                       URL_MAX - 17);
    u.is_https = strncasecmp(text, "https://", 8) == 0;
    if (!u.is_https && strncasecmp(text, "http://", 7) != 0)
        return uf_fail(err, -EINVAL, "\"%.30s\" begins neither with https:// nor http://", text);
    int r = check_text(text, err);
    if (r < 0)
        return r;
    struct span at = {text + (u.is_https ? 8 : 7), 0};
    at.size = strcspn(at.at, "/?#");
    r = take_authority(at, &u, err);
    if (r < 0)
        return r;
    size_t len = u.origin = write_origin(&u);
    at.at += at.size;
    at.size = strcspn(at.at, "?#");
    r = add_path(at, &u, &len, err);
    if (r < 0)
        return r;
    at.at += at.size;
    at.size = *at.at == '?' ? strcspn(at.at, "#") : 0;
    memcpy(u.text + len, at.at, at.size);
    u.text[len + at.size] = '\0';
    *out = u;
    return 0;
}

bool url_is_same_origin(const struct url *a, const struct url *b)
{
    return a->origin == b->origin && memcmp(a->text, b->text, a->origin) == 0;
}
