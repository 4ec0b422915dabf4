// SPDX-License-Identifier: MIT
// LINK: engine/tender.c engine/hostcall.c engine/spawn.c engine/event.c engine/memfile.c
// LINK: engine/reason.c
// LIBS: libsodium
/*
 * What a tender says of the pages that a first event wrote, and what one does that is
 * told of them, on each backend of this machine; what the daemon does with it is in
 * tests/e2e/41-malice.sh.
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/snapshot.h"
#include "tests/tender.h"

/* The heap's end: pages that are nobody's, and the guest's to write. */
#define PAGES ((uint32_t)((UINT64_C(8) << 20) / UF_PAGE))
#define HEAP  (PAGES - 2 * UF_WORKING_PAGES)

static const struct event event = {
    .id = "1", .trigger = "http", .method = "POST", .path = "/", .query = "", .attempt = 1};

static void load(struct tender *t, enum backend backend, int snapshot, const struct uf_stretch *set)
{
    start(t, backend);
    CHECK(tender_load(t, &usual, snapshot, set, NULL) == 0 && hear(t) == UF_FRAME_LOADED);
}

/* An event, and the set that came with its end. */
static void run(struct tender *t, struct uf_stretch set[static UF_WORKING_SET])
{
    struct uf_frame f = {.type = 0};
    struct result res = {.headers = NULL};

    CHECK(tender_run(t, &event, NULL) == 0 && hear_frame(t, &f) == UF_FRAME_DONE);
    CHECK(tender_result(t, &res, NULL) == 0 && res.r.outcome == UF_OUTCOME_OK);
    memcpy(set, f.working_set, sizeof(f.working_set));
}

static uint32_t sum(const struct uf_stretch *set)
{
    uint32_t n = 0;

    for (size_t i = 0; i < UF_WORKING_SET; i++)
        n += set[i].count;
    return n;
}

/* The number after a word in /proc/PID/status. */
static long status_of(long pid, const char *word)
{
    char path[64];
    char line[256];
    long n = -1;

    (void)snprintf(path, sizeof(path), "/proc/%ld/status", pid);
    FILE *f = fopen(path, "r");
    while (f != NULL && n < 0 && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, word, strlen(word)) == 0)
            n = strtol(line + strlen(word), NULL, 10);
    if (f != NULL)
        (void)fclose(f);
    return n;
}

/* Pages that a tender has mapped, with its guest's process: "RssAnon:" its own, or
 * "RssShmem:" of the snapshot and what both share. */
static long mapped(const struct tender *t, const char *which)
{
    long kib = status_of(t->pid, which);
    DIR *d = opendir("/proc");

    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        long pid = strtol(e->d_name, NULL, 10);

        if (pid > 0 && status_of(pid, "PPid:") == t->pid)
            kib += status_of(pid, which);
    }
    (void)closedir(d);
    return kib * 1024 / (long)UF_PAGE;
}

/* How many more pages one has that is given a set than one that is not. */
static long had_at_once(enum backend backend, int snapshot, const struct uf_stretch *set)
{
    struct uf_stretch told[UF_WORKING_SET];
    struct tender with;
    struct tender without;

    load(&without, backend, snapshot, NULL);
    load(&with, backend, snapshot, set);
    long n = mapped(&with, "RssAnon:") - mapped(&without, "RssAnon:");
    run(&with, told); /* it is as good as any */
    tender_stop(&with);
    tender_stop(&without);
    return n;
}

/* Page tables come with pages, and the kernel counts in batches of each processor. */
static bool is_about(long n, long pages)
{
    if (n < pages - 32 || n > pages + 64)
        printf("# %ld pages, not %ld\n", n, pages);
    return n >= pages - 32 && n <= pages + 64;
}

static void each_backend(void (*fn)(enum backend backend, int snapshot))
{
    bool has_kvm = access("/dev/kvm", R_OK | W_OK) == 0;

    for (int b = has_kvm ? BACKEND_KVM : BACKEND_PROCESS; b <= BACKEND_PROCESS; b++) {
        int snapshot = make_snapshot((enum backend)b, &usual);

        fn((enum backend)b, snapshot);
        (void)close(snapshot);
    }
}

static void tell(enum backend backend, int snapshot)
{
    struct uf_stretch set[UF_WORKING_SET];
    struct uf_stretch again[UF_WORKING_SET];
    struct tender t;

    load(&t, backend, snapshot, NULL);
    run(&t, set);
    CHECK(set[0].count > 0 && sum(set) < 64);
    run(&t, again);
    CHECK(sum(again) == 0);
    tender_stop(&t);
    load(&t, backend, snapshot, set);
    run(&t, again);
    CHECK(sum(again) == 0);
    tender_stop(&t);
}

static void the_first_event_says_what_it_wrote_and_no_other_does(void)
{
    each_backend(tell);
}

static void have(enum backend backend, int snapshot)
{
    const struct uf_stretch set[UF_WORKING_SET] = {{HEAP, 96}, {HEAP + 128, 96}};

    CHECK(is_about(had_at_once(backend, snapshot, set), 192));
}

static void what_is_told_is_there_before_the_first_event(void)
{
    each_backend(have);
}

static void have_odd(enum backend backend, int snapshot)
{
    struct uf_snapshot s;

    CHECK(pread(snapshot, &s, sizeof(s), 0) == (ssize_t)sizeof(s));
    const uint32_t code = (uint32_t)((UF_IMAGE_BASE - s.ram_start) / UF_PAGE);
    const struct uf_stretch odd[UF_WORKING_SET] = {
        {0, PAGES},       {PAGES - 112, 128},       {PAGES, 16},
        {code - 16, 112}, {UINT32_MAX, UINT32_MAX}, {1, UINT32_MAX}};
    struct uf_stretch large[UF_WORKING_SET] = {{0, 0}};

    CHECK(is_about(had_at_once(backend, snapshot, odd), 0));
    for (uint32_t i = 0; i < UF_WORKING_SET; i++)
        large[i] = (struct uf_stretch){HEAP - 512 + 16 * i, 16};
    CHECK(is_about(had_at_once(backend, snapshot, large), UF_WORKING_PAGES));
    const struct uf_stretch one[UF_WORKING_SET] = {{HEAP - 512, 512}};
    CHECK(is_about(had_at_once(backend, snapshot, one), UF_WORKING_PAGES));
}

static void of_a_set_that_cannot_be_only_what_can_is_there(void)
{
    each_backend(have_odd);
}

/* Of a snapshot: pages that the guest cannot write, so code and constants. */
static long fixed_pages(int snapshot)
{
    struct uf_snapshot s;
    uint64_t n = 0;

    CHECK(pread(snapshot, &s, sizeof(s), 0) == (ssize_t)sizeof(s));
    for (uint32_t i = 0; i < s.nregions; i++)
        for (uint32_t k = 0; k < s.nextents && (s.region[i].prot & UF_PROT_WRITE) == 0; k++)
            if (s.extent[k].addr >= s.region[i].start && s.extent[k].addr < s.region[i].end)
                n += s.extent[k].size / UF_PAGE;
    return (long)n;
}

/* Pages that are mapped when a function is loaded; *fixed as above. */
static long when_loaded(const char *function, long *fixed)
{
    struct tender t;

    find_tender(function);
    int snapshot = make_snapshot(BACKEND_PROCESS, &usual);
    *fixed = fixed_pages(snapshot);
    load(&t, BACKEND_PROCESS, snapshot, NULL);
    long n = mapped(&t, "RssShmem:");
    tender_stop(&t);
    (void)close(snapshot);
    return n;
}

/* Of the process backend: the kernel maps none of it for a virtual machine. */
static void code_is_mapped_before_the_first_event(void)
{
    long small = 0;
    long large = 0;
    long n = when_loaded("fib", &large) - when_loaded("hello", &small);

    printf("# %ld pages more, of %ld more\n", n, large - small);
    CHECK(large - small >= 4 && n == large - small);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(the_first_event_says_what_it_wrote_and_no_other_does),
        TAP_CASE(what_is_told_is_there_before_the_first_event),
        TAP_CASE(of_a_set_that_cannot_be_only_what_can_is_there),
        TAP_CASE(code_is_mapped_before_the_first_event),
    };
    find_tender("hello");
    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
