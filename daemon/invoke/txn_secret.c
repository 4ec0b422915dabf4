// SPDX-License-Identifier: MIT
/*
 * txn_secret.c: a secret for a function that may have it: one that its manifest
 * lists. It is no part of the transaction: what a run reads of it is not checked at
 * the commit.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/invoke/invoke.h"
#include "daemon/secrets/secrets.h"

static bool is_listed(const struct function *f, const char *name)
{
    for (uint32_t i = 0; i < f->secrets.n; i++)
        if (strcmp(f->secrets.item[i], name) == 0)
            return true;
    return false;
}

/* The answer's code when there is no value. */
static int64_t code_of(int r)
{
    return r == -ENOENT ? UF_R_NOT_FOUND : UF_R_NOT_AVAILABLE;
}

void txn_secret(struct invoke *i, const struct host_request *h)
{
    struct secrets *s = i->invoker->secrets;
    const struct function *f = &i->call.fn->conf;
    struct host_answer a = {.ret = UF_R_NOT_AVAILABLE};

    if (!is_listed(f, h->name)) {
        a.ret = UF_R_DENIED;
    } else if (s != NULL) {
        int r = secrets_get(s, f->space, h->name, &a.data, &a.size);

        a.ret = r < 0 ? code_of(r) : a.size > h->cap ? UF_R_TOO_LARGE : (int64_t)a.size;
        if (a.ret < 0)
            a.size = 0;
    }
    free(h->data);
    fleet_answer(&i->call, &a);
    if (s != NULL)
        secrets_forget(s);
}
