// SPDX-License-Identifier: MIT
/* function_yaml.c: function.yaml, see function.h. */
#include <errno.h>
#include <string.h>

#include "engine/function_key.h"
#include "engine/yamltree.h"

static int set_key(struct yamltree *t, const struct function_key *k, const yaml_node_t *value)
{
    const char *text;
    int code = yamltree_text(t, value, k->name, &text);

    return code < 0 ? code : function_key_set(t->arg, k, text, t->err);
}

static int on_limit(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const struct function_key *k = function_key_find(function_limit_keys, key);

    if (k == NULL)
        return function_key_unknown(function_limit_keys, "limits", key, "", t->err);
    return set_key(t, k, value);
}

static int on_variable(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const char *text;
    int code = yamltree_text(t, value, key, &text);

    return code < 0 ? code : function_env_add(t->arg, key, text, t->err);
}

/* "- http:" with options below it: no trigger takes any yet. */
static int on_trigger_options(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    int code = function_trigger_check(key, t->err);

    if (code == 0 && !yamltree_is_empty(value))
        code = uf_fail(t->err, -EINVAL, "triggers: %s takes no options", key);
    return code;
}

static int on_trigger(struct yamltree *t, const yaml_node_t *n)
{
    const char *word;

    if (yamltree_is_mapping(n))
        return yamltree_pairs(t, n, "a trigger", on_trigger_options);
    int code = yamltree_text(t, n, "a trigger", &word);
    return code < 0 ? code : function_trigger_check(word, t->err);
}

static int on_key(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const struct function_key *k = function_key_find(function_keys, key);

    if (k != NULL)
        return set_key(t, k, value);
    if (strcmp(key, "env") == 0)
        return yamltree_pairs(t, value, "env", on_variable);
    if (strcmp(key, "limits") == 0)
        return yamltree_pairs(t, value, "limits", on_limit);
    if (strcmp(key, "triggers") == 0)
        return yamltree_items(t, value, "triggers", on_trigger);
    return function_key_unknown(function_keys, "", key, ", env, limits, triggers", t->err);
}

int function_parse_yaml(struct function *f, const char *text, size_t size, const char *path,
                        struct uf_err *err)
{
    struct function out;

    function_begin(&out);
    const struct yamltree_file file = {text, size, path, "a manifest"};
    int code = yamltree_load(&file, on_key, &out, err);
    if (code < 0) {
        function_fini(&out);
        return code;
    }
    function_settle(&out);
    *f = out;
    return 0;
}
