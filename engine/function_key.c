// SPDX-License-Identifier: MIT
/* function_key.c: see function_key.h. */
#include "engine/function_key.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "abi/image.h"
#include "base/text.h"
#include "base/units.h"
#include "engine/yamltree.h"

static const char *const langs[] = {"c", "c++", "javascript", "sequence", NULL};
/* In the order of enum isolation, enum reuse and enum access. */
static const char *const isolations[] = {"auto", "kvm", "process", NULL};
static const char *const reuses[] = {"invocation", "instance", NULL};
static const char *const accesses[] = {"public", "password", "internal", NULL};

_Static_assert(ISOLATION_AUTO == 0 && ISOLATION_KVM == 1 && ISOLATION_PROCESS == 2, "isolations");
_Static_assert(REUSE_INVOCATION == 0 && REUSE_INSTANCE == 1, "reuses");
_Static_assert(ACCESS_PUBLIC == 0 && ACCESS_PASSWORD == 1 && ACCESS_INTERNAL == 2, "accesses");
_Static_assert(sizeof(enum isolation) == 4 && sizeof(enum reuse) == 4 && sizeof(enum access) == 4,
               "width of words");

#define AT(field) \
    .offset = offsetof(struct function, field), .width = sizeof(((struct function *)0)->field)
#define IN_QUEUE(field)                               \
    .offset = offsetof(struct function_queue, field), \
    .width = sizeof(((struct function_queue *)0)->field)

/* clang-format off */
const struct function_key function_keys[] = {
    {"name", .kind = KEY_NAME, AT(name)},
    {"lang", .kind = KEY_LANG, AT(lang), .words = langs},
    {"memory", .kind = KEY_SIZE, AT(memory), .min = UF_MEMORY_MIN, .max = UF_MEMORY_MAX,
     .round = UF_ALIGN},
    {"timeout", .kind = KEY_TIME, AT(timeout_ns), .min = FUNCTION_TIME_MIN_NS, .max = FUNCTION_TIME_MAX_NS},
    {"max_instances", .kind = KEY_COUNT, AT(max_instances), .min = 1, .max = FUNCTION_INSTANCES_MAX},
    {"isolation", .kind = KEY_WORD, AT(isolation), .words = isolations},
    {"reuse", .kind = KEY_WORD, AT(reuse), .words = reuses},
    {"keep_warm", .kind = KEY_TIME, AT(keep_warm_ns), .min = 0, .max = FUNCTION_KEEP_WARM_MAX_NS},
    {"scale_threshold", .kind = KEY_COUNT, AT(scale_threshold), .min = 1, .max = FUNCTION_THRESHOLD_MAX},
    {"access", .kind = KEY_WORD, AT(access), .words = accesses},
    {"max_age", .kind = KEY_TIME, AT(max_age_ns), .min = FUNCTION_MAX_AGE_MIN_NS, .max = FUNCTION_MAX_AGE_MAX_NS},
    {"on_success", .kind = KEY_NAME, AT(on_success)},
    {"on_failure", .kind = KEY_NAME, AT(on_failure)},
    {"next", .kind = KEY_NAME, AT(on_success), .is_alias = true},
    {.name = NULL},
};

const struct function_key function_limit_keys[] = {
    {"cpu_time", .kind = KEY_TIME, AT(cpu_ns), .min = FUNCTION_TIME_MIN_NS, .max = FUNCTION_TIME_MAX_NS},
    {"log", .kind = KEY_SIZE, AT(log_max), .min = 0, .max = UF_LOG_LIMIT},
    {"response", .kind = KEY_SIZE, AT(body_max), .min = 0, .max = UF_BODY_LIMIT},
    {"host_calls", .kind = KEY_COUNT, AT(host_calls), .min = 0, .max = FUNCTION_HOST_CALLS_MAX},
    {"effects", .kind = KEY_SIZE, AT(effects_max), .min = 0, .max = UF_EFFECTS_LIMIT},
    {.name = NULL},
};

const struct function_key function_retry_keys[] = {
    {"attempts", .kind = KEY_COUNT, AT(retry.attempts), .min = 1, .max = FUNCTION_ATTEMPTS_MAX},
    {"min_wait", .kind = KEY_TIME, AT(retry.min_wait_ns), .min = 0, .max = FUNCTION_WAIT_MAX_NS},
    {"max_wait", .kind = KEY_TIME, AT(retry.max_wait_ns), .min = 0, .max = FUNCTION_WAIT_MAX_NS},
    {.name = NULL},
};

const struct function_key function_queue_keys[] = {
    {"batch", .kind = KEY_COUNT, IN_QUEUE(batch), .min = 1, .max = FUNCTION_BATCH_MAX},
    {"batch_window", .kind = KEY_TIME, IN_QUEUE(batch_window_ns), .min = 0, .max = FUNCTION_WINDOW_MAX_NS},
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

int function_key_count(const char *text, uint64_t *out)
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
        r = function_key_count(text, v);
        break;
    case KEY_WORD:
    case KEY_LANG:
        return read_word(k->words, text, v);
    case KEY_NAME:
        break;
    }
    return r < 0 || *v < k->min || *v > k->max ? -EINVAL : 0;
}

int function_key_set(void *to, const struct function_key *k, const char *text, struct uf_err *err)
{
    char *at = (char *)to + k->offset;
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

const char *function_key_get(const void *from, const struct function_key *k,
                             char out[static FUNCTION_KEY_TEXT])
{
    const char *at = (const char *)from + k->offset;
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
    char valid[UF_ERR_MAX];
    struct text t = text_over(valid, sizeof(valid));

    for (size_t i = 0; table[i].name != NULL; i++)
        text_add(&t, "%s%s", i > 0 ? ", " : "", table[i].name);
    return uf_fail(err, -EINVAL, "unknown key \"%s\"%s%s; valid keys: %s%s",
                   yamltree_show(name, show), *inside != '\0' ? " in " : "", inside, valid, also);
}

bool function_key_fits(const struct function *f, const char *key)
{
    /* Of an image and what runs it. */
    static const char *const image[] = {"memory", "timeout", "isolation", "reuse",   "keep_warm",
                                        "env",    "limits",  "allow",     "secrets", "params"};

    if (!function_is_sequence(f))
        return strcmp(key, "functions") != 0 &&
               (function_is_script(f) || strcmp(key, "params") != 0);
    for (size_t i = 0; i < sizeof(image) / sizeof(image[0]); i++)
        if (strcmp(key, image[i]) == 0)
            return false;
    return true;
}

int function_key_check(const struct function *f, const char *key, struct uf_err *err)
{
    if (function_key_fits(f, key))
        return 0;
    if (!function_is_sequence(f) && strcmp(key, "params") == 0)
        return uf_fail(err, -EINVAL,
                       "params: only a script has them (lang: javascript); lang: %s has env, for "
                       "getenv()",
                       f->lang);
    if (!function_is_sequence(f))
        return uf_fail(err, -EINVAL, "%s: only a sequence has them (lang: sequence)", key);
    return uf_fail(err, -EINVAL,
                   "%s: makes no sense for a sequence; each of its functions has its own", key);
}
