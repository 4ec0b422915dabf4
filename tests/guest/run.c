// SPDX-License-Identifier: MIT
/*
 * run.c: the conformance suite's runner; see README.md.
 *
 *	run TESTS IMAGES TENDER [NAME...]
 *
 * Each test is a folder in TESTS; its image is IMAGES/guest/NAME.elf. For each:
 * one TAP line a backend, and one that says that the backends agree.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <regex.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "abi/image.h"
#include "abi/snapshot.h"
#include "base/auto.h"
#include "engine/memfile.h"
#include "engine/probe.h"
#include "engine/tender.h"
#include "tests/guest/spec.h"

#define TESTS_MAX 256
#define WAIT_MS   10000

/* What came back for one event, owned. */
struct answer {
    struct uf_result r;
    char *headers;
    char *log;
    char *body;
};

struct run {
    const char *name;
    const struct spec *spec;
    const char *image;
    struct tender_options options;
    struct answer boot;
    struct answer answer[SPEC_EVENTS];
    uint32_t restored[SPEC_EVENTS]; /* pages, before this event; where the test asks */
    int complaints;
};

static unsigned ran;
static unsigned failed;

static void tap(bool ok, const char *name, const char *where, const char *sentence)
{
    ran++;
    failed += !ok;
    printf("%sok %u - %s, %s: %s\n", ok ? "" : "not ", ran, name, where, sentence);
}

static void complain(struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct run *run, const char *fmt, ...)
{
    va_list ap;

    run->complaints++;
    printf("# %s, %s: ", run->name, backend_word(run->options.backend));
    va_start(ap, fmt);
    (void)vprintf(fmt, ap);
    va_end(ap);
    printf("\n");
}

/* ---- running ----------------------------------------------------------------------- */

static char *copy(const void *data, size_t size)
{
    char *s = malloc(size + 1);

    if (s == NULL)
        err(1, "memory");
    memcpy(s, data, size);
    s[size] = '\0';
    return s;
}

static int take_answer(const struct tender *t, struct answer *a, struct uf_err *e)
{
    struct result res;
    int r = tender_result(t, &res, e);

    if (r < 0)
        return r;
    a->r = res.r;
    a->headers = copy(res.headers, res.r.headers_size);
    a->log = copy(res.log, res.r.log_size);
    a->body = copy(res.body, res.r.body_size);
    return 0;
}

static void answer_fini(struct answer *a)
{
    free(a->headers);
    free(a->log);
    free(a->body);
}

static int expect_frame(struct tender *t, uint32_t type, struct uf_err *e)
{
    struct uf_frame f;
    int r = tender_recv(t, &f, WAIT_MS, e);

    if (r == 0)
        return uf_fail(e, -1, "the tender said nothing for %d ms", WAIT_MS);
    if (r < 0)
        return r;
    return f.type == type ? 0 : uf_fail(e, -1, "frame %u: %.200s", f.type, f.text);
}

static int start(struct tender *t, const struct run *run, struct uf_err *e)
{
    int r = tender_start(t, &run->options, e);

    return r < 0 ? r : expect_frame(t, UF_FRAME_READY, e);
}

static int boot(struct tender *t, struct run *run, int snapshot, struct uf_err *e)
{
    const struct spec *s = run->spec;
    UF_AUTO_FD int image = open(run->image, O_RDONLY | O_CLOEXEC);

    if (image < 0)
        return uf_fail(e, -1, "%s cannot be opened; make guest-tests builds it", run->image);
    int r = start(t, run, e);
    if (r == 0)
        r = tender_boot(t, &s->limits,
                        &(struct tender_image){image, snapshot, run->name, s->env, s->env_size}, e);
    if (r == 0)
        r = expect_frame(t, UF_FRAME_BOOTED, e);
    return r == 0 ? take_answer(t, &run->boot, e) : r;
}

/* The tender restores after it has answered: wait until it has done so n times. */
static int pages_restored(struct tender *t, unsigned n, uint32_t *out, struct uf_err *e)
{
    struct result res;

    for (int ms = 0; ms < WAIT_MS; ms++) {
        int r = tender_result(t, &res, e);

        if (r < 0)
            return r;
        *out = res.r.restore_pages;
        if (res.r.restores >= n)
            return 0;
        (void)usleep(1000);
    }
    return uf_fail(e, -1, "restore %u did not come within %d ms", n, WAIT_MS);
}

/* As the daemon does, when it knows what a first event writes: the stack's first page,
 * which every event does. */
static int load(struct tender *t, const struct run *run, int snapshot, struct uf_err *e)
{
    struct uf_stretch set[UF_WORKING_SET] = {{0, 0}};
    struct uf_snapshot s;

    if (pread(snapshot, &s, sizeof(s), 0) != (ssize_t)sizeof(s))
        return uf_fail(e, -1, "the snapshot cannot be read");
    set[0].count = s.page_size / UF_PAGE;
    set[0].first = (uint32_t)((UF_IMAGE_BASE - s.ram_start) / UF_PAGE) - set[0].count;
    return tender_load(t, &run->spec->limits, snapshot, set, e);
}

static int events(struct tender *t, struct run *run, int snapshot, struct uf_err *e)
{
    struct timespec ts;
    int r = start(t, run, e);

    if (r == 0)
        r = load(t, run, snapshot, e);
    if (r == 0)
        r = expect_frame(t, UF_FRAME_LOADED, e);
    for (unsigned i = 0; i < run->spec->repeat && r == 0; i++) {
        struct event event = spec_event(run->spec, i + 1);

        if (i > 0 && spec_find(run->spec, "pages", i + 1, NULL) != NULL)
            r = pages_restored(t, i, &run->restored[i], e);
        (void)clock_gettime(CLOCK_REALTIME, &ts);
        event.now_ns = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
        if (r == 0)
            r = tender_run(t, &event, e);
        if (r == 0)
            r = expect_frame(t, UF_FRAME_DONE, e);
        if (r == 0)
            r = take_answer(t, &run->answer[i], e);
    }
    return r;
}

/* ---- judging ------------------------------------------------------------------------- */

static bool matches(const char *pattern, const char *text, bool whole)
{
    char anchored[1024];
    regex_t re;

    (void)snprintf(anchored, sizeof(anchored), whole ? "^(%s)$" : "%s", pattern);
    if (regcomp(&re, anchored, REG_EXTENDED | REG_NOSUB) != 0)
        errx(1, "bad expression: %s", pattern);
    bool yes = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return yes;
}

static void judge_line(struct run *run, const struct line *l, unsigned nr, const struct answer *a)
{
    const struct {
        const char *key;
        const char *text;
    } texts[] = {
        {"body", a->body}, {"header", a->headers}, {"log", a->log}, {"message", a->r.message}};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (strcmp(l->key, texts[i].key) == 0 &&
            !matches(l->value, texts[i].text, strcmp(l->key, "body") == 0))
            complain(run, "event %u: %s is not %s but: %.500s", nr, l->key, l->value,
                     texts[i].text);
    if (strcmp(l->key, "size") == 0 && a->r.body_size != strtoul(l->value, NULL, 10))
        complain(run, "event %u: the body has %" PRIu32 " bytes, not %s", nr, a->r.body_size,
                 l->value);
    if (strcmp(l->key, "nolog") == 0 && a->r.log_size != 0)
        complain(run, "event %u: logged %.500s", nr, a->log);
    if (strcmp(l->key, "pages") == 0 && run->restored[nr - 1] > strtoul(l->value, NULL, 10))
        complain(run, "event %u: %u pages were restored before it, expected %s", nr,
                 run->restored[nr - 1], l->value);
}

static void judge_outcome(struct run *run, const char *what, const char *want,
                          const struct answer *a)
{
    if (strcmp(outcome_word(a->r.outcome), want) != 0)
        complain(run, "%s: outcome is not %s but %s: %s", what, want, outcome_word(a->r.outcome),
                 a->r.message);
}

static void judge_number(struct run *run, unsigned nr, const char *key, int64_t got)
{
    const char *want = spec_find(run->spec, key, nr, "0");

    if (strtoll(want, NULL, 10) != got)
        complain(run, "event %u: %s is not %s but %" PRId64, nr, key, want, got);
}

static void judge_event(struct run *run, unsigned nr)
{
    const struct answer *a = &run->answer[nr - 1];
    char what[32];

    (void)snprintf(what, sizeof(what), "event %u", nr);
    judge_outcome(run, what, spec_find(run->spec, "outcome", nr, "ok"), a);
    judge_number(run, nr, "status", a->r.status);
    judge_number(run, nr, "http", a->r.http_status);
    for (unsigned i = 0; i < run->spec->nexpect; i++)
        if (run->spec->expect[i].event == 0 || run->spec->expect[i].event == nr)
            judge_line(run, &run->spec->expect[i], nr, a);
    for (unsigned i = 0; i + 1 < nr && spec_find(run->spec, "distinct", 0, NULL) != NULL; i++)
        if (strcmp(run->answer[i].body, a->body) == 0)
            complain(run, "events %u and %u: the same body %.100s", i + 1, nr, a->body);
}

static void judge_boot_failure(struct run *run)
{
    const char *message = spec_find(run->spec, "message", 0, ".*");

    if (!matches(message, run->boot.r.message, false))
        complain(run, "boot: message is not %s but: %s", message, run->boot.r.message);
}

/* Run one test on one backend. True when everything was as expected. */
static bool run_one(struct run *run)
{
    const char *want = spec_find(run->spec, "boot", 0, "ok");
    struct uf_err e = {0};
    struct tender first = {0};
    struct tender second = {0};
    UF_AUTO_FD int snapshot = memfile_make("snapshot", 0, &e);

    int r = snapshot < 0 ? snapshot : boot(&first, run, snapshot, &e);
    tender_stop(&first);
    if (r == 0) {
        judge_outcome(run, "boot", want, &run->boot);
        if (run->boot.r.outcome != UF_OUTCOME_OK) {
            judge_boot_failure(run);
        } else if (strcmp(want, "ok") == 0) {
            r = events(&second, run, snapshot, &e);
            for (unsigned nr = 1; nr <= run->spec->repeat && r == 0; nr++)
                judge_event(run, nr);
            tender_stop(&second);
        }
    }
    if (r < 0)
        complain(run, "%s", e.msg);
    return run->complaints == 0;
}

/* ---- both backends ---------------------------------------------------------------------- */

static bool same_answer(const struct spec *s, const struct answer *a, const struct answer *b)
{
    bool varies = spec_find(s, "varies", 0, NULL) != NULL;

    if (a->r.outcome != b->r.outcome || a->r.status != b->r.status ||
        a->r.http_status != b->r.http_status || a->r.oom != b->r.oom)
        return false;
    if (a->body == NULL || b->body == NULL)
        return a->body == b->body;
    return varies ||
           (strcmp(a->body, b->body) == 0 && strcmp(a->log, b->log) == 0 &&
            strcmp(a->headers, b->headers) == 0 && strcmp(a->r.message, b->r.message) == 0 &&
            strcmp(a->r.trace, b->r.trace) == 0);
}

static bool agree(const struct run *a, const struct run *b)
{
    if (!same_answer(a->spec, &a->boot, &b->boot))
        return false;
    for (unsigned i = 0; i < SPEC_EVENTS; i++) {
        if (same_answer(a->spec, &a->answer[i], &b->answer[i]))
            continue;
        printf("# %s, event %u: %s says %s, %s; %s says %s, %s\n", a->name, i + 1,
               backend_word(a->options.backend), a->answer[i].r.message,
               a->answer[i].body == NULL ? "" : a->answer[i].body, backend_word(b->options.backend),
               b->answer[i].r.message, b->answer[i].body == NULL ? "" : b->answer[i].body);
        return false;
    }
    return true;
}

static void run_fini(struct run *run)
{
    answer_fini(&run->boot);
    for (unsigned i = 0; i < SPEC_EVENTS; i++)
        answer_fini(&run->answer[i]);
}

static void skip(const char *name, const char *why)
{
    const char *must = getenv("UF_MUST");

    if (must != NULL && strstr(must, "kvm") != NULL) {
        tap(false, name, "kvm", why);
        return;
    }
    printf("ok %u - %s, kvm # SKIP %s\n", ++ran, name, why);
}

/* A script's image, which is not made where the engine could not be had? */
static bool is_left_out(const char *dir, const char *image)
{
    const char *must = getenv("UF_MUST");
    char script[600];

    (void)snprintf(script, sizeof(script), "%s/main.js", dir);
    return access(image, R_OK) != 0 && (must == NULL || strstr(must, "javascript") == NULL) &&
           (access(script, R_OK) == 0 || strstr(image, "/functions/js/") != NULL);
}

static void test(const char *tests, const char *images, const char *tender, const char *name)
{
    struct uf_err no_kvm = {0};
    char dir[512];
    char image[512];
    struct spec spec;

    (void)snprintf(dir, sizeof(dir), "%s/%s", tests, name);
    spec_load(&spec, dir);
    if (spec.image != NULL)
        (void)snprintf(image, sizeof(image), "%s/%s.elf", images, spec.image);
    else
        (void)snprintf(image, sizeof(image), "%s/guest/%s.elf", images, name);
    if (is_left_out(dir, image)) {
        printf("ok %u - %s # SKIP there is no JavaScript engine: tools/quickjs says why\n", ++ran,
               name);
        spec_fini(&spec);
        return;
    }
    struct run run[2];
    for (unsigned b = 0; b < 2; b++)
        run[b] = (struct run){.name = name,
                              .spec = &spec,
                              .image = image,
                              .options = {.path = tender,
                                          .backend = b == 0 ? BACKEND_PROCESS : BACKEND_KVM,
                                          .cpu = -1}};
    const char *only = getenv("UF_BACKEND");
    bool both = only == NULL || *only == '\0';

    if (both || strcmp(only, "process") == 0)
        tap(run_one(&run[0]), name, "process", spec.sentence);
    if (both || strcmp(only, "kvm") == 0) {
        if (probe_kvm(&no_kvm) < 0)
            skip(name, no_kvm.msg);
        else
            tap(run_one(&run[1]), name, "kvm", spec.sentence);
        if (both && no_kvm.msg[0] == '\0')
            tap(agree(&run[0], &run[1]), name, "both", "the backends agree");
    }
    run_fini(&run[0]);
    run_fini(&run[1]);
    spec_fini(&spec);
}

/* ---- all of them -------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t list_tests(const char *tests, char *names[static TESTS_MAX])
{
    DIR *d = opendir(tests);
    const struct dirent *entry;
    size_t n = 0;

    if (d == NULL)
        err(1, "%s", tests);
    while ((entry = readdir(d)) != NULL && n < TESTS_MAX) {
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/%.200s/expect", tests, entry->d_name);
        if (access(path, R_OK) == 0)
            names[n++] = copy(entry->d_name, strlen(entry->d_name));
    }
    (void)closedir(d);
    qsort(names, n, sizeof(names[0]), compare_names);
    return n;
}

int main(int argc, char **argv)
{
    static char *names[TESTS_MAX];

    if (argc < 4)
        errx(2, "usage: run TESTS IMAGES TENDER [NAME...]");
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 4; i < argc; i++)
        test(argv[1], argv[2], argv[3], argv[i]);
    size_t n = argc > 4 ? 0 : list_tests(argv[1], names);
    for (size_t i = 0; i < n; i++) {
        test(argv[1], argv[2], argv[3], names[i]);
        free(names[i]);
    }
    printf("1..%u\n", ran);
    return failed != 0;
}
