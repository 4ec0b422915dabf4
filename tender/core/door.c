// SPDX-License-Identifier: MIT
/* door.c: what the guest may ask for; see abi/door.h for the contract. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "tender/core/host.h"
#include "tender/core/outcome.h"

int outcome_bad_door(struct invoke *v, const char *what, uint64_t value)
{
    outcome_trace(v);
    return outcome_set(v, UF_OUTCOME_BAD_DOOR, "bad use of the door: %s 0x%" PRIx64, what, value);
}

int invoke_take(struct invoke *v, uint64_t addr, uint64_t len, uint64_t at)
{
    uint64_t off = addr - UF_EVENT_BASE;

    if (off < v->limits.event_max && len <= v->limits.event_max - off) {
        memcpy(v->exchange + at, v->exchange + off, len);
        return 0;
    }
    return gmem_read(&v->gmem, (struct uf_gva){addr}, v->exchange + at, len);
}

int door_copy_log(struct invoke *v, const struct uf_door *d)
{
    uint64_t room = v->limits.log_max - v->log_size;
    uint64_t n = d->log_size < room ? d->log_size : room;

    if (n > 0 && invoke_take(v, d->log_addr, n, uf_exchange_log(&v->limits) + v->log_size) < 0)
        return -EFAULT;
    v->log_size += (uint32_t)n;
    v->result->log_size = v->log_size;
    return n < d->log_size ? -E2BIG : 1;
}

/* The pending log of any call. 1: goes on. */
static int take_log(struct invoke *v, const struct uf_door *d)
{
    int r = door_copy_log(v, d);

    if (r == -EFAULT)
        return outcome_bad_door(v, "log at", d->log_addr);
    if (r == 1)
        return 1;
    outcome_trace(v);
    return outcome_set(
        v, UF_OUTCOME_LOG_LIMIT,
        "more than %u bytes of log in one invocation; log less or raise `limits.log`",
        v->limits.log_max);
}

static int ready(struct invoke *v, const struct uf_door *d)
{
    if (!v->booting)
        return outcome_bad_door(v, "READY outside the boot, init returned", d->a[0]);
    v->result->status = (int32_t)d->a[0];
    if (d->a[0] != 0)
        outcome_set(v, UF_OUTCOME_ERROR, "init returned %d", (int32_t)d->a[0]);
    return 0;
}

static int done(struct invoke *v, const struct uf_door *d)
{
    struct uf_result *r = v->result;

    if (v->booting)
        return outcome_bad_door(v, "DONE before READY, status", d->a[0]);
    if (d->a[1] != 0 && (d->a[1] < 100 || d->a[1] > 599))
        return outcome_bad_door(v, "HTTP status", d->a[1]);
    if (d->a[3] > UF_HEADERS_MAX)
        return outcome_set(v, UF_OUTCOME_RESPONSE_LIMIT,
                           "response headers of %" PRIu64 " bytes, the limit is %u", d->a[3],
                           UF_HEADERS_MAX);
    if (d->a[5] > v->limits.body_max)
        return outcome_set(v, UF_OUTCOME_RESPONSE_LIMIT,
                           "response body of %" PRIu64
                           " bytes, the limit is %u; raise `limits.response`",
                           d->a[5], v->limits.body_max);
    if (invoke_take(v, d->a[2], d->a[3], uf_exchange_headers(&v->limits)) < 0)
        return outcome_bad_door(v, "response headers at", d->a[2]);
    if (invoke_take(v, d->a[4], d->a[5], uf_exchange_body(&v->limits)) < 0)
        return outcome_bad_door(v, "response body at", d->a[4]);
    r->status = (int32_t)d->a[0];
    r->http_status = (uint32_t)d->a[1];
    r->headers_size = (uint32_t)d->a[3];
    r->body_size = (uint32_t)d->a[5];
    if (d->a[0] != 0)
        outcome_set(v, UF_OUTCOME_ERROR, "handle returned %d", r->status);
    return 0;
}

/* The guest's own words, as many as fit: plain text, and the characters in `but`. */
static int take_words(const struct invoke *v, const uint64_t at[static 2], const char *but,
                      char *out, size_t cap)
{
    uint64_t addr = at[0];
    uint64_t len = at[1];
    uint64_t n = len < cap - 1 ? len : cap - 1;

    if (gmem_read(&v->gmem, (struct uf_gva){addr}, out, n) < 0) {
        out[0] = '\0';
        return -EFAULT;
    }
    n = utf8_whole(out, n);
    out[n] = '\0';
    utf8_mend(out, n, but);
    return 0;
}

static int fail(struct invoke *v, const struct uf_door *d)
{
    static const enum uf_outcome outcome[] = {
        [UF_FAIL_EXIT] = UF_OUTCOME_EXIT,     [UF_FAIL_ABORT] = UF_OUTCOME_ABORT,
        [UF_FAIL_ASSERT] = UF_OUTCOME_ASSERT, [UF_FAIL_SMASH] = UF_OUTCOME_STACK_SMASHED,
        [UF_FAIL_ERROR] = UF_OUTCOME_ERROR,
    };
    char text[UF_MESSAGE_MAX / 2] = "";

    if (d->a[0] < UF_FAIL_EXIT || d->a[0] > UF_FAIL_ERROR)
        return outcome_bad_door(v, "FAIL with reason", d->a[0]);
    if (take_words(v, d->a + 2, "", text, sizeof(text)) < 0)
        return outcome_bad_door(v, "FAIL with a message at", d->a[2]);
    v->result->status = (int32_t)d->a[1];
    if (d->a[0] == UF_FAIL_EXIT)
        outcome_set(v, UF_OUTCOME_EXIT, "exit(%d) was called", v->result->status);
    else
        outcome_set(v, outcome[d->a[0]], "%s", text);
    /* A language of its own knows where its code was; nobody else does. */
    if (d->a[0] != UF_FAIL_ERROR)
        outcome_trace(v);
    else if (take_words(v, d->a + 4, "\n", v->result->trace, sizeof(v->result->trace)) < 0)
        return outcome_bad_door(v, "FAIL with a trace at", d->a[4]);
    return 0;
}

/* Write back what the tender owns of the block: log_size to ret. */
static int answer(struct invoke *v, struct uf_door *d, int64_t ret)
{
    const size_t from = offsetof(struct uf_door, log_size);

    d->log_size = 0;
    d->ret = ret;
    int r = gmem_write(&v->gmem, (struct uf_gva){v->gmem.snap->door_block + from},
                       (const uint8_t *)d + from, sizeof(*d) - from);
    return r < 0 ? r : 1;
}

/* As door_serve(); *ret is the guest's when it goes on. Nobody serves the store and the
 * network in init, and where there is no platform. */
static int platform_call(struct invoke *v, const struct uf_door *d, int64_t *ret)
{
    bool is_served = !v->booting && v->limits.effects_max != UF_EFFECTS_NONE;

    switch ((enum uf_door_op)d->op) {
    case UF_OP_LOG:
        *ret = UF_R_OK;
        return 1;
    case UF_OP_CLOCK:
        *ret = d->a[0] > 1 ? UF_R_INVALID
                           : (int64_t)host_clock(d->a[0] == 0 ? CLOCK_REALTIME : CLOCK_MONOTONIC);
        return 1;
    case UF_OP_SLEEP:
        *ret = UF_R_OK;
        return ask_nothing(v, d->a[0]);
    case UF_OP_KV_SET:
    case UF_OP_QUEUE_PUSH:
    case UF_OP_PUBLISH:
        return is_served ? ask_effect(v, d, ret) : 1;
    case UF_OP_KV_GET:
    case UF_OP_KV_DELETE:
    case UF_OP_KV_INCR:
    case UF_OP_KV_LIST:
    case UF_OP_QUEUE_POP:
    case UF_OP_SECRET:
        return is_served ? ask_question(v, d, ret) : 1;
    case UF_OP_FETCH:
        return is_served ? ask_fetch(v, d, ret) : 1;
    case UF_OP_READY:
    case UF_OP_DONE:
    case UF_OP_FAIL:
        break;
    }
    return outcome_bad_door(v, "call", d->op);
}

static int host_call(struct invoke *v, struct uf_door *d)
{
    if (++v->host_calls > v->limits.host_calls) {
        outcome_trace(v);
        return outcome_set(v, UF_OUTCOME_HOST_CALL_LIMIT,
                           "more than %u host calls in one invocation; raise `limits.host_calls`",
                           v->limits.host_calls);
    }
    int64_t ret = UF_R_NOT_AVAILABLE;
    int r = platform_call(v, d, &ret);
    return r == 1 ? answer(v, d, ret) : r;
}

int door_serve(struct invoke *v)
{
    struct uf_door d;
    int r = gmem_read(&v->gmem, (struct uf_gva){v->gmem.snap->door_block}, &d, sizeof(d));

    if (r < 0)
        return r;
    v->result->oom = d.oom != 0;
    r = take_log(v, &d);
    if (r != 1)
        return r;
    switch (d.op) {
    case UF_OP_READY:
        return ready(v, &d);
    case UF_OP_DONE:
        return done(v, &d);
    case UF_OP_FAIL:
        return fail(v, &d);
    default:
        return host_call(v, &d);
    }
}
