// SPDX-License-Identifier: MIT
/* arch.c (aarch64): see tender/arch/arch.h. */
#include "tender/arch/arch.h"

#include <string.h>

#include "abi/image.h"

/* In door.S. */
extern const uint8_t door_kvm[], door_kvm_end[], door_kvm_start[], door_kvm_call[];
extern const uint8_t door_proc[], door_proc_end[], door_proc_start[], door_proc_call[];
extern const uint8_t door_proc_calls[];

uint32_t arch_elf_machine(void)
{
    return UF_EM_AARCH64;
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
    fill(out, door_kvm, door_kvm_end, door_kvm_start, door_kvm_call);
}

void arch_door_proc(struct arch_door *out)
{
    fill(out, door_proc, door_proc_end, door_proc_start, door_proc_call);
    out->calls = (uint32_t)(door_proc_calls - door_proc);
}

static uint32_t word(const uint8_t *code)
{
    uint32_t w;

    memcpy(&w, code, sizeof(w));
    return w;
}

bool arch_follows_call(const uint8_t code[static 8])
{
    uint32_t w = word(code + 4);

    /* BL imm26; BLR Xn (Arm ARM C6.2). */
    return (w & 0xfc000000u) == 0x94000000u || (w & 0xfffffc1fu) == 0xd63f0000u;
}

bool arch_is_syscall(const uint8_t code[static 8])
{
    return (word(code) & 0xffe0001fu) == 0xd4000001u; /* SVC imm16 */
}

bool arch_keeps_frame(const uint8_t code[static 8])
{
    uint32_t w = word(code);

    /* stp x29, x30, [sp, #imm]! comes first, or after sub sp, sp, #imm. */
    return (w & 0xffc07fffu) == 0xa9807bfdu || (w & 0xffc003ffu) == 0xd10003ffu;
}
