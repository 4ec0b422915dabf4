// SPDX-License-Identifier: MIT
/* tender.c: see tender.h. spawn.c starts the process. */
#include "engine/tender.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abi/image.h"
#include "base/auto.h"
#include "base/utf8.h"
#include "engine/memfile.h"
#include "engine/reason.h"

#define SEND_FDS  4u
#define MAX_ERRNO 4095

const char *backend_word(enum backend b)
{
    return b == BACKEND_KVM ? "kvm" : "process";
}

const char *outcome_word(uint32_t outcome)
{
    static const char *const words[] = {
#define X(name, nr, word, http) [nr] = (word),
        UF_OUTCOMES(X)
#undef X
    };

    return outcome < UF_NOUTCOMES ? words[outcome] : "unknown";
}

unsigned outcome_http(uint32_t outcome)
{
    static const unsigned status[] = {
#define X(name, nr, word, http) [nr] = (http),
        UF_OUTCOMES(X)
#undef X
    };

    return outcome < UF_NOUTCOMES ? status[outcome] : 502;
}

unsigned result_http(const struct uf_result *r)
{
    if (r->outcome == UF_OUTCOME_ERROR && r->http_status >= 400)
        return r->http_status;
    if (r->outcome != UF_OUTCOME_OK)
        return outcome_http(r->outcome);
    return r->http_status == 0 ? 200 : r->http_status;
}

static int send_frame(const struct tender *t, const struct uf_frame *f, const int *fds, size_t nfds,
                      struct uf_err *err)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(SEND_FDS * sizeof(int))];
    } control;
    union {
        const void *in;
        void *out;
    } cast = {.in = f}; /* struct iovec has no const */
    struct iovec iov = {.iov_base = cast.out, .iov_len = sizeof(*f)};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

    if (nfds > 0) {
        memset(&control, 0, sizeof(control));
        m.msg_control = control.bytes;
        m.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
    }
    ssize_t n;
    /* A tender that reads has never more than one frame waiting. One that does
     * not must not make us wait. */
    do
        n = sendmsg(t->sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return uf_fail(err, -errno, "the tender cannot be reached: %s", strerror(errno));
    return 0;
}

/* The exchange can neither shrink under us nor grow beyond what we map. */
static int make_exchange(struct tender *t, const struct uf_limits *l, struct uf_err *err)
{
    uint64_t size = uf_exchange_size(l);
    int fd = memfile_make("unifaas-exchange", size, err);

    if (fd < 0)
        return fd;
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        int code = -errno;

        (void)close(fd);
        return reason_fail(err, code, reason_of_limit(code), "cannot map the exchange");
    }
    t->exchange = fd;
    t->map = at;
    t->limits = *l;
    t->event_size = 0;
    return 0;
}

int tender_boot(struct tender *t, const struct uf_limits *l, const struct tender_image *b,
                struct uf_err *err)
{
    struct uf_frame f = {.type = UF_FRAME_BOOT, .limits = *l, .env_size = b->env_size};
    UF_AUTO_FD int scratch = memfile_make("unifaas-boot", 0, err);
    int r = scratch < 0 ? scratch : 0;

    if (r == 0 && (b->env_size > UF_ENV_MAX || b->env_size > l->event_max))
        r = uf_fail(err, -E2BIG, "environment of %u bytes, at most %u are allowed", b->env_size,
                    UF_ENV_MAX);
    if (r == 0)
        r = make_exchange(t, l, err);
    if (r < 0)
        return r;
    if (b->env_size > 0)
        memcpy(t->map, b->env, b->env_size);
    t->event_size = b->env_size;
    strncpy(f.text, b->name, sizeof(f.text) - 1);
    if (b->snapshot < 0)
        f.flags = UF_BOOT_AND_RUN;
    const int fds[SEND_FDS] = {b->image, scratch, b->snapshot < 0 ? scratch : b->snapshot,
                               t->exchange};
    return send_frame(t, &f, fds, SEND_FDS, err);
}

int tender_load(struct tender *t, const struct uf_limits *l, int snapshot,
                const struct uf_stretch set[UF_WORKING_SET], struct uf_err *err)
{
    struct uf_frame f = {.type = UF_FRAME_LOAD, .limits = *l};
    int r = make_exchange(t, l, err);

    if (r < 0)
        return r;
    if (set != NULL)
        memcpy(f.working_set, set, sizeof(f.working_set));
    const int fds[] = {snapshot, t->exchange};
    return send_frame(t, &f, fds, 2, err);
}

int tender_run(struct tender *t, const struct event *e, struct uf_err *err)
{
    struct uf_frame f = {.type = UF_FRAME_RUN, .seq = t->seq + 1};
    int64_t n = event_format(t->map, t->limits.event_max, t->event_size, e, err);

    t->event_size = n < 0 ? 0 : (size_t)n;
    if (n < 0)
        return (int)n;
    int r = send_frame(t, &f, NULL, 0, err);
    if (r == 0)
        t->seq++;
    return r;
}

/* What a tender says goes into logs and answers: ended, plain text, and in one
 * line, so that it cannot pass for more. Good tenders send nothing else. */
static void mend_text(char *text, size_t size, const char *but)
{
    text[size - 1] = '\0';
    utf8_mend(text, strlen(text), but);
}

static bool has_questions(const struct tender *t)
{
    return t->map != NULL && t->limits.effects_max != UF_EFFECTS_NONE;
}

static int check_frame(struct tender *t, struct uf_frame *f, ssize_t n, struct uf_err *err)
{
    if (n != (ssize_t)sizeof(*f))
        return uf_fail(err, -EPROTO, "the tender sent a frame of %zd bytes", n);
    if (f->type == UF_FRAME_ERROR)
        mend_text(f->text, sizeof(f->text), "");
    /* Codes are errors of the kernel's, which end at this one, or none. */
    if (f->code > 0 || f->code < -MAX_ERRNO)
        f->code = -EPROTO;
    switch (f->type) {
    case UF_FRAME_READY:
        t->degraded = f->flags;
        return 1;
    case UF_FRAME_CALL:
    case UF_FRAME_DONE:
        if (f->seq != t->seq || (f->type == UF_FRAME_CALL && !has_questions(t)))
            break;
        return 1;
    case UF_FRAME_ERROR:
        reason_explain(f, t->backend == BACKEND_KVM);
        return 1;
    case UF_FRAME_BOOTED:
    case UF_FRAME_LOADED:
        return 1;
    default:
        break;
    }
    return uf_fail(err, -EPROTO, "the tender sent frame %u out of turn", f->type);
}

/* With its true length, however long; descriptors that come along are dropped.
 * A tender that ended without reading all that it was sent is told of first
 * (ECONNRESET, once), and only then what it had said. */
static ssize_t recv_frame(int sock, struct uf_frame *f)
{
    ssize_t n = recv(sock, f, sizeof(*f), MSG_DONTWAIT | MSG_TRUNC);

    if (n < 0 && errno == ECONNRESET)
        n = recv(sock, f, sizeof(*f), MSG_DONTWAIT | MSG_TRUNC);
    return n;
}

/* Say how it ended; its status follows the end of its socket by a moment, or
 * never when it closed that itself. */
static int ended(const struct tender *t, struct uf_err *err)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    siginfo_t si = {.si_pid = 0};

    for (int i = 0; i < 20 && si.si_pid == 0; i++) {
        if (i > 0)
            (void)nanosleep(&moment, NULL);
        if (waitid(P_PID, (id_t)t->pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0)
            break;
    }
    if (si.si_pid != 0 && si.si_code == CLD_KILLED && si.si_status == SIGKILL)
        return reason_fail(err, -EPIPE, REASON_KILLED, "the tender has ended");
    return uf_fail(err, -EPIPE, "the tender has ended");
}

int tender_recv(struct tender *t, struct uf_frame *f, int timeout_ms, struct uf_err *err)
{
    ssize_t n = recv_frame(t->sock, f);

    /* Ask poll only when there is nothing: a caller from epoll never does. */
    if (n < 0 && (errno == EAGAIN || errno == EINTR) && timeout_ms != 0) {
        struct pollfd p = {.fd = t->sock, .events = POLLIN};
        int r = poll(&p, 1, timeout_ms);

        if (r <= 0)
            return r < 0 && errno != EINTR ? uf_fail(err, -errno, "poll: %s", strerror(errno)) : 0;
        n = recv_frame(t->sock, f);
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (n <= 0)
        return ended(t, err);
    return check_frame(t, f, n, err);
}

int tender_question(const struct tender *t, struct host_request *out, struct uf_err *err)
{
    return hostcall_take(t->map + uf_exchange_ask(&t->limits), t->limits.effects_max, out, err);
}

int tender_answer(struct tender *t, const struct host_answer *a, struct uf_err *err)
{
    struct uf_frame f = {.type = UF_FRAME_ANSWER, .seq = t->seq};

    hostcall_answer(t->map + uf_exchange_ask(&t->limits), a);
    return send_frame(t, &f, NULL, 0, err);
}

const uint8_t *tender_effects(const struct tender *t)
{
    return has_questions(t) ? t->map + uf_exchange_effects(&t->limits) : NULL;
}

/* What a function says when it failed, behind what the tender says: the beginning of its
 * answer, or else its status. */
static void add_own_words(struct result *out)
{
    char *to = out->r.message + strlen(out->r.message);
    char *last = out->r.message + sizeof(out->r.message) - 1;
    char status[32] = "";
    const char *words = out->r.body_size > 0 ? (const char *)out->body : status;

    if (out->r.http_status != 0)
        (void)snprintf(status, sizeof(status), "status %u", out->r.http_status);
    size_t size = out->r.body_size > 0 ? out->r.body_size : strlen(status);
    if (size == 0 || last - to < 3)
        return;
    *to++ = ':';
    *to++ = ' ';
    if (size > (size_t)(last - to))
        size = utf8_whole(words, (size_t)(last - to));
    memcpy(to, words, size);
    for (char *end = to + size; to < end; to++)
        *to = isspace((unsigned char)*to) || *to == '\0' ? ' ' : *to;
    while (to[-1] == ' ' || to[-1] == ':')
        to--;
    *to = '\0';
    mend_text(out->r.message, sizeof(out->r.message), "");
}

/* Of an image without symbols, as the JavaScript runtime is. */
static bool is_only_addresses(const char *trace)
{
    while (strncmp(trace, "0x", 2) == 0) {
        trace += strcspn(trace, "\n");
        trace += *trace == '\n';
    }
    return *trace == '\0';
}

/* Where nobody serves effects there are none. */
static bool is_effects_size(const struct uf_limits *l, uint64_t size)
{
    return l->effects_max == UF_EFFECTS_NONE ? size == 0 : size <= l->effects_max;
}

int tender_result(const struct tender *t, struct result *out, struct uf_err *err)
{
    const struct uf_limits *l = &t->limits;

    memcpy(&out->r, t->map + l->event_max, sizeof(out->r));
    /* From here on the copy is the truth: the tender can still write there. */
    __asm__ volatile("" ::: "memory");
    mend_text(out->r.message, sizeof(out->r.message), "");
    mend_text(out->r.trace, sizeof(out->r.trace), "\n");
    /* Who mends a crash may look them up; of a limit they tell nobody anything. */
    if (out->r.outcome != UF_OUTCOME_FAULT && is_only_addresses(out->r.trace))
        out->r.trace[0] = '\0';
    if (out->r.outcome >= UF_NOUTCOMES || out->r.headers_size > UF_HEADERS_MAX ||
        out->r.log_size > l->log_max || out->r.body_size > l->body_max ||
        !is_effects_size(l, out->r.effects_size) ||
        (out->r.http_status != 0 && (out->r.http_status < 100 || out->r.http_status > 599)))
        return uf_fail(err, -EPROTO, "the tender gave a result that cannot be");
    out->headers = (const char *)t->map + uf_exchange_headers(l);
    out->log = (const char *)t->map + uf_exchange_log(l);
    out->effects = tender_effects(t);
    out->body = t->map + uf_exchange_body(l);
    if (out->r.outcome == UF_OUTCOME_ERROR)
        add_own_words(out);
    return 0;
}

void tender_kill(struct tender *t)
{
    if (t->pid <= 0)
        return;
    (void)kill(t->pid, SIGKILL);
    while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    t->pid = 0;
    t->is_killed = true;
}

void tender_stop(struct tender *t)
{
    tender_kill(t);
    /* A zeroed one never had a socket. */
    if (t->is_killed && t->sock >= 0)
        (void)close(t->sock);
    if (t->map != NULL) {
        (void)munmap(t->map, uf_exchange_size(&t->limits));
        (void)close(t->exchange);
    }
    *t = (struct tender){.sock = -1, .exchange = -1};
}
