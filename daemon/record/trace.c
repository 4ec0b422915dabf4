// SPDX-License-Identifier: MIT
/* trace.c: see trace.h. */
#include "daemon/record/trace.h"

#include <errno.h>
#include <string.h>

/* What we know of the flags; others have no meaning yet and are not passed on. */
#define FLAGS_KNOWN (TRACE_SAMPLED | TRACE_RANDOM)

#define VERSION_BAD 0xffu

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* n bytes of lower case digits, then `end` unless that is any. False: it is not. */
static bool take(const char **at, uint8_t *out, size_t n, char end)
{
    for (size_t i = 0; i < n; i++) {
        int hi = digit((*at)[0]);
        int lo = hi < 0 ? -1 : digit((*at)[1]);

        if (lo < 0)
            return false;
        out[i] = (uint8_t)(hi << 4 | lo);
        *at += 2;
    }
    if (end == '\0')
        return true;
    return *(*at)++ == end;
}

static bool is_zero(const uint8_t *bytes, size_t n)
{
    uint8_t all = 0;

    for (size_t i = 0; i < n; i++)
        all |= bytes[i];
    return all == 0;
}

int trace_parse(struct trace *t, const char *text)
{
    struct trace got;
    uint8_t version = VERSION_BAD;
    const char *at = text;

    if (!take(&at, &version, 1, '-') || version == VERSION_BAD ||
        !take(&at, got.id, sizeof(got.id), '-') || !take(&at, got.span, sizeof(got.span), '-') ||
        !take(&at, &got.flags, 1, '\0'))
        return -EINVAL;
    if (*at != '\0' && (version == 0 || *at != '-'))
        return -EINVAL;
    if (is_zero(got.id, sizeof(got.id)) || is_zero(got.span, sizeof(got.span)))
        return -EINVAL;
    got.flags &= FLAGS_KNOWN;
    *t = got;
    return 0;
}

/* Zeros mean "none" and must not come of random numbers. */
static void fill(uint8_t *out, const uint8_t *random, size_t n)
{
    memcpy(out, random, n);
    if (is_zero(out, n))
        out[n - 1] = 1;
}

void trace_child(struct trace *t, const struct trace *from, const uint8_t random[static 24])
{
    if (from != NULL) {
        *t = *from;
    } else {
        fill(t->id, random + sizeof(t->span), sizeof(t->id));
        t->flags = TRACE_SAMPLED | TRACE_RANDOM;
    }
    fill(t->span, random, sizeof(t->span));
}

static char *put(char *at, const uint8_t *bytes, size_t n, char end)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = end;
    return at + 1;
}

void trace_format(char out[static TRACE_TEXT], const struct trace *t)
{
    static const uint8_t version = 0;
    char *at = put(out, &version, 1, '-');

    at = put(at, t->id, sizeof(t->id), '-');
    at = put(at, t->span, sizeof(t->span), '-');
    (void)put(at, &t->flags, 1, '\0');
}

void trace_format_span(char out[static TRACE_SPAN_TEXT], const struct trace *t)
{
    (void)put(out, t->span, sizeof(t->span), '\0');
}

/* ---- tracestate -------------------------------------------------------------------------- */

/* A key, up to its "=": "vendor" or "tenant@vendor" (3.3.1.3.1). */
static size_t key_length(const char *s)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-*/@";
    size_t n = strspn(s, allowed);
    bool begins_well = (*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9');
    const char *first = memchr(s, '@', n);
    bool has_one_at = first == NULL || memchr(first + 1, '@', n - (size_t)(first + 1 - s)) == NULL;

    return begins_well && has_one_at && n <= 256 ? n : 0;
}

/* A value: printable ASCII but for "," and "=" (3.3.1.3.2). */
static size_t value_length(const char *s)
{
    size_t n = 0;

    while (s[n] >= ' ' && s[n] <= '~' && s[n] != ',' && s[n] != '=')
        n++;
    return n <= 256 ? n : 0;
}

bool trace_state_ok(const char *text)
{
    static const char blanks[] = " \t";
    unsigned members = 0;

    if (memchr(text, '\0', TRACE_STATE_MAX + 1) == NULL)
        return false;
    for (;;) {
        text += strspn(text, blanks);
        if (*text != ',' && *text != '\0') {
            size_t n = key_length(text);

            if (n == 0 || text[n] != '=' || ++members > TRACE_STATE_LIST)
                return false;
            text += n + 1;
            n = value_length(text);
            if (n == 0)
                return false;
            text += n;
            text += strspn(text, blanks);
        }
        if (*text == '\0')
            return members > 0;
        if (*text++ != ',')
            return false;
    }
}
