// SPDX-License-Identifier: MIT
/*
 * metrics.c: GET /metrics, in the Prometheus text format. The gateway_* names
 * are those that existing dashboards use; function_name is NAME.NAMESPACE.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/version.h"
#include "daemon/api/api.h"
#include "daemon/gateway/name.h"

struct out {
    FILE *file;
    void (*put)(const struct fn *fn, const char *name, FILE *out);
};

static void put_one(struct fn *fn, void *ctx)
{
    const struct out *o = ctx;
    char name[FUNCTION_NAME_MAX + 16];

    (void)snprintf(name, sizeof(name), "%s." NAME_NAMESPACE, fn->conf.name);
    o->put(fn, name, o->file);
}

static void put_seconds(const struct fn *fn, const char *name, FILE *out)
{
    stats_format_seconds(&fn->stats, name, out);
}

static void put_total(const struct fn *fn, const char *name, FILE *out)
{
    stats_format_total(&fn->stats, name, out);
}

static void put_started(const struct fn *fn, const char *name, FILE *out)
{
    (void)fprintf(out, "gateway_function_invocation_started{function_name=\"%s\"} %" PRIu64 "\n",
                  name, fn->stats.started);
}

static void put_count(const struct fn *fn, const char *name, FILE *out)
{
    (void)fprintf(out, "gateway_service_count{function_name=\"%s\"} %u\n", name,
                  fn->count[INST_IDLE] + fn->count[INST_BUSY]);
}

static void put_cold(const struct fn *fn, const char *name, FILE *out)
{
    (void)fprintf(out, "unifaas_cold_starts_total{function_name=\"%s\"} %" PRIu64 "\n", name,
                  fn->stats.cold_starts);
}

static void put_queue(const struct fn *fn, const char *name, FILE *out)
{
    (void)fprintf(out, "unifaas_queue_length{function_name=\"%s\"} %u\n", name, fn->nwaiting);
}

static void put_instances(const struct fn *fn, const char *name, FILE *out)
{
    for (int s = 0; s < INST_NSTATES; s++)
        if (fn->count[s] > 0)
            (void)fprintf(out, "unifaas_instances{function_name=\"%s\",state=\"%s\"} %u\n", name,
                          inst_state_word((enum inst_state)s), fn->count[s]);
}

static const struct {
    const char *name;
    const char *type;
    const char *help;
    void (*put)(const struct fn *fn, const char *name, FILE *out);
} families[] = {
    {"gateway_functions_seconds", "histogram", "Time from request to answer", put_seconds},
    {"gateway_function_invocation_total", "counter", "Requests answered", put_total},
    {"gateway_function_invocation_started", "counter", "Requests accepted", put_started},
    {"gateway_service_count", "gauge", "Instances that serve", put_count},
    {"unifaas_cold_starts_total", "counter", "Instances started from a snapshot", put_cold},
    {"unifaas_queue_length", "gauge", "Events that wait for an instance", put_queue},
    {"unifaas_instances", "gauge", "Instances of functions by state", put_instances},
};

static void put_head(FILE *out, const char *name, const char *type, const char *help)
{
    (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_value(FILE *out, const char *name, const char *type, const char *help,
                      uint64_t value)
{
    put_head(out, name, type, help);
    (void)fprintf(out, "%s %" PRIu64 "\n", name, value);
}

static void put_platform(const struct api *a, FILE *out)
{
    const struct fleet *f = a->fleet;

    put_value(out, "unifaas_functions", "gauge", "Functions deployed", f->nfns);
    put_value(out, "unifaas_pool_size", "gauge", "Blank tenders that are ready",
              f->count[INST_BLANK]);
    put_value(out, "unifaas_tenders", "gauge", "Tender processes",
              f->count[INST_STARTING] + f->count[INST_BLANK] + f->count[INST_BOOTING] +
                  f->count[INST_LOADING] + f->count[INST_IDLE] + f->count[INST_BUSY] +
                  f->count[INST_DRAINING]);
    put_value(out, "unifaas_tenders_lost_total", "counter", "Tenders that ended by themselves",
              f->tenders_lost);
    put_value(out, "unifaas_snapshots_rebuilt_total", "counter",
              "Snapshots made again from their image", a->deploys->rebuilds);
    put_value(out, "unifaas_memory_budget_bytes", "gauge", "Memory that instances may reserve",
              f->o.memory_budget);
    put_value(out, "unifaas_memory_reserved_bytes", "gauge", "Memory that instances reserve",
              f->used);
    put_head(out, "unifaas_info", "gauge", "What runs here");
    (void)fprintf(out, "unifaas_info{version=\"" UNIFAAS_VERSION "\",isolation=\"%s\"} 1\n",
                  backend_word(f->o.backend));
}

void metrics_serve(struct http_request *r)
{
    const struct api *a = api_of(r);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    for (size_t i = 0; out != NULL && i < sizeof(families) / sizeof(families[0]); i++) {
        struct out o = {.file = out, .put = families[i].put};

        put_head(out, families[i].name, families[i].type, families[i].help);
        fleet_each(a->fleet, put_one, &o);
    }
    if (out != NULL)
        put_platform(a, out);
    if (out == NULL || fclose(out) != 0) {
        free(text);
        api_text(r, 503, "no memory for the answer");
        return;
    }
    http_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", text, size);
    http_send(r);
}
