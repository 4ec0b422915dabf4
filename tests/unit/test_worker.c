// SPDX-License-Identifier: MIT
// LINK: daemon/store daemon/loop/loop.c daemon/loop/timers.c engine/reason.c
// LIBS: libsodium sqlite3
// THREADS
#include "daemon/store/worker.h"

#include <errno.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "base/owner.h"
#include "daemon/store/kv.h"
#include "tests/store/scratch.h"

#define PATIENCE_S 20
#define MANY       3000

static struct loop loop;
static struct worker worker;

/* What a job does on the store thread. */
enum deed {
    WRITE,  /* a key                                */
    READ,   /* a key: found says whether it is there */
    REFUSE, /* fails before it writes               */
    WRITE_AND_FAIL,
    WAIT,   /* for the gate, then writes            */
    END_IT, /* SQLite has rolled back by itself     */
};

struct job {
    struct store_job job;
    enum deed deed;
    char key[16];
    bool found;
    int nr; /* in the order of apply(), from 1 */
    int done;
    struct job *then; /* is submitted from done() */
    uint64_t now_ms;
    int commits; /* that there were when it was handed back */
    int after;   /* ... and when after() was called, plus 1 */
};

static struct job jobs[MANY];
static int napplied; /* of the store thread */
static int ndone;
static int want; /* so many, then the loop stops */
static sem_t gate;
static atomic_int commits;
static atomic_int commits_to_fail;
static sem_t *hold_commit; /* a commit waits for it */

static void wait_for(sem_t *s)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += PATIENCE_S;
    if (sem_timedwait(s, &t) < 0)
        abort(); /* it would hang */
}

static int put(struct job *j, struct db *db)
{
    return kv_set(db, "s", j->key, &(struct kv_new){.data = "x", .size = 1}, &j->job.err);
}

static int apply(struct store_job *s, struct db *db)
{
    struct job *j = UF_OWNER(s, struct job, job);
    uint64_t version = 0;
    int r = 0;

    j->nr = ++napplied;
    j->now_ms = db->now_ms;
    switch (j->deed) {
    case READ:
        r = kv_version(db, "s", j->key, &version, &s->err);
        j->found = version != 0;
        return r;
    case REFUSE:
        return uf_fail(&s->err, -EAGAIN, "refused");
    case WRITE_AND_FAIL:
        (void)put(j, db);
        return uf_fail(&s->err, -E2BIG, "too big");
    case END_IT:
        (void)sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
        return uf_fail(&s->err, -EIO, "it is over");
    case WAIT:
        wait_for(&gate);
        break;
    case WRITE:
        break;
    }
    return put(j, db);
}

static void after(struct store_job *s, struct db *db)
{
    struct job *j = UF_OWNER(s, struct job, job);

    CHECK(sqlite3_get_autocommit(db->sql) != 0 && j->done == 0);
    j->after = atomic_load(&commits) + 1;
}

static void submit(struct job *j);

static void done(struct store_job *s)
{
    struct job *j = UF_OWNER(s, struct job, job);

    j->done++;
    j->commits = atomic_load(&commits);
    ndone++;
    if (j->then != NULL)
        submit(j->then);
    if (j->deed == READ && hold_commit != NULL)
        (void)sem_post(hold_commit);
    if (ndone == want)
        loop_stop(&loop);
}

static int on_commit(void *ctx)
{
    (void)ctx;
    if (hold_commit != NULL)
        wait_for(hold_commit);
    if (atomic_load(&commits_to_fail) > 0) {
        atomic_fetch_sub(&commits_to_fail, 1);
        return 1;
    }
    atomic_fetch_add(&commits, 1);
    return 0;
}

static void begin(void)
{
    scratch_begin();
    (void)sem_init(&gate, 0, 0);
    napplied = ndone = 0;
    want = 0;
    hold_commit = NULL;
    atomic_store(&commits, 0);
    atomic_store(&commits_to_fail, 0);
    memset(jobs, 0, sizeof(jobs));
    (void)sqlite3_commit_hook(scratch.sql, on_commit, NULL);
    CHECK(loop_init(&loop, &err) == 0);
    CHECK(worker_start(&worker, &loop, &scratch, &err) == 0);
}

static void end(void)
{
    worker_stop(&worker);
    loop_fini(&loop);
    (void)sem_destroy(&gate);
    scratch_end();
}

static struct job *prepare(int i, enum deed deed, enum store_when when)
{
    struct job *j = &jobs[i];

    *j = (struct job){.job = {.apply = apply, .done = done, .when = when, .code = 1}, .deed = deed};
    (void)snprintf(j->key, sizeof(j->key), "k%d", i);
    return j;
}

static void submit(struct job *j)
{
    worker_submit(&worker, &j->job);
}

static void submit_new(int i, enum deed deed, enum store_when when)
{
    submit(prepare(i, deed, when));
}

/* Until n jobs were handed back. */
static void run(int n)
{
    loop.is_stopping = false;
    want = n;
    if (ndone < n)
        CHECK(loop_run(&loop, &err) == 0);
    CHECK(ndone == n);
}

static bool is_kept(int i)
{
    char sql[96];

    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM kv WHERE key = 'k%d'", i);
    return scratch_number(sql) == 1;
}

static void jobs_are_applied_in_the_order_in_which_they_came(void)
{
    begin();
    for (int i = 0; i < 500; i++)
        submit_new(i, i % 3 == 0 ? READ : WRITE, i % 2 == 0 ? STORE_NOW : STORE_DURABLE);
    run(500);
    for (int i = 0; i < 500; i++)
        CHECK(jobs[i].nr == i + 1 && jobs[i].done == 1 && jobs[i].job.code == 0);
    end();
}

static void what_was_handed_back_as_durable_is_there_after_a_restart(void)
{
    begin();
    submit_new(0, WRITE, STORE_DURABLE);
    run(1);
    CHECK(jobs[0].job.code == 0 && jobs[0].commits == 1);
    worker_stop(&worker);
    scratch_reopen();
    CHECK(is_kept(0));
    end();
}

static void a_now_job_comes_back_before_the_commit_and_sees_what_was_written_before_it(void)
{
    sem_t read;

    begin();
    (void)sem_init(&read, 0, 0);
    hold_commit = &read;
    submit_new(0, WAIT, STORE_DURABLE);
    submit_new(1, READ, STORE_NOW);
    (void)snprintf(jobs[1].key, sizeof(jobs[1].key), "k0");
    (void)sem_post(&gate);
    run(2);
    CHECK(jobs[1].found && jobs[1].commits == 0);
    CHECK(jobs[0].commits == 1);
    hold_commit = NULL;
    (void)sem_destroy(&read);
    end();
}

static void many_jobs_share_one_commit(void)
{
    struct worker_counts n;

    begin();
    submit_new(0, WAIT, STORE_DURABLE);
    for (int i = 1; i < 200; i++)
        submit_new(i, WRITE, STORE_DURABLE);
    (void)sem_post(&gate);
    run(200);
    worker_count(&worker, &n);
    CHECK(atomic_load(&commits) == 1);
    CHECK(n.commits == 1 && n.failed == 0 && n.jobs == 200 && n.commit_ns > 0);
    end();
}

static void a_commit_has_a_bounded_number_of_jobs(void)
{
    begin();
    submit_new(0, WAIT, STORE_DURABLE);
    for (int i = 1; i < MANY; i++)
        submit_new(i, WRITE, STORE_DURABLE);
    (void)sem_post(&gate);
    run(MANY);
    CHECK(atomic_load(&commits) == (MANY + (int)WORKER_BATCH_MAX - 1) / (int)WORKER_BATCH_MAX);
    end();
}

static off_t log_size(void)
{
    char path[128];
    struct stat st = {.st_size = 0};

    (void)snprintf(path, sizeof(path), "%s-wal", scratch_path);
    CHECK(stat(path, &st) == 0);
    return st.st_size;
}

static void jobs_that_only_read_write_nothing(void)
{
    begin();
    off_t before = log_size();
    submit_new(0, READ, STORE_DURABLE);
    submit_new(1, READ, STORE_NOW);
    run(2);
    CHECK(jobs[0].job.code == 0 && !jobs[0].found);
    worker_stop(&worker);
    CHECK(before > 0 && log_size() == before);
    end();
}

static void after_a_batch_the_log_is_emptied_when_it_is_long(void)
{
    begin();
    worker_stop(&worker);
    scratch.log_max = scratch.tidy_at = 10;
    CHECK(worker_start(&worker, &loop, &scratch, &err) == 0);
    for (int i = 0; i < 100; i++) {
        submit_new(i, WRITE, STORE_DURABLE);
        worker_settle(&worker);
    }
    worker_stop(&worker);
    CHECK(scratch.log_pages < 10 && log_size() < 40L * 4096);
    end();
}

static void a_job_that_refuses_before_it_writes_fails_alone(void)
{
    begin();
    submit_new(0, WAIT, STORE_DURABLE);
    submit_new(1, REFUSE, STORE_DURABLE);
    submit_new(2, REFUSE, STORE_NOW);
    submit_new(3, WRITE, STORE_DURABLE);
    (void)sem_post(&gate);
    run(4);
    CHECK(jobs[0].job.code == 0 && jobs[3].job.code == 0 && atomic_load(&commits) == 1);
    CHECK(jobs[1].job.code == -EAGAIN && strcmp(jobs[1].job.err.msg, "refused") == 0);
    CHECK(jobs[2].job.code == -EAGAIN);
    worker_stop(&worker);
    CHECK(is_kept(0) && is_kept(3));
    end();
}

/* What came before it in its batch goes with it, what comes after it does not. */
static void a_failing_write_breaks_its_batch(enum deed deed, int code)
{
    begin();
    submit_new(0, WAIT, STORE_DURABLE);
    submit_new(1, READ, STORE_NOW);
    submit_new(2, REFUSE, STORE_DURABLE);
    submit_new(3, deed, STORE_DURABLE);
    submit_new(4, WRITE, STORE_DURABLE);
    submit_new(5, READ, STORE_DURABLE);
    (void)sem_post(&gate);
    run(6);
    CHECK(jobs[0].job.code == code && jobs[3].job.code == code);
    CHECK(jobs[1].job.code == 0 && jobs[2].job.code == -EAGAIN);
    CHECK(strcmp(jobs[0].job.err.msg, jobs[3].job.err.msg) == 0);
    CHECK(jobs[4].job.code == 0 && jobs[5].job.code == 0 && atomic_load(&commits) == 1);
    worker_stop(&worker);
    CHECK(!is_kept(0) && !is_kept(3) && is_kept(4));
    end();
}

static void a_job_that_fails_while_it_writes_breaks_its_batch(void)
{
    a_failing_write_breaks_its_batch(WRITE_AND_FAIL, -E2BIG);
}

static void so_does_one_after_which_there_is_no_transaction(void)
{
    a_failing_write_breaks_its_batch(END_IT, -EIO);
}

static void a_failed_commit_fails_all_its_durable_jobs_and_later_ones_go_on(void)
{
    struct worker_counts n;

    begin();
    atomic_store(&commits_to_fail, 1);
    submit_new(0, WAIT, STORE_DURABLE);
    submit_new(1, READ, STORE_NOW);
    submit_new(2, WRITE, STORE_DURABLE);
    submit_new(3, READ, STORE_DURABLE);
    submit_new(4, REFUSE, STORE_DURABLE);
    (void)sem_post(&gate);
    run(5);
    CHECK(jobs[0].job.code < 0 && jobs[2].job.code < 0 && jobs[3].job.code < 0);
    CHECK(jobs[0].job.err.msg[0] != '\0' && jobs[1].job.code == 0);
    CHECK(jobs[4].job.code == -EAGAIN);
    submit_new(5, WRITE, STORE_DURABLE);
    run(6);
    CHECK(jobs[5].job.code == 0);
    worker_count(&worker, &n);
    CHECK(n.commits == 2 && n.failed == 1);
    worker_stop(&worker);
    CHECK(!is_kept(0) && !is_kept(2) && is_kept(5));
    end();
}

static void what_comes_after_the_commit_comes_after_it(void)
{
    begin();
    atomic_store(&commits_to_fail, 1);
    for (int i = 0; i < 6; i++)
        prepare(i,
                i == 0 || i == 3 ? WAIT
                : i == 5         ? REFUSE
                                 : WRITE,
                STORE_DURABLE)
            ->job.after = after;
    jobs[4].job.apply = NULL; /* nothing but what comes after */
    for (int i = 0; i < 3; i++)
        submit(&jobs[i]);
    (void)sem_post(&gate);
    run(3);
    CHECK(jobs[0].after == 0 && jobs[1].after == 0 && jobs[2].after == 0);
    for (int i = 3; i < 6; i++)
        submit(&jobs[i]);
    (void)sem_post(&gate);
    run(6);
    CHECK(jobs[3].after == 2 && jobs[4].after == 2 && jobs[5].after == 0);
    CHECK(jobs[3].job.code == 0 && jobs[4].job.code == 0 && jobs[5].job.code == -EAGAIN);
    end();
}

static int apply_without(struct store_job *s, struct db *db)
{
    struct job *j = UF_OWNER(s, struct job, job);

    j->nr = ++napplied;
    return db == NULL ? 0 : -EINVAL;
}

static void a_worker_may_have_no_database(void)
{
    struct worker files;

    begin();
    CHECK(worker_start(&files, &loop, NULL, &err) == 0);
    for (int i = 0; i < 20; i++) {
        prepare(i, WRITE, STORE_DURABLE)->job.apply = apply_without;
        worker_submit(&files, &jobs[i].job);
    }
    worker_settle(&files);
    for (int i = 0; i < 20; i++)
        CHECK(jobs[i].nr == i + 1 && jobs[i].done == 1 && jobs[i].job.code == 0);
    worker_stop(&files);
    end();
}

static void settling_waits_for_what_follows_as_well(void)
{
    begin();
    for (int i = 0; i < 10; i++)
        prepare(i, WRITE, STORE_DURABLE)->then = i < 9 ? &jobs[i + 1] : NULL;
    submit(&jobs[0]);
    worker_settle(&worker);
    CHECK(ndone == 10 && worker.pending == 0);
    worker_settle(&worker);
    submit_new(10, WRITE, STORE_NOW);
    run(11);
    end();
}

static void a_job_may_be_submitted_from_done(void)
{
    begin();
    for (int i = 0; i < 100; i++)
        prepare(i, WRITE, i % 2 == 0 ? STORE_DURABLE : STORE_NOW)->then =
            i < 99 ? &jobs[i + 1] : NULL;
    submit(&jobs[0]);
    run(100);
    for (int i = 0; i < 100; i++)
        CHECK(jobs[i].nr == i + 1 && jobs[i].job.code == 0);
    end();
}

static void a_job_can_be_used_again(void)
{
    begin();
    submit_new(0, REFUSE, STORE_DURABLE);
    run(1);
    jobs[0].deed = WRITE;
    submit(&jobs[0]);
    run(2);
    CHECK(jobs[0].job.code == 0 && jobs[0].job.err.code == 0 && jobs[0].done == 2);
    end();
}

static void stopping_finishes_what_waits_and_what_follows_from_it(void)
{
    begin();
    submit_new(0, WAIT, STORE_DURABLE);
    for (int i = 1; i < 50; i++)
        submit_new(i, WRITE, STORE_DURABLE);
    for (int i = 50; i < 60; i++)
        prepare(i, WRITE, STORE_DURABLE)->then = i < 59 ? &jobs[i + 1] : NULL;
    jobs[20].then = &jobs[50];
    (void)sem_post(&gate);
    worker_stop(&worker);
    CHECK(ndone == 60);
    for (int i = 0; i < 60; i++)
        CHECK(jobs[i].done == 1 && jobs[i].job.code == 0 && is_kept(i));
    end();
}

static void stopping_tolerates_one_that_was_not_started(void)
{
    struct worker w = {.loop = NULL};

    worker_stop(&w);
    CHECK(w.loop == NULL);
}

static void a_worker_that_cannot_start_says_why_and_leaves_nothing(void)
{
    struct rlimit before;
    struct rlimit none;
    struct worker w;

    begin();
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    CHECK(worker_start(&w, &loop, &scratch, &err) == -EMFILE && err.msg[0] != '\0');
    CHECK(w.loop == NULL);
    worker_stop(&w);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    end();
}

static void jobs_know_the_time(void)
{
    begin();
    uint64_t before = loop.wall_ns / 1000000;
    submit_new(0, READ, STORE_NOW);
    run(1);
    CHECK(jobs[0].now_ms >= before && jobs[0].now_ms <= loop.wall_ns / 1000000 + 1);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(jobs_are_applied_in_the_order_in_which_they_came),
        TAP_CASE(what_was_handed_back_as_durable_is_there_after_a_restart),
        TAP_CASE(a_now_job_comes_back_before_the_commit_and_sees_what_was_written_before_it),
        TAP_CASE(many_jobs_share_one_commit),
        TAP_CASE(a_commit_has_a_bounded_number_of_jobs),
        TAP_CASE(jobs_that_only_read_write_nothing),
        TAP_CASE(after_a_batch_the_log_is_emptied_when_it_is_long),
        TAP_CASE(a_job_that_refuses_before_it_writes_fails_alone),
        TAP_CASE(a_job_that_fails_while_it_writes_breaks_its_batch),
        TAP_CASE(so_does_one_after_which_there_is_no_transaction),
        TAP_CASE(a_failed_commit_fails_all_its_durable_jobs_and_later_ones_go_on),
        TAP_CASE(what_comes_after_the_commit_comes_after_it),
        TAP_CASE(a_worker_may_have_no_database),
        TAP_CASE(settling_waits_for_what_follows_as_well),
        TAP_CASE(a_job_may_be_submitted_from_done),
        TAP_CASE(a_job_can_be_used_again),
        TAP_CASE(stopping_finishes_what_waits_and_what_follows_from_it),
        TAP_CASE(stopping_tolerates_one_that_was_not_started),
        TAP_CASE(a_worker_that_cannot_start_says_why_and_leaves_nothing),
        TAP_CASE(jobs_know_the_time),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
