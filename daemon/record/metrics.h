// SPDX-License-Identifier: MIT
/*
 * metrics.h: what is counted and measured, for GET /metrics.
 *
 * Every module has a table of its families and adds it once; nobody knows them all.
 * A family is one number, or writes its samples itself:
 *
 *	static const struct metric table[] = {
 *	    {"unifaas_things", "gauge", "Things there are", .number = count_things},
 *	    {"unifaas_wait_seconds", "summary", "Time that things wait", .put = put_wait},
 *	};
 *	metrics_add(m, &mine->metrics, table, sizeof(table) / sizeof(table[0]), mine);
 *
 * docs/http-api.md lists them. The text is that of Prometheus, version 0.0.4.
 */
#ifndef DAEMON_RECORD_METRICS_H
#define DAEMON_RECORD_METRICS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/queue.h>

struct metric {
    const char *name;
    const char *type; /* "counter", "gauge", "summary" or "histogram" */
    const char *help;
    uint64_t (*number)(void *ctx); /* its one sample ... */
    /* ... or its samples, a line each. */
    void (*put)(void *ctx, const struct metric *m, FILE *out);
    int which; /* for put(), when it serves several */
};

struct metrics_source {
    const struct metric *table;
    size_t n;
    void *ctx;
    STAILQ_ENTRY(metrics_source) link;
};

struct metrics {
    STAILQ_HEAD(, metrics_source) sources;
};

void metrics_init(struct metrics *m);
/* s, which need not be filled in, and ctx live as long as m. */
void metrics_add(struct metrics *m, struct metrics_source *s, const struct metric *table, size_t n,
                 void *ctx);

/* All of it; malloc'ed. NULL when memory is out. */
char *metrics_format(const struct metrics *m, size_t *size);

/* Samples NAME_sum and NAME_count of a summary of times. labels: "" or what stands in
 * the braces. */
void metrics_put_times(FILE *out, const char *name, const char *labels, uint64_t sum_ns,
                       uint64_t count);
/* The same of plain numbers. */
void metrics_put_numbers(FILE *out, const char *name, const char *labels, uint64_t sum,
                         uint64_t count);

#endif
