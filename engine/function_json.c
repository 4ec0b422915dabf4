// SPDX-License-Identifier: MIT
/* function_json.c: the manifest as the JSON document that travels and is stored. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/function_draft.h"
#include "engine/yamltree.h"

/* ---- reading ---------------------------------------------------------------------- */

#define NUMBER 32 /* bytes of a whole number as text */

/* The text of a string or, in number, of a whole number. */
static int text_of(const json_t *v, const char *what, char number[static NUMBER], const char **out,
                   struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    if (json_is_string(v)) {
        *out = json_string_value(v);
        return 0;
    }
    if (!json_is_integer(v))
        return uf_fail(err, -EINVAL, "%s: must be a string or a whole number",
                       yamltree_show(what, show));
    (void)snprintf(number, NUMBER, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
    *out = number;
    return 0;
}

static int want_object(const json_t *v, const char *what, struct uf_err *err)
{
    return json_is_object(v) ? 0 : uf_fail(err, -EINVAL, "%s: must be an object", what);
}

static int want_array(const json_t *v, const char *what, struct uf_err *err)
{
    return json_is_array(v) ? 0 : uf_fail(err, -EINVAL, "%s: must be an array", what);
}

static int set_key(struct function *f, const struct function_key *k, const json_t *v,
                   struct uf_err *err)
{
    char number[NUMBER];
    const char *text;
    int r = text_of(v, k->name, number, &text, err);

    return r < 0 ? r : function_key_set(f, k, text, err);
}

static int set_limits(struct function_draft *d, json_t *limits, struct uf_err *err)
{
    const char *name;
    json_t *v;
    int r = want_object(limits, "limits", err);

    if (r < 0)
        return r;
    json_object_foreach(limits, name, v)
    {
        const struct function_key *k = function_key_find(function_limit_keys, name);

        r = k == NULL ? function_key_unknown(function_limit_keys, "limits", name, "", err)
                      : set_key(&d->f, k, v, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int set_codes(struct function_draft *d, const json_t *codes, struct uf_err *err)
{
    char number[NUMBER];
    const char *text = "";
    size_t i;
    json_t *v;
    int r = want_array(codes, "codes", err);

    if (r < 0)
        return r;
    function_draft_codes(d);
    json_array_foreach(codes, i, v)
    {
        r = text_of(v, "codes", number, &text, err);
        if (r == 0)
            r = function_code_add(&d->f.retry, text, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int set_retry(struct function_draft *d, json_t *retry, struct uf_err *err)
{
    const char *name;
    json_t *v;
    int r = want_object(retry, "retry", err);

    if (r < 0)
        return r;
    json_object_foreach(retry, name, v)
    {
        const struct function_key *k = function_key_find(function_retry_keys, name);

        if (strcmp(name, "codes") == 0)
            r = set_codes(d, v, err);
        else if (k == NULL)
            r = function_key_unknown(function_retry_keys, "retry", name, ", codes", err);
        else
            r = set_key(&d->f, k, v, err);
        if (r < 0)
            return r;
    }
    return function_retry_check(&d->f.retry, err);
}

static int set_env(struct function_draft *d, json_t *env, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    const char *name;
    json_t *v;
    int r = want_object(env, "env", err);

    if (r < 0)
        return r;
    json_object_foreach(env, name, v)
    {
        if (!json_is_string(v))
            return uf_fail(err, -EINVAL, "env: %s must be a string", yamltree_show(name, show));
        r = function_env_add(&d->f, name, json_string_value(v), err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* It would be a promise that an image may not keep. */
static int set_params(struct function_draft *d, json_t *v, struct uf_err *err)
{
    (void)d;
    (void)v;
    return uf_fail(err, -EINVAL,
                   "params: are a part of the image; write them into function.yaml and build it");
}

static int set_trigger(struct function_draft *d, json_t *entry, struct uf_err *err)
{
    struct function_trigger t;
    char number[NUMBER];
    const char *name;
    json_t *v;
    int r = 0;

    function_trigger_begin(&t);
    if (json_is_string(entry)) {
        r = function_trigger_word(&t, json_string_value(entry), err);
        return r < 0 ? r : function_draft_trigger(d, &t, err);
    }
    if (!json_is_object(entry))
        return uf_fail(err, -EINVAL, "triggers: an entry must be a string or an object");
    json_object_foreach(entry, name, v)
    {
        const char *text = "";

        /* A number is read at once; a name stays where it is until the trigger is whole. */
        r = strcmp(name, "http") == 0 && json_is_null(v) ? 0 : text_of(v, name, number, &text, err);
        if (r == 0 && text == number && function_key_find(function_queue_keys, name) == NULL)
            r = uf_fail(err, -EINVAL, "triggers: names must be strings");
        if (r == 0)
            r = function_trigger_key(&t, name, text, err);
        if (r < 0)
            return r;
    }
    return function_draft_trigger(d, &t, err);
}

static int set_triggers(struct function_draft *d, json_t *list, struct uf_err *err)
{
    size_t i;
    json_t *v;
    int r = want_array(list, "triggers", err);

    if (r < 0)
        return r;
    json_array_foreach(list, i, v)
    {
        r = set_trigger(d, v, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int set_list(struct function_draft *d, const struct function_list_key *k, const json_t *list,
                    struct uf_err *err)
{
    size_t i;
    json_t *v;
    int r = want_array(list, k->name, err);

    if (r < 0)
        return r;
    json_array_foreach(list, i, v)
    {
        r = json_is_string(v) ? function_list_add(&d->f, k, json_string_value(v), err)
                              : uf_fail(err, -EINVAL, "%s: entry %zu must be a string", k->name, i);
        if (r < 0)
            return r;
    }
    return 0;
}

static int set_member(struct function_draft *d, const char *name, json_t *v, struct uf_err *err)
{
    static const struct {
        const char *name;
        int (*set)(struct function_draft *d, json_t *v, struct uf_err *err);
    } parts[] = {{"env", set_env},
                 {"limits", set_limits},
                 {"params", set_params},
                 {"retry", set_retry},
                 {"triggers", set_triggers}};
    const struct function_key *k = function_key_find(function_keys, name);
    const struct function_list_key *l = function_list_find(name);
    char number[NUMBER];
    const char *text = "";
    int r = function_key_check(&d->f, name, err);

    if (r < 0)
        return r;
    if (k != NULL) {
        r = text_of(v, name, number, &text, err);
        return r < 0 ? r : function_draft_set(d, k, text, err);
    }
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strcmp(name, parts[i].name) == 0)
            return parts[i].set(d, v, err);
    if (l != NULL && strcmp(name, "topic") != 0)
        return set_list(d, l, v, err);
    return function_key_unknown(function_keys, "", name, FUNCTION_KEYS_MORE, err);
}

static int set_members(struct function_draft *d, json_t *root, struct uf_err *err)
{
    const char *name;
    json_t *v;
    int r = 0;

    if (!json_is_object(root))
        return uf_fail(err, -EINVAL, "must be an object");
    json_object_foreach(root, name, v)
    {
        r = set_member(d, name, v, err);
        if (r < 0)
            return r;
    }
    if (d->f.name[0] == '\0')
        return uf_fail(err, -EINVAL, "name: is missing");
    return 0;
}

int function_parse_json(struct function *f, const char *text, size_t size, struct uf_err *err)
{
    struct function_draft d;
    json_error_t e;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &e);

    if (root == NULL)
        return uf_fail(err, -EINVAL, "manifest: not JSON: line %d column %d: %s", e.line, e.column,
                       e.text);
    function_draft_begin(&d, json_string_value(json_object_get(root, "lang")));
    int r = set_members(&d, root, err);
    json_decref(root);
    if (r == 0)
        r = function_draft_end(&d, f, err);
    function_draft_fini(&d);
    return r < 0 ? uf_wrap(err, r, "manifest") : 0;
}

/* ---- writing ----------------------------------------------------------------------- */

/* Counts travel as numbers, everything else as people write it; no name is no key. */
static int put_keys(json_t *to, const void *from, const struct function_key *k)
{
    int bad = 0;

    for (; k->name != NULL; k++) {
        char text[FUNCTION_KEY_TEXT];
        const char *s = function_key_get(from, k, text);

        if (k->is_alias || (k->kind == KEY_NAME && s[0] == '\0'))
            continue;
        if (k->kind == KEY_COUNT)
            bad |= json_object_set_new(to, k->name, json_integer(strtoll(s, NULL, 10)));
        else
            bad |= json_object_set_new(to, k->name, json_string(s));
    }
    return bad;
}

static int put_env(json_t *root, const struct function *f)
{
    json_t *env = json_object();
    int bad = 0;

    for (uint32_t at = 0; at < f->env_size; at += (uint32_t)strlen(f->env + at) + 1) {
        const char *entry = f->env + at;
        size_t name = strcspn(entry, "=");

        bad |= json_object_setn_new(env, entry, name, json_string(entry + name + 1));
    }
    return bad | json_object_set_new(root, "env", env);
}

static int put_limits(json_t *root, const struct function *f)
{
    json_t *limits = json_object();
    int bad = put_keys(limits, f, function_limit_keys);

    return bad | json_object_set_new(root, "limits", limits);
}

static int put_retry(json_t *root, const struct function *f)
{
    json_t *retry = json_object();
    json_t *codes = json_array();
    int bad = put_keys(retry, f, function_retry_keys);

    for (uint32_t i = 0; i < function_codes(&f->retry); i++)
        bad |= json_array_append_new(codes, json_integer(f->retry.codes[i]));
    bad |= json_object_set_new(retry, "codes", codes);
    return bad | json_object_set_new(root, "retry", retry);
}

static int put_triggers(json_t *root, const struct function *f)
{
    json_t *list = json_array();
    int bad = 0;

    if (f->access != ACCESS_INTERNAL || f->nqueues + f->topics.n == 0)
        bad |= json_array_append_new(list, json_string("http"));
    for (uint32_t i = 0; i < f->nqueues; i++) {
        json_t *queue = json_pack("{s:s}", "queue", f->queue[i].name);

        bad |= put_keys(queue, &f->queue[i], function_queue_keys);
        bad |= json_array_append_new(list, queue);
    }
    for (uint32_t i = 0; i < f->topics.n; i++)
        bad |= json_array_append_new(list, json_pack("{s:s}", "topic", f->topics.item[i]));
    return bad | json_object_set_new(root, "triggers", list);
}

static int put_list(json_t *root, const char *name, const struct function_list *l)
{
    json_t *list = json_array();
    int bad = 0;

    for (uint32_t i = 0; i < l->n; i++)
        bad |= json_array_append_new(list, json_string(l->item[i]));
    return bad | json_object_set_new(root, name, list);
}

/* What makes no sense for it would be refused when it is read. */
static int drop_what_does_not_fit(json_t *root, const struct function *f)
{
    const char *name;
    json_t *v;
    void *next;
    int bad = 0;

    json_object_foreach_safe(root, next, name, v)
    {
        if (!function_key_fits(f, name))
            bad |= json_object_del(root, name);
    }
    return bad;
}

char *function_format_json(const struct function *f)
{
    json_t *root = json_object();
    char *text = NULL;
    int bad = put_keys(root, f, function_keys) | put_env(root, f) | put_limits(root, f) |
              put_triggers(root, f) | put_retry(root, f) | put_list(root, "allow", &f->allow) |
              put_list(root, "secrets", &f->secrets) | put_list(root, "functions", &f->steps) |
              drop_what_does_not_fit(root, f);

    if (bad == 0)
        text = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    return text;
}
