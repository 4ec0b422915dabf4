// SPDX-License-Identifier: MIT
/* query.c: see query.h. */
#include "daemon/http/query.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One character of s, which is len bytes; its length in s, or -EINVAL. */
static int decode_one(const char *s, size_t len, char plus, char *out)
{
    if (s[0] != '%') {
        *out = s[0] == '+' ? plus : s[0];
        return 1;
    }
    int hi = len > 2 ? hex_digit(s[1]) : -1;
    int lo = len > 2 ? hex_digit(s[2]) : -1;
    if (hi < 0 || lo < 0 || (hi == 0 && lo == 0))
        return -EINVAL;
    *out = (char)(hi * 16 + lo);
    return 3;
}

/* plus: what "+" stands for. */
static int decode(const char *s, size_t len, char plus, char *out, size_t cap)
{
    size_t n = 0;

    while (len > 0) {
        char c = 0;
        int used = decode_one(s, len, plus, &c);

        if (used < 0 || n + 1 >= cap) {
            out[0] = '\0'; /* whoever looks all the same */
            return -EINVAL;
        }
        out[n++] = c;
        s += used;
        len -= (size_t)used;
    }
    out[n] = '\0';
    return 1;
}

static bool is_one_of(const char *words, const char *word, size_t size)
{
    while (*words != '\0') {
        size_t len = strcspn(words, " ");

        if (len == size && strncmp(words, word, size) == 0)
            return true;
        words += len + (words[len] == ' ');
    }
    return false;
}

const char *query_unknown(const char *query, const char *known, size_t *size)
{
    for (const char *p = query; *p != '\0';) {
        size_t len = strcspn(p, "&");

        *size = strcspn(p, "=&");
        if (len > 0 && !is_one_of(known, p, *size))
            return p;
        p += len + (p[len] == '&');
    }
    return NULL;
}

int query_get(const char *query, const char *name, char *out, size_t cap)
{
    size_t want = strlen(name);

    out[0] = '\0';
    for (const char *p = query; *p != '\0';) {
        size_t len = strcspn(p, "&");
        size_t key = strcspn(p, "=&");

        if (key == want && strncmp(p, name, want) == 0)
            return key == len ? 1 : decode(p + key + 1, len - key - 1, ' ', out, cap);
        p += len + (p[len] == '&');
    }
    return 0;
}

int query_decode_path(const char *part, char *out, size_t cap)
{
    return decode(part, strlen(part), '+', out, cap);
}
