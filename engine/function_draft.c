// SPDX-License-Identifier: MIT
/* function_draft.c: see function_draft.h. */
#include "engine/function_draft.h"

#include <errno.h>
#include <string.h>

void function_draft_begin(struct function_draft *d, const char *lang)
{
    *d = (struct function_draft){.has_access = false};
    function_defaults(&d->f);
    d->f.cpu_ns = 0; /* none of the allowed values: not given */
    if (lang != NULL)
        (void)function_key_set(&d->f, function_key_find(function_keys, "lang"), lang, NULL);
}

void function_draft_fini(struct function_draft *d)
{
    function_fini(&d->f);
}

int function_draft_set(struct function_draft *d, const struct function_key *k, const char *text,
                       struct uf_err *err)
{
    int r = function_key_check(&d->f, k->name, err);

    if (r < 0)
        return r;
    /* The same key twice has been refused already. */
    if (k->offset == offsetof(struct function, on_success) && d->f.on_success[0] != '\0')
        return uf_fail(err, -EINVAL, "next and on_success are two words for one thing; write one");
    if (k->offset == offsetof(struct function, access))
        d->has_access = true;
    return function_key_set(&d->f, k, text, err);
}

int function_draft_trigger(struct function_draft *d, const struct function_trigger *t,
                           struct uf_err *err)
{
    d->has_triggers = true;
    d->has_http |= t->kind == TRIGGER_HTTP;
    return function_trigger_add(&d->f, t, err);
}

void function_draft_codes(struct function_draft *d)
{
    memset(d->f.retry.codes, 0, sizeof(d->f.retry.codes));
}

int function_draft_end(struct function_draft *d, struct function *out, struct uf_err *err)
{
    if (d->f.cpu_ns == 0)
        d->f.cpu_ns = d->f.timeout_ns;
    if (d->has_triggers && !d->has_http && !d->has_access)
        d->f.access = ACCESS_INTERNAL;
    int r = function_check(&d->f, err);
    if (r == 0)
        function_move(out, &d->f);
    return r;
}
