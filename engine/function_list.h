// SPDX-License-Identifier: MIT
/*
 * function_list.h: what a manifest has several of; inside engine/ only.
 *
 * As function_key.h: whatever an item was written in, it is checked here.
 */
#ifndef ENGINE_FUNCTION_LIST_H
#define ENGINE_FUNCTION_LIST_H

#include <stddef.h>

#include "engine/function.h"

struct function_list_key {
    const char *name;
    size_t offset; /* of the struct function_list in struct function */
    uint32_t max;  /* items                                          */
    bool may_repeat;
    /* 0, or -EINVAL with what is valid. */
    int (*check)(const char *item, struct uf_err *err);
};

/* functions, topic, allow, secrets; ends with an entry whose name is NULL. "topic"
 * stands below triggers, all others at the top. */
extern const struct function_list_key function_list_keys[];

/* NULL: no such key. */
const struct function_list_key *function_list_find(const char *name);

/* Each adds one item, whose text is copied; how is batch and batch_window. 0, -ENOMEM, or -EINVAL: not valid, given
 * twice, or one too many. */
int function_list_add(struct function *f, const struct function_list_key *k, const char *item,
                      struct uf_err *err);
int function_queue_add(struct function *f, const char *name, const struct function_queue *how,
                       struct uf_err *err);
int function_code_add(struct function_retry *r, const char *code, struct uf_err *err);

/* How many codes there are. */
uint32_t function_codes(const struct function_retry *r);
/* Does it make sense? 0, or -EINVAL. */
int function_retry_check(const struct function_retry *r, struct uf_err *err);

/* The same from one text, "a, b, c", in the place of what there is; nothing has
 * changed after a failure. */
int function_list_set(struct function *f, const struct function_list_key *k, const char *text,
                      struct uf_err *err);
int function_queues_set(struct function *f, const char *text, struct uf_err *err);
int function_codes_set(struct function *f, const char *text, struct uf_err *err);

enum trigger_kind { TRIGGER_NONE, TRIGGER_HTTP, TRIGGER_QUEUE, TRIGGER_TOPIC };

/* One entry of `triggers`, while it is read. */
struct function_trigger {
    enum trigger_kind kind;
    const char *name; /* of queue or topic; whoever reads owns it */
    struct function_queue queue;
    bool has_options; /* batch, batch_window */
};

void function_trigger_begin(struct function_trigger *t);
/* "- WORD" */
int function_trigger_word(struct function_trigger *t, const char *word, struct uf_err *err);
/* "- KEY: TEXT"; "" for nothing. */
int function_trigger_key(struct function_trigger *t, const char *key, const char *text,
                         struct uf_err *err);
/* It is whole: check it, and add what it says to f. */
int function_trigger_add(struct function *f, const struct function_trigger *t, struct uf_err *err);

#endif
