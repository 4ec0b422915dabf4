// SPDX-License-Identifier: MIT
/* function_list.c: see function_list.h. */
#include "engine/function_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "abi/door.h"
#include "base/units.h"
#include "engine/allow.h"
#include "engine/function_key.h"
#include "engine/hostcall.h"
#include "engine/yamltree.h"

#define NAME_RULE "1 to %u bytes of UTF-8 without control characters"

static bool is_name(const char *s)
{
    return hostcall_name_ok(s, strlen(s));
}

static int check_topic(const char *item, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    return is_name(item)
               ? 0
               : uf_fail(err, -EINVAL, "topic: \"%s\" is not valid; it must be " NAME_RULE,
                         yamltree_show(item, show), UF_NAME_MAX);
}

static int check_step(const char *item, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    return function_name_ok(item)
               ? 0
               : uf_fail(err, -EINVAL,
                         "functions: \"%s\" is not a function's name; it must be 1 to %d of a-z, "
                         "0-9 and -, not - first or last",
                         yamltree_show(item, show), FUNCTION_NAME_MAX);
}

static int check_allow(const char *item, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    struct uf_err why;

    return allow_check(item, &why) == 0 ? 0
                                        : uf_fail(err, -EINVAL, "allow: \"%s\" is not valid: %s",
                                                  yamltree_show(item, show), why.msg);
}

/* A subdomain as DNS-1123 has it: labels with dots between them. */
static bool is_subdomain(const char *s)
{
    char label[FUNCTION_NAME_MAX + 1];

    if (strlen(s) > FUNCTION_SECRET_NAME_MAX)
        return false;
    for (;;) {
        size_t size = strcspn(s, ".");

        if (size >= sizeof(label))
            return false;
        memcpy(label, s, size);
        label[size] = '\0';
        if (!function_name_ok(label))
            return false;
        if (s[size] == '\0')
            return true;
        s += size + 1;
    }
}

static int check_secret(const char *item, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    return is_subdomain(item)
               ? 0
               : uf_fail(err, -EINVAL,
                         "secrets: \"%s\" is not a secret's name; it must be at most %u of a-z, "
                         "0-9, - and ., as a name in the DNS",
                         yamltree_show(item, show), FUNCTION_SECRET_NAME_MAX);
}

/* clang-format off */
const struct function_list_key function_list_keys[] = {
    {"functions", offsetof(struct function, steps), FUNCTION_STEPS_MAX, true, check_step},
    {"topic", offsetof(struct function, topics), FUNCTION_TOPICS_MAX, false, check_topic},
    {"allow", offsetof(struct function, allow), FUNCTION_ALLOW_MAX, false, check_allow},
    {"secrets", offsetof(struct function, secrets), FUNCTION_SECRETS_MAX, false, check_secret},
    {.name = NULL},
};
/* clang-format on */

const struct function_list_key *function_list_find(const char *name)
{
    for (const struct function_list_key *k = function_list_keys; k->name != NULL; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

static struct function_list *list_of(struct function *f, const struct function_list_key *k)
{
    return (struct function_list *)(void *)((char *)f + k->offset);
}

static int twice(const char *key, const char *item, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    return uf_fail(err, -EINVAL, "%s: \"%s\" is given twice", key, yamltree_show(item, show));
}

static int append(struct function_list *l, const char *item, struct uf_err *err)
{
    char **grown = realloc(l->item, (l->n + 1) * sizeof(grown[0]));

    if (grown == NULL)
        return uf_fail(err, -ENOMEM, "no memory for a list of names");
    l->item = grown;
    grown[l->n] = strdup(item);
    if (grown[l->n] == NULL)
        return uf_fail(err, -ENOMEM, "no memory for a name");
    l->n++;
    return 0;
}

int function_list_add(struct function *f, const struct function_list_key *k, const char *item,
                      struct uf_err *err)
{
    struct function_list *l = list_of(f, k);
    int r = k->check(item, err);

    if (r < 0)
        return r;
    for (uint32_t i = 0; i < l->n && !k->may_repeat; i++)
        if (strcmp(l->item[i], item) == 0)
            return twice(k->name, item, err);
    if (l->n == k->max)
        return uf_fail(err, -EINVAL, "%s: more than %u", k->name, k->max);
    return append(l, item, err);
}

int function_queue_add(struct function *f, const char *name, const struct function_queue *how,
                       struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    if (!is_name(name) || name[0] == '@')
        return uf_fail(err, -EINVAL,
                       "queue: \"%s\" is not valid; it must be " NAME_RULE ", not @ first",
                       yamltree_show(name, show), UF_NAME_MAX);
    for (uint32_t i = 0; i < f->nqueues; i++)
        if (strcmp(f->queue[i].name, name) == 0)
            return twice("queue", name, err);
    if (f->nqueues == FUNCTION_QUEUES_MAX)
        return uf_fail(err, -EINVAL, "queue: more than %u", FUNCTION_QUEUES_MAX);
    struct function_queue q = *how;
    q.name = strdup(name);
    if (q.name == NULL)
        return uf_fail(err, -ENOMEM, "no memory for a queue's name");
    f->queue[f->nqueues++] = q;
    return 0;
}

uint32_t function_codes(const struct function_retry *r)
{
    uint32_t n = 0;

    while (n < FUNCTION_CODES_MAX && r->codes[n] != 0)
        n++;
    return n;
}

int function_code_add(struct function_retry *r, const char *code, struct uf_err *err)
{
    char show[YAMLTREE_SHOW];
    uint32_t n = function_codes(r);
    uint64_t v = 0;

    if (function_key_count(code, &v) < 0 || v < FUNCTION_CODE_MIN || v > FUNCTION_CODE_MAX)
        return uf_fail(err, -EINVAL,
                       "codes: \"%s\" is not valid; it must be a status of HTTP from %u to %u",
                       yamltree_show(code, show), FUNCTION_CODE_MIN, FUNCTION_CODE_MAX);
    for (uint32_t i = 0; i < n; i++)
        if (r->codes[i] == v)
            return twice("codes", code, err);
    if (n == FUNCTION_CODES_MAX)
        return uf_fail(err, -EINVAL, "codes: more than %u", FUNCTION_CODES_MAX);
    r->codes[n] = (uint16_t)v;
    return 0;
}

int function_retry_check(const struct function_retry *r, struct uf_err *err)
{
    char min[UNITS_TEXT];
    char max[UNITS_TEXT];

    if (function_codes(r) == 0)
        return uf_fail(err, -EINVAL,
                       "retry: codes are none; attempts: 1 is how nothing is tried again");
    if (r->min_wait_ns > r->max_wait_ns)
        return uf_fail(err, -EINVAL, "retry: min_wait, %s, is longer than max_wait, %s",
                       units_format_duration(r->min_wait_ns, min),
                       units_format_duration(r->max_wait_ns, max));
    return 0;
}

/* ---- lists in one text --------------------------------------------------------- */

/* Call add for each item between commas, spaces around it cut off. */
static int split(const char *text, int (*add)(void *ctx, const char *item, struct uf_err *err),
                 void *ctx, struct uf_err *err)
{
    int r = 0;

    if (text[strspn(text, " ")] == '\0')
        return 0;
    for (bool more = true; r == 0 && more;) {
        text += strspn(text, " ");
        size_t size = strcspn(text, ",");
        size_t end = size;

        while (end > 0 && text[end - 1] == ' ')
            end--;
        char *item = strndup(text, end);
        r = item != NULL ? add(ctx, item, err) : uf_fail(err, -ENOMEM, "no memory for a name");
        free(item);
        more = text[size] == ',';
        text += size + more;
    }
    return r;
}

struct list_in {
    struct function *f;
    const struct function_list_key *key;
};

static int add_item(void *ctx, const char *item, struct uf_err *err)
{
    const struct list_in *in = ctx;

    return function_list_add(in->f, in->key, item, err);
}

int function_list_set(struct function *f, const struct function_list_key *k, const char *text,
                      struct uf_err *err)
{
    struct function spare = {.name = ""};
    struct list_in in = {&spare, k};
    int r = split(text, add_item, &in, err);

    if (r == 0) {
        struct function_list old = *list_of(f, k);

        *list_of(f, k) = *list_of(&spare, k);
        *list_of(&spare, k) = old;
    }
    function_fini(&spare);
    return r;
}

static int add_queue(void *ctx, const char *item, struct uf_err *err)
{
    struct function_trigger t;

    function_trigger_begin(&t);
    int r = function_trigger_key(&t, "queue", item, err);
    return r < 0 ? r : function_trigger_add(ctx, &t, err);
}

int function_queues_set(struct function *f, const char *text, struct uf_err *err)
{
    struct function spare = {.name = ""};
    int r = split(text, add_queue, &spare, err);

    if (r == 0) {
        struct function old = {.nqueues = f->nqueues};

        memcpy(old.queue, f->queue, sizeof(old.queue));
        memcpy(f->queue, spare.queue, sizeof(f->queue));
        f->nqueues = spare.nqueues;
        function_fini(&old);
        spare.nqueues = 0;
    }
    function_fini(&spare);
    return r;
}

static int add_code(void *ctx, const char *item, struct uf_err *err)
{
    return function_code_add(ctx, item, err);
}

int function_codes_set(struct function *f, const char *text, struct uf_err *err)
{
    struct function_retry spare = {.attempts = 0};
    int r = split(text, add_code, &spare, err);

    if (r == 0 && function_codes(&spare) == 0)
        r = function_retry_check(&spare, err);
    if (r == 0)
        memcpy(f->retry.codes, spare.codes, sizeof(f->retry.codes));
    return r;
}
