// SPDX-License-Identifier: MIT
/* probe.c: see probe.h. A table of looks; each fills in one line. */
#include "engine/probe.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/probe_look.h"
#include "engine/reason.h"

#define TENDER_PATIENCE_MS 5000
#define PROBE_UID          900000 /* the daemon's default --uid-base */

static const struct look {
    const char *name;
    bool fatal; /* nothing works without it */
    void (*look)(struct probe *p);
} looks[] = {
    {"kernel", true, look_kernel},
    {"page size", true, look_page_size},
    {"kvm", false, look_kvm},
    {"kvm creation", false, look_vm_cost},
    {"PAGEMAP_SCAN", false, look_pagemap_scan},
    {"namespaces", false, look_namespaces},
    {"seccomp", true, look_seccomp},
    {"ptrace", false, look_ptrace},
    {"memory files", true, look_memfd},
    {"cgroups", false, look_cgroups},
    {"memory", false, look_memory},
    {"open files", false, look_files},
    {"processes", false, look_processes},
    {"state directory", false, look_state},
};

#define NLOOKS   (sizeof(looks) / sizeof(looks[0]))
#define NTENDERS 2

_Static_assert(NLOOKS + NTENDERS <= PROBE_MAX, "PROBE_MAX has room for every line");

void probe_good(struct probe *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(p->found, sizeof(p->found), fmt, ap);
    va_end(ap);
    p->ok = true;
    p->fatal = false;
    p->mend[0] = '\0';
}

void probe_bad(struct probe *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(p->found, sizeof(p->found), fmt, ap);
    va_end(ap);
    p->ok = false;
}

void probe_mend(struct probe *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(p->mend, sizeof(p->mend), fmt, ap);
    va_end(ap);
}

void probe_because(struct probe *p, enum reason r)
{
    probe_bad(p, "%s", reason_words(r));
    probe_mend(p, "%s", reason_mend(r));
}

void probe_limit(struct probe *p, int code, const char *text)
{
    enum reason r = reason_of_limit(code);

    probe_because(p, r);
    if (r != REASON_NONE)
        return;
    probe_bad(p, "%s: %s", text, strerror(-code));
    probe_mend(p, "look at the end of the kernel's log: sudo dmesg | tail");
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Start a tender up to its closed jail; 0 and what it had to do without. */
static int try_tender(const char *path, enum backend b, uint32_t *degraded, struct uf_err *err)
{
    /* As the daemon would: never as root. */
    const uid_t uid = geteuid() == 0 ? PROBE_UID : 0;
    const struct tender_options o = {.path = path, .backend = b, .uid = uid, .cpu = -1};
    struct tender t;
    struct uf_frame f;
    int r = tender_start(&t, &o, err);

    if (r < 0)
        return r;
    r = tender_recv(&t, &f, TENDER_PATIENCE_MS, err);
    if (r == 0)
        r = uf_fail(err, -ETIMEDOUT, "no answer within %d ms", TENDER_PATIENCE_MS);
    else if (r > 0 && f.type == UF_FRAME_ERROR)
        r = uf_fail(err, f.code < 0 ? f.code : -EPROTO, "%s", f.text);
    *degraded = t.degraded;
    tender_stop(&t);
    return r < 0 ? r : 0;
}

/* Returns what its jail is without. */
static uint32_t look_tender(struct probe *p, const char *path, enum backend b)
{
    struct uf_err err = {0};
    uint32_t degraded = 0;
    int64_t start = now_us();
    int r = try_tender(path, b, &degraded, &err);
    long long took = now_us() - start;

    (void)snprintf(p->name, sizeof(p->name), "%s backend", backend_word(b));
    if (r == 0) {
        probe_good(p, "a tender is ready in %lld us, jailed", took);
        return degraded;
    }
    probe_bad(p, "no tender: %s", err.msg);
    probe_mend(p, r == -ENOENT ? "build or install it, or name it in UNIFAAS_TENDER"
                               : "mend what the lines above name");
    return 0;
}

static bool is_told(const struct probe *p, int n, const char *words)
{
    for (int i = 0; i < n; i++)
        if (strstr(p[i].found, words) != NULL)
            return true;
    return false;
}

/* A line for each thing that tenders do without and no line has told yet. */
static int look_jail(struct probe *p, int n, uint32_t degraded)
{
    for (uint32_t bit = 1; bit != 0 && n < PROBE_MAX; bit <<= 1) {
        enum reason r = (degraded & bit) != 0 ? reason_of_degraded(bit) : REASON_NONE;

        if (r == REASON_NONE || is_told(p, n, reason_words(r)))
            continue;
        (void)snprintf(p[n].name, sizeof(p[n].name), "jail");
        probe_because(&p[n++], r);
    }
    return n;
}

int probe_all(const char *tender_path, struct probe out[static PROBE_MAX])
{
    int n = 0;

    memset(out, 0, PROBE_MAX * sizeof(out[0]));
    for (size_t i = 0; i < NLOOKS; i++) {
        struct probe *p = &out[n++];

        (void)snprintf(p->name, sizeof(p->name), "%s", looks[i].name);
        probe_bad(p, "could not be looked at");
        p->fatal = looks[i].fatal;
        looks[i].look(p);
    }
    struct probe *kvm = &out[n++];
    struct probe *process = &out[n++];
    uint32_t degraded = look_tender(kvm, tender_path, BACKEND_KVM);
    degraded |= look_tender(process, tender_path, BACKEND_PROCESS);
    /* One of the two is enough. */
    kvm->fatal = process->fatal = !kvm->ok && !process->ok;
    return look_jail(out, n, degraded);
}

int probe_backend(const char *wish, enum backend *out, char note[static 256], struct uf_err *err)
{
    struct uf_err why = {0};
    bool wants_auto = strcmp(wish, "auto") == 0;

    note[0] = '\0';
    if (strcmp(wish, "process") == 0) {
        *out = BACKEND_PROCESS;
        return 0;
    }
    if (!wants_auto && strcmp(wish, "kvm") != 0)
        return uf_fail(err, -EINVAL, "backend '%s'; valid: auto, kvm, process", wish);
    if (probe_kvm(&why) == 0) {
        *out = BACKEND_KVM;
        return 0;
    }
    if (!wants_auto)
        return uf_fail(err, -ENODEV, "backend kvm: %s", why.msg);
    (void)snprintf(note, 256,
                   "functions run as confined processes, not in virtual machines: %.180s", why.msg);
    *out = BACKEND_PROCESS;
    return 0;
}
