// SPDX-License-Identifier: MIT
/*
 * records_read.c: looking for records; see records.h.
 *
 * Those that wait are newer than all that are written, but for those of commits that
 * were written meanwhile. The others are walked a piece at a time, so that commits do
 * not wait for whoever is curious. What waits now and is written before the walk ends
 * is above the place where it began.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/record/records.h"

#define ROWS 500u /* in one piece */

/* Is r one that is wanted? Counts where we are. */
static bool wants(struct records_read *r, const struct record *rec)
{
    if (r->before[0] == '\0' || r->is_past)
        return true;
    r->is_past = strcmp(rec->id, r->before) == 0;
    return false;
}

static void keep(struct records_read *r, const struct record *rec)
{
    /* In steps: most queries find a few. */
    if (r->nfound % 16 == 0)
        r->found = xresize(r->found, r->nfound + 16, sizeof(r->found[0]));
    r->found[r->nfound++] = *rec;
}

static int take(void *ctx, struct record *rec)
{
    struct records_read *r = ctx;

    if (wants(r, rec)) {
        keep(r, rec);
        rec->message = NULL;
        rec->log = NULL;
    }
    return r->nfound == r->limit;
}

static void take_waiting(struct records_read *r)
{
    struct record_node *n;

    TAILQ_FOREACH_REVERSE(n, &r->records->waiting, record_list, link)
    {
        struct record copy = n->record;

        if (r->nfound == r->limit)
            return;
        if (!records_match(&r->query, &copy) || !wants(r, &copy))
            continue;
        copy.message = copy.message != NULL ? xcopy(copy.message) : NULL;
        copy.log = copy.log != NULL && r->query.want_log ? xcopy(copy.log) : NULL;
        keep(r, &copy);
    }
}

static int apply(struct store_job *j, struct db *db)
{
    struct records_read *r = UF_OWNER(j, struct records_read, job);

    return records_walk(db, &r->walk, ROWS, &j->err);
}

static void on_walked(struct store_job *j)
{
    struct records_read *r = UF_OWNER(j, struct records_read, job);

    if (j->code == 0 && r->walk.at > 0 && r->nfound < r->limit) {
        worker_submit(r->records->worker, j);
        return;
    }
    r->code = j->code;
    r->err = j->err;
    r->done(r);
}

void records_read(struct records *rs, struct records_read *r)
{
    uint64_t now_ms = rs->loop->wall_ns / 1000000u;

    r->records = rs;
    r->walk = (struct records_walk){.query = &r->query,
                                    .not_before_ms =
                                        now_ms > rs->limits.age_ms ? now_ms - rs->limits.age_ms : 0,
                                    .at = INT64_MAX,
                                    .visit = take,
                                    .ctx = r};
    r->job = (struct store_job){.apply = apply, .done = on_walked, .when = STORE_NOW};
    take_waiting(r);
    if (r->nfound == r->limit)
        r->done(r);
    else
        worker_submit(rs->worker, &r->job);
}

void records_read_fini(struct records_read *r)
{
    for (size_t i = 0; i < r->nfound; i++)
        record_fini(&r->found[i]);
    free(r->found);
    r->found = NULL;
    r->nfound = 0;
}
