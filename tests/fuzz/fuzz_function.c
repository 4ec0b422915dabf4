// SPDX-License-Identifier: MIT
// LINK: engine/function.c engine/function_key.c engine/function_yaml.c engine/function_json.c engine/yamltree.c
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

#include "abi/image.h"
#include "engine/function.h"

static void must(bool ok)
{
    if (!ok)
        abort();
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

    if (f->name[0] == '\0')
        memcpy(f->name, "a", 2);
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
