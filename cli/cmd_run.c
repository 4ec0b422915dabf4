// SPDX-License-Identifier: MIT
/* cmd_run.c: run a function here, without a daemon. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "abi/image.h"
#include "base/auto.h"
#include "cli/local.h"
#include "cli/options.h"
#include "cli/paths.h"
#include "cli/request.h"
#include "cli/source.h"
#include "cli/stats.h"
#include "engine/probe.h"
#include "engine/reason.h"

/* The tender's own user when root runs it: the one below the daemon's. */
#define RUN_UID    899999u
#define REPEAT_MAX 10000000u
/* Room for an event besides its body. */
#define EVENT_EXTRA (4 * UF_ALIGN)

struct session {
    struct request q;
    struct source_options so;
    struct source src;
    const char *backend;
    uint32_t repeat;
    bool stats;
    bool verbose;

    struct local local;
    enum backend chosen;
    uint64_t init_ns;
    uint64_t ready_ns; /* from the start of this program's work to the first event */
    struct series run;
    struct series trip; /* as we see it, the way to the tender and back included */
    struct series restore;
    uint32_t restore_pages;
    uint32_t host_calls;
};

static uint64_t clock_ns(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Log of an invocation, as it is, but ended by a newline. */
static void print_log(const struct result *r)
{
    const uint32_t n = r->r.log_size;

    if (n == 0)
        return;
    (void)cli_write(STDERR_FILENO, r->log, n);
    if (r->log[n - 1] != '\n')
        (void)cli_write(STDERR_FILENO, "\n", 1);
}

static int print_failure(const char *what, const struct result *r)
{
    const char *at = r->r.trace;

    (void)cli_fail(CLI_FAILED, "%s: %s%s%s", what, outcome_word(r->r.outcome),
                   r->r.message[0] != '\0' ? ": " : "", r->r.message);
    while (*at != '\0') {
        int len = (int)strcspn(at, "\n");

        (void)fprintf(stderr, "    at %.*s\n", len, at);
        at += len + (at[len] == '\n');
    }
    return (int)cli_exit_of(r->r.outcome, r->r.http_status);
}

static int find_backend(struct session *s)
{
    struct uf_err err;
    char note[256] = "";
    static const char *const wishes[] = {"auto", "kvm", "process"}; /* enum isolation */
    const char *wish = s->backend != NULL ? s->backend : wishes[s->src.f.isolation];
    int r = probe_backend(wish, &s->chosen, note, &err);

    if (r < 0)
        return cli_report(r == -EINVAL ? CLI_USAGE : CLI_FAILED, &err);
    if (note[0] != '\0')
        cli_note("%s", note);
    return OPTS_GO;
}

static uint32_t event_room(const struct request *q)
{
    uint64_t size = q->body_size + EVENT_EXTRA;

    for (uint32_t i = 0; i < q->nheaders; i++)
        size += strlen(q->headers[i].name) + strlen(q->headers[i].value);
    size += strlen(q->path) + strlen(q->query);
    return (uint32_t)((size + UF_ALIGN - 1) & ~(UF_ALIGN - 1));
}

/* A lost tender is an outcome; everything else is our own failure. */
static int lost(int code, const struct uf_err *err)
{
    bool is_tenders = code == -EPIPE || code == -ETIMEDOUT || code == -EPROTO;

    return cli_report(is_tenders ? CLI_CRASHED : CLI_FAILED, err);
}

static int boot(struct session *s, int image)
{
    struct result res;
    struct uf_err err;
    int r = local_boot(&s->local, image, &s->src.f, &res, &err);

    if (r < 0) {
        (void)uf_wrap(&err, r, "%s", s->src.shown);
        return lost(r, &err);
    }
    print_log(&res);
    if (res.r.outcome != UF_OUTCOME_OK)
        return print_failure("init", &res);
    s->init_ns = res.r.run_ns;
    r = local_load(&s->local, &err);
    return r < 0 ? lost(r, &err) : OPTS_GO;
}

static int start(struct session *s)
{
    char tender[PATH_MAX];
    struct uf_err err;
    UF_AUTO_FD int image = open(s->src.image, O_RDONLY | O_CLOEXEC);

    if (image < 0)
        return cli_fail(CLI_FAILED, "%s: %s", s->src.shown, strerror(errno));
    if (paths_tender(tender, &err) < 0)
        return cli_report(CLI_FAILED, &err);
    const struct tender_options o = {
        .path = tender, .backend = s->chosen, .uid = geteuid() == 0 ? RUN_UID : 0, .cpu = -1};
    int r = local_start(&s->local, &o, &s->src.f, event_room(&s->q), &err);
    return r < 0 ? cli_report(CLI_FAILED, &err) : boot(s, image);
}

/* A random UUID, RFC 9562 version 4; 16 bytes of entropy always come whole. */
static void make_id(char id[static 40])
{
    uint8_t b[16];

    if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
        memset(b, 0, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    char *at = id;
    for (size_t i = 0; i < sizeof(b); i++)
        at += sprintf(at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

static void count(struct session *s, const struct result *r, uint64_t trip_ns, bool first)
{
    series_add(&s->run, r->r.run_ns);
    series_add(&s->trip, trip_ns);
    s->host_calls = r->r.host_calls;
    /* What a result says of restoring is of the event before. */
    if (!first && r->r.restores > 0) {
        series_add(&s->restore, r->r.restore_ns);
        s->restore_pages = r->r.restore_pages;
    }
}

static int one_event(struct session *s, uint32_t i, struct result *res)
{
    char id[40];
    struct uf_err err;
    const struct event e = {
        .id = id,
        .trigger = "http",
        .method = s->q.method,
        .path = s->q.path,
        .query = s->q.query,
        .headers = s->q.headers,
        .nheaders = s->q.nheaders,
        .body = s->q.body,
        .body_size = s->q.body_size,
        .now_ns = clock_ns(CLOCK_REALTIME),
        .timeout_ns = s->src.f.timeout_ns,
        .attempt = 1,
    };

    make_id(id);
    uint64_t from = clock_ns(CLOCK_MONOTONIC);
    int r = local_event(&s->local, &e, res, &err);
    if (r < 0)
        return lost(r, &err);
    count(s, res, clock_ns(CLOCK_MONOTONIC) - from, i == 0);
    return OPTS_GO;
}

/* Response headers, a line each; the tender's memory is read within its bounds. */
static void print_headers(const struct result *r)
{
    const char *at = r->headers;
    const char *end = at + r->r.headers_size;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline != NULL ? newline : end) - at);

        (void)fputs("< ", stderr);
        (void)fwrite(at, 1, len, stderr);
        (void)fputc('\n', stderr);
        at += len + 1;
    }
}

static int print_response(const struct session *s, const struct result *r)
{
    if (s->verbose) {
        (void)fprintf(stderr, "< %u\n", result_http(&r->r));
        print_headers(r);
        (void)fprintf(stderr, "< outcome %s, %.1f us, %s\n", outcome_word(r->r.outcome),
                      (double)r->r.run_ns / 1e3, backend_word(s->chosen));
    }
    return cli_write(STDOUT_FILENO, r->body, r->r.body_size);
}

static int run_events(struct session *s)
{
    struct result res = {.log = NULL};

    for (uint32_t i = 0; i < s->repeat; i++) {
        int r = one_event(s, i, &res);

        if (r != OPTS_GO)
            return r;
        if (res.r.outcome != UF_OUTCOME_OK || i + 1 == s->repeat)
            break;
    }
    print_log(&res);
    int r = print_response(s, &res);
    if (r < 0)
        return cli_fail(CLI_FAILED, "cannot write the response: %s", strerror(-r));
    if (res.r.outcome != UF_OUTCOME_OK)
        return print_failure(s->src.f.name, &res);
    return (int)cli_exit_of(res.r.outcome, res.r.http_status);
}

static void print_series(const char *name, struct series *s)
{
    (void)fprintf(stderr, "%-12s p50 %.1f us, p99 %.1f us\n", name,
                  (double)series_permille(s, 500) / 1e3, (double)series_permille(s, 990) / 1e3);
}

static void print_stats(struct session *s)
{
    char h[CLI_HUMAN];
    uint32_t without = s->local.run.degraded;

    (void)fprintf(stderr, "%-12s %s\n", "backend", backend_word(s->chosen));
    (void)fprintf(stderr, "%-12s %.1f us\n", "init", (double)s->init_ns / 1e3);
    (void)fprintf(stderr, "%-12s %.1f us, two tenders and init included\n", "ready after",
                  (double)s->ready_ns / 1e3);
    (void)fprintf(stderr, "%-12s %s\n", "snapshot", cli_human(local_snapshot_size(&s->local), h));
    (void)fprintf(stderr, "%-12s %zu\n", "events", s->run.n);
    print_series("run", &s->run);
    print_series("round trip", &s->trip);
    if (s->restore.n > 0) {
        print_series("restore", &s->restore);
        (void)fprintf(stderr, "%-12s %u\n", "dirty pages", s->restore_pages);
    }
    (void)fprintf(stderr, "%-12s %u\n", "host calls", s->host_calls);
    for (uint32_t bit = 1; bit != 0; bit <<= 1)
        if ((without & bit) != 0 && reason_of_degraded(bit) != REASON_NONE)
            (void)fprintf(stderr, "%-12s %s\n", "without", reason_words(reason_of_degraded(bit)));
}

static int run_session(struct session *s, const struct command *self, const char *path)
{
    int r = request_settle(&s->q, self);

    if (r == OPTS_GO)
        r = source_open(&s->src, path, &s->so, self);
    if (r == OPTS_GO && function_is_sequence(&s->src.f))
        r = cli_fail(CLI_FAILED, "%s is a sequence, which needs a daemon: unifaas deploy %s",
                     s->src.f.name, path);
    if (r != OPTS_GO)
        return r;
    if (s->src.f.name[0] == '\0')
        (void)snprintf(s->src.f.name, sizeof(s->src.f.name), "function");
    uint64_t from = clock_ns(CLOCK_MONOTONIC);
    r = find_backend(s);
    s->local.is_for_one = s->repeat == 1 && !s->stats;
    if (r == OPTS_GO)
        r = start(s);
    s->ready_ns = clock_ns(CLOCK_MONOTONIC) - from;
    if (r != OPTS_GO)
        return r;
    r = run_events(s);
    if (s->stats && s->run.n > 0)
        print_stats(s);
    return r;
}

static int run(const struct command *self, int argc, char **argv)
{
    struct session s = {.backend = NULL, .repeat = 1};
    const struct opt opts[] = {
        REQUEST_OPTIONS(&s.q),
        {'b', "backend", "NAME", "auto, kvm or process (else the manifest's isolation)", OPT_TEXT,
         &s.backend},
        {'n', "repeat", "N", "run N events, each on pristine memory; shows the last one", OPT_COUNT,
         &s.repeat},
        {'s', "stats", NULL, "say how long what took, on stderr", OPT_FLAG, &s.stats},
        {'v', "verbose", NULL, "show status, headers and outcome, on stderr", OPT_FLAG, &s.verbose},
        SOURCE_OPTIONS(&s.so, 'g'),
        OPT_END,
    };
    struct operands operands;
    int r = opts_parse(self, opts, argc, argv, &operands);

    if (r != OPTS_GO)
        return r;
    if (s.repeat > REPEAT_MAX)
        return opts_usage(self, "--repeat: at most %u", REPEAT_MAX);
    local_init(&s.local);
    r = run_session(&s, self, operands.at[0]);
    local_fini(&s.local);
    series_fini(&s.run);
    series_fini(&s.trip);
    series_fini(&s.restore);
    source_fini(&s.src);
    request_fini(&s.q);
    return r;
}

const struct command cmd_run = {
    .name = "run",
    .operands = "IMAGE|DIR|FILE.js",
    .summary = "Run a function here, without a daemon",
    .details = "The response body goes to stdout; the log, and the reason and backtrace of a\n"
               "failure, go to stderr. A folder is built first when its image is missing or\n"
               "was built from something else; of a script alone the image is made on the fly.\n",
    .examples = "  unifaas run functions/alert -d 75.5\n"
                "  unifaas run alert.js -d '{\"sensor\": \"75.5\"}'\n"
                "  unifaas run hello.img -H 'Accept: text/plain' -p /a -q x=1 -v\n"
                "  unifaas run functions/fib -d 20 --repeat 1000 --stats\n"
                "  unifaas run functions/fib -d 20 --backend process\n",
    .exits = CLI_BIT(OK) | CLI_BIT(FAILED) | CLI_BIT(USAGE) | CLI_BIT(NOT_FOUND) | CLI_BIT(BUILD) |
             CLI_BIT(MANIFEST) | CLI_BIT(CRASHED) | CLI_BIT(TIMEOUT),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
