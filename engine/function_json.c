// SPDX-License-Identifier: MIT
/* function_json.c: the manifest as the JSON document that travels and is stored. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/function_key.h"
#include "engine/yamltree.h"

/* Set a key from a string, or, when it is a plain number, from an integer. */
static int set_key(struct function *f, const struct function_key *k, const json_t *v,
                   struct uf_err *err)
{
    char number[32];

    if (json_is_string(v))
        return function_key_set(f, k, json_string_value(v), err);
    if (!json_is_integer(v))
        return uf_fail(err, -EINVAL, "%s: must be a string or a whole number", k->name);
    (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    return function_key_set(f, k, number, err);
}

static int set_limits(struct function *f, json_t *limits, struct uf_err *err)
{
    const char *name;
    json_t *v;
    int r = 0;

    if (!json_is_object(limits))
        return uf_fail(err, -EINVAL, "limits: must be an object");
    json_object_foreach(limits, name, v)
    {
        const struct function_key *k = function_key_find(function_limit_keys, name);

        r = k == NULL ? function_key_unknown(function_limit_keys, "limits", name, "", err)
                      : set_key(f, k, v, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int set_env(struct function *f, json_t *env, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    const char *name;
    json_t *v;
    int r = 0;

    if (!json_is_object(env))
        return uf_fail(err, -EINVAL, "env: must be an object");
    json_object_foreach(env, name, v)
    {
        if (!json_is_string(v))
            return uf_fail(err, -EINVAL, "env: %s must be a string", yamltree_show(name, show));
        r = function_env_add(f, name, json_string_value(v), err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int check_triggers(const json_t *list, struct uf_err *err)
{
    size_t i;
    json_t *v;

    if (!json_is_array(list))
        return uf_fail(err, -EINVAL, "triggers: must be an array");
    json_array_foreach(list, i, v)
    {
        if (!json_is_string(v))
            return uf_fail(err, -EINVAL, "triggers: entry %zu must be a string", i);
        int r = function_trigger_check(json_string_value(v), err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int set_member(struct function *f, const char *name, json_t *v, struct uf_err *err)
{
    const struct function_key *k = function_key_find(function_keys, name);

    if (k != NULL)
        return set_key(f, k, v, err);
    if (strcmp(name, "env") == 0)
        return set_env(f, v, err);
    if (strcmp(name, "limits") == 0)
        return set_limits(f, v, err);
    if (strcmp(name, "triggers") == 0)
        return check_triggers(v, err);
    return function_key_unknown(function_keys, "", name, ", env, limits, triggers", err);
}

static int set_members(struct function *f, json_t *root, struct uf_err *err)
{
    const char *name;
    json_t *v;
    int r = 0;

    json_object_foreach(root, name, v)
    {
        r = set_member(f, name, v, err);
        if (r < 0)
            return r;
    }
    if (f->name[0] == '\0')
        return uf_fail(err, -EINVAL, "name: is missing");
    return 0;
}

int function_parse_json(struct function *f, const char *text, size_t size, struct uf_err *err)
{
    struct function out;
    json_error_t e;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &e);
    int r;

    if (root == NULL)
        return uf_fail(err, -EINVAL, "manifest: not JSON: line %d column %d: %s", e.line, e.column,
                       e.text);
    function_begin(&out);
    r = json_is_object(root) ? set_members(&out, root, err)
                             : uf_fail(err, -EINVAL, "must be an object");
    json_decref(root);
    if (r < 0) {
        function_fini(&out);
        return uf_wrap(err, r, "manifest");
    }
    function_settle(&out);
    *f = out;
    return 0;
}

/* Counts travel as numbers, everything else as people write it. */
static int put_keys(json_t *to, const struct function *f, const struct function_key *k)
{
    int bad = 0;

    for (; k->name != NULL; k++) {
        char text[FUNCTION_KEY_TEXT];
        const char *s = function_key_get(f, k, text);

        if (k->kind == KEY_COUNT)
            bad |= json_object_set_new(to, k->name, json_integer(strtoll(s, NULL, 10)));
        else
            bad |= json_object_set_new(to, k->name, json_string(s));
    }
    return bad;
}

static int put_env(json_t *to, const struct function *f)
{
    int bad = 0;

    for (uint32_t at = 0; at < f->env_size;) {
        const char *entry = f->env + at;
        const char *equals = strchr(entry, '=');
        char name[FUNCTION_ENV_NAME_MAX + 1];

        at += (uint32_t)strlen(entry) + 1;
        if (equals == NULL || (size_t)(equals - entry) >= sizeof(name))
            return -1;
        (void)snprintf(name, sizeof(name), "%.*s", (int)(equals - entry), entry);
        bad |= json_object_set_new(to, name, json_string(equals + 1));
    }
    return bad;
}

char *function_format_json(const struct function *f)
{
    json_t *root = json_object();
    json_t *env = json_object();
    json_t *limits = json_object();
    char *text = NULL;

    int bad = put_keys(root, f, function_keys) | put_env(env, f) |
              put_keys(limits, f, function_limit_keys) | json_object_set(root, "env", env) |
              json_object_set(root, "limits", limits) |
              json_object_set_new(root, "triggers", json_pack("[s]", "http"));
    if (bad == 0)
        text = json_dumps(root, JSON_COMPACT);
    json_decref(env);
    json_decref(limits);
    json_decref(root);
    return text;
}
