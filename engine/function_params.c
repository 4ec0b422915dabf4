// SPDX-License-Identifier: MIT
/*
 * function_params.c: default parameters of a script, from YAML to JSON.
 *
 * A scalar without quotes is what YAML 1.2's core schema makes of it: null, a boolean,
 * a number or else a text. An alias counts as often as it is used, so one that holds
 * itself, or lists of lists of aliases, soon meet a limit.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/function_key.h"

#define PARAMS_DEPTH 32u

/* What is being read; in the tree's arg meanwhile. */
struct params {
    json_t *into; /* an object or an array */
    size_t room;  /* bytes                 */
    unsigned depth;
};

static int too_large(struct uf_err *err)
{
    return uf_fail(err, -EINVAL,
                   "params: more than %u bytes as JSON; a file of the folder, data.json say, that "
                   "the script imports may be larger",
                   FUNCTION_PARAMS_MAX);
}

static int no_memory(struct uf_err *err)
{
    return uf_fail(err, -ENOMEM, "params: out of memory");
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words != NULL && strcmp(*words, text) != 0)
        words++;
    return *words != NULL;
}

/* [-+]? digits, with a point and an exponent or without. */
static bool is_number(const char *text, bool *is_whole)
{
    static const char digits[] = "0123456789";
    const char *p = text + (*text == '-' || *text == '+');
    size_t before = strspn(p, digits);
    size_t after = 0;

    p += before;
    *is_whole = *p == '\0' && before > 0;
    if (*p == '.') {
        after = strspn(p + 1, digits);
        p += 1 + after;
    }
    if (before + after == 0)
        return false;
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '-' || p[1] == '+' ? 2 : 1;
        after = strspn(p, digits);
        p += after;
        return after > 0 && *p == '\0';
    }
    return *p == '\0';
}

/* "0x1f" and "0o17"; base 10 else. */
static int base_of(const char *text)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    const char *p = text + 2;

    if (strncmp(text, "0x", 2) == 0 && *p != '\0' && p[strspn(p, hex)] == '\0')
        return 16;
    return strncmp(text, "0o", 2) == 0 && *p != '\0' && p[strspn(p, "01234567")] == '\0' ? 8 : 10;
}

static json_t *number_of(const char *text, bool is_whole, int base)
{
    errno = 0;
    long long v = strtoll(base == 10 ? text : text + 2, NULL, base);

    /* Of what is larger JavaScript has no more digits either. */
    return is_whole && errno == 0 ? json_integer(v) : json_real(strtod(text, NULL));
}

/* A scalar without quotes. NULL: JSON has nothing for it. */
static json_t *plain(const char *text)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const yes[] = {"true", "True", "TRUE", NULL};
    static const char *const no[] = {"false", "False", "FALSE", NULL};
    static const char *const none[] = {".inf",  ".Inf",  ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                                       "-.Inf", "-.INF", ".nan", ".NaN",  ".NAN",  NULL};
    int base = base_of(text);
    bool is_whole = base != 10;

    if (is_one_of(text, nulls))
        return json_null();
    if (is_one_of(text, yes) || is_one_of(text, no))
        return json_boolean(is_one_of(text, yes));
    if (is_one_of(text, none))
        return NULL;
    return base != 10 || is_number(text, &is_whole) ? number_of(text, is_whole, base)
                                                    : json_string(text);
}

static int scalar(struct yamltree *t, const yaml_node_t *n, json_t **out)
{
    char show[YAMLTREE_SHOW];
    const char *text = "";
    int r = yamltree_text(t, n, "a parameter", &text);

    if (r < 0)
        return r;
    if (strcmp((const char *)n->tag, YAML_STR_TAG) != 0)
        return uf_fail(t->err, -EINVAL,
                       "params: the tag of \"%s\" is not read, only !!str; without one, what is in "
                       "quotes is a text and anything else what it looks like",
                       yamltree_show(text, show));
    *out = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !yamltree_is_tagged(t, n)
               ? plain(text)
               : json_string(text);
    return *out != NULL ? 0
                        : uf_fail(t->err, -EINVAL,
                                  "params: %s is no number that JSON has; write it in quotes, as a "
                                  "text",
                                  yamltree_show(text, show));
}

static int value_of(struct yamltree *t, const yaml_node_t *n, json_t **out);

static int on_member(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    struct params *p = t->arg;
    json_t *v = NULL;

    if (strlen(key) > p->room)
        return too_large(t->err);
    p->room -= strlen(key);
    int r = value_of(t, value, &v);
    return r < 0 || json_object_set_new(p->into, key, v) == 0 ? r : no_memory(t->err);
}

static int on_element(struct yamltree *t, const yaml_node_t *value)
{
    struct params *p = t->arg;
    json_t *v = NULL;
    int r = value_of(t, value, &v);

    return r < 0 || json_array_append_new(p->into, v) == 0 ? r : no_memory(t->err);
}

/* NOLINTNEXTLINE(misc-no-recursion): depth ends it */
static int value_of(struct yamltree *t, const yaml_node_t *n, json_t **out)
{
    struct params *p = t->arg;
    json_t *outer = p->into;
    size_t size = 1 + (n->type == YAML_SCALAR_NODE ? n->data.scalar.length : 0);

    if (size > p->room)
        return too_large(t->err);
    p->room -= size;
    if (n->type == YAML_SCALAR_NODE)
        return scalar(t, n, out);
    if (p->depth == PARAMS_DEPTH)
        return uf_fail(t->err, -EINVAL, "params: more than %u lists and mappings in each other",
                       PARAMS_DEPTH);
    p->depth++;
    bool is_map = yamltree_is_mapping(n);
    p->into = is_map ? json_object() : json_array();
    int r = is_map ? yamltree_pairs(t, n, "params", on_member)
                   : yamltree_items(t, n, "params", on_element);
    *out = p->into;
    p->into = outer;
    p->depth--;
    if (r < 0)
        json_decref(*out);
    return r;
}

int function_params_read(struct function *f, struct yamltree *t, const yaml_node_t *map)
{
    struct params p = {.into = json_object(), .room = FUNCTION_PARAMS_MAX};
    void *outer = t->arg;

    t->arg = &p;
    int r = yamltree_pairs(t, map, "params", on_member);
    t->arg = outer;
    UF_AUTO_FREE char *text = r == 0 ? json_dumps(p.into, JSON_COMPACT) : NULL;
    json_decref(p.into);
    if (r < 0)
        return r;
    if (text == NULL)
        return no_memory(t->err);
    if (strlen(text) > FUNCTION_PARAMS_MAX)
        return too_large(t->err);
    if (strcmp(text, "{}") != 0) {
        f->params = text;
        text = NULL;
    }
    return 0;
}
