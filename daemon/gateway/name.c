// SPDX-License-Identifier: MIT
/* name.c: see name.h. */
#include "daemon/gateway/name.h"

#include <string.h>

static void cut(char out[static NAME_MAX_TEXT], const char *from, size_t len)
{
    if (len >= NAME_MAX_TEXT)
        len = NAME_MAX_TEXT - 1;
    memcpy(out, from, len);
    out[len] = '\0';
}

bool name_parse(struct name *n, const char *text)
{
    size_t all = strcspn(text, "/");
    size_t function = strcspn(text, "./");
    const char *space = function < all ? text + function + 1 : FUNCTION_SPACE;
    size_t space_len = function < all ? all - function - 1 : strlen(space);

    cut(n->function, text, function);
    cut(n->space, space, space_len);
    n->has_space = function < all;
    n->path = text[all] == '/' ? text + all : "/";
    return function > 0 && function < sizeof(n->function) && space_len < sizeof(n->space) &&
           space_len > 0 && strchr(n->space, '.') == NULL;
}
