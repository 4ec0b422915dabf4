// SPDX-License-Identifier: MIT
/* reach.c: see reach.h. */
#include "daemon/fetch/reach.h"

#include <string.h>

static enum fetch_reach reach_public(const struct fetch_policy *p, const struct url *u)
{
    (void)p;
    (void)u;
    return FETCH_PUBLIC;
}

const struct fetch_policy fetch_policy_public = {.reach = reach_public};

bool reach_includes(enum fetch_reach reach, enum address_kind kind)
{
    switch (kind) {
    case ADDRESS_PUBLIC:
        return reach >= FETCH_PUBLIC;
    case ADDRESS_PRIVATE:
        return reach >= FETCH_PRIVATE;
    case ADDRESS_LOCAL:
        return reach >= FETCH_LOCAL;
    case ADDRESS_NEVER:
        break;
    }
    return false;
}

bool reach_excludes(enum fetch_reach reach, const struct url *u, enum address_kind *kind)
{
    struct sockaddr_storage a;

    if (!u->is_address || address_parse(u->host, &a) < 0)
        return false;
    *kind = address_kind((const struct sockaddr *)&a);
    return !reach_includes(reach, *kind);
}

enum fetch_reach reach_of_named(const char *host)
{
    struct sockaddr_storage a;
    bool is_this_machine = strcmp(host, "localhost") == 0 || address_parse(host, &a) == 0;

    return is_this_machine ? FETCH_LOCAL : FETCH_PRIVATE;
}
