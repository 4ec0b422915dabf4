// SPDX-License-Identifier: MIT
/*
 * play.h: queues with a store of their own, and functions that are played: a test sees
 * what was handed over, says how it ends, and lets time go on.
 */
#ifndef TESTS_QUEUE_PLAY_H
#define TESTS_QUEUE_PLAY_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/owner.h"
#include "daemon/queue/inside.h"
#include "daemon/queue/remove.h"
#include "daemon/record/say.h"
#include "daemon/store/dead.h"
#include "daemon/store/qrow.h"
#include "tests/store/scratch.h"

#define MS    UINT64_C(1000000)
#define SPACE FUNCTION_SPACE

/* ---- what is around queues, played -------------------------------------------------------- */

static struct fn *deployed[4];
static struct invoke *runs[1024]; /* that were submitted, and have not ended */
static int nruns;
static int commit_code;  /* what the next commit of a run comes to; 0: what it does */
static const char *lost; /* the outcome that settling the last run gave it; or NULL */

struct fn *fleet_find(const struct fleet *f, const char *space, const char *name)
{
    (void)f;
    for (int i = 0; i < 4; i++)
        if (deployed[i] != NULL && strcmp(deployed[i]->conf.space, space) == 0 &&
            strcmp(deployed[i]->conf.name, name) == 0)
            return deployed[i];
    return NULL;
}

void fleet_each(const struct fleet *f, void (*visit)(struct fn *fn, void *ctx), void *ctx)
{
    (void)f;
    for (int i = 0; i < 4; i++)
        if (deployed[i] != NULL)
            visit(deployed[i], ctx);
}

bool function_is_sequence(const struct function *f)
{
    return strcmp(f->lang, "sequence") == 0;
}

unsigned invoke_status(const struct verdict *v)
{
    return v->result == NULL ? v->http : v->result->r.http_status;
}

const char *outcome_word(uint32_t outcome)
{
    return outcome == UF_OUTCOME_OK ? "ok" : "error";
}

void say(const char *fmt, ...)
{
    (void)fmt;
}

void stats_record(struct stats *s, unsigned status, uint64_t ns)
{
    (void)s;
    (void)status;
    (void)ns;
}

void fetch_start(struct fetcher *r, struct fetch *f, const struct fetch_request *q)
{
    (void)r;
    (void)f;
    (void)q;
}

void fetch_cancel(struct fetch *f)
{
    (void)f;
}

static struct loop loop;
static struct worker worker;
static struct queues queues;
static struct invoker invoker;
static struct fn functions[4];

void invoke_submit(struct invoker *v, struct fn *fn, struct invoke *i)
{
    struct event e = {.trigger = "http"};

    i->invoker = v;
    i->call.fn = fn;
    i->is_durable = false;
    i->runs = 1;
    commit_init(&i->commit, fn->conf.space);
    i->ops->event(i, &e);
    runs[nruns++] = i;
}

void invoke_void(struct invoke *i, const char *outcome, unsigned http, const char *why)
{
    (void)i;
    (void)http;
    (void)why;
    lost = outcome;
}

/* ---- the harness ---------------------------------------------------------------------------- */

/* Everything that can be done now. */
static inline void turn(void)
{
    bool is_busy = true;

    while (is_busy) {
        worker_settle(&worker);
        is_busy = queues_run(&queues);
    }
}

static inline void advance(uint64_t ms)
{
    loop.now_ns += ms * MS;
    loop.wall_ns += ms * MS;
    while (loop.ntimers > 0 && loop.heap[0]->at_ns <= loop.now_ns) {
        struct loop_timer *t = loop.heap[0];

        loop_disarm(&loop, t);
        t->on_fire(t);
    }
    turn();
}

/* There is always something to commit: the record. */
static inline int play_write_nothing(struct commit_step *s, struct db *unused, struct uf_err *why)
{
    (void)s;
    (void)unused;
    (void)why;
    return 0;
}

static inline void play_free_step(struct commit_step *s)
{
    free(s);
}

static inline void play_add_record(struct commit *c)
{
    struct commit_step *s = calloc(1, sizeof(*s));

    s->apply = play_write_nothing;
    s->free = play_free_step;
    commit_add_step(c, s);
}

static inline void take_run(int n)
{
    nruns--;
    memmove(runs + n, runs + n + 1, (size_t)(nruns - n) * sizeof(runs[0]));
}

static inline void on_committed(struct store_job *j)
{
    struct invoke *i = UF_OWNER(UF_OWNER(j, struct commit, job), struct invoke, commit);
    struct verdict v = {.reason = "the disk says no", .http = 507};

    if (j->code == -EAGAIN) {
        runs[nruns++] = i;
        struct event e = {.trigger = "http"};
        i->runs++;
        i->ops->event(i, &e);
        return;
    }
    i->is_durable = j->code == 0;
    commit_reset(&i->commit);
    i->ops->done(i, &v);
}

static inline int refuse(struct store_job *j, struct db *unused)
{
    (void)unused;
    return uf_fail(&j->err, commit_code, "as the test wants it");
}

/* Run n has ended: what daemon/invoke does. */
static inline void play_commit(int n, const struct verdict *v)
{
    struct invoke *i = runs[n];

    take_run(n);
    commit_reset(&i->commit);
    lost = NULL;
    (void)i->ops->settle(i, v, &i->commit);
    play_add_record(&i->commit);
    i->commit.job.apply = commit_code != 0 ? refuse : commit_apply;
    i->commit.job.done = on_committed;
    worker_submit(&worker, &i->commit.job);
}

static inline uint64_t real_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 * MS;
}

static inline void start(uint64_t wall_ns)
{
    CHECK(loop_init(&loop, &err) == 0);
    loop.now_ns = 1000000 * MS;
    loop.wall_ns = wall_ns;
    invoker.loop = &loop;
    queues_init(&queues,
                &(struct queues_options){
                    .loop = &loop, .worker = &worker, .invoker = &invoker, .body_max = 65536});
    CHECK(queues_load(&queues, &scratch, &err) == 0);
    CHECK(worker_start(&worker, &loop, &scratch, &err) == 0);
    nruns = 0;
    commit_code = 0;
    memset(deployed, 0, sizeof(deployed));
    turn();
}

static inline void stop(void)
{
    struct verdict v = {
        .outcome = UF_OUTCOME_TENDER_LOST, .http = 502, .reason = "the daemon is stopping"};

    queues_drain(&queues);
    while (nruns > 0)
        play_commit(0, &v);
    worker_stop(&worker);
    queues_fini(&queues);
    loop_fini(&loop);
}

static inline void begin(void)
{
    scratch_begin();
    start(real_ns());
}

static inline void end(void)
{
    stop();
    scratch_end();
}

/* As after the daemon has ended, for no time. */
static inline void restart(void)
{
    uint64_t wall_ns = loop.wall_ns;

    stop();
    db_close(&scratch);
    CHECK(db_open(&scratch, scratch_path, &err) == 0);
    start(wall_ns);
}

/* Function n, called "f0", "f1" ..., with one named queue, "q0", "q1" ... */
static inline struct fn *make(int n, uint32_t max_instances)
{
    struct fn *fn = &functions[n];
    static char names[4][8];

    *fn = (struct fn){
        .conf = {.space = SPACE,
                 .lang = "c",
                 .max_instances = max_instances,
                 .scale_threshold = 1,
                 .nqueues = 1,
                 .max_age_ns = 3600000 * MS,
                 .retry = {.attempts = 3, .min_wait_ns = 1000 * MS, .max_wait_ns = 1000 * MS}}};
    (void)snprintf(fn->conf.name, sizeof(fn->conf.name), "f%d", n);
    (void)snprintf(names[n], sizeof(names[n]), "q%d", n);
    fn->conf.queue[0] = (struct function_queue){.name = names[n], .batch = 1};
    deployed[n] = fn;
    return fn;
}

static inline struct fn *deploy(int n, uint32_t max_instances)
{
    struct fn *fn = make(n, max_instances);

    queues_deployed(&queues, fn);
    turn();
    return fn;
}

/* As a sequence of f2 and f3, which are deployed or not. */
static inline struct fn *deploy_sequence(int n, uint32_t batch)
{
    static char first[] = "f2";
    static char second[] = "f3";
    static char *steps[] = {first, second};
    struct fn *fn = make(n, 1);

    (void)snprintf(fn->conf.lang, sizeof(fn->conf.lang), "sequence");
    fn->conf.steps.n = 2;
    fn->conf.steps.item = steps;
    fn->conf.queue[0].batch = batch;
    queues_deployed(&queues, fn);
    turn();
    return fn;
}

static inline void undeploy(int n)
{
    queues_removed(&queues, deployed[n]);
    deployed[n] = NULL;
    turn();
}

static inline void on_pushed(struct push *p)
{
    CHECK(p->job.code == 0);
    pushes_free(&p->events);
    free(p);
}

/* Submitted; what it leads to is done with the next turn(). */
static inline void push_soon(struct event_new e)
{
    struct push *p = calloc(1, sizeof(*p));

    e.space = SPACE;
    e.head = e.head != NULL ? e.head : "";
    e.size = strlen(e.body);
    p->events.all = &queues;
    p->done = on_pushed;
    CHECK(pushes_add(&p->events, &e) == 0);
    push_submit(p);
}

static inline void push_event(struct event_new e)
{
    push_soon(e);
    turn();
}

static inline void push_at(const char *queue, const char *body, uint64_t due_ms)
{
    push_event((struct event_new){.queue = queue, .body = body, .due_ms = due_ms, .call_id = body});
}

static inline void push(const char *queue, const char *body)
{
    push_at(queue, body, 0);
}

static inline struct delivery *delivery_of(int n)
{
    return UF_OWNER(runs[n], struct delivery, invoke);
}

/* Bodies of what runs, "+" between those of a batch. */
static inline const char *running(void)
{
    static char text[1024];
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < nruns; i++)
        for (uint32_t k = 0; k < delivery_of(i)->n; k++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", k == 0 ? " " : "+",
                                  (const char *)delivery_of(i)->rows[k]->body);
    return text[0] == '\0' ? text : text + 1;
}

static inline struct result play_result(uint32_t outcome, unsigned status)
{
    static const uint8_t nothing[1];

    return (struct result){
        .r = {.outcome = outcome, .http_status = status}, .headers = "", .body = nothing};
}

/* Run n ends so; what it leads to is done when `is_done`. */
static inline void end_run(int n, uint32_t outcome, unsigned status, bool is_done)
{
    struct result res = play_result(outcome, status);

    play_commit(n, &(struct verdict){.result = &res, .outcome = outcome});
    if (is_done)
        turn();
}

static inline void ok(int n)
{
    end_run(n, UF_OUTCOME_OK, 200, true);
}

static inline void fail(int n)
{
    end_run(n, UF_OUTCOME_ERROR, 500, true);
}

/* Run n never came to an instance. */
static inline void refused(int n, unsigned http)
{
    play_commit(n, &(struct verdict){.http = http, .reason = "busy"});
    turn();
}

static inline uint64_t depth(const char *name)
{
    const struct queue *q = queue_find(&queues, SPACE, name);

    return q == NULL ? 0 : q->depth;
}

/* Nothing is left, neither here nor in the store. */
static inline bool is_empty(const char *name)
{
    struct events_found found;
    const struct queue *q = queue_find(&queues, SPACE, name);
    struct events_want w = {
        .queue_id = q->id, .is_any = true, .rows_max = 10000, .bytes_max = 1u << 30};

    worker_settle(&worker);
    CHECK(events_fetch(&scratch, &w, &found, &err) == 0);
    event_rows_free(&found.rows);
    return found.n == 0 && q->depth == 0 && q->timed == 0 && q->nready == 0 && q->nopen == 0 &&
           q->nheld == 0;
}

static inline uint64_t ndead(void)
{
    uint64_t events;
    uint64_t dead;

    CHECK(qrow_total(&scratch, SPACE, &events, &dead, &err) == 0);
    return dead;
}

#endif
