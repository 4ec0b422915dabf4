// SPDX-License-Identifier: MIT
/* function.c: see function.h. The keys are in function_key.c. */
#include "engine/function.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/function_list.h"

void function_defaults(struct function *f)
{
    *f = (struct function){
        .space = FUNCTION_SPACE,
        .lang = "c",
        .memory = FUNCTION_MEMORY,
        .timeout_ns = FUNCTION_TIMEOUT_NS,
        .max_instances = FUNCTION_INSTANCES,
        .isolation = ISOLATION_AUTO,
        .reuse = REUSE_INVOCATION,
        .keep_warm_ns = FUNCTION_KEEP_WARM_NS,
        .cpu_ns = FUNCTION_TIMEOUT_NS,
        .log_max = FUNCTION_LOG,
        .body_max = FUNCTION_BODY,
        .host_calls = FUNCTION_HOST_CALLS,
        .effects_max = FUNCTION_EFFECTS,
        .scale_threshold = FUNCTION_THRESHOLD,
        .retry = {.attempts = FUNCTION_ATTEMPTS,
                  .min_wait_ns = FUNCTION_MIN_WAIT_NS,
                  .max_wait_ns = FUNCTION_MAX_WAIT_NS,
                  .codes = {408, 429, 500, 502, 503, 504}},
        .max_age_ns = FUNCTION_MAX_AGE_NS,
        .access = ACCESS_PUBLIC,
    };
}

static void free_list(struct function_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        free(l->item[i]);
    free(l->item);
}

void function_fini(struct function *f)
{
    free(f->env);
    free(f->params);
    for (uint32_t i = 0; i < f->nqueues; i++)
        free(f->queue[i].name);
    free_list(&f->topics);
    free_list(&f->allow);
    free_list(&f->secrets);
    free_list(&f->steps);
    *f = (struct function){0};
}

void function_move(struct function *to, struct function *from)
{
    *to = *from;
    *from = (struct function){0};
}

const char *function_label(const struct function *f, char out[static FUNCTION_LABEL])
{
    if (strcmp(f->space, FUNCTION_SPACE) == 0)
        (void)snprintf(out, FUNCTION_LABEL, "%s", f->name);
    else
        (void)snprintf(out, FUNCTION_LABEL, "%s.%s", f->name, f->space);
    return out;
}

static bool label_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool function_name_ok(const char *name)
{
    size_t len = strnlen(name, FUNCTION_NAME_MAX + 1);

    if (len == 0 || len > FUNCTION_NAME_MAX || name[0] == '-' || name[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!label_char(name[i]) && name[i] != '-')
            return false;
    return true;
}

bool function_is_script(const struct function *f)
{
    return strcmp(f->lang, "javascript") == 0;
}

bool function_is_sequence(const struct function *f)
{
    return strcmp(f->lang, "sequence") == 0;
}

static int check_steps(const struct function *f, struct uf_err *err)
{
    if (!function_is_sequence(f))
        return f->steps.n == 0
                   ? 0
                   : uf_fail(err, -EINVAL, "functions: only a sequence has them (lang: sequence)");
    if (f->steps.n < FUNCTION_STEPS_MIN)
        return uf_fail(err, -EINVAL, "functions: a sequence has %u to %u of them, not %u",
                       FUNCTION_STEPS_MIN, FUNCTION_STEPS_MAX, f->steps.n);
    for (uint32_t i = 0; i < f->steps.n; i++)
        if (strcmp(f->steps.item[i], f->name) == 0)
            return uf_fail(err, -EINVAL, "functions: %s cannot be a part of itself", f->name);
    return 0;
}

int function_check(const struct function *f, struct uf_err *err)
{
    int r = function_retry_check(&f->retry, err);

    return r < 0 ? r : check_steps(f, err);
}

void function_limits(const struct function *f, uint32_t event_max, struct uf_limits *l)
{
    *l = (struct uf_limits){
        .memory = f->memory,
        .timeout_ns = f->timeout_ns,
        .cpu_ns = f->cpu_ns,
        .event_max = event_max,
        .log_max = f->log_max,
        .body_max = f->body_max,
        .host_calls = f->host_calls,
        .keep_memory = f->reuse == REUSE_INSTANCE,
        .effects_max = f->effects_max,
    };
}
