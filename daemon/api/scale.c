// SPDX-License-Identifier: MIT
/*
 * scale.c: POST /system/scale-function/NAME {"replicas": N}: have N instances now.
 *
 * 0 ends those that are idle. More than are there are started, up to max_instances;
 * they live for keep_warm. The platform goes on scaling by itself.
 */
#include <errno.h>
#include <string.h>

#include "daemon/api/api.h"

struct wanted {
    char space[FUNCTION_NAME_MAX + 1]; /* "": it does not say */
    uint32_t replicas;
};

static int read_wanted(const struct http_request *r, struct wanted *w, struct uf_err *err)
{
    json_error_t e;
    json_t *root = json_loadb(r->body != NULL ? r->body : "", r->size, 0, &e);
    const json_t *n = json_object_get(root, "replicas");
    const char *space = json_string_value(json_object_get(root, "namespace"));
    json_int_t v = json_is_integer(n) ? json_integer_value(n) : -1;
    int code = 0;

    *w = (struct wanted){.replicas = (uint32_t)v};
    if (v < 0 || v > FUNCTION_INSTANCES_MAX)
        code = uf_fail(err, -EINVAL, "the request must be {\"replicas\": N}, with N from 0 to %u",
                       FUNCTION_INSTANCES_MAX);
    if (space != NULL && strlen(space) >= sizeof(w->space))
        code = uf_fail(err, -EINVAL, "namespace: \"%.64s\" can be none", space);
    else if (space != NULL)
        memcpy(w->space, space, strlen(space) + 1);
    json_decref(root);
    return code;
}

static unsigned status_of(int code)
{
    return code == -EINVAL ? 400 : 503;
}

void scale_serve(struct http_request *r)
{
    struct wanted w;
    struct uf_err err;
    int code = read_wanted(r, &w, &err);
    struct fn *fn = code < 0 ? NULL : api_find(r, r->rest, w.space);

    if (code == 0 && fn == NULL)
        return;
    if (code == 0)
        code = fleet_scale(fn, w.replicas, &err);
    if (code < 0)
        api_text(r, status_of(code), "%s", err.msg);
    else
        api_text(r, 202, "%s: %u instances", fn->label, w.replicas);
}
