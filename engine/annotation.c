// SPDX-License-Identifier: MIT
/* annotation.c: see annotation.h. */
#include "engine/annotation.h"

#include <errno.h>
#include <string.h>

#include "engine/yamltree.h"

#define OURS   "com.unifaas."
#define THEIRS "com.openfaas."
#define SCALE  THEIRS "scale."
#define RETRY  THEIRS "retry."

static bool begins(const char *s, const char *with)
{
    return strncmp(s, with, strlen(with)) == 0;
}

/* Of OpenFaaS, and the key of ours that means the same. */
static const struct {
    const char *key;
    const char *own;
} same[] = {
    {"topic", "topic"},
    {THEIRS "queue", "queue"},
    {RETRY "attempts", "retry.attempts"},
    {RETRY "codes", "retry.codes"},
    {RETRY "min_wait", "retry.min_wait"},
    {RETRY "max_wait", "retry.max_wait"},
    {SCALE "max", "max_instances"},
    {SCALE "zero-duration", "keep_warm"},
};

/* Of OpenFaaS, and what is here in its place. */
static const struct {
    const char *key;
    const char *instead;
} missing[] = {
    {"schedule", "cron is not available yet; let the system's push to a queue that triggers the "
                 "function"},
    {SCALE "target-proportion", "is not available; " OURS "scale_threshold is how many waiting "
                                "events are one more instance"},
    {SCALE "factor", "is not available; " OURS "scale_threshold and max_instances say how many "
                     "instances there are"},
};

static int must_be(const struct annotation *a, const char *value, const char *why,
                   struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    return strcmp(a->value, value) == 0
               ? 0
               : uf_fail(err, -EINVAL, "\"%s\" is not available, only %s: %s",
                         yamltree_show(a->value, show), value, why);
}

static const char *find(const struct annotation *a, size_t n, const char *key)
{
    while (n > 0)
        if (strcmp(a[--n].key, key) == 0)
            return a[n].value;
    return "";
}

static bool counts_events(const char *type)
{
    return strcmp(type, "capacity") == 0 || strcmp(type, "queue") == 0;
}

/* What becomes one instance more is so many waiting events; nothing else is. */
static int scale_by(struct function *f, const struct annotation *a, const char *type,
                    struct uf_err *err)
{
    char show[YAMLTREE_SHOW];

    if (!counts_events(type))
        return uf_fail(err, -EINVAL,
                       "with " SCALE "type \"%s\" it is not available, only with capacity or "
                       "queue; or write " OURS "scale_threshold",
                       yamltree_show(type, show));
    return strcmp(a->key, SCALE "target") == 0 ? function_set(f, "scale_threshold", a->value, err)
                                               : 0;
}

static int unknown(const struct annotation *a, struct uf_err *err)
{
    if (begins(a->key, SCALE))
        return uf_fail(err, -EINVAL,
                       "is not known; below " SCALE " there are: min, max, zero, zero-duration, "
                       "type, target");
    if (begins(a->key, RETRY))
        return uf_fail(err, -EINVAL,
                       "is not known; below " RETRY " there are: attempts, codes, min_wait, "
                       "max_wait");
    return 0;
}

static int take_theirs(struct function *f, const struct annotation *a, const char *type,
                       struct uf_err *err)
{
    static const char idle[] = "an idle function holds no process; keep_warm is how long its "
                               "instances stay ready";

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (strcmp(a->key, same[i].key) == 0)
            return function_set(f, same[i].own, a->value, err);
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++)
        if (strcmp(a->key, missing[i].key) == 0)
            return uf_fail(err, -EINVAL, "%s", missing[i].instead);
    if (strcmp(a->key, SCALE "min") == 0)
        return must_be(a, "0", idle, err);
    if (strcmp(a->key, SCALE "zero") == 0)
        return must_be(a, "true", idle, err);
    if (strcmp(a->key, SCALE "type") == 0 || strcmp(a->key, SCALE "target") == 0)
        return scale_by(f, a, type, err);
    return unknown(a, err);
}

/* What others depend on comes first. */
enum turn { TURN_LANG, TURN_THEIRS, TURN_QUEUE, TURN_REST, TURNS };

static enum turn turn_of(const struct annotation *a)
{
    if (!begins(a->key, OURS))
        return TURN_THEIRS;
    if (strcmp(a->key, OURS "lang") == 0)
        return TURN_LANG;
    return strcmp(a->key, OURS "queue") == 0 ? TURN_QUEUE : TURN_REST;
}

/* All whose turn it is. */
static int take_turn(struct function *f, const struct annotation *a, size_t n, enum turn turn,
                     struct uf_err *err)
{
    const char *type = find(a, n, SCALE "type");
    char show[YAMLTREE_SHOW];

    for (size_t i = 0; i < n; i++) {
        if (turn_of(&a[i]) != turn)
            continue;
        int r = turn == TURN_THEIRS ? take_theirs(f, &a[i], type, err)
                                    : function_set(f, a[i].key + strlen(OURS), a[i].value, err);
        if (r < 0)
            return uf_wrap(err, r, "%s", yamltree_show(a[i].key, show));
    }
    return 0;
}

int function_annotate(struct function *f, const struct annotation *a, size_t n, struct uf_err *err)
{
    int r = 0;

    if (find(a, n, OURS "next")[0] != '\0' && find(a, n, OURS "on_success")[0] != '\0')
        return uf_fail(err, -EINVAL,
                       OURS "next and " OURS "on_success are two words for one thing; write one");
    for (enum turn turn = TURN_LANG; r == 0 && turn < TURNS; turn++)
        r = take_turn(f, a, n, turn, err);
    return r < 0 ? r : function_check(f, err);
}
