// SPDX-License-Identifier: MIT
/* reason.c: see reason.h. */
#include "engine/reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *words;
    const char *mend;
} reasons[NREASONS] = {[REASON_NONE] = {"", ""},
#define X(name, words, mend) [REASON_##name] = {(words), (mend)},
                       REASONS(X)
#undef X
};

const char *reason_words(enum reason r)
{
    return reasons[r].words;
}

const char *reason_mend(enum reason r)
{
    return reasons[r].mend;
}

struct pair {
    int code;
    enum reason reason;
};

static enum reason find(const struct pair *p, size_t n, int code)
{
    for (size_t i = 0; i < n; i++)
        if (-p[i].code == code)
            return p[i].reason;
    return REASON_NONE;
}

enum reason reason_of_limit(int code)
{
    static const struct pair all[] = {
        {EMFILE, REASON_FILES},  {ENFILE, REASON_MACHINE_FILES}, {EAGAIN, REASON_PROCESSES},
        {ENOMEM, REASON_MEMORY}, {ENOBUFS, REASON_MEMORY},
    };

    return find(all, sizeof(all) / sizeof(all[0]), code);
}

enum reason reason_of_disk(int code)
{
    static const struct pair all[] = {
        {ENOSPC, REASON_DISK_FULL},      {EDQUOT, REASON_DISK_FULL},
        {EROFS, REASON_READ_ONLY},       {EACCES, REASON_STATE_FORBIDDEN},
        {EPERM, REASON_STATE_FORBIDDEN}, {EMFILE, REASON_FILES},
        {ENFILE, REASON_MACHINE_FILES},  {EIO, REASON_DISK_ERROR},
        {EUCLEAN, REASON_DAMAGED},
    };

    return find(all, sizeof(all) / sizeof(all[0]), code);
}

enum reason reason_of_kvm(int code)
{
    static const struct pair all[] = {
        {ENOENT, REASON_KVM_MISSING}, {EACCES, REASON_KVM_FORBIDDEN}, {EPERM, REASON_KVM_FORBIDDEN},
        {ENODEV, REASON_KVM_EMPTY},   {ENXIO, REASON_KVM_EMPTY},      {EBUSY, REASON_KVM_BUSY},
    };
    enum reason limit = reason_of_limit(code);
    enum reason found = find(all, sizeof(all) / sizeof(all[0]), code);

    return limit != REASON_NONE ? limit : found != REASON_NONE ? found : REASON_KVM_UNUSABLE;
}

enum reason reason_of_degraded(uint32_t bit)
{
    static const struct {
        uint32_t bit;
        enum reason reason;
    } all[] = {
#define X(name, bit) {(bit), REASON_##name},
        UF_DEGRADED(X)
#undef X
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].bit == bit)
            return all[i].reason;
    return REASON_NONE;
}

int reason_fail(struct uf_err *err, int code, enum reason r, const char *what, ...)
{
    char text[UF_ERR_MAX];
    va_list ap;

    va_start(ap, what);
    (void)vsnprintf(text, sizeof(text), what, ap);
    va_end(ap);
    if (r == REASON_NONE)
        return uf_fail(err, code, "%s: %s", text, strerror(-code));
    return uf_fail(err, code, "%s: %s; to mend: %s", text, reason_words(r), reason_mend(r));
}

enum reason reason_of_tender(const struct uf_frame *f, bool is_kvm)
{
    if ((f->flags & UF_DEGRADED_NO_PTRACE) != 0)
        return REASON_NO_PTRACE;
    if ((f->flags & UF_DEGRADED_NO_SECCOMP) != 0)
        return REASON_NO_SECCOMP;
    if (is_kvm && (f->code == -EBUSY || f->code == -ENOTTY))
        return reason_of_kvm(f->code);
    /* Of files it writes the snapshot only. */
    if (f->code == -ENOSPC || f->code == -EDQUOT)
        return reason_of_disk(f->code);
    return reason_of_limit(f->code);
}

void reason_explain(struct uf_frame *f, bool is_kvm)
{
    enum reason r = reason_of_tender(f, is_kvm);
    char text[UF_FRAME_TEXT];

    if (r == REASON_NONE)
        return;
    (void)snprintf(text, sizeof(text), "%s", f->text);
    (void)snprintf(f->text, sizeof(f->text), "%.100s; %s; to mend: %s", text, reason_words(r),
                   reason_mend(r));
}
