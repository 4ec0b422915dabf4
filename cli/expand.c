// SPDX-License-Identifier: MIT
/* expand.c: see expand.h. */
#include "cli/expand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "base/utf8.h"

#define LETTERS    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define DIGITS     "0123456789"
#define SHOWN      40
#define NAME_SHOWN 60

static void append(char **to, size_t *n, const char *text, size_t len)
{
    *to = xresize(*to, *n + len + 1, 1);
    memcpy(*to + *n, text, len);
    *n += len;
    (*to)[*n] = '\0';
}

/* What is at "${". Returns its length, or -EINVAL. */
static int take(const char *at, char **to, size_t *n, struct uf_err *err)
{
    const char *name = at + 2;
    size_t len = strspn(name, LETTERS DIGITS);
    const char *rest = name + len;
    bool has_default = strncmp(rest, ":-", 2) == 0;
    const char *other = has_default ? rest + 2 : rest;
    size_t size = has_default ? strcspn(other, "}") : 0;

    if (len == 0 || strchr(DIGITS, name[0]) != NULL || other[size] != '}' ||
        memchr(other, '$', size) != NULL)
        return uf_fail(err, -EINVAL,
                       "\"%.*s\" is not replaced; only ${NAME} and ${NAME:-default} are, and $${ "
                       "stays ${",
                       SHOWN, at);
    UF_AUTO_FREE char *key = xcopy(name);
    key[len] = '\0';
    const char *value = getenv(key);
    if (value == NULL || *value == '\0')
        append(to, n, other, size);
    else if (!utf8_is_well_formed(value, strlen(value)))
        return uf_fail(err, -EINVAL, "the variable %.*s is not UTF-8", NAME_SHOWN, key);
    else
        append(to, n, value, strlen(value));
    return (int)(other + size + 1 - at);
}

int expand(const char *text, char **out, struct uf_err *err)
{
    UF_AUTO_FREE char *all = xcopy("");
    size_t n = 0;

    while (*text != '\0') {
        size_t plain = strcspn(text, "$");

        append(&all, &n, text, plain);
        text += plain;
        if (strncmp(text, "${", 2) == 0) {
            int r = take(text, &all, &n, err);

            if (r < 0)
                return r;
            text += r;
        } else if (*text == '$') {
            append(&all, &n, "$", 1);
            text += text[1] == '$' ? 2 : 1;
        }
    }
    *out = all;
    all = NULL;
    return 0;
}
