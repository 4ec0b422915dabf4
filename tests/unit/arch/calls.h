// SPDX-License-Identifier: MIT
/*
 * calls.h: system calls made in other ways than the C library's: from a place
 * of choice, and through the doors that a 64-bit kernel keeps for 32-bit code.
 */
#ifndef TESTS_UNIT_ARCH_CALLS_H
#define TESTS_UNIT_ARCH_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __x86_64__
/* syscall; ret */
static const uint8_t call_code[] = {0x0f, 0x05, 0xc3};

/* The system call nr, by the code above lying at `at`. */
static inline long call_from(uint64_t at, long nr, const long a[static 6])
{
    long r = nr;
    register long a3 __asm__("r10") = a[3];
    register long a4 __asm__("r8") = a[4];
    register long a5 __asm__("r9") = a[5];

    /* What lies below the stack pointer may be in use. */
    __asm__ volatile("sub $128, %%rsp; call *%[at]; add $128, %%rsp"
                     : "+a"(r)
                     : [at] "b"(at), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(a3), "r"(a4), "r"(a5)
                     : "rcx", "r11", "memory");
    return r;
}

/* Numbers of the x32 ABI have this bit. */
#define CALL_OTHER_BIT 0x40000000l

/* uretprobe and uprobe, for the kernel's own trampolines: newer kernels ask no
 * filter about them, and end or refuse everybody else who makes them. */
static inline bool call_is_never_filtered(long nr)
{
    return nr == 335 || nr == 336;
}

/* The system call nr of 32-bit code. */
#define CALL_HAS_COMPAT true
static inline void call_compat(long nr)
{
    __asm__ volatile("int $0x80" : "+a"(nr) : "b"(-1), "c"(-1), "d"(-1), "S"(-1) : "memory");
}
#else
/* svc #0; ret */
static const uint8_t call_code[] = {0x01, 0x00, 0x00, 0xd4, 0xc0, 0x03, 0x5f, 0xd6};

static inline long call_from(uint64_t at, long nr, const long a[static 6])
{
    register long x8 __asm__("x8") = nr;
    register long x0 __asm__("x0") = a[0];
    register long x1 __asm__("x1") = a[1];
    register long x2 __asm__("x2") = a[2];
    register long x3 __asm__("x3") = a[3];
    register long x4 __asm__("x4") = a[4];
    register long x5 __asm__("x5") = a[5];

    __asm__ volatile("blr %[at]"
                     : "+r"(x0)
                     : [at] "r"(at), "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "x30", "memory");
    return x0;
}

#define CALL_OTHER_BIT  0l /* one ABI */

static inline bool call_is_never_filtered(long nr)
{
    (void)nr;
    return false;
}

/* 64-bit code cannot make 32-bit calls. */
#define CALL_HAS_COMPAT false
static inline void call_compat(long nr)
{
    (void)nr;
}
#endif

#endif
