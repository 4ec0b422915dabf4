// SPDX-License-Identifier: MIT
/* records.c: see records.h. records_read.c looks for them. */
#include "daemon/record/records.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"

static void free_list(struct record_list *list)
{
    struct record_node *n;

    while ((n = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, n, link);
        record_fini(&n->record);
        free(n);
    }
}

/* What rec owns is the copy's afterwards. */
static void move(struct record *to, struct record *rec)
{
    *to = *rec;
    rec->message = NULL;
    rec->log = NULL;
}

/* ---- writing those that wait ------------------------------------------------------------ */

struct write_job {
    struct store_job job;
    struct records *records;
    struct records_limits limits;
    struct record_list list;
    size_t n;
};

static int apply_write(struct store_job *j, struct db *db)
{
    struct write_job *w = UF_OWNER(j, struct write_job, job);
    struct record_node *n;
    int r = 0;

    TAILQ_FOREACH(n, &w->list, link)
    {
        r = records_add(db, &w->limits, &n->record, &j->err);
        if (r < 0)
            break;
    }
    return r;
}

/* A disk that takes none is not asked again at once: whoever shares the transaction
 * would have to bear it. */
static void on_written(struct store_job *j)
{
    struct write_job *w = UF_OWNER(j, struct write_job, job);
    struct records *rs = w->records;

    if (j->code < 0) {
        rs->failed += w->n;
        rs->not_before_ns = rs->loop->now_ns + RECORDS_AGAIN_NS;
    }
    free_list(&w->list);
    free(w);
}

static void write_waiting(struct records *rs)
{
    struct write_job *w = calloc(1, sizeof(*w));

    /* Without memory they wait a little longer. */
    if (w == NULL) {
        loop_arm(rs->loop, &rs->timer, rs->loop->now_ns + RECORDS_PAUSE_NS);
        return;
    }
    w->job.apply = apply_write;
    w->job.done = on_written;
    w->records = rs;
    w->limits = rs->limits;
    w->n = rs->nwaiting;
    TAILQ_INIT(&w->list);
    TAILQ_CONCAT(&w->list, &rs->waiting, link);
    rs->nwaiting = 0;
    rs->not_before_ns = rs->loop->now_ns + RECORDS_PAUSE_NS;
    loop_disarm(rs->loop, &rs->timer);
    worker_submit(rs->worker, &w->job);
}

static void on_timer(struct loop_timer *t)
{
    struct records *rs = UF_OWNER(t, struct records, timer);

    if (rs->nwaiting > 0)
        write_waiting(rs);
}

static void drop_oldest(struct records *rs)
{
    struct record_node *n = TAILQ_FIRST(&rs->waiting);

    TAILQ_REMOVE(&rs->waiting, n, link);
    record_fini(&n->record);
    free(n);
    rs->nwaiting--;
    rs->dropped++;
}

static void arm(struct records *rs, uint64_t at_ns)
{
    loop_arm(rs->loop, &rs->timer, at_ns > rs->not_before_ns ? at_ns : rs->not_before_ns);
}

void records_note(struct records *rs, struct record *rec)
{
    if (rs == NULL || rs->limits.number == 0) {
        record_fini(rec);
        return;
    }
    struct record_node *n = malloc(sizeof(*n));

    if (n == NULL) {
        record_fini(rec);
        rs->dropped++;
        return;
    }
    move(&n->record, rec);
    if (rs->nwaiting == RECORDS_WAITING)
        drop_oldest(rs);
    TAILQ_INSERT_TAIL(&rs->waiting, n, link);
    rs->nwaiting++;
    rs->kept++;
    if (rs->nwaiting == 1)
        arm(rs, rs->loop->now_ns + RECORDS_DELAY_NS);
    else if (rs->nwaiting == RECORDS_EARLY)
        arm(rs, rs->loop->now_ns);
}

/* ---- along with effects ------------------------------------------------------------------- */

struct record_step {
    struct commit_step step;
    struct record record;
    struct records_limits limits;
    struct records *records;
    const struct commit *commit; /* which only reads: the record waits until it went well */
    bool is_applied;
};

static int apply_step(struct commit_step *s, struct db *db, struct uf_err *err)
{
    const struct record_step *r = UF_OWNER(s, struct record_step, step);

    return records_add(db, &r->limits, &r->record, err);
}

/* A record alone would make everybody wait for the disk who has only read. */
static int apply_none(struct commit_step *s, struct db *db, struct uf_err *err)
{
    (void)db;
    (void)err;
    UF_OWNER(s, struct record_step, step)->is_applied = true;
    return 0;
}

static void free_step(struct commit_step *s)
{
    struct record_step *r = UF_OWNER(s, struct record_step, step);

    if (r->is_applied && r->commit->job.code == 0)
        records_note(r->records, &r->record);
    else
        record_fini(&r->record);
    free(r);
}

void records_add_step(struct records *rs, struct record *rec, struct commit *c)
{
    if (rs == NULL || rs->limits.number == 0) {
        record_fini(rec);
        return;
    }
    struct record_step *r = calloc(1, sizeof(*r));

    if (r == NULL) {
        record_fini(rec);
        rs->dropped++;
        return;
    }
    bool is_alone = !commit_writes(c);
    r->step.apply = is_alone ? apply_none : apply_step;
    r->step.free = free_step;
    r->limits = rs->limits;
    r->records = rs;
    r->commit = c;
    move(&r->record, rec);
    commit_add_step(c, &r->step);
    if (is_alone)
        return;
    rs->kept++;
    if (rs->nwaiting > 0 && rs->loop->now_ns >= rs->not_before_ns)
        write_waiting(rs);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

struct sweep_job {
    struct store_job job;
    struct records_limits limits;
};

static int apply_sweep(struct store_job *j, struct db *db)
{
    return records_sweep(db, &UF_OWNER(j, struct sweep_job, job)->limits, &j->err);
}

/* What could not be swept is the next start's business. */
static void on_swept(struct store_job *j)
{
    free(UF_OWNER(j, struct sweep_job, job));
}

void records_start(struct records *rs, struct loop *l, struct worker *w,
                   const struct records_limits *limits)
{
    struct sweep_job *s = xnew(sizeof(*s));

    *rs =
        (struct records){.loop = l, .worker = w, .limits = *limits, .timer = {.on_fire = on_timer}};
    TAILQ_INIT(&rs->waiting);
    s->job.apply = apply_sweep;
    s->job.done = on_swept;
    s->limits = *limits;
    worker_submit(w, &s->job);
}

static uint64_t waiting(void *ctx)
{
    return ((const struct records *)ctx)->nwaiting;
}

static uint64_t kept(void *ctx)
{
    return ((const struct records *)ctx)->kept;
}

static void put_dropped(void *ctx, const struct metric *m, FILE *out)
{
    const struct records *rs = ctx;

    (void)fprintf(out, "%s{reason=\"memory\"} %" PRIu64 "\n", m->name, rs->dropped);
    (void)fprintf(out, "%s{reason=\"disk\"} %" PRIu64 "\n", m->name, rs->failed);
}

void records_metrics(struct records *rs, struct metrics *m)
{
    static const struct metric table[] = {
        {"unifaas_records_total", "counter", "Records of invocations", .number = kept},
        {"unifaas_records_waiting", "gauge", "Records that are not written yet", .number = waiting},
        {"unifaas_records_dropped_total", "counter", "Records that were not kept",
         .put = put_dropped},
    };

    metrics_add(m, &rs->metrics, table, sizeof(table) / sizeof(table[0]), rs);
}

void records_stop(struct records *rs)
{
    if (rs->loop != NULL && rs->nwaiting > 0)
        write_waiting(rs);
}
