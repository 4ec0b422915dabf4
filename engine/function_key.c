// SPDX-License-Identifier: MIT
/* function_key.c: see function_key.h. */
#include "engine/function_key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/image.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/yamltree.h"

#define SECOND UINT64_C(1000000000)
#define MS     UINT64_C(1000000)
#define HOUR   (3600 * SECOND)

static const char *const langs[] = {"c", "c++", NULL};
/* In the order of enum isolation and enum reuse. */
static const char *const isolations[] = {"auto", "kvm", "process", NULL};
static const char *const reuses[] = {"invocation", "instance", NULL};
static const char *const triggers[] = {"http", NULL};

_Static_assert(ISOLATION_AUTO == 0 && ISOLATION_KVM == 1 && ISOLATION_PROCESS == 2, "isolations");
_Static_assert(REUSE_INVOCATION == 0 && REUSE_INSTANCE == 1, "reuses");
_Static_assert(sizeof(enum isolation) == 4 && sizeof(enum reuse) == 4, "width of words");

#define AT(field) \
    .offset = offsetof(struct function, field), .width = sizeof(((struct function *)0)->field)

/* clang-format off */
const struct function_key function_keys[] = {
    {"name", .kind = KEY_NAME, AT(name)},
    {"lang", .kind = KEY_LANG, AT(lang), .words = langs},
    {"memory", .kind = KEY_SIZE, AT(memory), .min = UF_MEMORY_MIN, .max = UF_MEMORY_MAX,
     .round = UF_ALIGN},
    {"timeout", .kind = KEY_TIME, AT(timeout_ns), .min = MS, .max = HOUR},
    {"max_instances", .kind = KEY_COUNT, AT(max_instances), .min = 1, .max = 1000},
    {"isolation", .kind = KEY_WORD, AT(isolation), .words = isolations},
    {"reuse", .kind = KEY_WORD, AT(reuse), .words = reuses},
    {"keep_warm", .kind = KEY_TIME, AT(keep_warm_ns), .min = 0, .max = 24 * HOUR},
    {.name = NULL},
};

const struct function_key function_limit_keys[] = {
    {"cpu_time", .kind = KEY_TIME, AT(cpu_ns), .min = MS, .max = HOUR},
    {"log", .kind = KEY_SIZE, AT(log_max), .min = 0, .max = UF_LOG_LIMIT},
    {"response", .kind = KEY_SIZE, AT(body_max), .min = 0, .max = UF_BODY_LIMIT},
    {"host_calls", .kind = KEY_COUNT, AT(host_calls), .min = 0, .max = 1000000},
    {.name = NULL},
};
/* clang-format on */

const struct function_key *function_key_find(const struct function_key *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

static void add_list(struct text *t, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++)
        text_add(t, "%s%s", i > 0 ? ", " : "", words[i]);
}

/* What a key allows, in words. */
static void add_range(struct text *t, const struct function_key *k)
{
    char lo[UNITS_TEXT];
    char hi[UNITS_TEXT];

    switch (k->kind) {
    case KEY_SIZE:
        text_add(t, "a size like 8Mi, 512Ki or 64M, from %s to %s", units_format_size(k->min, lo),
                 units_format_size(k->max, hi));
        break;
    case KEY_TIME:
        text_add(t, "a time like 3s, 500ms or 1m30s, from %s to %s",
                 units_format_duration(k->min, lo), units_format_duration(k->max, hi));
        break;
    case KEY_COUNT:
        text_add(t, "a whole number from %" PRIu64 " to %" PRIu64, k->min, k->max);
        break;
    case KEY_NAME:
        text_add(t, "1 to %d of a-z, 0-9 and -, not - first or last", FUNCTION_NAME_MAX);
        break;
    case KEY_WORD:
    case KEY_LANG:
        text_add(t, "one of: ");
        add_list(t, k->words);
        break;
    }
}

static int refuse(const struct function_key *k, const char *text, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    char range[128];
    struct text t = text_over(range, sizeof(range));

    add_range(&t, k);
    return uf_fail(err, -EINVAL, "%s: \"%s\" is not valid; it must be %s", k->name,
                   yamltree_show(text, show), range);
}

static int read_count(const char *text, uint64_t *out)
{
    uint64_t v = 0;

    if (*text == '\0')
        return -EINVAL;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || __builtin_mul_overflow(v, UINT64_C(10), &v) ||
            __builtin_add_overflow(v, (uint64_t)(*text - '0'), &v))
            return -EINVAL;
    }
    *out = v;
    return 0;
}

static int read_word(const char *const *words, const char *text, uint64_t *out)
{
    for (uint64_t i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return 0;
        }
    return -EINVAL;
}

/* Text to number, with the key's range. */
static int read_value(const struct function_key *k, const char *text, uint64_t *v)
{
    int r = -EINVAL;

    switch (k->kind) {
    case KEY_SIZE:
        r = units_parse_size(text, v);
        break;
    case KEY_TIME:
        r = units_parse_duration(text, v);
        break;
    case KEY_COUNT:
        r = read_count(text, v);
        break;
    case KEY_WORD:
    case KEY_LANG:
        return read_word(k->words, text, v);
    case KEY_NAME:
        break;
    }
    return r < 0 || *v < k->min || *v > k->max ? -EINVAL : 0;
}

int function_key_set(struct function *f, const struct function_key *k, const char *text,
                     struct uf_err *err)
{
    char *at = (char *)f + k->offset;
    uint64_t v = 0;

    if (k->kind == KEY_NAME ? !function_name_ok(text) : read_value(k, text, &v) < 0)
        return refuse(k, text, err);
    if (k->kind == KEY_NAME || k->kind == KEY_LANG) {
        (void)snprintf(at, k->width, "%s", text);
        return 0;
    }
    if (k->round != 0)
        v = (v + k->round - 1) / k->round * k->round;
    if (k->width == sizeof(v)) {
        memcpy(at, &v, sizeof(v));
    } else {
        uint32_t narrow = (uint32_t)v; /* max of every narrow key fits */

        memcpy(at, &narrow, sizeof(narrow));
    }
    return 0;
}

const char *function_key_get(const struct function *f, const struct function_key *k,
                             char out[static FUNCTION_KEY_TEXT])
{
    const char *at = (const char *)f + k->offset;
    char text[UNITS_TEXT];
    uint64_t v = 0;
    uint32_t narrow;

    if (k->kind == KEY_NAME || k->kind == KEY_LANG) {
        (void)snprintf(out, FUNCTION_KEY_TEXT, "%s", at);
        return out;
    }
    if (k->width == sizeof(v)) {
        memcpy(&v, at, sizeof(v));
    } else {
        memcpy(&narrow, at, sizeof(narrow));
        v = narrow;
    }
    if (k->kind == KEY_SIZE)
        (void)snprintf(out, FUNCTION_KEY_TEXT, "%s", units_format_size(v, text));
    else if (k->kind == KEY_TIME)
        (void)snprintf(out, FUNCTION_KEY_TEXT, "%s", units_format_duration(v, text));
    else if (k->kind == KEY_WORD)
        (void)snprintf(out, FUNCTION_KEY_TEXT, "%s", k->words[v]);
    else
        (void)snprintf(out, FUNCTION_KEY_TEXT, "%" PRIu64, v);
    return out;
}

int function_key_unknown(const struct function_key *table, const char *inside, const char *name,
                         const char *also, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    char valid[160];
    struct text t = text_over(valid, sizeof(valid));

    for (size_t i = 0; table[i].name != NULL; i++)
        text_add(&t, "%s%s", i > 0 ? ", " : "", table[i].name);
    return uf_fail(err, -EINVAL, "unknown key \"%s\"%s%s; valid keys: %s%s",
                   yamltree_show(name, show), *inside != '\0' ? " in " : "", inside, valid, also);
}

static bool env_name_ok(const char *name)
{
    if (*name == '\0' || (*name >= '0' && *name <= '9') || strlen(name) > FUNCTION_ENV_NAME_MAX)
        return false;
    for (; *name != '\0'; name++)
        if ((*name < 'A' || *name > 'Z') && (*name < 'a' || *name > 'z') &&
            (*name < '0' || *name > '9') && *name != '_')
            return false;
    return true;
}

/* Where "NAME=..." begins, or NULL. */
static char *find_env(const struct function *f, const char *name)
{
    size_t len = strlen(name);

    for (uint32_t at = 0; at < f->env_size; at += (uint32_t)strlen(f->env + at) + 1)
        if (strncmp(f->env + at, name, len) == 0 && f->env[at + len] == '=')
            return f->env + at;
    return NULL;
}

static int check_env(const struct function *f, const char *name, const char *value, size_t freed,
                     struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    if (!env_name_ok(name))
        return uf_fail(err, -EINVAL,
                       "env: \"%s\" is not a variable's name; it must be 1 to %d letters, digits "
                       "and _, not a digit first",
                       yamltree_show(name, show), FUNCTION_ENV_NAME_MAX);
    if (strlen(value) > UF_ENV_MAX ||
        f->env_size - freed + strlen(name) + strlen(value) + 2 > UF_ENV_MAX)
        return uf_fail(err, -EINVAL, "env: more than %u bytes of variables, with %s", UF_ENV_MAX,
                       yamltree_show(name, show));
    return 0;
}

static int append_env(struct function *f, const char *name, const char *value, struct uf_err *err)
{
    size_t nlen = strlen(name);
    size_t vlen = strlen(value);
    char *grown = realloc(f->env, f->env_size + nlen + vlen + 2);

    if (grown == NULL)
        return uf_fail(err, -ENOMEM, "env: out of memory");
    f->env = grown;
    memcpy(grown + f->env_size, name, nlen);
    grown[f->env_size + nlen] = '=';
    memcpy(grown + f->env_size + nlen + 1, value, vlen + 1);
    f->env_size += (uint32_t)(nlen + vlen + 2);
    return 0;
}

int function_env_add(struct function *f, const char *name, const char *value, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    int r = check_env(f, name, value, 0, err);

    if (r == 0 && find_env(f, name) != NULL)
        r = uf_fail(err, -EINVAL, "env: %s is given twice", yamltree_show(name, show));
    return r < 0 ? r : append_env(f, name, value, err);
}

int function_env_set(struct function *f, const char *name, const char *value, struct uf_err *err)
{
    char *old = find_env(f, name);
    size_t size = old != NULL ? strlen(old) + 1 : 0;
    int r = check_env(f, name, value, size, err);

    if (r < 0)
        return r;
    if (old != NULL) {
        memmove(old, old + size, f->env_size - (size_t)(old - f->env) - size);
        f->env_size -= (uint32_t)size;
    }
    return append_env(f, name, value, err);
}

int function_set(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    bool limit = strncmp(key, "limits.", 7) == 0;
    const struct function_key *table = limit ? function_limit_keys : function_keys;
    const struct function_key *k = function_key_find(table, limit ? key + 7 : key);
    bool follow = f->cpu_ns == f->timeout_ns;

    if (k == NULL)
        return function_key_unknown(table, limit ? "limits" : "", limit ? key + 7 : key, "", err);
    int r = function_key_set(f, k, value, err);
    if (r == 0 && follow && k->offset == offsetof(struct function, timeout_ns))
        f->cpu_ns = f->timeout_ns;
    return r;
}

int function_trigger_check(const char *word, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    char valid[64];
    struct text t = text_over(valid, sizeof(valid));
    uint64_t v;

    if (read_word(triggers, word, &v) == 0)
        return 0;
    add_list(&t, triggers);
    return uf_fail(err, -EINVAL, "triggers: there is no trigger \"%s\"; available: %s",
                   yamltree_show(word, show), valid);
}

void function_begin(struct function *f)
{
    function_defaults(f);
    f->cpu_ns = 0; /* none of the allowed values: not given */
}

void function_settle(struct function *f)
{
    if (f->cpu_ns == 0)
        f->cpu_ns = f->timeout_ns;
}
