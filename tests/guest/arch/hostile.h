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
/* Where thread-local variables and the stack protector's value are found. */
#define LOSE_THREAD "xorl %%eax, %%eax; movl %%eax, %%fs; movl %%eax, %%gs; ud2"
#elif defined(__aarch64__)
#define CHANGE_MODE   "eret"
#define LOSE_THREAD   "msr tpidr_el0, xzr; brk #0"
#define CALL_VSYSCALL "brk #0"
/* Where the kvm backend's door has its device. */
#define READ_PORT     "movz x0, #0x0e01, lsl #16; ldr w0, [x0]; brk #0"
#define WRITE_PORT    "movz x0, #0x0e01, lsl #16; str wzr, [x0]; brk #0"
#define READ_STRING   "movz x0, #0x0e01, lsl #16; ldp x1, x2, [x0]; brk #0"
#endif

#endif
