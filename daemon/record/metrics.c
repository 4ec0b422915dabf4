// SPDX-License-Identifier: MIT
/* metrics.c: see metrics.h. */
#include "daemon/record/metrics.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#define SECOND UINT64_C(1000000000)

void metrics_init(struct metrics *m)
{
    STAILQ_INIT(&m->sources);
}

void metrics_add(struct metrics *m, struct metrics_source *s, const struct metric *table, size_t n,
                 void *ctx)
{
    s->table = table;
    s->n = n;
    s->ctx = ctx;
    STAILQ_INSERT_TAIL(&m->sources, s, link);
}

static void put_family(FILE *out, const struct metric *f, void *ctx)
{
    (void)fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", f->name, f->help, f->name, f->type);
    if (f->put != NULL)
        f->put(ctx, f, out);
    else
        (void)fprintf(out, "%s %" PRIu64 "\n", f->name, f->number(ctx));
}

char *metrics_format(const struct metrics *m, size_t *size)
{
    const struct metrics_source *s;
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    if (out == NULL)
        return NULL;
    STAILQ_FOREACH(s, &m->sources, link)
    for (size_t i = 0; i < s->n; i++)
        put_family(out, &s->table[i], s->ctx);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

/* "NAME_PART{LABELS} " */
static void put_name(FILE *out, const char *name, const char *part, const char *labels)
{
    bool has_labels = labels[0] != '\0';

    (void)fprintf(out, "%s_%s%s%s%s ", name, part, has_labels ? "{" : "", labels,
                  has_labels ? "}" : "");
}

static void put_count(FILE *out, const char *name, const char *labels, uint64_t count)
{
    put_name(out, name, "count", labels);
    (void)fprintf(out, "%" PRIu64 "\n", count);
}

void metrics_put_times(FILE *out, const char *name, const char *labels, uint64_t sum_ns,
                       uint64_t count)
{
    put_name(out, name, "sum", labels);
    (void)fprintf(out, "%" PRIu64 ".%09" PRIu64 "\n", sum_ns / SECOND, sum_ns % SECOND);
    put_count(out, name, labels, count);
}

void metrics_put_numbers(FILE *out, const char *name, const char *labels, uint64_t sum,
                         uint64_t count)
{
    put_name(out, name, "sum", labels);
    (void)fprintf(out, "%" PRIu64 "\n", sum);
    put_count(out, name, labels, count);
}
