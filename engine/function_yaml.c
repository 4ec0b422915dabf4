// SPDX-License-Identifier: MIT
/* function_yaml.c: function.yaml, see function.h. */
#include <stdio.h>
#include <string.h>

#include "engine/function_draft.h"
#include "engine/yamltree.h"

struct reading {
    struct function_draft draft;
    const struct function_list_key *list; /* whose items are being read */
    struct function_trigger trigger;      /* that is being read         */
};

static struct function *of(const struct yamltree *t)
{
    return &((struct reading *)t->arg)->draft.f;
}

/* One of a table that lies below another key. */
static int set_below(struct yamltree *t, const struct function_key *table, const char *key,
                     const yaml_node_t *value)
{
    const struct function_key *k = function_key_find(table, key);
    const char *text;
    int code = yamltree_text(t, value, key, &text);

    return code < 0 ? code : function_key_set(of(t), k, text, t->err);
}

static int on_limit(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    if (function_key_find(function_limit_keys, key) == NULL)
        return function_key_unknown(function_limit_keys, "limits", key, "", t->err);
    return set_below(t, function_limit_keys, key, value);
}

static int on_code(struct yamltree *t, const yaml_node_t *n)
{
    const char *text;
    int code = yamltree_text(t, n, "a code", &text);

    return code < 0 ? code : function_code_add(&of(t)->retry, text, t->err);
}

static int on_retry(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    if (strcmp(key, "codes") == 0) {
        function_draft_codes(&((struct reading *)t->arg)->draft);
        return yamltree_items(t, value, "codes", on_code);
    }
    if (function_key_find(function_retry_keys, key) == NULL)
        return function_key_unknown(function_retry_keys, "retry", key, ", codes", t->err);
    return set_below(t, function_retry_keys, key, value);
}

static int read_retry(struct yamltree *t, const yaml_node_t *value)
{
    int code = yamltree_pairs(t, value, "retry", on_retry);

    return code < 0 ? code : function_retry_check(&of(t)->retry, t->err);
}

static int on_variable(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    const char *text;
    int code = yamltree_text(t, value, key, &text);

    return code < 0 ? code : function_env_add(of(t), key, text, t->err);
}

static int on_trigger_key(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    struct reading *r = t->arg;
    const char *text = "";
    int code = 0;

    if (strcmp(key, "http") == 0 && !yamltree_is_empty(value))
        text = "options";
    else if (strcmp(key, "http") != 0)
        code = yamltree_text(t, value, key, &text);
    return code < 0 ? code : function_trigger_key(&r->trigger, key, text, t->err);
}

static int on_trigger(struct yamltree *t, const yaml_node_t *n)
{
    struct reading *r = t->arg;
    const char *word;
    int code = 0;

    function_trigger_begin(&r->trigger);
    if (yamltree_is_mapping(n)) {
        code = yamltree_pairs(t, n, "a trigger", on_trigger_key);
    } else {
        code = yamltree_text(t, n, "a trigger", &word);
        if (code == 0)
            code = function_trigger_word(&r->trigger, word, t->err);
    }
    return code < 0 ? code : function_draft_trigger(&r->draft, &r->trigger, t->err);
}

static int on_item(struct yamltree *t, const yaml_node_t *n)
{
    const struct reading *r = t->arg;
    const char *text;
    int code = yamltree_text(t, n, r->list->name, &text);

    return code < 0 ? code : function_list_add(of(t), r->list, text, t->err);
}

/* Keys that are more than one value. */
static int on_part(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    struct reading *r = t->arg;

    if (strcmp(key, "env") == 0)
        return yamltree_pairs(t, value, key, on_variable);
    if (strcmp(key, "limits") == 0)
        return yamltree_pairs(t, value, key, on_limit);
    if (strcmp(key, "retry") == 0)
        return read_retry(t, value);
    if (strcmp(key, "triggers") == 0)
        return yamltree_items(t, value, key, on_trigger);
    if (strcmp(key, "params") == 0)
        return function_params_read(of(t), t, value);
    r->list = function_list_find(key);
    if (r->list != NULL && strcmp(key, "topic") != 0)
        return yamltree_items(t, value, key, on_item);
    return function_key_unknown(function_keys, "", key, FUNCTION_KEYS_MORE, t->err);
}

static int on_key(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    struct reading *r = t->arg;
    const struct function_key *k = function_key_find(function_keys, key);
    const char *text;
    int code = function_key_check(of(t), key, t->err);

    if (code < 0)
        return code;
    if (k == NULL)
        return on_part(t, key, value);
    code = yamltree_text(t, value, key, &text);
    return code < 0 ? code : function_draft_set(&r->draft, k, text, t->err);
}

/* The language, before all else; what is wrong will be found again. */
static int on_lang(struct yamltree *t, const char *key, const yaml_node_t *value)
{
    char *lang = t->arg;

    if (strcmp(key, "lang") == 0 && value->type == YAML_SCALAR_NODE)
        (void)snprintf(lang, sizeof(((struct function *)0)->lang), "%s",
                       (const char *)value->data.scalar.value);
    return 0;
}

int function_parse_yaml(struct function *f, const char *text, size_t size, const char *path,
                        struct uf_err *err)
{
    const struct yamltree_file file = {text, size, path, "a manifest"};
    char lang[sizeof(f->lang)] = "";
    struct reading r;
    int code = yamltree_load(&file, on_lang, lang, err);

    if (code < 0)
        return code;
    function_draft_begin(&r.draft, lang);
    code = yamltree_load(&file, on_key, &r, err);
    if (code == 0) {
        code = function_draft_end(&r.draft, f, err);
        if (code < 0)
            (void)uf_wrap(err, code, "%s", path);
    }
    function_draft_fini(&r.draft);
    return code;
}
