// SPDX-License-Identifier: MIT
/*
 * vcpu.c (x86_64): ring 3 in long mode, with IOPL 3 so that OUT needs no bitmap.
 *
 * Registers travel through kvm_run (KVM_CAP_SYNC_REGS), so a reset costs no
 * system call. Source: Intel SDM 3A, chapters 3 and 4; KVM API 5.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/floors/bare.h"

#define PML4 UINT64_C(0x1000)
#define PDPT UINT64_C(0x2000)
#define PD   UINT64_C(0x3000)
#define TSS  UINT64_C(0x4000)

/* Present, writable, user, accessed, dirty: nothing is left to be updated. */
#define ENTRY     UINT64_C(0x67)
#define LARGE     UINT64_C(0x80) /* 2 MiB */
#define CR0       0x80050033u    /* PG AM WP NE ET MP PE */
#define CR4       0x620u         /* OSXMMEXCPT OSFXSR PAE */
#define EFER      0x500u         /* LMA LME               */
#define FLAGS     0x3002u        /* IOPL 3                */
#define PORT_DOOR 0x10u
#define MIB2      UINT64_C(0x200000)
#define ENTRIES   256u

int bare_arch_image(struct bare_image *g)
{
    struct kvm_cpuid2 *c = calloc(1, sizeof(*c) + ENTRIES * sizeof(c->entries[0]));

    g->features = c;
    if (c == NULL)
        return -ENOMEM;
    c->nent = ENTRIES;
    if (ioctl(g->kvm, KVM_GET_SUPPORTED_CPUID, c) < 0)
        return -errno;
    if (ioctl(g->kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) < 3)
        return -ENOTSUP;
    *(uint64_t *)(void *)(g->at + PML4) = PDPT | ENTRY;
    *(uint64_t *)(void *)(g->at + PDPT) = PD | ENTRY;
    for (uint64_t at = 0; at < g->size; at += MIB2)
        ((uint64_t *)(void *)(g->at + PD))[at / MIB2] = at | ENTRY | LARGE;
    return 0;
}

int bare_arch_init(struct bare *b)
{
    const struct kvm_segment code = {.limit = UINT32_MAX,
                                     .selector = 0x2b,
                                     .type = 11,
                                     .present = 1,
                                     .dpl = 3,
                                     .s = 1,
                                     .l = 1,
                                     .g = 1};
    const struct kvm_segment data = {.limit = UINT32_MAX,
                                     .selector = 0x23,
                                     .type = 3,
                                     .present = 1,
                                     .dpl = 3,
                                     .s = 1,
                                     .db = 1,
                                     .g = 1};
    struct kvm_sregs *s = &b->sregs;

    if (ioctl(b->vcpu, KVM_SET_CPUID2, b->image->features) < 0 ||
        ioctl(b->vcpu, KVM_GET_SREGS, s) < 0)
        return -errno;
    s->cs = code;
    s->ds = s->es = s->fs = s->gs = s->ss = data;
    s->tr = (struct kvm_segment){
        .base = TSS, .limit = 0x67, .selector = 0x30, .type = 11, .present = 1};
    s->cr0 = CR0;
    s->cr3 = PML4;
    s->cr4 = CR4;
    s->efer = EFER;
    return 0;
}

int bare_arch_reset(struct bare *b)
{
    struct kvm_sync_regs *s = &b->run->s.regs;

    memset(&s->regs, 0, sizeof(s->regs));
    s->regs.rip = BARE_CODE;
    s->regs.rflags = FLAGS;
    s->sregs = b->sregs;
    b->run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
    return 0;
}

bool bare_arch_is_door(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_IO && run->io.port == PORT_DOOR;
}
