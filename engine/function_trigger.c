// SPDX-License-Identifier: MIT
/* function_trigger.c: an entry of `triggers`, see function_list.h. */
#include <errno.h>
#include <string.h>

#include "engine/function_key.h"
#include "engine/function_list.h"
#include "engine/yamltree.h"

static const char *const kinds[] = {NULL, "http", "queue", "topic"};

_Static_assert(TRIGGER_HTTP == 1 && TRIGGER_QUEUE == 2 && TRIGGER_TOPIC == 3, "kinds");

void function_trigger_begin(struct function_trigger *t)
{
    *t = (struct function_trigger){.queue = {.batch = 1}};
}

static enum trigger_kind kind_of(const char *word)
{
    for (enum trigger_kind i = TRIGGER_HTTP; i <= TRIGGER_TOPIC; i++)
        if (strcmp(kinds[i], word) == 0)
            return i;
    return TRIGGER_NONE;
}

static int unknown(const char *word, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    return uf_fail(err, -EINVAL,
                   "triggers: there is no trigger \"%s\"; available: http, queue, topic",
                   yamltree_show(word, show));
}

int function_trigger_word(struct function_trigger *t, const char *word, struct uf_err *err)
{
    if (kind_of(word) == TRIGGER_NONE)
        return unknown(word, err);
    return function_trigger_key(t, word, "", err);
}

int function_trigger_key(struct function_trigger *t, const char *key, const char *text,
                         struct uf_err *err)
{
    const struct function_key *k = function_key_find(function_queue_keys, key);
    enum trigger_kind kind = kind_of(key);

    if (k != NULL) {
        t->has_options = true;
        return function_key_set(&t->queue, k, text, err);
    }
    if (kind == TRIGGER_NONE)
        return unknown(key, err);
    if (t->kind != TRIGGER_NONE)
        return uf_fail(err, -EINVAL, "triggers: %s and %s in one entry; write one for each",
                       kinds[t->kind], key);
    if (kind == TRIGGER_HTTP && text[0] != '\0')
        return uf_fail(err, -EINVAL, "triggers: http takes no options");
    if (kind != TRIGGER_HTTP && text[0] == '\0')
        return uf_fail(err, -EINVAL, "triggers: a %s needs its name, as in - %s: NAME", key, key);
    t->kind = kind;
    t->name = text;
    return 0;
}

int function_trigger_add(struct function *f, const struct function_trigger *t, struct uf_err *err)
{
    if (t->has_options && t->kind != TRIGGER_QUEUE)
        return uf_fail(err, -EINVAL, "triggers: batch and batch_window are a queue's");
    if (t->kind == TRIGGER_NONE)
        return uf_fail(err, -EINVAL,
                       "triggers: an entry says nothing; available: http, queue, topic");
    if (t->kind == TRIGGER_HTTP)
        return 0;
    if (t->kind == TRIGGER_TOPIC)
        return function_list_add(f, function_list_find("topic"), t->name, err);
    return function_queue_add(f, t->name, &t->queue, err);
}
