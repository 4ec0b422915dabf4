// SPDX-License-Identifier: MIT
/*
 * metrics.c: what is counted of functions and their instances. The gateway_* names
 * are those that existing dashboards use; function_name is NAME.NAMESPACE.
 */
#include <inttypes.h>

#include "daemon/fleet/fleet.h"

/* Families with samples of every function. */
enum of_function {
    SECONDS,
    ANSWERED,
    STARTED,
    SERVING,
    COLD,
    WARM,
    START_TIME,
    RESTORE_TIME,
    PAGES,
    WAITING,
    STATES,
};

struct visit {
    const struct metric *metric;
    FILE *out;
};

static void put_number(const struct visit *v, const char *label, uint64_t n)
{
    (void)fprintf(v->out, "%s{%s} %" PRIu64 "\n", v->metric->name, label, n);
}

static void put_states(const struct visit *v, const struct fn *fn, const char *label)
{
    for (int s = 0; s < INST_NSTATES; s++)
        if (fn->count[s] > 0)
            (void)fprintf(v->out, "%s{%s,state=\"%s\"} %u\n", v->metric->name, label,
                          inst_state_word((enum inst_state)s), fn->count[s]);
}

static void put_times(const struct visit *v, const struct fn *fn, const char *label)
{
    const struct stats *s = &fn->stats;
    const char *name = v->metric->name;

    if (v->metric->which == START_TIME)
        metrics_put_times(v->out, name, label, s->cold_start_ns, s->cold_starts);
    else if (v->metric->which == RESTORE_TIME)
        metrics_put_times(v->out, name, label, s->restore_ns, s->restores);
    else
        metrics_put_numbers(v->out, name, label, s->restore_pages, s->restores);
}

static void put_one(struct fn *fn, void *ctx)
{
    const struct visit *v = ctx;
    const struct stats *s = &fn->stats;
    char function[FUNCTION_NAME_MAX + sizeof(fn->conf.space) + 2];
    char label[sizeof(function) + sizeof("function_name=\"\"")];

    (void)snprintf(function, sizeof(function), "%s.%s", fn->conf.name, fn->conf.space);
    (void)snprintf(label, sizeof(label), "function_name=\"%s\"", function);
    switch ((enum of_function)v->metric->which) {
    case SECONDS:
        stats_format_seconds(s, function, v->out);
        return;
    case ANSWERED:
        stats_format_total(s, function, v->out);
        return;
    case STARTED:
        put_number(v, label, s->started);
        return;
    case SERVING:
        put_number(v, label, (uint64_t)fn->count[INST_IDLE] + fn->count[INST_BUSY]);
        return;
    case COLD:
        put_number(v, label, s->cold_starts);
        return;
    case WARM:
        put_number(v, label, s->warm_starts);
        return;
    case WAITING:
        put_number(v, label, fn->nwaiting);
        return;
    case START_TIME:
    case RESTORE_TIME:
    case PAGES:
        put_times(v, fn, label);
        return;
    case STATES:
        put_states(v, fn, label);
        return;
    }
}

static void each(void *ctx, const struct metric *m, FILE *out)
{
    struct visit v = {.metric = m, .out = out};

    fleet_each(ctx, put_one, &v);
}

/* ---- of all together ------------------------------------------------------------------- */

static uint64_t functions(void *ctx)
{
    return ((const struct fleet *)ctx)->nfns;
}

static uint64_t blanks(void *ctx)
{
    return ((const struct fleet *)ctx)->count[INST_BLANK];
}

static uint64_t tenders(void *ctx)
{
    const struct fleet *f = ctx;
    uint64_t n = 0;

    for (int s = 0; s < INST_NSTATES; s++)
        if (s != INST_DEAD)
            n += f->count[s];
    return n;
}

static uint64_t lost(void *ctx)
{
    return ((const struct fleet *)ctx)->tenders_lost;
}

static uint64_t budget(void *ctx)
{
    return ((const struct fleet *)ctx)->o.memory_budget;
}

static uint64_t reserved(void *ctx)
{
    return ((const struct fleet *)ctx)->used;
}

static const struct metric table[] = {
    {"gateway_functions_seconds", "histogram", "Time from request to answer", NULL, each, SECONDS},
    {"gateway_function_invocation_total", "counter", "Requests answered", NULL, each, ANSWERED},
    {"gateway_function_invocation_started", "counter", "Requests accepted", NULL, each, STARTED},
    {"gateway_service_count", "gauge", "Instances that serve", NULL, each, SERVING},
    {"unifaas_cold_starts_total", "counter", "Instances started from a snapshot", NULL, each, COLD},
    {"unifaas_warm_starts_total", "counter", "Events of instances that had one before", NULL, each,
     WARM},
    {"unifaas_cold_start_seconds", "summary", "Time that starts of instances took", NULL, each,
     START_TIME},
    {"unifaas_restore_seconds", "summary", "Time that restores of memory took", NULL, each,
     RESTORE_TIME},
    {"unifaas_restore_pages", "summary", "Pages that events wrote", NULL, each, PAGES},
    {"unifaas_queue_length", "gauge", "Events that wait for an instance", NULL, each, WAITING},
    {"unifaas_instances", "gauge", "Instances of functions by state", NULL, each, STATES},
    {"unifaas_functions", "gauge", "Functions deployed", .number = functions},
    {"unifaas_pool_size", "gauge", "Blank tenders that are ready", .number = blanks},
    {"unifaas_tenders", "gauge", "Tender processes", .number = tenders},
    {"unifaas_tenders_lost_total", "counter", "Tenders that ended by themselves", .number = lost},
    {"unifaas_memory_budget_bytes", "gauge", "Memory that instances may reserve", .number = budget},
    {"unifaas_memory_reserved_bytes", "gauge", "Memory that instances reserve", .number = reserved},
};

void fleet_metrics(struct fleet *f, struct metrics *m)
{
    metrics_add(m, &f->metrics, table, sizeof(table) / sizeof(table[0]), f);
}
