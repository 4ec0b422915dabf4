// SPDX-License-Identifier: MIT
/*
 * binary.c: bytes in a string of JavaScript, as OpenWhisk has them: in base64 (RFC 4648,
 * 4), when the content-type says that a body is no text.
 */
#include <string.h>
#include <strings.h>

#include "runtime/javascript/js.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool has(const char *text, size_t size, const char *what)
{
    size_t n = strlen(what);

    for (size_t i = 0; i + n <= size; i++)
        if (strncasecmp(text + i, what, n) == 0)
            return true;
    return false;
}

/* A whole one, as in "application/json", "image/svg+xml" or "application/x-yaml": there is
 * "xml" in the types of Office's files as well, and "sql" in a database's. */
static bool has_word(const char *type, size_t size, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 1; i + n <= size; i++)
        if (strchr("/+-", type[i - 1]) != NULL && strncasecmp(type + i, word, n) == 0 &&
            (i + n == size || type[i + n] == '-'))
            return true;
    return false;
}

bool binary_is_type(const char *type)
{
    /* What else than "text/..." people read. */
    static const char *const words[] = {
        "json",       "ndjson",     "jsonlines",  "xml",        "yaml", "toml", "sql",
        "javascript", "ecmascript", "typescript", "urlencoded", "html", "csv",  "graphql"};

    if (type == NULL || *type == '\0' || strncasecmp(type, "text/", 5) == 0 ||
        has(type, strlen(type), "charset="))
        return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (has_word(type, strcspn(type, "; \t"), words[i]))
            return false;
    return true;
}

JSValue binary_encode(const void *data, size_t size)
{
    const unsigned char *from = data;
    char *out = js_malloc(js.ctx, (size + 2) / 3 * 4 + 1);
    size_t n = 0;

    if (out == NULL)
        return JS_EXCEPTION;
    for (size_t i = 0; i < size; i += 3) {
        unsigned long v = (unsigned long)from[i] << 16;

        v |= i + 1 < size ? (unsigned long)from[i + 1] << 8 : 0;
        v |= i + 2 < size ? from[i + 2] : 0;
        out[n++] = digits[v >> 18];
        out[n++] = digits[v >> 12 & 63];
        out[n++] = i + 1 < size ? digits[v >> 6 & 63] : '=';
        out[n++] = i + 2 < size ? digits[v & 63] : '=';
    }
    JSValue v = JS_NewStringLen(js.ctx, out, n);
    js_free(js.ctx, out);
    return v;
}

ptrdiff_t binary_decode(const char *text, size_t size, char *out)
{
    size_t padding = 0;
    ptrdiff_t n = 0;
    unsigned long v = 0;

    if (size % 4 != 0)
        return -1;
    while (padding < 2 && padding < size && text[size - 1 - padding] == '=')
        padding++;
    for (size_t i = 0; i < size - padding; i++) {
        const char *d = text[i] != '\0' ? strchr(digits, text[i]) : NULL;

        if (d == NULL)
            return -1;
        v = (v << 6 | (unsigned long)(d - digits)) & 0xffffff;
        if (i % 4 > 0)
            out[n++] = (char)(v >> (6 - 2 * (i % 4)));
    }
    return n;
}
