// SPDX-License-Identifier: MIT
/* function_set.c: one key of a function that has been read, see function.h. */
#include <errno.h>
#include <string.h>

#include "engine/function_key.h"
#include "engine/function_list.h"

static int set_top(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    const struct function_key *k = function_key_find(function_keys, key);
    const struct function_list_key *l = function_list_find(key);
    bool follow = f->cpu_ns == f->timeout_ns;

    if (strcmp(key, "queue") == 0)
        return function_queues_set(f, value, err);
    if (strcmp(key, "triggers") == 0)
        return uf_fail(err, -EINVAL,
                       "triggers: name queue and topic by themselves; access says who may call it "
                       "over HTTP");
    if (strcmp(key, "params") == 0)
        return uf_fail(
            err, -EINVAL,
            "params: are a part of the image; write them into function.yaml and build it");
    if (l != NULL)
        return function_list_set(f, l, value, err);
    if (k == NULL)
        return function_key_unknown(function_keys, "", key,
                                    ", functions, queue, topic, allow, secrets", err);
    int r = function_key_set(f, k, value, err);
    if (r == 0 && follow && k->offset == offsetof(struct function, timeout_ns))
        f->cpu_ns = f->timeout_ns;
    return r;
}

static int set_limit(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    const struct function_key *k = function_key_find(function_limit_keys, key);

    return k != NULL ? function_key_set(f, k, value, err)
                     : function_key_unknown(function_limit_keys, "limits", key, "", err);
}

static int set_retry(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    const struct function_key *k = function_key_find(function_retry_keys, key);

    if (strcmp(key, "codes") == 0)
        return function_codes_set(f, value, err);
    return k != NULL ? function_key_set(f, k, value, err)
                     : function_key_unknown(function_retry_keys, "retry", key, ", codes", err);
}

static int set_queue(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    const struct function_key *k = function_key_find(function_queue_keys, key);
    struct function_queue probe;

    if (k == NULL)
        return function_key_unknown(function_queue_keys, "queue", key, "", err);
    if (f->nqueues == 0)
        return uf_fail(err, -EINVAL, "queue.%s: no queue triggers it", key);
    int r = function_key_set(&probe, k, value, err);
    for (uint32_t i = 0; r == 0 && i < f->nqueues; i++)
        r = function_key_set(&f->queue[i], k, value, err);
    return r;
}

static int set_env(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    return function_env_set(f, key, value, err);
}

int function_set(struct function *f, const char *key, const char *value, struct uf_err *err)
{
    static const struct {
        const char *name;
        int (*set)(struct function *f, const char *key, const char *value, struct uf_err *err);
    } inside[] = {
        {"limits", set_limit}, {"retry", set_retry}, {"queue", set_queue}, {"env", set_env}};

    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        size_t n = strlen(inside[i].name);

        if (strncmp(key, inside[i].name, n) != 0 || key[n] != '.')
            continue;
        int r = function_key_check(f, inside[i].name, err);
        return r < 0 ? r : inside[i].set(f, key + n + 1, value, err);
    }
    int r = function_key_check(f, key, err);
    return r < 0 ? r : set_top(f, key, value, err);
}

int function_secret_add(struct function *f, const char *name, struct uf_err *err)
{
    int r = function_key_check(f, "secrets", err);

    for (uint32_t i = 0; i < f->secrets.n; i++)
        if (strcmp(f->secrets.item[i], name) == 0)
            return r;
    return r < 0 ? r : function_list_add(f, function_list_find("secrets"), name, err);
}
