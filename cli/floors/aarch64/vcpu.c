// SPDX-License-Identifier: MIT
/*
 * vcpu.c (aarch64): EL0 with the MMU on, from the first instruction.
 *
 * After a store to the door KVM moves the program counter on at the next
 * KVM_RUN, so a reset first lets it finish. Source: Arm ARM DDI 0487, chapters
 * D8 and D24; KVM API 4.68.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "cli/floors/bare.h"

#define CORE(field) \
    (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))
#define MAIR_EL1  ARM64_SYS_REG(3, 0, 10, 2, 0)
#define TCR_EL1   ARM64_SYS_REG(3, 0, 2, 0, 2)
#define TTBR0_EL1 ARM64_SYS_REG(3, 0, 2, 0, 0)
#define VBAR_EL1  ARM64_SYS_REG(3, 0, 12, 0, 0)
#define SCTLR_EL1 ARM64_SYS_REG(3, 0, 1, 0, 0)

#define LEVEL1 UINT64_C(0x1000)
#define LEVEL2 UINT64_C(0x2000)
#define DOOR   UINT64_C(0x40000000) /* the second GiB, where there is no memory */
#define MIB2   UINT64_C(0x200000)

#define PSTATE_EL0 UINT64_C(0x3c0)  /* EL0t, interrupts masked */
#define MAIR       UINT64_C(0x00ff) /* 0: normal, write-back; 1: device nGnRnE */
/* 39-bit addresses, 4 KiB granule, write-back inner-shareable walks, no TTBR1. */
#define TCR                                                                                        \
    (UINT64_C(25) | UINT64_C(1) << 8 | UINT64_C(1) << 10 | UINT64_C(3) << 12 | UINT64_C(1) << 23 | \
     UINT64_C(2) << 32)
#define SCTLR UINT64_C(0x30d0198d) /* MMU and caches on */

#define TABLE   UINT64_C(3)
#define BLOCK   (UINT64_C(1) | UINT64_C(1) << 6 | UINT64_C(1) << 10) /* EL0 may, accessed */
#define IS_RO   (UINT64_C(1) << 7)
#define SHARED  (UINT64_C(3) << 8)
#define DEVICE  (UINT64_C(1) << 2)
#define NO_EXEC (UINT64_C(3) << 53)

int bare_arch_image(struct bare_image *g)
{
    uint64_t *level1 = (uint64_t *)(void *)(g->at + LEVEL1);
    uint64_t *level2 = (uint64_t *)(void *)(g->at + LEVEL2);

    level1[0] = LEVEL2 | TABLE;
    level1[1] = DOOR | BLOCK | DEVICE | NO_EXEC;
    level2[0] = BLOCK | SHARED | IS_RO;
    for (uint64_t at = MIB2; at < g->size; at += MIB2)
        level2[at / MIB2] = at | BLOCK | SHARED | NO_EXEC;
    return 0;
}

static int set_reg(const struct bare *b, uint64_t id, uint64_t value)
{
    struct kvm_one_reg r = {.id = id, .addr = (uint64_t)(uintptr_t)&value};

    return ioctl(b->vcpu, KVM_SET_ONE_REG, &r) < 0 ? -errno : 0;
}

int bare_arch_init(struct bare *b)
{
    const struct {
        uint64_t id;
        uint64_t value;
    } regs[] = {{MAIR_EL1, MAIR},
                {TCR_EL1, TCR},
                {TTBR0_EL1, LEVEL1},
                {VBAR_EL1, BARE_CODE},
                {SCTLR_EL1, SCTLR}};
    struct kvm_vcpu_init init;
    int r = 0;

    if (ioctl(b->vm, KVM_ARM_PREFERRED_TARGET, &init) < 0 ||
        ioctl(b->vcpu, KVM_ARM_VCPU_INIT, &init) < 0)
        return -errno;
    for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]) && r == 0; i++)
        r = set_reg(b, regs[i].id, regs[i].value);
    return r;
}

int bare_arch_reset(struct bare *b)
{
    if (b->run->exit_reason == KVM_EXIT_MMIO) {
        b->run->immediate_exit = 1;
        (void)ioctl(b->vcpu, KVM_RUN, 0);
        b->run->immediate_exit = 0;
    }
    int r = set_reg(b, CORE(regs.pc), BARE_CODE);
    return r < 0 ? r : set_reg(b, CORE(regs.pstate), PSTATE_EL0);
}

bool bare_arch_is_door(const struct kvm_run *run)
{
    return run->exit_reason == KVM_EXIT_MMIO && run->mmio.is_write != 0 &&
           run->mmio.phys_addr == DOOR;
}
