// SPDX-License-Identifier: MIT
/* metrics.c: what is counted of queues, for GET /metrics; daemon/record/metrics.h. */
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/queue/inside.h"
#include "daemon/store/qrow.h"

/* ---- what only the store knows ----------------------------------------------------------- */

struct measured {
    uint64_t id;
    uint64_t dead;
    uint64_t oldest_ms;
};

struct measuring {
    struct store_job job;
    struct queues *all;
    struct db *db;
    struct measured *rows;
    size_t n;
    void (*done)(void *ctx);
    void *ctx;
};

static int measure_one(void *ctx, const struct qrow *q)
{
    struct measuring *m = ctx;
    struct measured *row;
    int r = 0;

    /* For the next power of two. */
    if ((m->n & (m->n - 1)) == 0)
        m->rows = xresize(m->rows, m->n == 0 ? 1 : 2 * m->n, sizeof(*m->rows));
    row = &m->rows[m->n++];
    *row = (struct measured){.id = q->id, .dead = q->now.dead};
    if (q->now.depth > 0)
        r = events_oldest(m->db, q->id, &row->oldest_ms, &m->job.err);
    return r;
}

static int apply_measure(struct store_job *j, struct db *db)
{
    struct measuring *m = UF_OWNER(j, struct measuring, job);

    m->db = db;
    return qrow_each(db, measure_one, m, &j->err);
}

/* What could not be read is told as it was. */
static void on_measured(struct store_job *j)
{
    struct measuring *m = UF_OWNER(j, struct measuring, job);

    for (size_t i = 0; j->code == 0 && i < m->n; i++) {
        struct queue *q = queue_at(m->all, m->rows[i].id);

        if (q == NULL)
            continue;
        q->dead = m->rows[i].dead;
        q->oldest_ms = m->rows[i].oldest_ms;
    }
    m->done(m->ctx);
    free(m->rows);
    free(m);
}

void queues_measure(struct queues *all, void (*done)(void *ctx), void *ctx)
{
    struct measuring *m = xnew(sizeof(*m));

    *m = (struct measuring){.job = {.apply = apply_measure, .done = on_measured, .when = STORE_NOW},
                            .all = all,
                            .done = done,
                            .ctx = ctx};
    worker_submit(all->worker, &m->job);
}

/* ---- families with samples of every queue -------------------------------------------------- */

enum of_queue {
    DEPTH,
    LATER,
    AGE,
    DEAD,
};

struct visit {
    const struct queues *all;
    const struct metric *metric;
    FILE *out;
};

/* A name is any text: what would end the label, or the line, is escaped. */
static void put_label(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            (void)fputc('\\', out);
        (void)fputc(*text, out);
    }
}

static void put_age(const struct visit *v, const struct queue *q)
{
    uint64_t now_ms = v->all->loop->wall_ns / 1000000u;
    uint64_t ms = q->oldest_ms > 0 && q->oldest_ms < now_ms ? now_ms - q->oldest_ms : 0;

    (void)fprintf(v->out, "%" PRIu64 ".%03" PRIu64 "\n", ms / 1000, ms % 1000);
}

static void put_of_queue(const struct visit *v, const struct queue *q)
{
    (void)fprintf(v->out, "%s{queue=\"", v->metric->name);
    put_label(v->out, q->name);
    (void)fprintf(v->out, "\",namespace=\"%s\"} ", q->space);
    if (v->metric->which == AGE)
        put_age(v, q);
    else
        (void)fprintf(v->out, "%" PRIu64 "\n", v->metric->which == DEPTH ? q->depth : q->timed);
}

static void put_one(const void *node, VISIT which, void *closure)
{
    const struct visit *v = closure;
    const struct queue *q = *(struct queue *const *)node;
    bool is_own = q->name[0] == '@';

    if ((which != postorder && which != leaf) || q->space[0] == '\0')
        return;
    if (v->metric->which != DEAD && (!is_own || q->id != 0))
        put_of_queue(v, q);
    if (v->metric->which == DEAD && is_own && q->id != 0)
        (void)fprintf(v->out, "%s{function_name=\"%s.%s\"} %" PRIu64 "\n", v->metric->name,
                      q->name + 1, q->space, q->dead);
}

static void each(void *ctx, const struct metric *m, FILE *out)
{
    struct visit v = {.all = ctx, .metric = m, .out = out};

    twalk_r(v.all->by_name, put_one, &v);
}

/* ---- of all together ------------------------------------------------------------------------- */

static uint64_t handled(void *ctx)
{
    return ((const struct queues *)ctx)->delivered;
}

static uint64_t retried(void *ctx)
{
    return ((const struct queues *)ctx)->failed;
}

static uint64_t buried(void *ctx)
{
    return ((const struct queues *)ctx)->buried;
}

static uint64_t callbacks(void *ctx)
{
    const struct queue *q = queue_find(ctx, CALLBACK_SPACE, CALLBACK_QUEUE);

    return q == NULL ? 0 : q->depth;
}

static const struct metric table[] = {
    {"unifaas_queue_depth", "gauge", "Events in a queue", .put = each, .which = DEPTH},
    {"unifaas_queue_later", "gauge", "Of them, those that wait for their time", .put = each,
     .which = LATER},
    {"unifaas_queue_age_seconds", "gauge", "Age of the oldest of them", .put = each, .which = AGE},
    {"unifaas_dead_letters", "gauge", "Events that a function did not handle", .put = each,
     .which = DEAD},
    {"unifaas_events_handled_total", "counter", "Queued events that were handled",
     .number = handled},
    {"unifaas_events_retried_total", "counter", "Attempts at queued events that failed",
     .number = retried},
    {"unifaas_events_dead_total", "counter", "Queued events that were given up", .number = buried},
    {"unifaas_callbacks_waiting", "gauge", "Callbacks that are not sent yet", .number = callbacks},
};

void queues_metrics(struct queues *all, struct metrics *m)
{
    metrics_add(m, &all->metrics, table, sizeof(table) / sizeof(table[0]), all);
}
