// SPDX-License-Identifier: MIT
/* lies.c: see lies.h. Each is one thing that a good tender never does. */
#include "tests/malice/lies.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "abi/door.h"
#include "abi/image.h"
#include "abi/snapshot.h"
#include "engine/arch.h"

#define FLOOD 100000 /* frames; far more than a socket holds */

/* ---- frames: what, how long, how often, and which ------------------------------- */

static void say_nothing(struct fake *f)
{
    (void)f;
    for (;;)
        (void)pause();
}

static void end(struct fake *f)
{
    (void)f;
    _exit(0);
}

static void die(struct fake *f)
{
    (void)f;
    (void)raise(SIGKILL); /* the first process of a namespace is spared this */
    _exit(9);
}

static void hang_up(struct fake *f)
{
    (void)close(UF_CONTROL_FD);
    say_nothing(f);
}

static void stop(struct fake *f)
{
    (void)raise(SIGSTOP);
    say_nothing(f);
}

static void short_frame(struct fake *f)
{
    struct uf_frame out = {.type = UF_FRAME_DONE, .seq = f->seq};

    fake_send(&out, sizeof(out) - 1, -1, 0);
}

static void long_frame(struct fake *f)
{
    struct {
        struct uf_frame frame;
        char more[4096];
    } out = {.frame = {.type = UF_FRAME_DONE, .seq = f->seq}};

    fake_send(&out, sizeof(out), -1, 0);
}

static void empty_frame(struct fake *f)
{
    (void)f;
    fake_send("", 0, -1, 0);
}

static void unknown_frame(struct fake *f)
{
    fake_say(f, UINT32_MAX);
}

static void platforms_frame(struct fake *f)
{
    fake_say(f, UF_FRAME_LOAD);
}

static void ready(struct fake *f)
{
    fake_say(f, UF_FRAME_READY);
}

static void ready_twice(struct fake *f)
{
    ready(f);
    ready(f);
}

static void booted(struct fake *f)
{
    fake_say(f, UF_FRAME_BOOTED);
}

static void loaded(struct fake *f)
{
    fake_say(f, UF_FRAME_LOADED);
}

static void loaded_twice(struct fake *f)
{
    loaded(f);
    loaded(f);
}

static void done(struct fake *f)
{
    fake_say(f, UF_FRAME_DONE);
}

static void done_twice(struct fake *f)
{
    done(f);
    done(f);
}

static void done_then_end(struct fake *f)
{
    done(f);
    _exit(0);
}

static void done_of_the_last(struct fake *f)
{
    f->seq--;
    done(f);
}

static void done_of_the_next(struct fake *f)
{
    f->seq++;
    done(f);
}

/* ---- words ---------------------------------------------------------------------- */

/* Lines of a log that nobody wrote, an escape, bytes that are no text, no end. */
static void fill_text(char *text, size_t size)
{
    static const char start[] = "bad\r\nunifaasd: forged line\033[2J\r\n\xff\xfe\xc3";

    memset(text, 0xf0, size);
    memcpy(text, start, sizeof(start) - 1);
}

static void error_text(struct fake *f)
{
    struct uf_frame out = {.type = UF_FRAME_ERROR, .code = INT_MIN};

    (void)f;
    fill_text(out.text, sizeof(out.text));
    fake_send(&out, sizeof(out), -1, 0);
    say_nothing(f);
}

static void error_flood(struct fake *f)
{
    for (int i = 0; i < FLOOD; i++)
        fake_say(f, UF_FRAME_ERROR);
    say_nothing(f);
}

static void done_flood(struct fake *f)
{
    for (int i = 0; i < FLOOD; i++)
        done(f);
}

static void message_text(struct fake *f)
{
    f->result->outcome = UF_OUTCOME_FAULT;
    fill_text(f->result->message, sizeof(f->result->message));
    fill_text(f->result->trace, sizeof(f->result->trace));
}

static void put_headers(struct fake *f, const void *text, size_t size)
{
    memcpy(f->map + uf_exchange_headers(&f->limits), text, size);
    f->result->headers_size = (uint32_t)size;
}

static void headers_forged(struct fake *f)
{
    static const char text[] = "X-One: a\rX-Forged: 1\n"
                               "X-UniFaaS-Isolation: forged\n"
                               "Content-Length: 3\n"
                               "Transfer-Encoding: chunked\n"
                               "no colon\n: no name\nX Space: 1\n"
                               "X-Bytes: \xff\xfe\nX-Good: yes\n"
                               "X-Nul: a\0b\nX-Open: end";

    put_headers(f, text, sizeof(text) - 1);
}

static void headers_many(struct fake *f)
{
    char text[UF_HEADERS_MAX];

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = "a:\n"[i % 3];
    put_headers(f, text, sizeof(text));
}

static void headers_newlines(struct fake *f)
{
    char text[UF_HEADERS_MAX];

    memset(text, '\n', sizeof(text));
    put_headers(f, text, sizeof(text));
}

static void log_binary(struct fake *f)
{
    fill_text((char *)f->map + uf_exchange_log(&f->limits), f->limits.log_max);
    f->result->log_size = f->limits.log_max;
}

/* ---- numbers --------------------------------------------------------------------- */

static void headers_large(struct fake *f)
{
    f->result->headers_size = UF_HEADERS_MAX + 1;
}

static void headers_largest(struct fake *f)
{
    f->result->headers_size = UINT32_MAX;
}

static void log_large(struct fake *f)
{
    f->result->log_size = f->limits.log_max + 1;
}

static void body_large(struct fake *f)
{
    f->result->body_size = f->limits.body_max + 1;
}

static void body_largest(struct fake *f)
{
    f->result->body_size = UINT32_MAX;
}

static void outcome_next(struct fake *f)
{
    f->result->outcome = UF_NOUTCOMES;
}

static void outcome_largest(struct fake *f)
{
    f->result->outcome = UINT32_MAX;
}

static void status_99(struct fake *f)
{
    f->result->http_status = 99;
}

static void status_600(struct fake *f)
{
    f->result->http_status = 600;
}

static void status_101(struct fake *f)
{
    f->result->http_status = 101;
}

static void status_204(struct fake *f)
{
    f->result->http_status = 204;
}

static void numbers_largest(struct fake *f)
{
    f->result->status = INT_MIN;
    f->result->host_calls = UINT32_MAX;
    f->result->oom = UINT32_MAX;
    f->result->run_ns = f->result->cpu_ns = f->result->restore_ns = UINT64_MAX;
    f->result->restore_pages = f->result->restores = UINT32_MAX;
}

/* ---- what changes while it is read ------------------------------------------------- */

static void *flip(void *arg)
{
    struct fake *f = arg;
    volatile struct uf_result *r = f->result;

    for (;;) {
        r->headers_size = r->headers_size == 8 ? UINT32_MAX : 8;
        r->body_size = r->body_size == 8 ? UINT32_MAX : 8;
        r->log_size = r->log_size == 8 ? UINT32_MAX : 8;
        r->outcome = r->outcome == 0 ? UINT32_MAX : 0;
        memset(f->map + uf_exchange_headers(&f->limits), (int)(r->host_calls++ % 256), 64);
    }
    return NULL;
}

static void flipping(struct fake *f)
{
    pthread_t t;

    (void)pthread_create(&t, NULL, flip, f);
    done(f);
}

/* ---- what a process can do besides --------------------------------------------------- */

static void shrink(struct fake *f)
{
    if (ftruncate(f->exchange, 0) == 0)
        _exit(77); /* it must be sealed */
    (void)fallocate(f->exchange, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                    (off_t)uf_exchange_size(&f->limits));
    (void)fcntl(f->exchange, F_ADD_SEALS, F_SEAL_WRITE);
    done(f);
}

static void descriptors(struct fake *f)
{
    struct uf_frame out = {.type = UF_FRAME_DONE, .seq = f->seq};

    fake_send(&out, sizeof(out), f->exchange, 200);
    for (int i = 0; i < 100; i++)
        fake_send(&out, sizeof(out), UF_CONTROL_FD, 200);
}

static void children(struct fake *f)
{
    for (int i = 0; i < 20; i++)
        if (fork() == 0)
            say_nothing(f);
    done(f);
    _exit(0);
}

static void unkillable(struct fake *f)
{
    sigset_t all;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
    (void)setsid();
    say_nothing(f);
}

/* ---- snapshots ------------------------------------------------------------------------- */

static void snapshot_none(struct fake *f)
{
    booted(f);
}

/* A header as it should be, and then what no function can have written. */
static void write_snapshot(struct fake *f, uint64_t size)
{
    struct uf_snapshot s = {.magic = UF_SNAPSHOT_MAGIC,
                            .version = UF_SNAPSHOT_VERSION,
                            .abi_version = UF_ABI_VERSION,
                            .machine = arch_host()->machine,
                            .file_size = size};

    if (ftruncate(f->snapshot, (off_t)size) < 0 || pwrite(f->snapshot, &s, sizeof(s), 0) < 0)
        _exit(77);
    booted(f);
}

static void snapshot_huge(struct fake *f)
{
    write_snapshot(f, UINT64_C(1) << 40);
}

static void snapshot_empty(struct fake *f)
{
    write_snapshot(f, UF_SNAPSHOT_HEADER);
}

static void snapshot_noise(struct fake *f)
{
    char noise[65536];

    memset(noise, 0xa5, sizeof(noise));
    if (pwrite(f->snapshot, noise, sizeof(noise), 0) < 0)
        _exit(77);
    booted(f);
}

static void boot_message(struct fake *f)
{
    message_text(f);
    booted(f);
}

/* ---- host calls ------------------------------------------------------------------ */

/* A question that is as it should be, of which `change` spoils something. */
static void ask(struct fake *f, void (*change)(struct uf_ask *q))
{
    struct uf_ask *q = (struct uf_ask *)(void *)(f->map + uf_exchange_ask(&f->limits));

    *q = (struct uf_ask){.op = UF_OP_KV_GET, .name_size = 3, .cap = 100};
    memcpy(q + 1, "key", 3);
    if (change != NULL)
        change(q);
    fake_say(f, UF_FRAME_CALL);
}

static void ask_only(struct fake *f)
{
    ask(f, NULL);
    say_nothing(f);
}

/* Without waiting for answers. One may have come before the next question is seen, in
 * whose place it lies; not each of this many. */
static void ask_on(struct fake *f)
{
    ask(f, NULL);
    for (int i = 1; i < 1000; i++)
        fake_say(f, UF_FRAME_CALL);
    say_nothing(f);
}

static void ask_and_end(struct fake *f)
{
    ask(f, NULL);
    _exit(0);
}

static void ask_and_be_done(struct fake *f)
{
    ask(f, NULL);
    done(f);
}

static void op_unknown(struct uf_ask *q)
{
    q->op = UINT32_MAX;
}

static void op_effect(struct uf_ask *q)
{
    q->op = UF_OP_KV_SET;
}

static void name_huge(struct uf_ask *q)
{
    q->name_size = UINT32_MAX;
}

static void name_binary(struct uf_ask *q)
{
    memcpy(q + 1, "\xff\n\0", 3);
}

static void effects_huge(struct uf_ask *q)
{
    q->effects = UINT64_MAX;
}

/* Within the limits, but there are none. */
static void effects_noise(struct uf_ask *q)
{
    q->effects = 64;
}

static void parts_huge(struct uf_ask *q)
{
    q->op = UF_OP_FETCH;
    for (int i = 0; i < 4; i++)
        q->part[i] = UINT32_MAX;
}

#define ASKS(change)                         \
    static void ask_##change(struct fake *f) \
    {                                        \
        ask(f, change);                      \
    }
ASKS(op_unknown)
ASKS(op_effect)
ASKS(name_huge)
ASKS(name_binary)
ASKS(effects_huge)
ASKS(effects_noise)
ASKS(parts_huge)

static void result_effects_huge(struct fake *f)
{
    f->result->effects_size = UINT64_MAX;
}

static void result_effects_noise(struct fake *f)
{
    memset(f->map + uf_exchange_effects(&f->limits), 0xff, 64);
    f->result->effects_size = 64;
}

static void be_good(struct fake *f)
{
    (void)f;
}

const struct lie lies[] = {
    {"good", NEVER, be_good},
    {"start-silent", AT_START, say_nothing},
    {"start-end", AT_START, end},
    {"start-short", AT_START, short_frame},
    {"start-empty", AT_START, empty_frame},
    {"start-done", AT_START, done},
    {"start-twice", AT_START, ready_twice},
    {"start-error", AT_START, error_text},
    {"boot-end", AT_BOOT, end},
    {"boot-error", AT_BOOT, error_text},
    {"boot-done", AT_BOOT, done},
    {"boot-message", AT_BOOT, boot_message},
    {"boot-none", AT_BOOT, snapshot_none},
    {"boot-huge", AT_BOOT, snapshot_huge},
    {"boot-noise", AT_BOOT, snapshot_noise},
    {"boot-header", AT_BOOT, snapshot_empty},
    {"load-end", AT_LOAD, end},
    {"load-done", AT_LOAD, done},
    {"load-ready", AT_LOAD, ready},
    {"load-error", AT_LOAD, error_text},
    {"load-twice", AT_LOAD, loaded_twice},
    {"run-silent", AT_RUN, say_nothing},
    {"run-end", AT_RUN, end},
    {"run-die", AT_RUN, die},
    {"run-hang-up", AT_RUN, hang_up},
    {"run-stop", AT_RUN, stop},
    {"run-unkillable", AT_RUN, unkillable},
    {"run-short", AT_RUN, short_frame},
    {"run-long", AT_RUN, long_frame},
    {"run-empty", AT_RUN, empty_frame},
    {"run-unknown", AT_RUN, unknown_frame},
    {"run-platforms", AT_RUN, platforms_frame},
    {"run-ready", AT_RUN, ready},
    {"run-booted", AT_RUN, booted},
    {"run-loaded", AT_RUN, loaded},
    {"run-last", AT_RUN, done_of_the_last},
    {"run-next", AT_RUN, done_of_the_next},
    {"run-error", AT_RUN, error_text},
    {"run-error-flood", AT_RUN, error_flood},
    {"run-flood", AT_RUN, done_flood},
    {"run-twice", AT_RUN, done_twice},
    {"run-then-end", AT_RUN, done_then_end},
    {"working-set", AT_RUN, lie_working_set_plain},
    {"working-set-failed", AT_RUN, lie_working_set_failed},
    {"working-set-forged", AT_RUN, lie_working_set_forged},
    {"working-set-given", IN_RESULT, lie_working_set_given},
    {"run-flip", AT_RUN, flipping},
    {"run-shrink", AT_RUN, shrink},
    {"run-descriptors", AT_RUN, descriptors},
    {"run-children", AT_RUN, children},
    {"result-headers-large", IN_RESULT, headers_large},
    {"result-headers-largest", IN_RESULT, headers_largest},
    {"result-log-large", IN_RESULT, log_large},
    {"result-body-large", IN_RESULT, body_large},
    {"result-body-largest", IN_RESULT, body_largest},
    {"result-outcome-next", IN_RESULT, outcome_next},
    {"result-outcome-largest", IN_RESULT, outcome_largest},
    {"result-status-99", IN_RESULT, status_99},
    {"result-status-101", IN_RESULT, status_101},
    {"result-status-204", IN_RESULT, status_204},
    {"result-status-600", IN_RESULT, status_600},
    {"result-numbers", IN_RESULT, numbers_largest},
    {"result-message", IN_RESULT, message_text},
    {"result-headers-forged", IN_RESULT, headers_forged},
    {"result-headers-many", IN_RESULT, headers_many},
    {"result-headers-newlines", IN_RESULT, headers_newlines},
    {"result-log-binary", IN_RESULT, log_binary},
    {"load-asks", AT_LOAD, ask_only},
    {"ask-silent", AT_RUN, ask_only},
    {"ask-on", AT_RUN, ask_on},
    {"ask-end", AT_RUN, ask_and_end},
    {"ask-done", AT_RUN, ask_and_be_done},
    {"ask-unknown", AT_RUN, ask_op_unknown},
    {"ask-effect", AT_RUN, ask_op_effect},
    {"ask-name-huge", AT_RUN, ask_name_huge},
    {"ask-name-binary", AT_RUN, ask_name_binary},
    {"ask-effects-huge", AT_RUN, ask_effects_huge},
    {"ask-effects-noise", AT_RUN, ask_effects_noise},
    {"ask-parts-huge", AT_RUN, ask_parts_huge},
    {"result-effects-huge", IN_RESULT, result_effects_huge},
    {"result-effects-noise", IN_RESULT, result_effects_noise},
};
const size_t lies_count = sizeof(lies) / sizeof(lies[0]);
