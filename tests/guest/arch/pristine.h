// SPDX-License-Identifier: MIT
/*
 * pristine.h: look at every register before the first instruction of the
 * library OS, and leave with every register spoilt.
 *
 * pristine_entry stands in the place of the event entry: it writes down what it
 * finds and goes on there. The image has a note of its own for that, which is
 * found before the library's.
 */
#ifndef TESTS_GUEST_ARCH_PRISTINE_H
#define TESTS_GUEST_ARCH_PRISTINE_H

#include <stdint.h>
#include <string.h>

__asm__(".pushsection .note.unifaas, \"a\", %note\n"
        ".balign 4\n"
        ".long 8, 2f - 1f, 1\n"
        ".asciz \"UniFaaS\"\n"
        "1: .long 1, uf_stack_size\n"
        ".quad uf_boot_entry, pristine_entry, uf_thread_pointer, uf_door_block, 0, 0\n"
        "2: .popsection\n");

static int pristine_all_zero(const void *at, size_t from, size_t to)
{
    const unsigned char *p = at;

    for (; from < to; from++)
        if (p[from] != 0)
            return 0;
    return 1;
}

#if defined(__x86_64__)
/* rax rbx rcx rdx rsi rbp r8 to r15, flags, rsp, rdi; then what XSAVE writes. */
uint64_t pristine_general[18];
unsigned char pristine_vectors[8192] __attribute__((aligned(64)));

#define GENERAL(reg, n) "movq %" reg ", pristine_general + 8 * " n "(%rip)\n"
__asm__(".pushsection .text.pristine, \"ax\", @progbits\n"
        "pristine_entry:\n" GENERAL("rax", "0") GENERAL("rbx", "1") GENERAL("rcx", "2")
            GENERAL("rdx", "3") GENERAL("rsi", "4") GENERAL("rbp", "5") GENERAL("r8", "6")
                GENERAL("r9", "7") GENERAL("r10", "8") GENERAL("r11", "9") GENERAL("r12", "10")
                    GENERAL("r13", "11") GENERAL("r14", "12") GENERAL("r15", "13")
                        GENERAL("rsp", "15")
                            GENERAL("rdi", "16") "pushfq\n"
                                                 "popq	pristine_general + 8 * 14(%rip)\n"
                                                 "movl	$1, %eax\n"
                                                 "cpuid\n"
                                                 "btl	$27, %ecx\n" /* OSXSAVE */
                                                 "jnc	1f\n"
                                                 "movl	$-1, %eax\n"
                                                 "movl	$-1, %edx\n"
                                                 "xsave64 pristine_vectors(%rip)\n"
                                                 "jmp	uf_event_entry\n"
                                                 "1: fxsave64 pristine_vectors(%rip)\n"
                                                 "jmp	uf_event_entry\n"
                                                 ".popsection\n");
#undef GENERAL

/* What is not as the architecture begins; NULL: all is. */
static const char *pristine_registers(void)
{
    const unsigned char *v = pristine_vectors;
    uint32_t mxcsr;
    uint16_t control;

    memcpy(&control, v, sizeof(control));
    memcpy(&mxcsr, v + 24, sizeof(mxcsr));
    if (!pristine_all_zero(pristine_general, 0, sizeof(uint64_t) * 14))
        return "a general register";
    if ((pristine_general[14] & 0x254500) != 0) /* TF DF IOPL NT AC ID */
        return "the flags";
    if (pristine_general[15] != 0x10000000)
        return "the stack pointer";
    if (control != 0x37f || mxcsr != 0x1f80)
        return "the control of floating point";
    if (!pristine_all_zero(v, 2, 24) || !pristine_all_zero(v, 32, 160))
        return "the x87 state";
    if (!pristine_all_zero(v, 160, 512) || !pristine_all_zero(v, 576, sizeof(pristine_vectors)))
        return "a vector register";
    return NULL;
}

static unsigned pristine_cpuid(unsigned leaf, int index)
{
    unsigned r[4];

    __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
    return r[index];
}

/* With an exception of the x87 pending, and every exception unmasked. */
static void pristine_spoil_vectors(void)
{
    static const uint32_t mxcsr = 0x603f;
    static const uint16_t control = 0x0c40;
    unsigned features = pristine_cpuid(7, 1);

#define ONES(n)  "vpternlogd $255, %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n"
#define MASK(n)  "kxnorw %%k" #n ", %%k" #n ", %%k" #n "\n"
#define AVX(n)   "vcmptrueps %%ymm" #n ", %%ymm" #n ", %%ymm" #n "\n"
#define SSE(n)   "pcmpeqd %%xmm" #n ", %%xmm" #n "\n"
#define TO_7(X)  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define TO_15(X) TO_7(X) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define TO_31(X) \
    TO_15(X)     \
    X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
    __asm__ volatile("fninit; fldpi; fldpi; fldpi; fldpi; fldz; fld1" ::: "memory");
    if ((pristine_cpuid(1, 2) & 1u << 27) == 0)
        __asm__ volatile(TO_15(SSE)::: "memory");
    else if ((features & 1u << 16) != 0)
        __asm__ volatile(TO_31(ONES) TO_7(MASK)::: "memory");
    else
        __asm__ volatile(TO_15(AVX)::: "memory");
    __asm__ volatile("fldcw %0; fdivp; ldmxcsr %1" ::"m"(control), "m"(mxcsr) : "memory");
    if ((pristine_cpuid(7, 2) & 1u << 4) != 0) /* OSPKE: not even reading is allowed now */
        __asm__ volatile("wrpkru" ::"a"(0xffffffff), "c"(0), "d"(0) : "memory");
}

/* Through the door, which has been told what to do, with garbage everywhere. */
static _Noreturn void pristine_leave(void)
{
    __asm__ volatile("movl %%ss, %%eax; movl %%eax, %%ds; movl %%eax, %%es; movl %%eax, %%gs\n"
                     "xorl %%eax, %%eax; movl %%eax, %%fs\n"
                     "pushq $0x240cd7; popfq\n" /* ID, AC, DF, OF and the results */
                     "movl $0x0e000000, %%eax\n"
                     "movq $-1, %%rbx; movq %%rbx, %%rcx; movq %%rbx, %%rdx; movq %%rbx, %%rsi\n"
                     "movq %%rbx, %%rdi; movq %%rbx, %%rbp; movq %%rbx, %%r8; movq %%rbx, %%r9\n"
                     "movq %%rbx, %%r10; movq %%rbx, %%r11; movq %%rbx, %%r12; movq %%rbx, %%r13\n"
                     "movq %%rbx, %%r14; movq %%rbx, %%r15; movq %%rbx, %%rsp\n"
                     "jmp *%%rax" ::
                         : "memory");
    __builtin_unreachable();
}
#elif defined(__aarch64__)
/* x0 to x30, the stack pointer, flags, FPCR, FPSR; then v0 to v31. */
uint64_t pristine_general[36];
uint64_t pristine_vectors[64] __attribute__((aligned(16)));

#define PAIR(a, b, at) "stp x" #a ", x" #b ", [x16, #" #at "]\n"
#define VECS(a, b, at) "stp q" #a ", q" #b ", [x16, #" #at "]\n"
__asm__(".pushsection .text.pristine, \"ax\", @progbits\n"
        "pristine_entry:\n"
        "adrp	x16, pristine_general\n"
        "add	x16, x16, :lo12:pristine_general\n" /* x16 is the entry's address */
        PAIR(0, 1, 0) PAIR(2, 3, 16) PAIR(4, 5, 32) PAIR(6, 7, 48) PAIR(8, 9, 64) PAIR(10, 11, 80)
            PAIR(12, 13, 96) PAIR(14, 15, 112) PAIR(17, 18, 136) PAIR(19, 20, 152) PAIR(21, 22, 168)
                PAIR(23, 24, 184) PAIR(25, 26, 200) PAIR(27, 28, 216)
                    PAIR(29, 30,
                         232) "mov	x17, sp\n"
                              "str	x17, [x16, #248]\n"
                              "mrs	x17, nzcv\n"
                              "str	x17, [x16, #256]\n"
                              "mrs	x17, fpcr\n"
                              "str	x17, [x16, #264]\n"
                              "mrs	x17, fpsr\n"
                              "str	x17, [x16, #272]\n"
                              "adrp	x16, pristine_vectors\n"
                              "add	x16, x16, :lo12:pristine_vectors\n" VECS(0, 1, 0)
                                  VECS(2, 3, 32) VECS(4, 5, 64) VECS(6, 7, 96) VECS(8, 9, 128)
                                      VECS(10, 11, 160) VECS(12, 13, 192) VECS(14, 15, 224)
                                          VECS(16, 17, 256) VECS(18, 19, 288) VECS(20, 21, 320)
                                              VECS(22, 23, 352) VECS(24, 25, 384) VECS(26, 27, 416)
                                                  VECS(28, 29, 448)
                                                      VECS(30, 31, 480) "b	uf_event_entry\n"
                                                                        ".popsection\n");
#undef PAIR
#undef VECS

/* What is not as the architecture begins; NULL: all is. */
static const char *pristine_registers(void)
{
    if (!pristine_all_zero(pristine_general, 8, 31 * sizeof(uint64_t)))
        return "a general register";
    if (pristine_general[31] != 0x10000000)
        return "the stack pointer";
    if (!pristine_all_zero(pristine_general + 32, 0, 3 * sizeof(uint64_t)))
        return "the flags or the control of floating point";
    if (!pristine_all_zero(pristine_vectors, 0, sizeof(pristine_vectors)))
        return "a vector register";
    return NULL;
}

static void pristine_spoil_vectors(void)
{
#define ONES(n)  "movi v" #n ".16b, #255\n"
#define TO_7(X)  X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define TO_15(X) TO_7(X) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#define TO_23(X) TO_15(X) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23)
#define TO_31(X) TO_23(X) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31)
    __asm__ volatile(TO_31(ONES) "mov x0, #0x03c00000\n"
                                 "msr fpcr, x0\n"
                                 "mov x0, #0x9f\n"
                                 "msr fpsr, x0\n" ::
                                     : "x0", "memory");
}

/* Through the door, which has been told what to do, with garbage everywhere. */
static _Noreturn void pristine_leave(void)
{
#define ONE(n)   "mov x" #n ", #-1\n"
    __asm__ volatile("mov x0, #0xf0000000\n"
                     "msr nzcv, x0\n"
                     "mov x0, #-1\n"
                     "msr tpidr_el0, x0\n"
                     "mov x0, #-16\n"
                     "mov sp, x0\n"
                     "movz x17, #0x0e00, lsl #16\n" ONE(0) ONE(1) ONE(2) ONE(3) ONE(4) ONE(5) ONE(6)
                         ONE(7) ONE(8) ONE(9) ONE(10) ONE(11) ONE(12) ONE(13) ONE(14) ONE(15)
                             ONE(16) ONE(18) ONE(19) ONE(20) ONE(21) ONE(22) ONE(23) ONE(24) ONE(25)
                                 ONE(26) ONE(27) ONE(28) ONE(29) ONE(30) "br x17" ::
                                     : "memory");
    __builtin_unreachable();
}
#endif

#endif
