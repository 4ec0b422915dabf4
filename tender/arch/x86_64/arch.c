// SPDX-License-Identifier: MIT
/* arch.c (x86_64): see tender/arch/arch.h. */
#include "tender/arch/arch.h"

#include <cpuid.h>
#include <string.h>

#include "abi/image.h"

/* In door.S. */
extern const uint8_t door_kvm[], door_kvm_end[];
extern const uint8_t door_kvm_start_xsave[], door_kvm_start_fxsave[], door_kvm_call[];
extern const uint8_t door_proc[], door_proc_end[];
extern const uint8_t door_proc_start_xsave[], door_proc_start_fxsave[], door_proc_call[];
extern const uint8_t door_proc_start_keys[];
extern const uint8_t door_proc_calls[];

uint32_t arch_elf_machine(void)
{
    return UF_EM_X86_64;
}

/* CPUID.1:ECX.OSXSAVE: the kernel has switched XSAVE on, and so do we. */
static bool has_xsave(void)
{
    unsigned a, b, c = 0, d;

    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_OSXSAVE) != 0;
}

/* CPUID.7:ECX.OSPKE: a process may set the rights of its protection keys. */
static bool has_keys(void)
{
    unsigned a, b, c = 0, d;

    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & bit_OSPKE) != 0;
}

static void fill(struct arch_door *out, const uint8_t *from, const uint8_t *end,
                 const uint8_t *start, const uint8_t *call)
{
    out->code = from;
    out->size = (size_t)(end - from);
    out->start = (uint32_t)(start - from);
    out->call = (uint32_t)(call - from);
}

void arch_door_kvm(struct arch_door *out)
{
    fill(out, door_kvm, door_kvm_end, has_xsave() ? door_kvm_start_xsave : door_kvm_start_fxsave,
         door_kvm_call);
}

void arch_door_proc(struct arch_door *out)
{
    fill(out, door_proc, door_proc_end,
         has_keys()    ? door_proc_start_keys
         : has_xsave() ? door_proc_start_xsave
                       : door_proc_start_fxsave,
         door_proc_call);
    out->calls = (uint32_t)(door_proc_calls - door_proc);
}

bool arch_follows_call(const uint8_t code[static 8])
{
    /* call rel32; call r/m64 with no, 8 and 32 bit displacement, with and
     * without SIB and REX bytes (Intel SDM 2A, CALL). */
    if (code[3] == 0xe8)
        return true;
    for (unsigned len = 2; len <= 7; len++) {
        const uint8_t *p = code + 8 - len;

        if (p[0] == 0xff && ((p[1] >> 3) & 7) == 2)
            return true;
    }
    return false;
}

bool arch_is_syscall(const uint8_t code[static 8])
{
    return (code[0] == 0x0f && (code[1] == 0x05 || code[1] == 0x34)) ||
           (code[0] == 0xcd && code[1] == 0x80);
}

bool arch_keeps_frame(const uint8_t code[static 8])
{
    static const uint8_t prologue[] = {0x55, 0x48, 0x89, 0xe5}; /* push %rbp; mov %rsp,%rbp */

    return memcmp(code, prologue, sizeof(prologue)) == 0;
}
