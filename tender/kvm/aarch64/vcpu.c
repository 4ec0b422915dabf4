// SPDX-License-Identifier: MIT
/*
 * vcpu.c (aarch64): entry state, page table entries, and exits.
 *
 * Every register costs a system call here, so a reset sets two, the program
 * counter and the processor state; the door page's start stub sets the rest.
 * After a store to the door KVM moves the program counter on at the *next*
 * KVM_RUN, so a reset first lets it finish (immediate_exit). Source: Arm ARM
 * DDI 0487, chapters D8 (translation) and D24 (registers); KVM API 4.68.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tender/arch/arch.h"
#include "tender/core/host.h"
#include "tender/kvm/aarch64/layout.h"
#include "tender/kvm/vm.h"

#define CORE(field) \
    (KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | KVM_REG_ARM_CORE_REG(field))
#define MAIR_EL1  ARM64_SYS_REG(3, 0, 10, 2, 0)
#define TCR_EL1   ARM64_SYS_REG(3, 0, 2, 0, 2)
#define TTBR0_EL1 ARM64_SYS_REG(3, 0, 2, 0, 0)
#define VBAR_EL1  ARM64_SYS_REG(3, 0, 12, 0, 0)
#define CPACR_EL1 ARM64_SYS_REG(3, 0, 1, 0, 2)
#define SCTLR_EL1 ARM64_SYS_REG(3, 0, 1, 0, 0)
#define ESR_EL1   ARM64_SYS_REG(3, 0, 5, 2, 0)
#define FAR_EL1   ARM64_SYS_REG(3, 0, 6, 0, 0)

#define PSTATE_EL0 UINT64_C(0x3c0)     /* EL0t, interrupts masked */
#define MAIR       UINT64_C(0x00ff)    /* 0: normal, write-back; 1: device nGnRnE */
#define CPACR      (UINT64_C(3) << 20) /* floating point and SIMD for EL0 */
/* 39-bit addresses, 4 KiB pages, write-back inner-shareable walks, no TTBR1. */
#define TCR                                                                                        \
    (UINT64_C(25) | UINT64_C(1) << 8 | UINT64_C(1) << 10 | UINT64_C(3) << 12 | UINT64_C(1) << 23 | \
     UINT64_C(2) << 32)
/* MMU, caches; DC ZVA, cache type, WFI, WFE and cache maintenance for EL0. */
#define SCTLR                                                                           \
    (UINT64_C(0x30d0198d) | UINT64_C(1) << 14 | UINT64_C(1) << 15 | UINT64_C(1) << 16 | \
     UINT64_C(1) << 18 | UINT64_C(1) << 26)

/* Page table entries. */
#define PTE_VALID  UINT64_C(3)
#define PTE_DEVICE (UINT64_C(1) << 2)
#define PTE_USER   (UINT64_C(1) << 6)
#define PTE_RO     (UINT64_C(1) << 7)
#define PTE_SHARED (UINT64_C(3) << 8)
#define PTE_ACCESS (UINT64_C(1) << 10)
#define PTE_PXN    (UINT64_C(1) << 53)
#define PTE_UXN    (UINT64_C(1) << 54)

/* Exception classes of ESR_EL1.EC. */
enum exception_class {
    EC_SVC = 0x15,
    EC_INSTRUCTION_ABORT = 0x20,
    EC_PC_ALIGN = 0x22,
    EC_DATA_ABORT = 0x24,
    EC_SP_ALIGN = 0x26,
    EC_FLOAT = 0x2c,
    EC_STEP = 0x32,
    EC_BREAK = 0x3c,
};

#define DFSC_MASK  0x3fu
#define DFSC_ALIGN 0x21u

static int set_reg(const struct vm *vm, uint64_t id, uint64_t value)
{
    struct kvm_one_reg r = {.id = id, .addr = (uint64_t)(uintptr_t)&value};

    return host_ioctl(vm->vcpu, KVM_SET_ONE_REG, &r) < 0 ? -errno : 0;
}

static uint64_t get_reg(const struct vm *vm, uint64_t id)
{
    uint64_t value = 0;
    struct kvm_one_reg r = {.id = id, .addr = (uint64_t)(uintptr_t)&value};

    return host_ioctl(vm->vcpu, KVM_GET_ONE_REG, &r) < 0 ? 0 : value;
}

uint64_t vcpu_page_entry(uint64_t pa, uint32_t prot, bool user)
{
    uint64_t e = pa | PTE_VALID | PTE_SHARED | PTE_ACCESS | PTE_UXN | PTE_PXN;

    if (user)
        e |= PTE_USER;
    if ((prot & UF_PROT_WRITE) == 0)
        e |= PTE_RO;
    if ((prot & UF_PROT_EXEC) != 0)
        e &= ~(user ? PTE_UXN : PTE_PXN);
    return e;
}

uint64_t vcpu_table_entry(uint64_t pa)
{
    return pa | PTE_VALID;
}

static void map_device(struct vm *vm, uint64_t root, uint64_t addr, bool user)
{
    uint64_t *gib = vm_system_at(vm, root);
    const uint64_t mask = UINT64_C(0x0000fffffffff000);

    vm_map_range(vm, root, addr, addr + UF_PAGE, UF_PROT_READ | UF_PROT_WRITE, user);
    uint64_t *mib = vm_system_at(vm, gib[addr >> 30 & 511] & mask);
    uint64_t *pages = vm_system_at(vm, mib[addr >> 21 & 511] & mask);
    pages[addr >> 12 & 511] = (pages[addr >> 12 & 511] & ~PTE_SHARED) | PTE_DEVICE;
}

/* movz x16, #hi, lsl #16; movk x16, #lo; str w16, [x16, #4 * vector]; b . */
static void write_vectors(uint8_t *at)
{
    const uint32_t hi = (uint32_t)(KVM_FAULT_DEVICE >> 16);
    const uint32_t lo = (uint32_t)(KVM_FAULT_DEVICE & 0xffff);

    for (uint32_t i = 0; i < NVECTORS; i++) {
        uint32_t code[] = {0xd2a00010u | hi << 5, 0xf2800010u | lo << 5, 0xb9000210u | i << 10,
                           0x14000000u};

        memcpy(at + i * VECTOR_SIZE, code, sizeof(code));
    }
}

static int set_system(struct vm *vm, uint64_t root, uint64_t vectors)
{
    const struct {
        uint64_t id;
        uint64_t value;
    } regs[] = {
        {MAIR_EL1, MAIR},    {TCR_EL1, TCR},     {TTBR0_EL1, root},
        {VBAR_EL1, vectors}, {CPACR_EL1, CPACR}, {SCTLR_EL1, SCTLR},
    };
    int r = 0;

    for (size_t i = 0; i < sizeof(regs) / sizeof(regs[0]) && r == 0; i++)
        r = set_reg(vm, regs[i].id, regs[i].value);
    return r;
}

int vcpu_open(struct vm *vm, struct uf_err *err)
{
    struct kvm_vcpu_init init;

    if (host_ioctl(vm->vm, KVM_ARM_PREFERRED_TARGET, &init) < 0 ||
        host_ioctl(vm->vcpu, KVM_ARM_VCPU_INIT, &init) < 0)
        return uf_fail(err, -errno, "KVM_ARM_VCPU_INIT: %s", strerror(errno));
    uint64_t root = vm_system_take(vm, 1);
    uint64_t vectors = vm_system_take(vm, 1);
    write_vectors(vm_system_at(vm, vectors));
    vm_map_range(vm, root, vectors, vectors + UF_PAGE, UF_PROT_READ | UF_PROT_EXEC, false);
    map_device(vm, root, KVM_DOOR_DEVICE, true);
    map_device(vm, root, KVM_FAULT_DEVICE, false);
    int r = set_system(vm, root, vectors);
    vm->root = root;
    return r < 0 ? uf_fail(err, r, "cannot set up the processor: %s", strerror(-r)) : 0;
}

/* Let KVM finish the store that the guest left with. */
static void finish_exit(struct vm *vm)
{
    if (vm->run->exit_reason != KVM_EXIT_MMIO)
        return;
    vm->run->immediate_exit = 1;
    (void)host_ioctl(vm->vcpu, KVM_RUN, NULL);
    vm->run->immediate_exit = 0;
}

int vcpu_reset(struct vm *vm)
{
    finish_exit(vm);
    int r = set_reg(vm, CORE(regs.pc), vm->entry);
    return r < 0 ? r : set_reg(vm, CORE(regs.pstate), PSTATE_EL0);
}

int vcpu_regs(struct vm *vm, struct machine_regs *out)
{
    *out = (struct machine_regs){
        .pc = get_reg(vm, CORE(regs.pc)),
        .sp = get_reg(vm, CORE(regs.sp)),
        .fp = get_reg(vm, CORE(regs.regs[29])),
        .lr = get_reg(vm, CORE(regs.regs[30])),
    };
    return 0;
}

static enum fault_kind kind_of(uint64_t esr)
{
    switch ((enum exception_class)(esr >> 26 & 0x3f)) {
    case EC_INSTRUCTION_ABORT:
        return FAULT_EXECUTE;
    case EC_DATA_ABORT:
        return (esr & DFSC_MASK) == DFSC_ALIGN ? FAULT_ALIGN : FAULT_ACCESS;
    case EC_PC_ALIGN:
    case EC_SP_ALIGN:
        return FAULT_ALIGN;
    case EC_FLOAT:
        return FAULT_FLOAT;
    case EC_STEP:
    case EC_BREAK:
        return FAULT_TRAP;
    case EC_SVC:
        break;
    }
    /* Linux reports what EL0 may not do as an illegal instruction as well. */
    return FAULT_ILLEGAL;
}

static void read_fault(struct vm *vm, struct stop *stop)
{
    uint64_t esr = get_reg(vm, ESR_EL1);

    (void)vcpu_regs(vm, &vm->fault_regs);
    vm->fault_regs.pc = get_reg(vm, CORE(elr_el1));
    vm->at_fault = true;
    if ((esr >> 26 & 0x3f) == EC_SVC) {
        vm->fault_regs.pc -= 4;
        *stop = (struct stop){.kind = STOP_SYSCALL, .addr = get_reg(vm, CORE(regs.regs[8]))};
        return;
    }
    *stop = (struct stop){.kind = STOP_FAULT, .fault = kind_of(esr), .addr = get_reg(vm, FAR_EL1)};
}

void vcpu_stop(struct vm *vm, struct stop *stop)
{
    const struct kvm_run *run = vm->run;
    uint64_t at = run->mmio.phys_addr;

    if (run->exit_reason == KVM_EXIT_INTR) {
        vm->was_interrupted = true;
        *stop = (struct stop){.kind = STOP_INTERRUPTED};
        return;
    }
    *stop = (struct stop){.kind = STOP_DEAD, .addr = run->exit_reason};
    if (run->exit_reason != KVM_EXIT_MMIO)
        return;
    /* From anywhere but the door page it would be a fault under the process
     * backend, where nothing is mapped there. */
    if (at == KVM_DOOR_DEVICE && run->mmio.is_write != 0 && run->mmio.len == 4 &&
        get_reg(vm, CORE(regs.pc)) - UF_DOOR_BASE < UF_PAGE)
        *stop = (struct stop){.kind = STOP_DOOR};
    else if (at == KVM_FAULT_DEVICE + UINT64_C(4) * VECTOR_EL0_SYNC)
        read_fault(vm, stop);
    else if (at >= KVM_DOOR_DEVICE && at < KVM_DOOR_DEVICE + UF_PAGE)
        *stop = (struct stop){.kind = STOP_FAULT, .fault = FAULT_ACCESS, .addr = at};
}
