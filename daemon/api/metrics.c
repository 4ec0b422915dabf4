// SPDX-License-Identifier: MIT
/* metrics.c: GET /metrics, in the Prometheus text format; daemon/record/metrics.h. */
#include "base/version.h"
#include "daemon/api/api.h"

static void put_info(void *ctx, const struct metric *m, FILE *out)
{
    const struct api *a = ctx;

    (void)fprintf(out, "%s{version=\"" UNIFAAS_VERSION "\",isolation=\"%s\"} 1\n", m->name,
                  backend_word(a->fleet->o.backend));
}

static const struct metric table[] = {
    {"unifaas_info", "gauge", "What runs here", .put = put_info},
};

void api_metrics(struct api *a, struct metrics *m)
{
    metrics_add(m, &a->own, table, sizeof(table) / sizeof(table[0]), a);
}

static void on_measured(void *ctx)
{
    struct http_request *r = ctx;
    size_t size = 0;
    char *text = metrics_format(api_of(r)->metrics, &size);

    if (text == NULL) {
        api_text(r, 503, "no memory for the answer");
        return;
    }
    http_bytes(r, 200, "text/plain; version=0.0.4; charset=utf-8", text, size);
    http_send(r);
}

void metrics_serve(struct http_request *r)
{
    queues_measure(api_of(r)->queues, on_measured, r);
}
