// SPDX-License-Identifier: MIT
/*
 * hostile.h: instructions by which a guest tries to leave its machine. Each
 * must be a fault, or be without effect where the architecture has no such
 * thing: then it traps, so that every test ends in a fault.
 */
#ifndef TESTS_GUEST_ARCH_HOSTILE_H
#define TESTS_GUEST_ARCH_HOSTILE_H

#if defined(__x86_64__)
/* Into the kernel's segment for 32-bit programs, where there is one. */
#define CHANGE_MODE "pushq $1f; movl $0x23, 4(%%rsp); lretl; 1: ud2"
/* gettimeofday() of the vsyscall page, which the kernel emulates. */
#define CALL_VSYSCALL \
    "movq $0xffffffffff600000, %%rax; xorl %%edi, %%edi; xorl %%esi, %%esi; call *%%rax"
/* The door's port, read, and its neighbour, written. */
#define READ_PORT  "inl $0xf0, %%eax; ud2"
#define WRITE_PORT "outb %%al, $0xf1; ud2"
/* A page of input over memory, which a tender would have to finish. */
#define READ_STRING \
    "movl $0xf0, %%edx; movl $64, %%ecx; movq %%rsp, %%rdi; subq $4096, %%rdi; rep insl; ud2"
/* And the other way round. */
#define WRITE_STRING \
    "movl $0xf0, %%edx; movl $64, %%ecx; movq %%rsp, %%rsi; subq $4096, %%rsi; rep outsl; ud2"
/* Where thread-local variables and the stack protector's value are found. */
#define LOSE_THREAD "xorl %%eax, %%eax; movl %%eax, %%fs; movl %%eax, %%gs; ud2"
#define TRAP_HERE   "ud2"

/* X(NAME, CODE): instructions for whoever runs the machine, and ways to call it. */
#define INSTRUCTIONS(X)                                                                          \
    X("halt", "hlt")                                                                             \
    X("interrupts-off", "cli")                                                                   \
    X("interrupts-on", "sti")                                                                    \
    X("table-register", "subq $16, %%rsp; lgdt (%%rsp)")                                         \
    X("interrupt-table", "subq $16, %%rsp; lidt (%%rsp)")                                        \
    X("local-table", "xorl %%eax, %%eax; lldt %%ax")                                             \
    X("task", "movl $0x30, %%eax; ltr %%ax")                                                     \
    X("task-flag", "clts")                                                                       \
    X("cr0-read", "movq %%cr0, %%rax")                                                           \
    X("cr0-write", "xorl %%eax, %%eax; movq %%rax, %%cr0")                                       \
    X("cr3-read", "movq %%cr3, %%rax")                                                           \
    X("cr3-write", "movl $0x10000000, %%eax; movq %%rax, %%cr3")                                 \
    X("cr4-write", "xorl %%eax, %%eax; movq %%rax, %%cr4")                                       \
    X("cr8-write", "xorl %%eax, %%eax; movq %%rax, %%cr8")                                       \
    X("machine-word", "xorl %%eax, %%eax; lmsw %%ax")                                            \
    X("debug-register", "movl $0x10000000, %%eax; movq %%rax, %%db0")                            \
    X("debug-control", "movl $0x401, %%eax; movq %%rax, %%db7")                                  \
    X("msr-read", "movl $0xc0000080, %%ecx; rdmsr")                                              \
    X("msr-write", "movl $0xc0000082, %%ecx; xorl %%eax, %%eax; xorl %%edx, %%edx; wrmsr")       \
    X("counter", "xorl %%ecx, %%ecx; rdpmc")                                                     \
    X("xcr0", "xorl %%ecx, %%ecx; movl $1, %%eax; xorl %%edx, %%edx; xsetbv")                    \
    X("cache", "wbinvd")                                                                         \
    X("cache-lost", "invd")                                                                      \
    X("one-page", "invlpg (%%rsp)")                                                              \
    X("swap-gs", "swapgs")                                                                       \
    X("gs-base", "movl $0x1000, %%eax; wrgsbase %%rax")                                          \
    X("fs-base", "xorl %%eax, %%eax; wrfsbase %%rax")                                            \
    X("keys", "xorl %%ecx, %%ecx; xorl %%edx, %%edx; movl $-1, %%eax; wrpkru")                   \
    X("access-check", "stac")                                                                    \
    X("sysret", "movl $0x10000000, %%ecx; movl $2, %%r11d; sysretq")                             \
    X("sysexit", "movl $0x10000000, %%edx; movq %%rsp, %%rcx; sysexitq")                         \
    X("sysenter", "sysenter")                                                                    \
    X("syscall", "movl $39, %%eax; syscall")                                                     \
    X("syscall-high", "movq $-1, %%rax; syscall")                                                \
    X("int-80", "movl $20, %%eax; int $0x80")                                                    \
    X("int-14", "int $14")                                                                       \
    X("int-255", "int $255")                                                                     \
    X("int-3", "int3")                                                                           \
    X("int-1", ".byte 0xf1")                                                                     \
    X("divide", "xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx")                          \
    X("divide-overflow", "movl $0x80000000, %%eax; cltd; movl $-1, %%ecx; idivl %%ecx")          \
    X("float-trap", "pushq $0; ldmxcsr (%%rsp); xorps %%xmm0, %%xmm0; divss %%xmm0, %%xmm0")     \
    X("x87-trap", "fninit; pushq $0; fldcw (%%rsp); fldz; fldz; fdivp; fwait")                   \
    X("far-jump-ring-0", "pushq $0x08; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1: ud2")       \
    X("far-return-null", "pushq $0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1: ud2")          \
    X("iret-ring-0", "movq %%rsp, %%rax; pushq $0x10; pushq %%rax; pushq $2; pushq $8; "         \
                     "leaq 1f(%%rip), %%rax; pushq %%rax; iretq; 1: ud2")                        \
    X("iret-io-level",                                                                           \
      "movq %%rsp, %%rax; movl %%ss, %%ecx; movl %%cs, %%edx; pushq %%rcx; pushq %%rax; "        \
      "pushq $0x3002; pushq %%rdx; leaq 1f(%%rip), %%rax; pushq %%rax; iretq; "                  \
      "1: inb $0x80, %%al; ud2")                                                                 \
    X("stack-segment", "movl $0x10, %%eax; movl %%eax, %%ss")                                    \
    X("stack-segment-null", "xorl %%eax, %%eax; movl %%eax, %%ss; outl %%eax, $0xf0")            \
    X("data-segment", "movl $0x10, %%eax; movl %%eax, %%ds")                                     \
    X("io-level", "pushq $0x3202; popfq; inb $0x80, %%al")                                       \
    X("single-step", "pushq $0x102; popfq; nop; nop")                                            \
    X("single-step-out", "pushq $0x102; popfq; outl %%eax, $0xf0; nop")                          \
    X("single-step-syscall", "pushq $0x102; popfq; syscall; nop")                                \
    X("shadow-out", "movl %%ss, %%eax; movl %%eax, %%ss; outl %%eax, $0xf0")                     \
    X("align-check", "pushq $0x40002; popfq; movq 1(%%rsp), %%rax")                              \
    X("nested-task", "pushq $0x4002; popfq; iretq")                                              \
    X("backwards-out", "std; movl $0xf0, %%edx; outl %%eax, %%dx")                               \
    X("port-in", "inb $0xf0, %%al")                                                              \
    X("port-fault", "outl %%eax, $0xf4")                                                         \
    X("port-syscall", "outl %%eax, $0xf8")                                                       \
    X("port-door-byte", "outb %%al, $0xf0")                                                      \
    X("port-door-word", "outw %%ax, $0xf2")                                                      \
    X("port-door-elsewhere", "outl %%eax, $0xf0")                                                \
    X("port-80", "outb %%al, $0x80")                                                             \
    X("port-cf8", "movl $0xcf8, %%edx; outl %%eax, %%dx")                                        \
    X("port-ffff", "movl $0xffff, %%edx; outb %%al, %%dx")                                       \
    X("string-out",                                                                              \
      "movl $0xf0, %%edx; movl $64, %%ecx; movq %%rsp, %%rsi; subq $4096, %%rsi; rep outsl")     \
    X("string-out-bytes",                                                                        \
      "movl $0xf0, %%edx; movl $9000, %%ecx; movl $0x10000000, %%esi; rep outsb")                \
    X("string-out-wild", "movl $0xf0, %%edx; movl $64, %%ecx; movl $0x1000, %%esi; rep outsl")   \
    X("string-in",                                                                               \
      "movl $0xf0, %%edx; movl $2000, %%ecx; movq %%rsp, %%rdi; subq $16384, %%rdi; rep insl")   \
    X("string-in-text", "movl $0xf0, %%edx; movl $64, %%ecx; movl $0x10000000, %%edi; rep insl") \
    X("vmcall", "vmcall")                                                                        \
    X("vmmcall", "vmmcall")                                                                      \
    X("vmxon", "subq $16, %%rsp; vmxon (%%rsp)")                                                 \
    X("vmrun", "xorl %%eax, %%eax; vmrun")                                                       \
    X("monitor", "movq %%rsp, %%rax; xorl %%ecx, %%ecx; xorl %%edx, %%edx; monitor")             \
    X("mwait", "xorl %%eax, %%eax; xorl %%ecx, %%ecx; mwait")                                    \
    X("rsm", "rsm")                                                                              \
    X("lock-register", ".byte 0xf0, 0x0f, 0xc7, 0xc8")                                           \
    X("too-long", ".fill 16, 1, 0x66; nop")                                                      \
    X("split-lock", "movq %%rsp, %%rax; andq $-64, %%rax; lock incq -4(%%rax)")                  \
    X("into-door", "movl $0x0e000003, %%eax; call *%%rax")                                       \
    X("into-start", "movl $0x0e000010, %%eax; jmp *%%rax")                                       \
    X("not-canonical", "movq $0x800000000000, %%rax; jmp *%%rax")                                \
    X("stack-not-canonical", "movq $0x800000000000, %%rsp; pushq %%rax")                         \
    X("stack-null-fault", "xorl %%esp, %%esp; ud2")                                              \
    X("stack-machine", "movl $0x109000, %%esp; pushq %%rax")
#elif defined(__aarch64__)
#define CHANGE_MODE   "eret"
#define LOSE_THREAD   "msr tpidr_el0, xzr; brk #0"
#define CALL_VSYSCALL "brk #0"
/* Where the kvm backend's door has its device. */
#define READ_PORT     "movz x0, #0x0e01, lsl #16; ldr w0, [x0]; brk #0"
#define WRITE_PORT    "movz x0, #0x0e01, lsl #16; str wzr, [x0]; brk #0"
#define WRITE_STRING  "movz x0, #0x0e01, lsl #16; stp x1, x2, [x0]; brk #0"
#define READ_STRING   "movz x0, #0x0e01, lsl #16; ldp x1, x2, [x0]; brk #0"
#define TRAP_HERE     "brk #1"

/* X(NAME, CODE): instructions for whoever runs the machine, and ways to call it. */
#define INSTRUCTIONS(X)                                                     \
    X("halt", "hlt #0")                                                     \
    X("wait", "wfi")                                                        \
    X("wait-event", "sevl; wfe; wfe")                                       \
    X("hypervisor", "hvc #0")                                               \
    X("monitor", "smc #0")                                                  \
    X("supervisor", "svc #0")                                               \
    X("supervisor-high", "svc #0xffff")                                     \
    X("debugger", "brk #0")                                                 \
    X("debug-1", "dcps1")                                                   \
    X("return", "eret")                                                     \
    X("mask", "msr daifset, #15")                                           \
    X("stack-choice", "msr spsel, #1")                                      \
    X("level", "mrs x0, currentel")                                         \
    X("control-read", "mrs x0, sctlr_el1")                                  \
    X("control-write", "msr sctlr_el1, xzr")                                \
    X("table-register", "msr ttbr0_el1, xzr")                               \
    X("table-control", "msr tcr_el1, xzr")                                  \
    X("vectors", "msr vbar_el1, xzr")                                       \
    X("syndrome", "mrs x0, esr_el1")                                        \
    X("saved-state", "msr spsr_el1, xzr")                                   \
    X("floating-point", "msr cpacr_el1, xzr")                               \
    X("thread-kernel", "msr tpidr_el1, xzr")                                \
    X("thread-read-only", "msr tpidrro_el0, xzr")                           \
    X("hypervisor-register", "mrs x0, hcr_el2")                             \
    X("identity", "mrs x0, id_aa64mmfr0_el1")                               \
    X("debug-register", "msr mdscr_el1, xzr")                               \
    X("break-register", "msr dbgbvr0_el1, xzr")                             \
    X("counter", "mrs x0, pmccntr_el0")                                     \
    X("counter-control", "msr pmcr_el0, xzr")                               \
    X("timer", "msr cntv_ctl_el0, xzr")                                     \
    X("timer-physical", "mrs x0, cntp_ctl_el0")                             \
    X("timer-kernel", "msr cntkctl_el1, xzr")                               \
    X("translations", "tlbi vmalle1")                                       \
    X("translate", "at s1e1r, x0")                                          \
    X("cache-lost", "mov x0, sp; dc ivac, x0")                              \
    X("cache-set", "mov x0, xzr; dc isw, x0")                               \
    X("code-cache", "ic iallu")                                             \
    X("zero-null", "mov x0, xzr; dc zva, x0")                               \
    X("into-start", "movz x0, #0x0e00, lsl #16; add x0, x0, #64; br x0")    \
    X("door-device-read", "movz x0, #0x0e01, lsl #16; ldr w0, [x0]")        \
    X("door-device-byte", "movz x0, #0x0e01, lsl #16; strb wzr, [x0]")      \
    X("door-device-pair", "movz x0, #0x0e01, lsl #16; stp xzr, xzr, [x0]")  \
    X("door-device-push", "movz x0, #0x0e01, lsl #16; str xzr, [x0, #-8]!") \
    X("door-device-vector", "movz x0, #0x0e01, lsl #16; str q0, [x0]")      \
    X("door-device-swap", "movz x0, #0x0e01, lsl #16; stxr w1, wzr, [x0]")  \
    X("not-canonical", "movz x0, #1, lsl #48; br x0")                       \
    X("odd-jump", "movz x0, #0x1000, lsl #16; add x0, x0, #2; br x0")       \
    X("stack-odd", "mov x0, sp; sub x0, x0, #8; mov sp, x0; str xzr, [sp]") \
    X("stack-null", "mov x0, xzr; mov sp, x0; str xzr, [sp, #-16]!")
#endif

#endif
