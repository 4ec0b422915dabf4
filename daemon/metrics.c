// SPDX-License-Identifier: MIT
/* metrics.c: who has something to tell at /metrics; daemon/record/metrics.h. */
#include "daemon/daemon.h"

static uint64_t rebuilds(void *ctx)
{
    return ((const struct daemon *)ctx)->deploys.rebuilds;
}

static uint64_t conflicts(void *ctx)
{
    return ((const struct daemon *)ctx)->invoker.conflicts;
}

static uint64_t open_invocations(void *ctx)
{
    return ((const struct daemon *)ctx)->invoker.nopen;
}

static uint64_t store_pending(void *ctx)
{
    const struct store *s = &((const struct daemon *)ctx)->store;

    return s->worker.pending + s->files.pending;
}

static struct worker_counts counts(void *ctx)
{
    struct worker_counts c;

    worker_count(&((struct daemon *)ctx)->store.worker, &c);
    return c;
}

static uint64_t store_jobs(void *ctx)
{
    return counts(ctx).jobs;
}

static uint64_t store_failed(void *ctx)
{
    return counts(ctx).failed;
}

static void put_commits(void *ctx, const struct metric *m, FILE *out)
{
    struct worker_counts c = counts(ctx);

    metrics_put_times(out, m->name, "", c.commit_ns, c.commits);
}

static const struct metric table[] = {
    {"unifaas_snapshots_rebuilt_total", "counter", "Snapshots made again from their image",
     .number = rebuilds},
    {"unifaas_invocations_open", "gauge", "Events that wait, run or are being committed",
     .number = open_invocations},
    {"unifaas_conflicts_total", "counter", "Runs that others' effects made void",
     .number = conflicts},
    {"unifaas_store_commit_seconds", "summary", "Time that commits took", .put = put_commits},
    {"unifaas_store_commits_failed_total", "counter", "Commits that the disk did not take",
     .number = store_failed},
    {"unifaas_store_jobs_total", "counter", "Reads and writes of the store", .number = store_jobs},
    {"unifaas_store_jobs_pending", "gauge", "Reads and writes that are not done",
     .number = store_pending},
};

void daemon_metrics(struct daemon *d)
{
    metrics_init(&d->metrics);
    api_metrics(&d->api, &d->metrics);
    fleet_metrics(&d->fleet, &d->metrics);
    metrics_add(&d->metrics, &d->own, table, sizeof(table) / sizeof(table[0]), d);
    queues_metrics(&d->queues, &d->metrics);
    records_metrics(&d->records, &d->metrics);
    fetcher_metrics(&d->fetcher, &d->metrics);
}
