// SPDX-License-Identifier: MIT
/*
 * function_draft.h: a manifest while it is read; inside engine/ only.
 *
 * What a key means may depend on others, which come in any order: the language
 * has to be known before the first key, and what was not said is settled after
 * the last.
 */
#ifndef ENGINE_FUNCTION_DRAFT_H
#define ENGINE_FUNCTION_DRAFT_H

#include "engine/function_key.h"
#include "engine/function_list.h"

struct function_draft {
    struct function f;
    bool has_access;
    bool has_triggers;
    bool has_http; /* among them */
};

/* lang: what the manifest says there, or NULL; complaints come with its key. */
void function_draft_begin(struct function_draft *d, const char *lang);
void function_draft_fini(struct function_draft *d);

/* A key of function_keys. */
int function_draft_set(struct function_draft *d, const struct function_key *k, const char *text,
                       struct uf_err *err);
int function_draft_trigger(struct function_draft *d, const struct function_trigger *t,
                           struct uf_err *err);
/* `retry` says which codes: those of the default do not count. */
void function_draft_codes(struct function_draft *d);

/* All keys are read: into *out, or -EINVAL. */
int function_draft_end(struct function_draft *d, struct function *out, struct uf_err *err);

#endif
