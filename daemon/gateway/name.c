// SPDX-License-Identifier: MIT
/* name.c: see name.h. */
#include "daemon/gateway/name.h"

#include <stdio.h>
#include <string.h>

bool name_parse(struct name *n, const char *text)
{
    size_t all = strcspn(text, "/");
    size_t function = strcspn(text, "./");
    const char *space = function < all ? text + function + 1 : NAME_NAMESPACE;
    size_t space_len = function < all ? all - function - 1 : strlen(space);

    (void)snprintf(n->function, sizeof(n->function), "%.*s", (int)function, text);
    (void)snprintf(n->space, sizeof(n->space), "%.*s", (int)space_len, space);
    n->path = text[all] == '/' ? text + all : "/";
    return function > 0 && function < sizeof(n->function) && space_len < sizeof(n->space) &&
           strcmp(n->space, NAME_NAMESPACE) == 0;
}
