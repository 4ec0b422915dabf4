// SPDX-License-Identifier: MIT
/* session.c: see session.h. */
#include "tender/core/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tender/core/dump.h"
#include "tender/core/frames.h"
#include "tender/core/host.h"
#include "tender/core/image.h"
#include "tender/core/snap.h"

/* Descriptors of BOOT, in order; LOAD has the last two. */
enum boot_fd {
    BOOT_IMAGE,
    BOOT_SCRATCH,
    BOOT_SNAPSHOT,
    BOOT_EXCHANGE,
};

/* serve()'s answer when the session is over and nothing is wrong. */
#define IS_DONE (-1)

static int report(int status, const struct uf_err *err)
{
    struct uf_frame f = {.type = UF_FRAME_ERROR, .code = err->code};

    (void)snprintf(f.text, sizeof(f.text), "%s", err->msg);
    (void)frames_send(&f);
    return status;
}

static int check_limits(const struct uf_limits *l, struct uf_err *err)
{
    if (l->event_max == 0 || l->event_max % UF_ALIGN != 0 || l->event_max > UF_EVENT_MAX ||
        l->log_max > UF_LOG_LIMIT || l->body_max > UF_BODY_LIMIT || l->timeout_ns == 0 ||
        l->cpu_ns == 0 || (l->effects_max > UF_EFFECTS_LIMIT && l->effects_max != UF_EFFECTS_NONE))
        return uf_fail(err, -EINVAL, "limits out of bounds");
    return 0;
}

static int map_exchange(struct session *s, int fd, struct uf_err *err)
{
    uint64_t want = uf_exchange_size(&s->invoke.limits);
    uint64_t have = 0;

    if (host_file_size(fd, &have) < 0 || have < want)
        return uf_fail(err, -EINVAL, "exchange of %" PRIu64 " bytes, needs %" PRIu64, have, want);
    void *at = mmap(NULL, want, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return uf_fail(err, -errno, "cannot map the exchange: %s", strerror(errno));
    s->invoke.exchange = at;
    s->invoke.result = (struct uf_result *)(s->invoke.exchange + s->invoke.limits.event_max);
    return 0;
}

/* Without symbols a backtrace has addresses only, so a failure is no error. */
static void map_symbols(struct session *s, int fd)
{
    const struct uf_snapshot *p = &s->snap;

    if (p->symbols_size == 0 || p->symbols_offset % p->page_size != 0)
        return;
    void *at = mmap(NULL, p->symbols_size, PROT_READ, MAP_PRIVATE, fd, (off_t)p->symbols_offset);
    if (at == MAP_FAILED)
        return;
    s->invoke.symbols = (struct symbols){.blob = at, .size = p->symbols_size};
}

/* A tender may have made the working set up: of its stretches those that the guest may
 * write anyway, up to the limit. Returns how many. */
static size_t working_set(const struct uf_snapshot *p, const struct uf_frame *f,
                          struct page_range out[static UF_WORKING_SET])
{
    uint64_t left = UF_WORKING_PAGES * UF_PAGE;
    size_t n = 0;

    for (size_t i = 0; f->type == UF_FRAME_LOAD && i < UF_WORKING_SET; i++) {
        uint64_t at = p->ram_start + f->working_set[i].first * UF_PAGE;
        uint64_t len = f->working_set[i].count * UF_PAGE;

        len = len < left ? len : left;
        if (len == 0 || (at | len) % host_page_size() != 0 ||
            gmem_check(p, (struct uf_gva){at}, len, UF_PROT_WRITE) < 0)
            continue;
        left -= len;
        out[n++] = (struct page_range){at, at + len};
    }
    return n;
}

/* Lay out s->snap, whose file is fd, in the machine. */
static int map_guest(struct session *s, int fd, int exchange, const struct uf_frame *f,
                     struct uf_err *err)
{
    struct page_range set[UF_WORKING_SET];
    struct machine_map map = {
        .snap = &s->snap, .limits = &s->invoke.limits, .snap_fd = fd, .exchange_fd = exchange};
    int r = map_exchange(s, exchange, err);

    map.working_set = set;
    map.nworking = working_set(&s->snap, f, set);
    if (r == 0)
        r = s->machine->ops->map(s->machine, &map, err);
    if (r < 0)
        return r;
    s->invoke.gmem = (struct gmem){.machine = s->machine, .snap = &s->snap};
    map_symbols(s, fd);
    s->is_loaded = true;
    return 0;
}

/* From init's state to what a snapshot of it would be: events have their own
 * entry, and start on an empty stack. */
static int enter_events(struct session *s, struct uf_err *err)
{
    uint64_t stack = s->snap.ram_start;
    int r = s->machine->ops->drop(s->machine, stack, UF_IMAGE_BASE - stack);

    machine_start_at(s->machine, &s->snap, s->snap.event_entry);
    return r < 0 ? uf_fail(err, r, "cannot empty the stack: %s", strerror(-r)) : 0;
}

static int boot(struct session *s, const struct uf_frame *f, const int fds[static FRAME_FDS],
                struct uf_err *err)
{
    static char env[UF_ENV_MAX];
    struct image_boot how = {.name = f->text,
                             .env = env,
                             .env_size = f->env_size,
                             .memory = f->limits.memory,
                             .page_size = host_page_size()};

    if (f->env_size > sizeof(env) || f->env_size > f->limits.event_max ||
        (f->env_size != 0 && host_pread(fds[BOOT_EXCHANGE], env, f->env_size, 0) < 0))
        return uf_fail(err, -EINVAL, "environment of %u bytes cannot be read", f->env_size);
    int r = image_to_snapshot(fds[BOOT_IMAGE], fds[BOOT_SCRATCH], &how, &s->snap, err);
    if (r == 0)
        r = map_guest(s, fds[BOOT_SCRATCH], fds[BOOT_EXCHANGE], f, err);
    if (r < 0)
        return r;
    r = invoke_run(&s->invoke, true);
    if (r < 0)
        return uf_fail(err, r, "%s", s->invoke.result->message);
    if (s->invoke.result->outcome != UF_OUTCOME_OK)
        return 0;
    if ((f->flags & UF_BOOT_AND_RUN) == 0)
        return dump_snapshot(&s->invoke.gmem, &s->invoke.symbols, fds[BOOT_SNAPSHOT], err);
    s->is_for_one = s->can_run = true;
    return enter_events(s, err);
}

static int load(struct session *s, const struct uf_frame *f, int fds[static FRAME_FDS],
                struct uf_err *err)
{
    int r = snap_read(&s->snap, fds[0], err);

    s->learns = f->working_set[0].count == 0;
    if (r == 0 && s->snap.ram_end - s->snap.ram_start != s->invoke.limits.memory)
        r = uf_fail(err, -EINVAL, "snapshot with %" PRIu64 " bytes of memory, wanted %" PRIu64,
                    s->snap.ram_end - s->snap.ram_start, s->invoke.limits.memory);
    if (r == 0 && s->snap.entry != s->snap.event_entry)
        r = uf_fail(err, -EINVAL, "snapshot that was never booted");
    if (r == 0)
        r = map_guest(s, fds[0], fds[1], f, err);
    if (r < 0)
        return r;
    s->restore = (struct restore){.machine = s->machine, .snap = &s->snap};
    /* For the restore's view: nobody waits for that one, but for the first event. */
    s->can_run = true;
    s->snap_fd = fds[0];
    fds[0] = -1;
    return 0;
}

/* Memory goes back after the answer has gone out: nobody waits for it. */
static int restore(struct session *s, struct uf_err *err)
{
    if (s->restore.view == NULL) {
        s->restore.view = snap_view(&s->snap, s->snap_fd, err);
        (void)close(s->snap_fd);
        if (s->restore.view == NULL)
            return err->code;
    }
    int r = restore_run(&s->restore);

    if (r < 0)
        return uf_fail(err, r, "cannot restore guest memory: %s", strerror(-r));
    s->invoke.result->restore_ns = s->restore.ns;
    s->invoke.result->restore_pages = s->restore.pages;
    s->invoke.result->restores = s->restore.count;
    return 0;
}

static int run(struct session *s, const struct uf_frame *f, struct uf_err *err)
{
    struct uf_frame done = {.type = UF_FRAME_DONE, .seq = f->seq};

    s->invoke.seq = f->seq;
    int r = invoke_run(&s->invoke, false);

    if (r < 0)
        return uf_fail(err, r, "%s", s->invoke.result->message);
    if (s->learns)
        restore_learn(&s->restore, done.working_set);
    s->learns = false;
    if (frames_send(&done) < 0)
        return 0; /* the platform is gone: the next frame says so */
    if (s->is_for_one)
        return 0;
    /* What failed is never built upon, even by functions that keep memory. */
    if (s->invoke.limits.keep_memory != 0 && s->invoke.result->outcome == UF_OUTCOME_OK)
        return 0;
    return restore(s, err);
}

static int begin(struct session *s, const struct uf_frame *f, int fds[static FRAME_FDS])
{
    struct uf_frame answer = {.type = UF_FRAME_LOADED};
    struct uf_err err = {0};
    int r = check_limits(&f->limits, &err);

    s->invoke.limits = f->limits;
    if (r == 0)
        r = f->type == UF_FRAME_LOAD ? load(s, f, fds, &err) : boot(s, f, fds, &err);
    if (r < 0)
        return report(UF_TENDER_EXIT_IMAGE, &err);
    if (f->type == UF_FRAME_BOOT)
        answer.type = UF_FRAME_BOOTED;
    if (frames_send(&answer) < 0)
        return UF_TENDER_EXIT_PROTOCOL;
    return f->type == UF_FRAME_BOOT && !s->is_for_one ? IS_DONE : 0;
}

/* One frame. 0: wait for the next; else the exit status, or IS_DONE. */
static int serve(struct session *s, const struct uf_frame *f, int fds[static FRAME_FDS])
{
    struct uf_err err = {0};

    switch ((enum uf_frame_type)f->type) {
    case UF_FRAME_BOOT:
    case UF_FRAME_LOAD:
        if (s->is_loaded)
            break;
        return begin(s, f, fds);
    case UF_FRAME_RUN:
        if (!s->can_run)
            break;
        if (run(s, f, &err) < 0)
            return report(UF_TENDER_EXIT_MACHINE, &err);
        return s->is_for_one ? IS_DONE : 0;
    case UF_FRAME_ANSWER:
        return 0; /* too late: its run was over */
    case UF_FRAME_READY:
    case UF_FRAME_BOOTED:
    case UF_FRAME_LOADED:
    case UF_FRAME_CALL:
    case UF_FRAME_DONE:
    case UF_FRAME_ERROR:
        break;
    }
    (void)uf_fail(&err, -EPROTO, "frame %u is out of turn", f->type);
    return report(UF_TENDER_EXIT_PROTOCOL, &err);
}

int session_serve(struct session *s, uint32_t degraded)
{
    struct uf_frame f = {.type = UF_FRAME_READY, .flags = degraded};
    int fds[FRAME_FDS];
    int status = 0;

    if (frames_send(&f) < 0)
        return UF_TENDER_EXIT_PROTOCOL;
    while (status == 0) {
        int r = frames_recv(&f, fds);

        if (r == 0)
            return 0;
        if (r == -EINTR) {
            alarm_off(&s->invoke.alarm);
            continue;
        }
        if (r < 0)
            return UF_TENDER_EXIT_PROTOCOL;
        status = serve(s, &f, fds);
        frames_close(fds);
    }
    return status == IS_DONE ? 0 : status;
}
