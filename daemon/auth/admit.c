// SPDX-License-Identifier: MIT
/* admit.c: see admit.h. */
#include "daemon/auth/admit.h"

#include <stdlib.h>

#include "base/owner.h"

struct guest {
    struct auth_ask ask;
    struct http_request *request;
    void (*go)(struct http_request *r);
};

static void refuse(struct http_request *r, enum auth_verdict v)
{
    if (v == AUTH_NO) {
        http_text(r, 401, "invalid credentials");
        http_add(r, "WWW-Authenticate", "Basic realm=\"Restricted\"");
    } else {
        http_text(r, 429, "too many wrong passwords come; try again in a second\n");
        http_add(r, "Retry-After", "1");
    }
    http_add(r, "X-OpenFaaS-Internal", "unifaas");
    http_refuse(r);
}

static void on_verdict(struct auth_ask *ask, enum auth_verdict v)
{
    struct guest *g = UF_OWNER(ask, struct guest, ask);

    if (v == AUTH_YES)
        g->go(g->request);
    else
        refuse(g->request, v);
    free(g);
}

/* AUTH_LATER: go() or refuse() follows. */
static enum auth_verdict ask(struct auth *a, struct http_request *r,
                             void (*go)(struct http_request *r))
{
    struct guest *g = a->is_on ? calloc(1, sizeof(*g)) : NULL;

    if (!a->is_on)
        return AUTH_YES;
    if (g == NULL)
        return AUTH_BUSY;
    *g = (struct guest){.ask.done = on_verdict, .request = r, .go = go};
    enum auth_verdict v = auth_check(a, http_header(r, "Authorization"), &g->ask);
    if (v != AUTH_LATER)
        free(g);
    return v;
}

void admit(struct auth *a, struct http_request *r, void (*go)(struct http_request *r))
{
    enum auth_verdict v = ask(a, r, go);

    if (v == AUTH_YES)
        go(r);
    else if (v != AUTH_LATER)
        refuse(r, v);
}

void admit_check(struct auth *a, struct http_request *r)
{
    enum auth_verdict v = ask(a, r, http_release);

    if (v == AUTH_LATER)
        http_hold(r);
    else if (v != AUTH_YES)
        refuse(r, v);
}
