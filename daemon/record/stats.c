// SPDX-License-Identifier: MIT
/*
 * stats.c: see stats.h. Written as the Prometheus text format 0.0.4 says:
 * buckets are cumulative, end with +Inf, and come with _sum and _count.
 */
#include "daemon/record/stats.h"

#include <inttypes.h>
#include <stdlib.h>

static const struct {
    const char *text;
    uint64_t ns;
} buckets[] = {
#define X(text, ns) {text, ns},
    STATS_BUCKETS(X)
#undef X
};
_Static_assert(sizeof(buckets) / sizeof(buckets[0]) == STATS_NBUCKETS, "one list");

void stats_fini(struct stats *s)
{
    free(s->codes);
    *s = (struct stats){0};
}

static struct stats_code *find(struct stats *s, unsigned code)
{
    for (size_t i = 0; i < s->ncodes; i++)
        if (s->codes[i].code == code)
            return &s->codes[i];
    return NULL;
}

/* NULL without memory for a new one. */
static struct stats_code *find_or_add(struct stats *s, unsigned code)
{
    struct stats_code *c = find(s, code);

    if (c == NULL && s->ncodes >= STATS_CODES) {
        code = 0;
        c = find(s, code);
    }
    if (c != NULL)
        return c;
    c = reallocarray(s->codes, s->ncodes + 1, sizeof(s->codes[0]));
    if (c == NULL)
        return NULL;
    s->codes = c;
    c = &s->codes[s->ncodes++];
    *c = (struct stats_code){.code = code};
    return c;
}

void stats_record(struct stats *s, unsigned code, uint64_t ns)
{
    struct stats_code *c = find_or_add(s, code);

    if (c == NULL)
        return;
    c->count++;
    c->sum_ns += ns;
    for (size_t i = 0; i < STATS_NBUCKETS; i++) {
        if (ns <= buckets[i].ns) {
            c->bucket[i]++;
            return;
        }
    }
}

uint64_t stats_total(const struct stats *s)
{
    uint64_t n = 0;

    for (size_t i = 0; i < s->ncodes; i++)
        n += s->codes[i].count;
    return n;
}

static const char *code_text(unsigned code, char buf[static 12])
{
    if (code == 0)
        return "other";
    (void)snprintf(buf, 12, "%u", code);
    return buf;
}

void stats_format_seconds(const struct stats *s, const char *function, FILE *out)
{
    const char *metric = "gateway_functions_seconds";
    char buf[12];

    for (size_t i = 0; i < s->ncodes; i++) {
        const struct stats_code *c = &s->codes[i];
        const char *code = code_text(c->code, buf);
        uint64_t below = 0;

        for (size_t b = 0; b < STATS_NBUCKETS; b++) {
            below += c->bucket[b];
            (void)fprintf(out,
                          "%s_bucket{code=\"%s\",function_name=\"%s\",le=\"%s\"} %" PRIu64 "\n",
                          metric, code, function, buckets[b].text, below);
        }
        (void)fprintf(out, "%s_bucket{code=\"%s\",function_name=\"%s\",le=\"+Inf\"} %" PRIu64 "\n",
                      metric, code, function, c->count);
        (void)fprintf(out, "%s_sum{code=\"%s\",function_name=\"%s\"} %.9f\n", metric, code,
                      function, (double)c->sum_ns / 1e9);
        (void)fprintf(out, "%s_count{code=\"%s\",function_name=\"%s\"} %" PRIu64 "\n", metric, code,
                      function, c->count);
    }
}

void stats_format_total(const struct stats *s, const char *function, FILE *out)
{
    char buf[12];

    for (size_t i = 0; i < s->ncodes; i++)
        (void)fprintf(out,
                      "gateway_function_invocation_total{code=\"%s\",function_name=\"%s\"} "
                      "%" PRIu64 "\n",
                      code_text(s->codes[i].code, buf), function, s->codes[i].count);
}
