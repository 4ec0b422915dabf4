// SPDX-License-Identifier: MIT
/* local.c: see local.h. */
#include "cli/local.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/memfile.h"

#define SETUP_MS 10000u /* to start, or to map a snapshot                       */
#define GRACE_MS 2000u  /* beyond an invocation's time limit, for the tender    */

/* Wait for one kind of frame. */
static int expect(struct tender *t, uint32_t type, uint64_t timeout_ms, struct uf_err *err)
{
    struct uf_frame f;
    int r;

    do
        r = tender_recv(t, &f, timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms, err);
    while (r == -EINTR);
    if (r < 0)
        return r;
    if (r == 0)
        return uf_fail(err, -ETIMEDOUT, "the tender did not answer within %llu ms",
                       (unsigned long long)timeout_ms);
    if (f.type == UF_FRAME_ERROR)
        return uf_fail(err, f.code < 0 ? f.code : -EIO, "%s", f.text);
    if (f.type != type)
        return uf_fail(err, -EPROTO, "the tender sent frame %u, not %u", f.type, type);
    return 0;
}

static uint64_t run_ms(const struct local *l)
{
    return l->limits.timeout_ns / 1000000 + GRACE_MS;
}

void local_init(struct local *l)
{
    *l = (struct local){
        .boot = {.sock = -1, .exchange = -1}, .run = {.sock = -1, .exchange = -1}, .snapshot = -1};
}

int local_start(struct local *l, const struct tender_options *o, const struct function *f,
                uint32_t event_max, struct uf_err *err)
{
    function_limits(f, event_max, &l->limits);
    l->limits.effects_max = UF_EFFECTS_NONE;
    int r = tender_start(&l->boot, o, err);
    return r < 0 || l->is_for_one ? r : tender_start(&l->run, o, err);
}

int local_boot(struct local *l, int image, const struct function *f, struct result *out,
               struct uf_err *err)
{
    int r = 0;

    if (!l->is_for_one)
        r = l->snapshot = memfile_make("unifaas-snapshot", 0, err);
    if (r >= 0)
        r = expect(&l->boot, UF_FRAME_READY, SETUP_MS, err);
    if (r == 0)
        r = tender_boot(&l->boot, &l->limits,
                        &(struct tender_image){image, l->snapshot, f->name, f->env, f->env_size},
                        err);
    if (r == 0)
        r = expect(&l->boot, UF_FRAME_BOOTED, run_ms(l) + SETUP_MS, err);
    return r < 0 ? r : tender_result(&l->boot, out, err);
}

/* Taking a tender with its namespaces down takes a while: let it happen beside
 * other work. tender_stop() waits for what is left of it. */
static void end_soon(const struct tender *t)
{
    if (t->pid > 0)
        (void)kill(t->pid, SIGKILL);
}

int local_load(struct local *l, struct uf_err *err)
{
    if (l->is_for_one)
        return 0;
    int r = expect(&l->run, UF_FRAME_READY, SETUP_MS, err);
    if (r == 0)
        r = tender_load(&l->run, &l->limits, l->snapshot, NULL, err);
    if (r == 0)
        r = expect(&l->run, UF_FRAME_LOADED, SETUP_MS, err);
    end_soon(&l->boot);
    return r;
}

int local_event(struct local *l, const struct event *e, struct result *out, struct uf_err *err)
{
    struct tender *t = l->is_for_one ? &l->boot : &l->run;
    int r = tender_run(t, e, err);

    if (r == 0)
        r = expect(t, UF_FRAME_DONE, run_ms(l), err);
    return r < 0 ? r : tender_result(t, out, err);
}

uint64_t local_snapshot_size(const struct local *l)
{
    struct stat st;

    return l->snapshot >= 0 && fstat(l->snapshot, &st) == 0 ? (uint64_t)st.st_size : 0;
}

void local_fini(struct local *l)
{
    end_soon(&l->run);
    tender_stop(&l->boot);
    tender_stop(&l->run);
    if (l->snapshot >= 0)
        (void)close(l->snapshot);
    l->snapshot = -1;
}
