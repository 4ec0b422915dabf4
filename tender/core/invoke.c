// SPDX-License-Identifier: MIT
/* invoke.c: one run, from the entry to the result; see invoke.h. */
#include "tender/core/invoke.h"

#include <errno.h>
#include <inttypes.h>

#include "tender/core/host.h"
#include "tender/core/outcome.h"

static uint64_t cpu_used(const struct invoke *v)
{
    return v->gmem.machine->ops->cpu_ns(v->gmem.machine) - v->cpu_start_ns;
}

static void begin(struct invoke *v, bool booting)
{
    struct uf_result *r = v->result;
    uint64_t least =
        v->limits.timeout_ns < v->limits.cpu_ns ? v->limits.timeout_ns : v->limits.cpu_ns;

    r->outcome = UF_OUTCOME_OK;
    r->status = 0;
    r->http_status = 0;
    r->headers_size = 0;
    r->log_size = 0;
    r->body_size = 0;
    r->oom = 0;
    r->message[0] = '\0';
    r->trace[0] = '\0';
    v->booting = booting;
    v->log_size = 0;
    v->host_calls = 0;
    v->wake_ns = 0;
    v->effects_size = 0;
    v->cpu_start_ns = v->gmem.machine->ops->cpu_ns(v->gmem.machine);
    v->start_ns = host_clock(CLOCK_MONOTONIC);
    /* One thread uses CPU time no faster than time passes, so the smaller of
     * both limits is the earliest moment at which to look. */
    alarm_at(&v->alarm, v->start_ns, v->start_ns + least);
}

bool invoke_is_over(struct invoke *v)
{
    uint64_t now = host_clock(CLOCK_MONOTONIC);
    uint64_t wall = now - v->start_ns;
    uint64_t cpu = cpu_used(v);
    uint64_t left;
    bool is_late = wall >= v->limits.timeout_ns;

    if (is_late || cpu >= v->limits.cpu_ns) {
        outcome_set(v, is_late ? UF_OUTCOME_TIME_LIMIT : UF_OUTCOME_CPU_LIMIT,
                    is_late ? "still running after %" PRIu64 " ms, its time limit; raise `timeout`"
                            : "used %" PRIu64 " ms of CPU time, its limit; raise `limits.cpu_time`",
                    (is_late ? v->limits.timeout_ns : v->limits.cpu_ns) / 1000000);
        outcome_trace(v);
        return true;
    }
    left = v->limits.timeout_ns - wall;
    if (v->limits.cpu_ns - cpu < left)
        left = v->limits.cpu_ns - cpu;
    if (v->wake_ns <= now)
        v->wake_ns = 0;
    else if (v->wake_ns - now < left)
        left = v->wake_ns - now;
    alarm_off(&v->alarm);
    alarm_at(&v->alarm, now, now + left);
    return false;
}

/* 1: the guest goes on; 0: the run has ended; -errno: so has the machine. */
static int on_stop(struct invoke *v, const struct stop *s)
{
    switch (s->kind) {
    case STOP_DOOR: {
        int r = door_serve(v);

        /* A guest that calls all the time may never be caught by the signal. */
        if (r == 1 && host_clock(CLOCK_MONOTONIC) - v->start_ns >= v->limits.timeout_ns)
            return invoke_is_over(v) ? 0 : 1;
        return r;
    }
    case STOP_INTERRUPTED:
        return invoke_is_over(v) ? 0 : 1;
    case STOP_FAULT:
    case STOP_SYSCALL:
        outcome_of_stop(v, s);
        return 0;
    case STOP_DEAD:
        break;
    }
    outcome_of_stop(v, s);
    return -EIO;
}

int invoke_run(struct invoke *v, bool booting)
{
    struct machine *m = v->gmem.machine;
    struct stop stop = {0};
    int r;

    begin(v, booting);
    r = m->ops->enter(m, &stop);
    while (r == 0) {
        r = on_stop(v, &stop);
        if (r <= 0)
            break;
        r = m->ops->resume(m, &stop);
    }
    if (r < 0 && v->result->outcome != UF_OUTCOME_TENDER_LOST)
        outcome_set(v, UF_OUTCOME_TENDER_LOST, "the machine failed with error %d", -r);
    if (r == 0)
        outcome_look_back(v, stop.kind != STOP_DOOR);
    v->result->run_ns = host_clock(CLOCK_MONOTONIC) - v->start_ns;
    v->result->cpu_ns = cpu_used(v);
    v->result->host_calls = v->host_calls;
    v->result->effects_size = v->effects_size;
    return r;
}
