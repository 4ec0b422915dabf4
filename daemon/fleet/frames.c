// SPDX-License-Identifier: MIT
/*
 * frames.c: what tenders say, and what follows from it.
 *
 * A tender may have been taken over by its guest: a frame that does not fit
 * the state ends that tender, and nothing else.
 */
#include "daemon/fleet/frames.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/fleet/scale.h"
#include "daemon/record/say.h"
#include "engine/reason.h"

#define SHORT_ID 8 /* characters of an id that logs show */

/* What tenders here have to do without, each said once. */
static void tell_degraded(uint32_t bits)
{
    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        if ((bits & bit) != 0 && reason_of_degraded(bit) != REASON_NONE)
            say("%s ('unifaas doctor' says how to mend it)", reason_words(reason_of_degraded(bit)));
}

static void on_ready(struct instance *i)
{
    struct fleet *f = i->fleet;

    tell_degraded(i->tender.degraded & ~f->degraded);
    f->degraded |= i->tender.degraded;
    empty_ns_take(&f->ns, &i->tender);
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

    f->refill_failures = 0; /* tenders that only start have proved nothing */
    i->load_ns = f->loop->now_ns - i->since_ns;
    fn->stats.cold_starts++;
    fn->stats.cold_start_ns += i->load_ns;
    f->start_ns = scale_average(f->start_ns, i->load_ns);
    instance_loaded(i);
    queue_pump(fn);
}

static void short_id(char out[static SHORT_ID + 1], const char *id)
{
    (void)snprintf(out, SHORT_ID + 1, "%s", id);
}

/* The function's own lines, then the platform's about a failure. */
static void keep_log(struct logring *log, const char *id, const struct result *res,
                     uint64_t wall_ns)
{
    const struct uf_result *r = &res->r;
    char who[SHORT_ID + 1];
    char line[UF_MESSAGE_MAX + 64];

    if (r->log_size == 0 && r->outcome == UF_OUTCOME_OK)
        return;
    short_id(who, id);
    logring_add_lines(log, wall_ns, who, res->log, r->log_size);
    if (r->outcome != UF_OUTCOME_OK) {
        (void)snprintf(line, sizeof(line), "%s: %s", outcome_word(r->outcome), r->message);
        logring_say(log, wall_ns, who, LEVEL_ERROR, line);
        logring_say(log, wall_ns, who, LEVEL_ERROR, r->trace);
    }
    logring_tell(log);
}

static void keep_logs(const struct call *c, const struct result *res)
{
    const struct fn *fn = c->fn;
    const struct fn *sequence =
        c->sequence == NULL ? NULL : fleet_find(fn->fleet, fn->conf.space, c->sequence);

    keep_log(fn->log, c->id, res, fn->fleet->loop->wall_ns);
    if (sequence != NULL)
        keep_log(sequence->log, c->id, res, fn->fleet->loop->wall_ns);
}

static void refuse(struct instance *i, const struct uf_frame *f)
{
    char why[UF_ERR_MAX];

    (void)snprintf(why, sizeof(why), "the tender sent frame %" PRIu32 " while %s", f->type,
                   inst_state_word(i->state));
    instance_lose(i, UF_OUTCOME_TENDER_LOST, why);
}

/* The restore before this event: the one after it has not been made yet. */
static void count_restore(struct instance *i, const struct uf_result *r)
{
    struct stats *s = &i->fn->stats;

    if (r->restores == i->restores)
        return;
    i->restores = r->restores;
    s->restores++;
    s->restore_ns += r->restore_ns;
    s->restore_pages += r->restore_pages;
}

static void on_done(struct instance *i, const struct uf_frame *frame, const struct result *res)
{
    struct fleet *f = i->fleet;
    struct fn *fn = i->fn;
    struct call *c = i->call;
    struct verdict v = {.result = res, .outcome = res->r.outcome, .backend = i->tender.backend};

    i->call = NULL;
    fn->deaths = 0;
    fn->run_ns = scale_average(fn->run_ns, f->loop->now_ns - i->since_ns);
    fn->stats.warm_starts += c->init_ns == 0;
    count_restore(i, &res->r);
    /* Of one that failed it may be any; the next will do. */
    if (fn->working_set[0].count == 0 && i->revision == fn->revision &&
        res->r.outcome == UF_OUTCOME_OK)
        memcpy(fn->working_set, frame->working_set, sizeof(fn->working_set));
    keep_logs(c, res);
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

    i->fleet->refill_failures = 0;
    b->instance = NULL;
    /* The snapshot is hashed next: nobody may be left who can write to it. */
    tender_kill(&i->tender);
    b->done(b, &end);
    (void)instance_move(i, INST_EV_DONE);
    instance_end(i);
}

void fleet_answer(struct call *c, const struct host_answer *a)
{
    struct instance *i = c->asking;
    struct uf_err err;

    c->asking = NULL;
    /* One that cannot be reached has ended: its socket will say so. */
    if (i != NULL)
        (void)tender_answer(&i->tender, a, &err);
}

void fleet_abort(struct call *c, const char *why)
{
    if (c->asking != NULL)
        instance_lose(c->asking, UF_OUTCOME_TENDER_LOST, why);
}

const uint8_t *fleet_effects(const struct call *c)
{
    return c->asking == NULL ? NULL : tender_effects(&c->asking->tender);
}

static void on_question(struct instance *i, const struct uf_frame *f)
{
    static const struct host_answer nobody = {.ret = UF_R_NOT_AVAILABLE};
    struct call *c = i->call;
    struct host_request h;
    struct uf_err err;

    if ((i->state != INST_BUSY && i->state != INST_DRAINING) || c->asking != NULL) {
        refuse(i, f);
        return;
    }
    if (tender_question(&i->tender, &h, &err) < 0) {
        instance_lose(i, UF_OUTCOME_TENDER_LOST, err.msg);
        return;
    }
    c->asking = i;
    if (c->ops->asks != NULL) {
        c->ops->asks(c, &h);
        return;
    }
    free(h.data);
    fleet_answer(c, &nobody);
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
        on_done(i, f, &res);
}

/* The tender says why it ends. It is ended now: one that has been taken over
 * could say so for ever, and stay. */
static void on_error(struct instance *i, const struct uf_frame *f)
{
    (void)snprintf(i->why, sizeof(i->why), "%s",
                   f->text[0] != '\0' ? f->text : "the tender gave up and did not say why");
    /* What has to do with this machine is told apart from a bad image. */
    bool is_ours = reason_of_tender(f, i->tender.backend == BACKEND_KVM) != REASON_NONE;
    i->why_code = is_ours && f->code < 0 ? f->code : -EINVAL;
    /* What it refuses to map has to be made again from the image; what this
     * machine refuses to it has nothing to do with the snapshot. */
    if (i->state == INST_LOADING && i->why_code == -EINVAL) {
        i->fn->is_verified = false;
        i->fn->is_refused = true;
    }
    instance_lose(i, UF_OUTCOME_TENDER_LOST, i->why);
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
    case UF_FRAME_CALL:
        on_question(i, f);
        return;
    case UF_FRAME_BOOT:
    case UF_FRAME_LOAD:
    case UF_FRAME_RUN:
    case UF_FRAME_ANSWER:
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
        instance_lose(i, UF_OUTCOME_TENDER_LOST, err.msg);
}
