// SPDX-License-Identifier: MIT
/* function.c: see function.h. The keys are in function_key.c. */
#include "engine/function.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void function_defaults(struct function *f)
{
    *f = (struct function){
        .lang = "c",
        .memory = UINT64_C(8) << 20,
        .timeout_ns = UINT64_C(3000000000),
        .max_instances = 10,
        .isolation = ISOLATION_AUTO,
        .reuse = REUSE_INVOCATION,
        .keep_warm_ns = UINT64_C(60000000000),
        .cpu_ns = UINT64_C(3000000000),
        .log_max = 64u << 10,
        .body_max = 1u << 20,
        .host_calls = 1000,
    };
}

void function_fini(struct function *f)
{
    free(f->env);
    *f = (struct function){0};
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
    };
}
