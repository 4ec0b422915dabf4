// SPDX-License-Identifier: MIT
// LINK: engine/function*.c engine/allow.c engine/hostcall.c engine/yamltree.c
// LIBS: jansson yaml-0.1
/*
 * fuzz_function.c: a manifest from a stranger, as YAML and as JSON.
 *
 * What either parser accepts must be within the limits and survive the way to
 * JSON and back unchanged.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/door.h"
#include "abi/image.h"
#include "engine/allow.h"
#include "engine/function.h"

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_list(const struct function_list *l, uint32_t max)
{
    must(l->n <= max);
    for (uint32_t i = 0; i < l->n; i++)
        must(l->item[i][0] != '\0');
}

static void check_events(const struct function *f)
{
    must(f->nqueues <= FUNCTION_QUEUES_MAX);
    for (uint32_t i = 0; i < f->nqueues; i++) {
        const char *name = f->queue[i].name;

        must(name[0] != '\0' && name[0] != '@' && strlen(name) <= UF_NAME_MAX);
        must(f->queue[i].batch >= 1 && f->queue[i].batch <= FUNCTION_BATCH_MAX);
    }
    must(f->retry.attempts >= 1 && f->retry.codes[0] >= FUNCTION_CODE_MIN);
    must(f->retry.min_wait_ns <= f->retry.max_wait_ns);
    must(f->retry.max_wait_ns <= FUNCTION_WAIT_MAX_NS && f->scale_threshold >= 1);
    must(f->on_success[0] == '\0' || function_name_ok(f->on_success));
    must(f->on_failure[0] == '\0' || function_name_ok(f->on_failure));
    check_list(&f->topics, FUNCTION_TOPICS_MAX);
    check_list(&f->allow, FUNCTION_ALLOW_MAX);
    check_list(&f->secrets, FUNCTION_SECRETS_MAX);
    check_list(&f->steps, FUNCTION_STEPS_MAX);
    must(function_is_sequence(f) ? f->steps.n >= FUNCTION_STEPS_MIN : f->steps.n == 0);
    for (uint32_t i = 0; i < f->allow.n; i++)
        must(allow_check(f->allow.item[i], NULL) == 0);
    must(function_check(f, NULL) == 0);
}

static void check(struct function *f)
{
    struct function g;
    struct uf_limits l;

    must(f->name[0] == '\0' || function_name_ok(f->name));
    must(f->env_size <= UF_ENV_MAX);
    must(f->env_size == 0 || f->env[f->env_size - 1] == '\0');
    function_limits(f, (uint32_t)UF_ALIGN, &l);
    must(l.memory >= UF_MEMORY_MIN && l.memory <= UF_MEMORY_MAX && l.memory % UF_ALIGN == 0);
    must(l.timeout_ns > 0 && l.cpu_ns > 0);
    must(l.log_max <= UF_LOG_LIMIT && l.body_max <= UF_BODY_LIMIT);
    must(f->effects_max <= UF_EFFECTS_LIMIT);

    check_events(f);
    /* A name that no function of a sequence can have: it would be one of itself. */
    if (f->name[0] == '\0')
        memset(f->name, 'a', FUNCTION_NAME_MAX);
    char *text = function_format_json(f);
    must(text != NULL);
    must(function_parse_json(&g, text, strlen(text), NULL) == 0);
    char *again = function_format_json(&g);
    must(again != NULL && strcmp(text, again) == 0);
    free(text);
    free(again);
    function_fini(&g);
    function_fini(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct function f;
    struct uf_err err;
    const char *text = size > 0 ? (const char *)data : "";

    if (function_parse_yaml(&f, text, size, "f", &err) == 0)
        check(&f);
    else
        must(memchr(err.msg, '\0', sizeof(err.msg)) != NULL && err.code < 0);
    if (function_parse_json(&f, text, size, &err) == 0)
        check(&f);
    else
        must(memchr(err.msg, '\0', sizeof(err.msg)) != NULL && err.code < 0);
    return 0;
}
