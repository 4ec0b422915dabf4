// SPDX-License-Identifier: MIT
/*
 * frames.c: what tenders say, and what follows from it.
 *
 * A tender may have been taken over by its guest: a frame that does not fit
 * the state ends that tender, and nothing else.
 */
#include "daemon/fleet/frames.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/fleet/scale.h"
#include "daemon/record/say.h"

#define SHORT_ID 8 /* characters of an id that logs show */

/* What tenders here have to do without, each said once. */
static void tell_degraded(uint32_t bits)
{
    static const struct {
        uint32_t bit;
        const char *words;
    } all[] = {
#define X(name, bit, words) {(bit), (words)},
        UF_DEGRADED(X)
#undef X
    };

    for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
        if ((bits & all[k].bit) != 0)
            say("%s ('unifaas doctor' says how to mend it)", all[k].words);
}

static void on_ready(struct instance *i)
{
    struct fleet *f = i->fleet;

    tell_degraded(i->tender.degraded & ~f->degraded);
    f->degraded |= i->tender.degraded;
    f->refill_failures = 0;
    loop_disarm(f->loop, &i->timer);
    if (i->fn != NULL || i->boot != NULL)
        instance_begin(i);
    else
        pool_touch(f);
}

static void on_loaded(struct instance *i)
{
    struct fleet *f = i->fleet;
    struct fn *fn = i->fn;

    fn->stats.cold_starts++;
    f->start_ns = scale_average(f->start_ns, f->loop->now_ns - i->since_ns);
    instance_rest(i);
    queue_pump(fn);
}

static void short_id(char out[static SHORT_ID + 1], const char *id)
{
    (void)snprintf(out, SHORT_ID + 1, "%s", id);
}

/* The function's own lines, then the platform's about a failure. */
static void keep_log(struct fn *fn, const char *id, const struct result *res, uint64_t wall_ns)
{
    const struct uf_result *r = &res->r;
    char who[SHORT_ID + 1];
    char line[UF_MESSAGE_MAX + 64];

    if (r->log_size == 0 && r->outcome == UF_OUTCOME_OK)
        return;
    short_id(who, id);
    logring_add_lines(fn->log, wall_ns, who, res->log, r->log_size);
    if (r->outcome != UF_OUTCOME_OK) {
        int n = snprintf(line, sizeof(line), "%s: %s", outcome_word(r->outcome), r->message);

        logring_add(fn->log, wall_ns, who, line, n < 0 ? 0 : strlen(line));
        logring_add_lines(fn->log, wall_ns, who, r->trace, strlen(r->trace));
    }
    logring_tell(fn->log);
}

static void refuse(struct instance *i, const struct uf_frame *f)
{
    char why[UF_ERR_MAX];

    (void)snprintf(why, sizeof(why), "the tender sent frame %" PRIu32 " while %s", f->type,
                   inst_state_word(i->state));
    instance_lose(i, UF_OUTCOME_TENDER_LOST, why);
}

static void on_done(struct instance *i, const struct result *res)
{
    struct fleet *f = i->fleet;
    struct fn *fn = i->fn;
    struct call *c = i->call;
    struct verdict v = {.result = res, .outcome = res->r.outcome, .backend = i->tender.backend};

    i->call = NULL;
    fn->deaths = 0;
    fn->run_ns = scale_average(fn->run_ns, f->loop->now_ns - i->since_ns);
    keep_log(fn, c->id, res, f->loop->wall_ns);
    queue_finish(c, &v);
    (void)instance_move(i, INST_EV_DONE);
    if (i->state == INST_DEAD) {
        instance_end(i);
        return;
    }
    instance_rest(i);
    queue_feed(f);
    queue_pump(fn);
}

static void on_booted(struct instance *i, const struct result *res)
{
    struct boot *b = i->boot;
    struct boot_end end = {.result = res};

    b->instance = NULL;
    /* The snapshot is hashed next: nobody may be left who can write to it. */
    tender_kill(&i->tender);
    b->done(b, &end);
    (void)instance_move(i, INST_EV_DONE);
    instance_end(i);
}

/* DONE or BOOTED: only from one who was given that to do. */
static void on_result(struct instance *i, const struct uf_frame *f)
{
    bool is_booted = f->type == UF_FRAME_BOOTED;
    struct result res;
    struct uf_err err;

    if (inst_next(i->state, INST_EV_DONE) < 0 || is_booted != (i->boot != NULL))
        refuse(i, f);
    else if (tender_result(&i->tender, &res, &err) < 0)
        instance_lose(i, UF_OUTCOME_TENDER_LOST, err.msg);
    else if (is_booted)
        on_booted(i, &res);
    else
        on_done(i, &res);
}

/* The tender says why it ends; the end follows. */
static void on_error(struct instance *i, const struct uf_frame *f)
{
    (void)snprintf(i->why, sizeof(i->why), "%.*s", UF_ERR_MAX - 1, f->text);
    /* What it refuses to map has to be made again from the image. */
    if (i->state == INST_LOADING) {
        i->fn->is_verified = false;
        i->fn->is_refused = true;
    }
}

static void serve(struct instance *i, const struct uf_frame *f)
{
    switch ((enum uf_frame_type)f->type) {
    case UF_FRAME_READY:
        if (!instance_move(i, INST_EV_READY))
            break;
        on_ready(i);
        return;
    case UF_FRAME_LOADED:
        if (!instance_move(i, INST_EV_LOADED))
            break;
        on_loaded(i);
        return;
    case UF_FRAME_DONE:
    case UF_FRAME_BOOTED:
        on_result(i, f);
        return;
    case UF_FRAME_ERROR:
        on_error(i, f);
        return;
    case UF_FRAME_BOOT:
    case UF_FRAME_LOAD:
    case UF_FRAME_RUN:
        break;
    }
    refuse(i, f);
}

void frames_on_socket(struct loop_fd *w, uint32_t events)
{
    struct instance *i = UF_OWNER(w, struct instance, watch);
    struct uf_frame f;
    struct uf_err err = {0};

    (void)events;
    int r = tender_recv(&i->tender, &f, 0, &err);
    if (r > 0)
        serve(i, &f);
    else if (r < 0)
        instance_lose(i, UF_OUTCOME_TENDER_LOST, i->why[0] != '\0' ? i->why : err.msg);
}
