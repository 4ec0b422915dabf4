// SPDX-License-Identifier: MIT
/* patterns.c: see patterns.h. */
#include "daemon/fetch/patterns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "engine/allow.h"

static bool is_of_many_hosts(const char *pattern)
{
    const char *host = strstr(pattern, "://");

    return host != NULL && strncmp(host + 3, "*.", 2) == 0;
}

enum fetch_reach patterns_reach(char *const *pattern, size_t n, const struct url *u)
{
    enum fetch_reach best = FETCH_NOWHERE;

    for (size_t i = 0; i < n; i++) {
        if (!allow_match(pattern[i], u->text))
            continue;
        enum fetch_reach r = is_of_many_hosts(pattern[i]) ? FETCH_PUBLIC : reach_of_named(u->host);
        if (r > best)
            best = r;
    }
    return best;
}

static enum fetch_reach reach(const struct fetch_policy *policy, const struct url *u)
{
    const struct patterns *p = (const struct patterns *)policy;
    enum fetch_reach r = patterns_reach(p->item, p->n, u);

    return r > FETCH_PUBLIC ? r : FETCH_PUBLIC;
}

static int add(struct patterns *p, const char *text, size_t size, struct uf_err *err)
{
    char *item = strndup(text, size);

    if (item == NULL)
        return uf_fail(err, -ENOMEM, "no memory for a pattern");
    p->item = xresize(p->item, p->n + 1, sizeof(p->item[0]));
    p->item[p->n++] = item;
    int r = allow_check(item, err);
    return r < 0 ? uf_wrap(err, r, "%.60s", item) : 0;
}

int patterns_init(struct patterns *p, const char *text, struct uf_err *err)
{
    int r = 0;

    *p = (struct patterns){.policy.reach = reach};
    for (text += strspn(text, " \t\n"); r == 0 && *text != '\0'; text += strspn(text, " \t\n")) {
        size_t size = strcspn(text, " \t\n");

        r = add(p, text, size, err);
        text += size;
    }
    if (r < 0)
        patterns_fini(p);
    return r;
}

void patterns_fini(struct patterns *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->item[i]);
    free(p->item);
    *p = (struct patterns){.n = 0};
}
