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
#include "engine/yamltree.h"

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
    bool is_alias;   /* another word for what an earlier key sets */
    uint32_t offset; /* in struct function, or struct function_queue */
    uint32_t width;  /* bytes there: 4 or 8; of names the room       */
};

/* Each table ends with an entry whose name is NULL. */
extern const struct function_key function_keys[];
extern const struct function_key function_limit_keys[]; /* below limits           */
extern const struct function_key function_retry_keys[]; /* below retry, but codes */
extern const struct function_key function_queue_keys[]; /* of a struct function_queue */

/* What a manifest has besides function_keys, for function_key_unknown(). */
#define FUNCTION_KEYS_MORE ", functions, triggers, retry, allow, secrets, env, limits, params"

const struct function_key *function_key_find(const struct function_key *table, const char *name);

/* to is what the key's table is of. Returns 0, or -EINVAL with the value, what is
 * valid, and an example in err. */
int function_key_set(void *to, const struct function_key *k, const char *text, struct uf_err *err);

#define FUNCTION_KEY_TEXT 64

/* The value as function_key_set() would read it. Returns out. */
const char *function_key_get(const void *from, const struct function_key *k,
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

/* Default parameters, from a mapping of YAML. 0, or -EINVAL: not one, or too large. */
int function_params_read(struct function *f, struct yamltree *t, const yaml_node_t *map);

/* Digits only. 0, or -EINVAL. */
int function_key_count(const char *text, uint64_t *out);

/* May it have that key? A sequence has no image, only a sequence has steps, and only a
 * script has parameters. */
bool function_key_fits(const struct function *f, const char *key);
/* 0, or -EINVAL when not. */
int function_key_check(const struct function *f, const char *key, struct uf_err *err);

#endif
