// SPDX-License-Identifier: MIT
/*
 * vcpu.c (x86_64): entry state, page table entries, and exits.
 *
 * Registers travel through kvm_run (KVM_CAP_SYNC_REGS), so a reset costs no
 * system call. Segment registers are part of it: ring 3 can load its own. What
 * floating point and vector registers hold is cleared by the door page's start
 * stub. Source: Intel SDM 3A, chapters 3 to 7; KVM API 5.
 */
#include <cpuid.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tender/arch/arch.h"
#include "tender/core/host.h"
#include "tender/kvm/vm.h"
#include "tender/kvm/x86_64/layout.h"

#define CR0   0x80050033u /* PG AM WP NE ET MP PE                */
#define CR4   0x620u      /* OSXMMEXCPT OSFXSR PAE               */
#define EFER  0xd01u      /* NXE LMA LME SCE                     */
#define FLAGS 0x2u        /* IOPL 0, interrupts off, bit 1 is always set */

#define CR4_OSXSAVE    (1u << 18)
#define CPUID_SVM      (1u << 2) /* 0x80000001, ecx */
#define XCR0_ALLOWED   0xe7u     /* x87 SSE AVX, AVX-512's three */
#define MSR_STAR       0xc0000081u
#define MSR_LSTAR      0xc0000082u
#define MSR_SFMASK     0xc0000084u
#define VECTOR_DIVIDE  0u
#define VECTOR_DEBUG   1u
#define VECTOR_BREAK   3u
#define VECTOR_ILLEGAL 6u
#define VECTOR_STACK   12u
#define VECTOR_GP      13u
#define VECTOR_PAGE    14u
#define VECTOR_X87     16u
#define VECTOR_ALIGN   17u
#define VECTOR_SIMD    19u
#define PF_FETCH       (1u << 4)

/* A string IN of a page comes in pieces; no more than this are waited for. */
#define STRAY_IO_MAX 16

/* Vectors that push an error code: 8, 10 to 14, 17, 21, 29, 30. */
#define HAS_ERROR_CODE 0x60227d00u

/* The TSS with its bitmap: 8192 bytes, one bit a port, and a byte of ones. */
struct tss {
    uint32_t zero0;
    uint64_t rsp0;
    uint64_t rest[11];
    uint16_t zero1;
    uint16_t bitmap_offset;
    uint8_t bitmap[8193];
} __attribute__((packed));

/* Where things lie in the system area; guest addresses. A tender has one
 * processor in its life, so this is its state and not a module's. */
static struct {
    uint64_t pml4;
    uint64_t tables; /* GDT, then IDT in one page  */
    uint64_t tss;
    uint64_t stubs;
    uint64_t stack0; /* lowest byte */
    struct kvm_sregs sregs;
} cpu;

uint64_t vcpu_page_entry(uint64_t pa, uint32_t prot, bool user)
{
    uint64_t e = pa | 0x61; /* present, accessed, dirty: nothing left to update */

    if (user)
        e |= 0x4;
    if ((prot & UF_PROT_WRITE) != 0)
        e |= 0x2;
    if ((prot & UF_PROT_EXEC) == 0)
        e |= UINT64_C(1) << 63;
    return e;
}

uint64_t vcpu_table_entry(uint64_t pa)
{
    return pa | 0x27; /* present, writable, user, accessed: pages decide */
}

static void write_gdt(struct vm *vm)
{
    uint64_t base = cpu.tss;
    uint64_t gdt[] = {
        0,
        UINT64_C(0x00af9b000000ffff), /* 0x08 ring 0 code, 64 bit */
        UINT64_C(0x00cf93000000ffff), /* 0x10 ring 0 data         */
        0,
        UINT64_C(0x00cff3000000ffff), /* 0x20 ring 3 data         */
        UINT64_C(0x00affb000000ffff), /* 0x28 ring 3 code, 64 bit */
        (sizeof(struct tss) - 1) | (base & 0xffffff) << 16 | UINT64_C(0x8b) << 40 |
            (base >> 24 & 0xff) << 56,
        base >> 32,
    };

    memcpy(vm_system_at(vm, cpu.tables), gdt, sizeof(gdt));
}

/* push $vector; out %eax, $PORT_FAULT; hlt */
static void write_vectors(struct vm *vm)
{
    uint64_t *idt = (uint64_t *)vm_system_at(vm, cpu.tables + 512);
    uint8_t *stubs = vm_system_at(vm, cpu.stubs);

    for (uint32_t i = 0; i < NVECTORS; i++) {
        uint64_t at = cpu.stubs + i * STUB_SIZE;
        uint8_t code[] = {0x6a, (uint8_t)i, 0xe7, PORT_FAULT, 0xf4};
        /* An interrupt gate; INT3 is for everyone, all else only for the CPU. */
        uint64_t dpl = i == VECTOR_BREAK ? 0xee : 0x8e;

        memcpy(stubs + i * STUB_SIZE, code, sizeof(code));
        uint64_t *gate = idt + (size_t)2 * i;

        gate[0] = (at & 0xffff) | (uint64_t)SEL_CODE0 << 16 | dpl << 40 | (at >> 16 & 0xffff) << 48;
        gate[1] = at >> 32;
    }
    const uint8_t code[] = {0xe7, PORT_SYSCALL, 0xf4}; /* out %eax, $PORT_SYSCALL; hlt */
    memcpy(stubs + NVECTORS * STUB_SIZE, code, sizeof(code));
}

static void write_tss(struct vm *vm)
{
    struct tss *t = vm_system_at(vm, cpu.tss);

    t->rsp0 = cpu.stack0 + STACK0_SIZE;
    t->bitmap_offset = offsetof(struct tss, bitmap);
    memset(t->bitmap, 0xff, sizeof(t->bitmap));
    t->bitmap[PORT_DOOR / 8] = 0xf0; /* a 32-bit port is four bits */
}

/*
 * What the task register remembers of its segment's type after LTR: busy on
 * Intel, whose VM entry insists on it; on AMD still available, which is what an
 * emulation of AMD's wants to see before it looks at the bitmap.
 */
static uint8_t tss_type(void)
{
    unsigned a, b, ecx = 0, d;

    (void)__get_cpuid(0x80000001, &a, &b, &ecx, &d);
    return (ecx & CPUID_SVM) != 0 ? 9 : 11;
}

static void set_segments(struct kvm_sregs *s)
{
    struct kvm_segment data = {.limit = 0xffffffff,
                               .selector = SEL_DATA3,
                               .type = 3,
                               .present = 1,
                               .dpl = 3,
                               .db = 1,
                               .s = 1,
                               .g = 1};

    s->ds = s->es = s->fs = s->gs = s->ss = s->cs = data;
    s->cs.selector = SEL_CODE3;
    s->cs.type = 11;
    s->cs.db = 0;
    s->cs.l = 1;
    s->tr = (struct kvm_segment){.base = cpu.tss,
                                 .limit = sizeof(struct tss) - 1,
                                 .selector = SEL_TSS,
                                 .type = tss_type(),
                                 .present = 1};
    s->gdt.base = cpu.tables;
    s->gdt.limit = 63;
    s->idt.base = cpu.tables + 512;
    s->idt.limit = NVECTORS * 16 - 1;
}

static int set_msrs(struct vm *vm)
{
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry e[3];
    } m = {
        .head.nmsrs = 3,
        .e = {{.index = MSR_STAR, .data = (uint64_t)SEL_CODE0 << 32},
              {.index = MSR_LSTAR, .data = cpu.stubs + NVECTORS * STUB_SIZE},
              {.index = MSR_SFMASK, .data = 0x47700}}, /* TF IF DF IOPL NT AC */
    };

    return host_ioctl(vm->vcpu, KVM_SET_MSRS, &m) == 3 ? 0 : -EIO;
}

/* Offer what the host has; switch on the vector state that KVM supports. */
static int set_features(struct vm *vm)
{
    static struct {
        struct kvm_cpuid2 head;
        struct kvm_cpuid_entry2 e[256];
    } c;
    uint32_t xcr0 = 0;

    c.head.nent = 256;
    if (host_ioctl(vm->kvm, KVM_GET_SUPPORTED_CPUID, &c) < 0 ||
        host_ioctl(vm->vcpu, KVM_SET_CPUID2, &c) < 0)
        return -errno;
    for (uint32_t i = 0; i < c.head.nent; i++)
        if (c.e[i].function == 0xd && c.e[i].index == 0)
            xcr0 = c.e[i].eax & XCR0_ALLOWED;
    unsigned a, b, ecx = 0, d;
    (void)__get_cpuid(1, &a, &b, &ecx, &d);
    if ((ecx & bit_OSXSAVE) == 0 || xcr0 == 0)
        return 0;
    struct kvm_xcrs x = {.nr_xcrs = 1, .xcrs = {{.xcr = 0, .value = xcr0}}};
    cpu.sregs.cr4 |= CR4_OSXSAVE;
    return host_ioctl(vm->vcpu, KVM_SET_XCRS, &x) < 0 ? -errno : 0;
}

int vcpu_open(struct vm *vm, struct uf_err *err)
{
    if (host_ioctl(vm->kvm, KVM_CHECK_EXTENSION, (void *)KVM_CAP_SYNC_REGS) < 7)
        return uf_fail(err, -ENOTSUP, "this KVM has no KVM_CAP_SYNC_REGS; Linux 4.17 or later has");
    if (host_ioctl(vm->vcpu, KVM_GET_SREGS, &cpu.sregs) < 0)
        return uf_fail(err, -errno, "KVM_GET_SREGS: %s", strerror(errno));
    vm->root = vm_system_take(vm, 1);
    cpu.pml4 = vm_system_take(vm, 1);
    cpu.tables = vm_system_take(vm, 1);
    cpu.tss = vm_system_take(vm, 3);
    cpu.stubs = vm_system_take(vm, 1);
    cpu.stack0 = vm_system_take(vm, 1);
    *(uint64_t *)vm_system_at(vm, cpu.pml4) = vcpu_table_entry(vm->root);
    write_gdt(vm);
    write_vectors(vm);
    write_tss(vm);
    vm_map_range(vm, vm->root, cpu.tables, cpu.stubs, UF_PROT_READ | UF_PROT_WRITE, false);
    vm_map_range(vm, vm->root, cpu.stubs, cpu.stack0, UF_PROT_READ | UF_PROT_EXEC, false);
    vm_map_range(vm, vm->root, cpu.stack0, cpu.stack0 + STACK0_SIZE, UF_PROT_READ | UF_PROT_WRITE,
                 false);
    cpu.sregs.cr0 = CR0;
    cpu.sregs.cr3 = cpu.pml4;
    cpu.sregs.cr4 = CR4;
    cpu.sregs.efer = EFER;
    set_segments(&cpu.sregs);
    int r = set_features(vm);
    if (r == 0)
        r = set_msrs(vm);
    return r < 0 ? uf_fail(err, r, "cannot set up the processor: %s", strerror(-r)) : 0;
}

int vcpu_reset(struct vm *vm)
{
    struct kvm_sync_regs *s = &vm->run->s.regs;
    const struct arch_slots *slots =
        (const struct arch_slots *)(vm->machine.door + ARCH_DOOR_SLOTS);

    memset(&s->regs, 0, sizeof(s->regs));
    s->regs.rip = vm->entry;
    s->regs.rsp = slots->stack;
    s->regs.rdi = slots->boot_block;
    s->regs.rflags = FLAGS;
    s->sregs = cpu.sregs;
    s->sregs.fs.base = slots->thread_pointer;
    vm->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
    vm->run->kvm_dirty_regs = KVM_SYNC_X86_REGS | KVM_SYNC_X86_SREGS;
    if (vm->was_interrupted) {
        /* An exception may have been about to be delivered: not to the next run. */
        memset(&s->events, 0, sizeof(s->events));
        vm->run->kvm_dirty_regs |= KVM_SYNC_X86_EVENTS;
    }
    return 0;
}

int vcpu_regs(struct vm *vm, struct machine_regs *out)
{
    const struct kvm_regs *r = &vm->run->s.regs.regs;

    *out = (struct machine_regs){.pc = r->rip, .sp = r->rsp, .fp = r->rbp};
    return 0;
}

static enum fault_kind kind_of(uint64_t vector, uint64_t code)
{
    static const enum fault_kind kind[NVECTORS] = {
        [VECTOR_DIVIDE] = FAULT_DIVIDE,    [VECTOR_DEBUG] = FAULT_TRAP,
        [VECTOR_BREAK] = FAULT_TRAP,       [VECTOR_ILLEGAL] = FAULT_ILLEGAL,
        [VECTOR_STACK] = FAULT_PRIVILEGED, [VECTOR_GP] = FAULT_PRIVILEGED,
        [VECTOR_PAGE] = FAULT_ACCESS,      [VECTOR_X87] = FAULT_FLOAT,
        [VECTOR_SIMD] = FAULT_FLOAT,       [VECTOR_ALIGN] = FAULT_ALIGN,
    };

    return vector == VECTOR_PAGE && (code & PF_FETCH) != 0 ? FAULT_EXECUTE : kind[vector];
}

/* Is the instruction at pc a way to ask for a system call? */
static bool is_syscall_at(const struct vm *vm, uint64_t pc)
{
    uint8_t code[8];

    if (pc < vm->ram_start || pc > vm->ram_end - sizeof(code))
        return false;
    memcpy(code, vm->ram + (pc - vm->ram_start), sizeof(code));
    return arch_is_syscall(code);
}

/* SYSCALL leaves the stack alone and the next instruction in RCX. */
static void read_syscall(struct vm *vm, uint64_t sp, struct stop *stop)
{
    const struct kvm_regs *r = &vm->run->s.regs.regs;

    vm->at_fault = true;
    vm->fault_regs = (struct machine_regs){.pc = r->rcx - 2, .sp = sp, .fp = r->rbp};
    *stop = (struct stop){.kind = STOP_SYSCALL, .addr = r->rax};
}

/* The frame that the CPU and the stub pushed: vector, [code], rip, cs, flags, rsp, ss. */
static void read_fault(struct vm *vm, struct stop *stop)
{
    const struct kvm_regs *r = &vm->run->s.regs.regs;
    uint64_t frame[7];
    struct kvm_sregs s;

    *stop = (struct stop){.kind = STOP_DEAD, .addr = 1000};
    if (r->rsp < cpu.stack0 || r->rsp > cpu.stack0 + STACK0_SIZE - sizeof(frame[0]) * 6)
        return;
    memset(frame, 0, sizeof(frame));
    size_t have = cpu.stack0 + STACK0_SIZE - r->rsp;
    memcpy(frame, vm_system_at(vm, r->rsp), have < sizeof(frame) ? have : sizeof(frame));
    if (frame[0] >= NVECTORS)
        return;
    bool has_code = (HAS_ERROR_CODE >> frame[0] & 1) != 0;
    const uint64_t *at = frame + (has_code ? 2 : 1);
    vm->at_fault = true;
    vm->fault_regs = (struct machine_regs){.pc = at[0], .sp = at[3], .fp = r->rbp};
    *stop = (struct stop){.kind = STOP_FAULT, .fault = kind_of(frame[0], has_code ? frame[1] : 0)};
    stop->addr = frame[0];
    /* A page-table-based KVM enters LSTAR without leaving ring 3, and faults. */
    if (frame[0] == VECTOR_PAGE && at[0] == cpu.stubs + NVECTORS * STUB_SIZE) {
        read_syscall(vm, at[3], stop);
        return;
    }
    if (frame[0] == VECTOR_PAGE && host_ioctl(vm->vcpu, KVM_GET_SREGS, &s) == 0)
        stop->addr = s.cr2;
    if ((frame[0] == VECTOR_GP || frame[0] == VECTOR_ILLEGAL) && is_syscall_at(vm, at[0]))
        *stop = (struct stop){.kind = STOP_SYSCALL, .addr = r->rax};
}

/*
 * IN, or OUT from elsewhere than the door page, or to the neighbours of the
 * door's port, which share its bits of the bitmap: a fault under the process
 * backend, so here too. KVM would finish an IN or a string OUT at the next
 * KVM_RUN, over the next run's registers; it does so now.
 */
static void read_stray_io(struct vm *vm, struct stop *stop)
{
    int r = 0;

    (void)vcpu_regs(vm, &vm->fault_regs);
    vm->at_fault = true;
    vm->run->immediate_exit = 1;
    for (int i = 0; i < STRAY_IO_MAX && r == 0; i++)
        r = host_ioctl(vm->vcpu, KVM_RUN, NULL);
    vm->run->immediate_exit = 0;
    vm->was_interrupted = true;
    *stop = (struct stop){.kind = STOP_DEAD, .addr = KVM_EXIT_IO};
    if (r < 0 && errno == EINTR)
        *stop = (struct stop){.kind = STOP_FAULT, .fault = FAULT_PRIVILEGED};
}

void vcpu_stop(struct vm *vm, struct stop *stop)
{
    const struct kvm_run *run = vm->run;

    if (run->exit_reason == KVM_EXIT_INTR) {
        vm->was_interrupted = true;
        *stop = (struct stop){.kind = STOP_INTERRUPTED};
        return;
    }
    *stop = (struct stop){.kind = STOP_DEAD, .addr = run->exit_reason};
    if (run->exit_reason != KVM_EXIT_IO)
        return;
    if (run->io.direction != KVM_EXIT_IO_OUT ||
        (run->io.port > PORT_DOOR && run->io.port < PORT_DOOR + 4)) {
        read_stray_io(vm, stop);
        return;
    }
    switch (run->io.port) {
    case PORT_DOOR:
        if (run->s.regs.regs.rip - UF_DOOR_BASE > 2)
            read_stray_io(vm, stop);
        else
            *stop = (struct stop){.kind = STOP_DOOR};
        break;
    case PORT_FAULT:
        read_fault(vm, stop);
        break;
    case PORT_SYSCALL:
        read_syscall(vm, run->s.regs.regs.rsp, stop);
        break;
    default:
        break;
    }
}
