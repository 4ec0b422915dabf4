// SPDX-License-Identifier: MIT
/* worker.c: see worker.h. */
#include "daemon/store/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/owner.h"

/* The default counts against a limit of address space. */
#define STACK_SIZE (512u << 10)

static uint64_t clock_ns(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* ---- on the store thread ----------------------------------------------------------- */

struct batch {
    struct store_jobs wait; /* applied, not durable */
    size_t n;
    bool is_broken; /* it was rolled back: code and err say why */
    int code;
    struct uf_err err;
};

static void hand_back(struct worker *w, struct store_jobs *jobs)
{
    const uint64_t one = 1;
    bool tell;

    if (STAILQ_EMPTY(jobs))
        return;
    (void)pthread_mutex_lock(&w->lock);
    STAILQ_CONCAT(&w->finished, jobs);
    tell = !w->is_told;
    w->is_told = true;
    (void)pthread_mutex_unlock(&w->lock);
    /* Cannot fail: the counter was 0. */
    if (tell && write(w->watch.fd, &one, sizeof(one)) < 0)
        return;
}

static void break_batch(struct worker *w, struct batch *b, int code, const struct uf_err *err)
{
    db_rollback(w->db);
    b->is_broken = true;
    b->code = code;
    b->err = *err;
}

/* SQLite may have rolled back by itself, and what was half written must go. */
static bool is_spoilt(struct db *db, int changes_before)
{
    return sqlite3_get_autocommit(db->sql) != 0 || sqlite3_total_changes(db->sql) != changes_before;
}

static void apply(struct worker *w, struct batch *b, struct store_job *j)
{
    struct store_jobs one = STAILQ_HEAD_INITIALIZER(one);
    int before = sqlite3_total_changes(w->db->sql);

    b->n++;
    j->err = (struct uf_err){0};
    j->code = j->apply == NULL ? 0 : db_begin(w->db, &j->err);
    if (j->apply != NULL && j->code == 0)
        j->code = j->apply(j, w->db);
    if (j->code < 0 && is_spoilt(w->db, before))
        break_batch(w, b, j->code, &j->err);
    if (j->when == STORE_NOW) {
        STAILQ_INSERT_TAIL(&one, j, link);
        hand_back(w, &one);
    } else {
        STAILQ_INSERT_TAIL(&b->wait, j, link);
    }
}

static void fail_all(struct batch *b)
{
    struct store_job *j;

    for (j = STAILQ_FIRST(&b->wait); j != NULL; j = STAILQ_NEXT(j, link))
        if (j->code == 0) {
            j->code = b->code;
            j->err = b->err;
        }
}

/* Those who wait for nothing more first. */
static void end_jobs(struct worker *w, struct batch *b)
{
    struct store_jobs rest = STAILQ_HEAD_INITIALIZER(rest);
    struct store_jobs ready = STAILQ_HEAD_INITIALIZER(ready);
    struct store_job *j;

    while ((j = STAILQ_FIRST(&b->wait)) != NULL) {
        STAILQ_REMOVE_HEAD(&b->wait, link);
        if (j->after != NULL && j->code == 0)
            STAILQ_INSERT_TAIL(&rest, j, link);
        else
            STAILQ_INSERT_TAIL(&ready, j, link);
    }
    hand_back(w, &ready);
    for (j = STAILQ_FIRST(&rest); j != NULL; j = STAILQ_NEXT(j, link))
        j->after(j, w->db);
    hand_back(w, &rest);
}

static void finish(struct worker *w, struct batch *b)
{
    uint64_t start = clock_ns(CLOCK_MONOTONIC);
    bool is_commit = w->db->in_transaction || b->is_broken;

    if (!b->is_broken) {
        int r = db_commit(w->db, &b->err);

        if (r < 0)
            break_batch(w, b, r, &b->err);
    }
    if (b->is_broken)
        fail_all(b);
    (void)pthread_mutex_lock(&w->lock);
    w->counts.jobs += b->n;
    w->counts.commits += is_commit;
    w->counts.failed += b->is_broken;
    w->counts.commit_ns += clock_ns(CLOCK_MONOTONIC) - start;
    (void)pthread_mutex_unlock(&w->lock);
    end_jobs(w, b);
}

/* The next jobs, or false when there are none and it is time to end. */
static bool next_jobs(struct worker *w, struct store_jobs *jobs, bool may_wait)
{
    (void)pthread_mutex_lock(&w->lock);
    while (may_wait && STAILQ_EMPTY(&w->todo) && !w->is_stopping) {
        w->is_asleep = true;
        (void)pthread_cond_wait(&w->more, &w->lock);
        w->is_asleep = false;
    }
    STAILQ_CONCAT(jobs, &w->todo);
    (void)pthread_mutex_unlock(&w->lock);
    return !STAILQ_EMPTY(jobs);
}

/* What comes while the batch is applied joins it; while it syncs, the next gathers. */
static void run_batch(struct worker *w, struct store_jobs *jobs)
{
    struct batch b = {.n = 0};
    struct store_job *j;

    STAILQ_INIT(&b.wait);
    w->db->now_ms = clock_ns(CLOCK_REALTIME) / 1000000u;
    do
        while ((j = STAILQ_FIRST(jobs)) != NULL && b.n < WORKER_BATCH_MAX && !b.is_broken) {
            STAILQ_REMOVE_HEAD(jobs, link);
            apply(w, &b, j);
        }
    while (b.n < WORKER_BATCH_MAX && !b.is_broken && next_jobs(w, jobs, false));
    finish(w, &b);
    db_tidy(w->db, b.is_broken);
}

/* Without a database: the first of jobs. */
static void run_one(struct worker *w, struct store_jobs *jobs)
{
    struct store_jobs one = STAILQ_HEAD_INITIALIZER(one);
    struct store_job *j = STAILQ_FIRST(jobs);

    STAILQ_REMOVE_HEAD(jobs, link);
    j->err = (struct uf_err){0};
    j->code = j->apply(j, NULL);
    (void)pthread_mutex_lock(&w->lock);
    w->counts.jobs++;
    (void)pthread_mutex_unlock(&w->lock);
    STAILQ_INSERT_TAIL(&one, j, link);
    hand_back(w, &one);
}

static void *serve(void *ctx)
{
    struct worker *w = ctx;
    struct store_jobs jobs = STAILQ_HEAD_INITIALIZER(jobs);

    while (!STAILQ_EMPTY(&jobs) || next_jobs(w, &jobs, true)) {
        if (w->db != NULL)
            run_batch(w, &jobs);
        else
            run_one(w, &jobs);
    }
    return NULL;
}

/* ---- on the loop -------------------------------------------------------------------- */

static void take_back(struct worker *w)
{
    struct store_jobs jobs = STAILQ_HEAD_INITIALIZER(jobs);
    struct store_job *j;

    (void)pthread_mutex_lock(&w->lock);
    STAILQ_CONCAT(&jobs, &w->finished);
    w->is_told = false;
    (void)pthread_mutex_unlock(&w->lock);
    while ((j = STAILQ_FIRST(&jobs)) != NULL) {
        STAILQ_REMOVE_HEAD(&jobs, link);
        w->pending--;
        j->done(j);
    }
}

static void on_finished(struct loop_fd *watch, uint32_t events)
{
    uint64_t count;

    (void)events;
    if (read(watch->fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
        return;
    take_back(UF_OWNER(watch, struct worker, watch));
}

static int start_thread(struct worker *w, struct uf_err *err)
{
    pthread_attr_t small;
    sigset_t all;
    sigset_t before;
    int r;

    (void)pthread_attr_init(&small);
    (void)pthread_attr_setstacksize(&small, STACK_SIZE);
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&w->thread, &small, serve, w);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&small);
    return r == 0 ? 0 : uf_fail(err, -r, "cannot start the store thread: %s", strerror(r));
}

static void forget(struct worker *w)
{
    if (w->watch.fd >= 0) {
        loop_unwatch(w->loop, &w->watch);
        (void)close(w->watch.fd);
    }
    (void)pthread_cond_destroy(&w->more);
    (void)pthread_mutex_destroy(&w->lock);
    *w = (struct worker){.loop = NULL};
}

int worker_start(struct worker *w, struct loop *l, struct db *db, struct uf_err *err)
{
    int r = 0;

    *w = (struct worker){.loop = l, .db = db, .watch = {.on_ready = on_finished}};
    STAILQ_INIT(&w->todo);
    STAILQ_INIT(&w->finished);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->more, NULL);
    w->watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->watch.fd < 0)
        r = uf_fail(err, -errno, "cannot make an eventfd: %s", strerror(errno));
    if (r == 0)
        r = loop_watch(l, &w->watch, EPOLLIN, err);
    if (r == 0)
        r = start_thread(w, err);
    if (r < 0)
        forget(w);
    return r;
}

void worker_settle(struct worker *w)
{
    struct pollfd p = {.fd = w->watch.fd, .events = POLLIN};

    while (w->pending > 0) {
        (void)poll(&p, 1, -1);
        on_finished(&w->watch, 0);
    }
}

void worker_stop(struct worker *w)
{
    if (w->loop == NULL)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    (void)pthread_cond_signal(&w->more);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    take_back(w);
    /* What done() submits is done as well, here: the thread is gone. */
    while (w->pending > 0) {
        (void)serve(w);
        take_back(w);
    }
    forget(w);
}

void worker_submit(struct worker *w, struct store_job *j)
{
    bool wake;

    w->pending++;
    (void)pthread_mutex_lock(&w->lock);
    STAILQ_INSERT_TAIL(&w->todo, j, link);
    wake = w->is_asleep;
    (void)pthread_mutex_unlock(&w->lock);
    if (wake)
        (void)pthread_cond_signal(&w->more);
}

void worker_count(struct worker *w, struct worker_counts *out)
{
    (void)pthread_mutex_lock(&w->lock);
    *out = w->counts;
    (void)pthread_mutex_unlock(&w->lock);
}
