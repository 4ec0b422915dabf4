// SPDX-License-Identifier: MIT
/*
 * function_key.h: the keys of a manifest, as a table; inside engine/ only.
 *
 * YAML and JSON are two ways to the same keys: both hand a key's text to
 * function_key_set(), so a bad value gets the same answer from either.
 */
#ifndef ENGINE_FUNCTION_KEY_H
#define ENGINE_FUNCTION_KEY_H

#include <stddef.h>

#include "engine/function.h"

enum key_kind {
    KEY_NAME,  /* a function's name            */
    KEY_SIZE,  /* bytes, base/units.h          */
    KEY_TIME,  /* nanoseconds, base/units.h    */
    KEY_COUNT, /* a whole number               */
    KEY_WORD,  /* one of words, as its index   */
    KEY_LANG,  /* one of words, as text        */
};

struct function_key {
    const char *name;
    const char *const *words; /* KEY_WORD, KEY_LANG: ends with NULL  */
    uint64_t min;             /* else: what is allowed, both inclusive */
    uint64_t max;
    uint64_t round; /* KEY_SIZE: rounded up to a multiple of it; 0: not */
    enum key_kind kind;
    uint32_t offset; /* in struct function           */
    uint32_t width;  /* bytes there: 4 or 8          */
};

/* Both tables end with an entry whose name is NULL. */
extern const struct function_key function_keys[];
extern const struct function_key function_limit_keys[];

const struct function_key *function_key_find(const struct function_key *table, const char *name);

/* Returns 0, or -EINVAL with the value, what is valid, and an example in err. */
int function_key_set(struct function *f, const struct function_key *k, const char *text,
                     struct uf_err *err);

#define FUNCTION_KEY_TEXT 64

/* The value as function_key_set() would read it. Returns out. */
const char *function_key_get(const struct function *f, const struct function_key *k,
                             char out[static FUNCTION_KEY_TEXT]);

/*
 * Refuse a key that no table has.
 *
 * inside   "limits", or "" at the top; also is appended to the valid keys.
 * Returns  -EINVAL.
 */
int function_key_unknown(const struct function_key *table, const char *inside, const char *name,
                         const char *also, struct uf_err *err);

#define FUNCTION_ENV_NAME_MAX 128 /* bytes of a variable's name */

/* Add one variable; -EINVAL for a bad or second name, or more than UF_ENV_MAX. */
int function_env_add(struct function *f, const char *name, const char *value, struct uf_err *err);

/* Accept a trigger by its word, or refuse it and name those that there are. */
int function_trigger_check(const char *word, struct uf_err *err);

/* Around a parse: defaults in, then what depends on other keys. */
void function_begin(struct function *f);
void function_settle(struct function *f);

#endif
