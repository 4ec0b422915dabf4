// SPDX-License-Identifier: MIT
/* metrics.c: what is told of fetches at /metrics; daemon/record/metrics.h. */
#include <inttypes.h>

#include "daemon/fetch/fetch.h"
#include "daemon/record/metrics.h"

static void put_ends(void *ctx, const struct metric *m, FILE *out)
{
    const struct fetcher *r = ctx;

    for (int c = 0; c < FETCH_NCODES; c++)
        (void)fprintf(out, "%s{result=\"%s\"} %" PRIu64 "\n", m->name,
                      fetch_word((enum fetch_code)c), r->ended[c]);
}

static void put_bytes(void *ctx, const struct metric *m, FILE *out)
{
    const struct fetcher *r = ctx;

    (void)fprintf(out,
                  "%s{direction=\"in\"} %" PRIu64 "\n"
                  "%s{direction=\"out\"} %" PRIu64 "\n",
                  m->name, r->bytes_in, m->name, r->bytes_out);
}

static uint64_t running(void *ctx)
{
    return ((const struct fetcher *)ctx)->nrunning;
}

static uint64_t waiting(void *ctx)
{
    return ((const struct fetcher *)ctx)->nwaiting;
}

static const struct metric table[] = {
    {"unifaas_fetches_total", "counter", "Requests to other services, by how they ended",
     .put = put_ends},
    {"unifaas_fetch_bytes_total", "counter", "Bytes sent to and received from other services",
     .put = put_bytes},
    {"unifaas_fetches_running", "gauge", "Requests to other services that are under way",
     .number = running},
    {"unifaas_fetches_waiting", "gauge", "Requests to other services that wait for those",
     .number = waiting},
};

void fetcher_metrics(struct fetcher *r, struct metrics *m)
{
    metrics_add(m, &r->metrics, table, sizeof(table) / sizeof(table[0]), r);
}
