// SPDX-License-Identifier: MIT
// LINK: engine/allow.c
/*
 * fuzz_allow.c: a pattern of a manifest, and a URL that a guest wants to fetch; a
 * line each.
 *
 * What matches is read again here in the way of the most lenient server: escapes
 * are decoded until there are none, backslashes are slashes, parameters of
 * segments are dropped, dots are followed. Even so it must lie where the pattern
 * says.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/allow.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

    return at != NULL ? (int)(at - digits) : -1;
}

/* In place; true when something was decoded. */
static bool decode(char *s)
{
    bool did = false;
    char *to = s;

    for (; *s != '\0'; s++) {
        if (*s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0) {
            *to++ = (char)(hex(s[1]) * 16 + hex(s[2]));
            s += 2;
            did = true;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
    return did;
}

/* Follow dots; in place, s begins with a slash. */
static void follow(char *s)
{
    size_t out = 0;

    for (size_t i = 0; s[i] != '\0';) {
        size_t size = strcspn(s + i + 1, "/\\");
        size_t name = strcspn(s + i + 1, "/\\;");

        if (name == 2 && s[i + 1] == '.' && s[i + 2] == '.') {
            while (out > 0 && s[--out] != '/')
                ;
        } else if (name != 1 || s[i + 1] != '.') {
            s[out] = '/';
            memmove(s + out + 1, s + i + 1, size);
            out += size + 1;
        }
        i += size + 1;
    }
    s[out] = '\0';
}

/* A pattern matched: is what a lenient server makes of the path still below? */
static void check_path(const char *pattern, const char *url)
{
    size_t host = strcspn(strstr(pattern, "//") + 2, "/");
    char *want = strdup(strstr(pattern, "//") + 2 + host);
    char *path = strdup(strstr(url, "//") + 2);

    must(want != NULL && path != NULL);
    path[strcspn(path, "?")] = '\0';
    const char *slash = strchr(path, '/');
    memmove(path, slash != NULL ? slash : "/", strlen(slash != NULL ? slash : "/") + 1);
    while (decode(path))
        ;
    follow(path);
    while (decode(want))
        ;
    size_t n = strlen(want);
    if (want[n - 1] == '*')
        must(strncmp(path, want, n - 1) == 0);
    else
        must(strcmp(path, want) == 0);
    free(want);
    free(path);
}

static void check_host(const char *pattern, const char *url)
{
    const char *p = strstr(pattern, "//") + 2;
    const char *u = strstr(url, "//") + 2;
    size_t pn = strcspn(p, "/");
    size_t un = strcspn(u, "/?#\\");

    must(memchr(u, '@', un) == NULL);
    must((size_t)(u - url) == (size_t)(p - pattern) &&
         memcmp(url, pattern, (size_t)(u - url)) == 0);
    if (p[0] != '[') {
        pn = strcspn(p, ":/");
        un = strcspn(u, ":/?");
    }
    if (p[0] == '*') {
        must(un > pn - 1);
        u += un - (pn - 1);
        un = pn - 1;
        p++;
        pn--;
    }
    if (p[0] != '[')
        must(pn == un && strncasecmp(p, u, pn) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uf_err err = {0};
    char *pattern = malloc(size + 1);

    must(pattern != NULL);
    if (size > 0)
        memcpy(pattern, data, size);
    pattern[size] = '\0';
    char *url = strchr(pattern, '\n');
    if (url == NULL) {
        free(pattern);
        return 0;
    }
    *url++ = '\0';
    url[strcspn(url, "\n")] = '\0';
    if (allow_check(pattern, &err) < 0) {
        must(err.code < 0 && err.msg[0] != '\0');
        must(!allow_match(pattern, url));
    } else if (allow_match(pattern, url)) {
        check_host(pattern, url);
        check_path(pattern, url);
    }
    free(pattern);
    return 0;
}
