// SPDX-License-Identifier: MIT
/*
 * status.c: a function as FunctionStatus, with a member "unifaas" for what
 * that format has no place for.
 *
 * A function without instances is ready: the next event starts one. Clients
 * that wait for availableReplicas > 0 must see that, so it counts as one;
 * unifaas.instances has the true numbers.
 */
#include <stdlib.h>

#include "daemon/api/api.h"

static json_t *instances(const struct fn *fn)
{
    json_t *o = json_object();

    for (int s = 0; s < INST_NSTATES; s++)
        if (s != INST_BLANK && s != INST_BOOTING && s != INST_DEAD)
            (void)json_object_set_new(o, inst_state_word((enum inst_state)s),
                                      json_integer(fn->count[s]));
    return o;
}

static json_int_t replicas(const struct fn *fn)
{
    json_int_t n = (json_int_t)fn->count[INST_IDLE] + fn->count[INST_BUSY];

    return n > 0 ? n : 1;
}

static json_t *manifest(const struct fn *fn)
{
    char *text = function_format_json(&fn->conf);
    json_t *o = text == NULL ? NULL : json_loads(text, 0, NULL);

    free(text);
    return o != NULL ? o : json_null();
}

/* What a sequence has none of. */
static void add_machine(json_t *o, const struct fn *fn)
{
    (void)json_object_set_new(o, "isolation",
                              json_string(backend_word(fleet_backend(fn->fleet, &fn->conf))));
    (void)json_object_set_new(o, "image", json_sprintf("sha256:%s", fn->image));
    (void)json_object_set_new(o, "snapshot", json_sprintf("sha256:%s", fn->snapshot));
    (void)json_object_set_new(o, "memory", json_integer((json_int_t)fn->conf.memory));
    (void)json_object_set_new(o, "instances", instances(fn));
    (void)json_object_set_new(o, "waiting", json_integer(fn->nwaiting));
    (void)json_object_set_new(o, "cold_starts", json_integer((json_int_t)fn->stats.cold_starts));
}

static json_t *details(struct fn *fn)
{
    struct uf_err why = {0};
    json_t *o = json_object();
    bool can_run = fleet_check(fn->fleet, &fn->conf, &why) == 0;

    if (!function_is_sequence(&fn->conf))
        add_machine(o, fn);
    if (!can_run)
        (void)json_object_set_new(o, "problem", json_string(why.msg));
    else if (fn->deaths > 0)
        (void)json_object_set_new(o, "problem", json_string(fn->reason));
    (void)json_object_set_new(o, "manifest", manifest(fn));
    return o;
}

json_t *api_status(struct fn *fn)
{
    char at[RFC3339_TEXT];
    json_t *o = json_loads(fn->deployment, 0, NULL);
    bool can_run = fleet_check(fn->fleet, &fn->conf, NULL) == 0;

    if (o == NULL)
        o = json_object();
    rfc3339_format(at, fn->created_s * 1000000000u);
    (void)json_object_set_new(o, "name", json_string(fn->conf.name));
    (void)json_object_set_new(o, "namespace", json_string(fn->conf.space));
    (void)json_object_set_new(o, "invocationCount",
                              json_integer((json_int_t)stats_total(&fn->stats)));
    (void)json_object_set_new(o, "replicas", json_integer(replicas(fn)));
    (void)json_object_set_new(o, "availableReplicas", json_integer(can_run ? replicas(fn) : 0));
    (void)json_object_set_new(o, "createdAt", json_string(at));
    (void)json_object_set_new(o, "unifaas", details(fn));
    return o;
}
