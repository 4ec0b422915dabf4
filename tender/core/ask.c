// SPDX-License-Identifier: MIT
/*
 * ask.c: host calls that the platform serves; see abi/control.h.
 *
 * Those that only write are appended to the effects. Those that need an answer
 * are put into the exchange and wait for it, as long as the time limit allows.
 * What the guest points at is copied once, into the exchange, which it cannot
 * see; what is judged is that copy.
 */
#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "tender/core/frames.h"
#include "tender/core/host.h"
#include "tender/core/outcome.h"

static struct uf_ask *ask_of(const struct invoke *v)
{
    return (struct uf_ask *)(v->exchange + uf_exchange_ask(&v->limits));
}

/* Copy a name to `at`. 1, 0 when it is none, or -EFAULT. */
static int take_name(struct invoke *v, uint64_t addr, uint64_t size, uint64_t at, bool may_be_empty)
{
    if (size > UF_NAME_MAX || (size == 0 && !may_be_empty))
        return 0;
    if (invoke_take(v, addr, size, at) < 0)
        return -EFAULT;
    return utf8_is_plain((const char *)v->exchange + at, size);
}

int ask_effect(struct invoke *v, const struct uf_door *d, int64_t *ret)
{
    uint64_t size = uf_effect_size(d->a[1], d->a[3]);
    uint64_t at = uf_exchange_effects(&v->limits) + v->effects_size;
    struct uf_effect e = {.op = d->op,
                          .name_size = (uint32_t)d->a[1],
                          .data_size = (uint32_t)d->a[3],
                          .number = d->op == UF_OP_PUBLISH ? 0 : d->a[4]};

    *ret = UF_R_TOO_LARGE;
    if (d->a[3] > UF_VALUE_MAX ||
        (d->a[1] <= UF_NAME_MAX && size > v->limits.effects_max - v->effects_size))
        return 1;
    *ret = UF_R_INVALID;
    if (d->a[1] > UF_NAME_MAX)
        return 1;
    int r = take_name(v, d->a[0], d->a[1], at + sizeof(e), false);
    if (r <= 0)
        return r < 0 ? outcome_bad_door(v, "name at", d->a[0]) : 1;
    if (invoke_take(v, d->a[2], d->a[3], at + sizeof(e) + d->a[1]) < 0)
        return outcome_bad_door(v, "data at", d->a[2]);
    memcpy(v->exchange + at, &e, sizeof(e));
    v->effects_size += size;
    *ret = UF_R_OK;
    return 1;
}

/* Wait for this run's answer, or to be awake. 1, 0 when the time was over first, or
 * -errno. */
static int wait_for_answer(struct invoke *v)
{
    bool is_asleep = v->wake_ns != 0;
    struct uf_frame f;
    int fds[FRAME_FDS];

    for (;;) {
        int r = frames_recv(&f, fds);

        if (r == -EINTR && invoke_is_over(v))
            return 0;
        if (r == -EINTR && is_asleep && v->wake_ns == 0)
            return 1;
        if (r == -EINTR)
            continue;
        if (r <= 0)
            return r < 0 ? r : -EPIPE;
        frames_close(fds);
        if (f.type != UF_FRAME_ANSWER)
            return -EPROTO;
        if (f.seq == v->seq)
            return 1;
    }
}

/* Nothing is to be answered, and nothing comes: the alarm ends the waiting. */
int ask_nothing(struct invoke *v, uint64_t ns)
{
    uint64_t now = host_clock(CLOCK_MONOTONIC);

    if (ns == 0)
        return 1;
    v->wake_ns = now + (ns < v->limits.timeout_ns ? ns : v->limits.timeout_ns);
    alarm_at(&v->alarm, now, v->wake_ns);
    return wait_for_answer(v);
}

/* Send the question that lies in the exchange. 1 and *a, 0, or -errno. */
static int put_question(struct invoke *v, const struct uf_ask *q, struct uf_ask *a)
{
    struct uf_frame f = {.type = UF_FRAME_CALL, .seq = v->seq};

    *ask_of(v) = *q;
    int r = frames_send(&f);
    if (r == 0)
        r = wait_for_answer(v);
    *a = *ask_of(v);
    if (r == 1 && (a->size > UF_ASK_MAX - sizeof(*a) || a->headers_size > a->size))
        return -EPROTO;
    return r;
}

/* The answer's bytes into the guest's buffer. */
static int give(struct invoke *v, const struct uf_ask *a, uint64_t addr, uint64_t cap, int64_t *ret)
{
    if (*ret >= 0 && a->size > cap)
        *ret = UF_R_TOO_LARGE;
    if (*ret < 0 || a->size == 0)
        return 1;
    if (gmem_write(&v->gmem, (struct uf_gva){addr}, ask_of(v) + 1, a->size) < 0)
        return outcome_bad_door(v, "buffer at", addr);
    return 1;
}

int ask_question(struct invoke *v, const struct uf_door *d, int64_t *ret)
{
    bool is_incr = d->op == UF_OP_KV_INCR;
    uint64_t buffer = is_incr ? d->a[3] : d->a[2];
    uint64_t cap = is_incr ? d->a[4] : d->a[3];
    struct uf_ask q = {.op = d->op,
                       .name_size = (uint32_t)d->a[1],
                       .cap = cap,
                       .number = is_incr ? (int64_t)d->a[2] : 0,
                       .effects = v->effects_size};
    struct uf_ask a;
    int r = take_name(v, d->a[0], d->a[1], uf_exchange_ask(&v->limits) + sizeof(q),
                      d->op == UF_OP_KV_LIST);

    *ret = UF_R_INVALID;
    if (r < 0)
        return outcome_bad_door(v, "name at", d->a[0]);
    if (r == 0 || (is_incr && cap != sizeof(int64_t)))
        return 1;
    r = put_question(v, &q, &a);
    if (r <= 0)
        return r;
    *ret = a.ret;
    /* The sum is written beside the result, not told as a size. */
    return give(v, &a, buffer, cap, ret);
}

/* Copy the parts of a request one after the other. 1, 0 when too large, -EFAULT. */
static int take_parts(struct invoke *v, const struct uf_door_span *span, struct uf_ask *q)
{
    uint64_t at = uf_exchange_ask(&v->limits) + sizeof(*q);
    uint64_t left = UF_VALUE_MAX;

    for (unsigned i = 0; i < 4; i++) {
        if (span[i].size > left)
            return 0;
        if (invoke_take(v, span[i].addr, span[i].size, at) < 0)
            return -EFAULT;
        q->part[i] = (uint32_t)span[i].size;
        at += span[i].size;
        left -= span[i].size;
    }
    return 1;
}

int ask_fetch(struct invoke *v, const struct uf_door *d, int64_t *ret)
{
    struct uf_door_fetch f;
    struct uf_ask q = {.op = UF_OP_FETCH, .effects = v->effects_size};
    struct uf_ask a;

    if (d->a[1] != sizeof(f) || gmem_read(&v->gmem, (struct uf_gva){d->a[0]}, &f, sizeof(f)) < 0)
        return outcome_bad_door(v, "request at", d->a[0]);
    const struct uf_door_span span[] = {f.method, f.url, f.headers, f.body};
    int r = take_parts(v, span, &q);
    if (r < 0)
        return outcome_bad_door(v, "request of parts at", d->a[0]);
    *ret = UF_R_TOO_LARGE;
    if (r == 0)
        return 1;
    q.cap = f.buffer.size;
    q.number = f.timeout_ns > INT64_MAX ? INT64_MAX : (int64_t)f.timeout_ns;
    r = put_question(v, &q, &a);
    if (r <= 0)
        return r;
    *ret = a.ret;
    r = give(v, &a, f.buffer.addr, f.buffer.size, ret);
    if (r <= 0 || *ret < 0)
        return r;
    f.status = a.status;
    f.headers_size = a.headers_size;
    f.body_size = a.size - a.headers_size;
    const size_t from = offsetof(struct uf_door_fetch, status);
    if (gmem_write(&v->gmem, (struct uf_gva){d->a[0] + from}, (uint8_t *)&f + from,
                   sizeof(f) - from) < 0)
        return outcome_bad_door(v, "answer at", d->a[0]);
    return 1;
}
