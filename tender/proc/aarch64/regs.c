// SPDX-License-Identifier: MIT
/* regs.c (aarch64): the guest's registers, through ptrace. */
#include <asm/hwcap.h>
#include <asm/ptrace.h>
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#include "tender/arch/arch.h"
#include "tender/proc/guest.h"

const uint64_t regs_syscall_size = 4;

static int transfer(int what, pid_t pid, uintptr_t set, void *data, size_t len)
{
    struct iovec v = {.iov_base = data, .iov_len = len};

    return ptrace(what, pid, set, &v) < 0 ? -errno : 0;
}

static int get(pid_t pid, struct user_pt_regs *r)
{
    return transfer(PTRACE_GETREGSET, pid, NT_PRSTATUS, r, sizeof(*r));
}

static int set(pid_t pid, struct user_pt_regs *r)
{
    return transfer(PTRACE_SETREGSET, pid, NT_PRSTATUS, r, sizeof(*r));
}

int regs_get(pid_t pid, struct machine_regs *out, struct regs_syscall *sys)
{
    struct user_pt_regs r;
    int e = get(pid, &r);

    if (e < 0)
        return e;
    *out = (struct machine_regs){.pc = r.pc, .sp = r.sp, .fp = r.regs[29], .lr = r.regs[30]};
    if (sys != NULL)
        *sys = (struct regs_syscall){.after = r.pc, .nr = r.regs[8]};
    return 0;
}

/*
 * The start stub zeroes V registers and with them what lies beyond in Z
 * registers; predicates are out of its reach where it may not use SVE itself.
 * Writing the FPSIMD view makes the kernel forget all SVE state.
 */
static int forget_sve(pid_t pid)
{
    struct {
        struct user_sve_header head;
        struct user_fpsimd_state fp;
    } sve;

    memset(&sve, 0, sizeof(sve));
    int e = transfer(PTRACE_GETREGSET, pid, NT_ARM_SVE, &sve.head, sizeof(sve.head));
    if (e < 0)
        return e;
    sve.head.size = sizeof(sve);
    sve.head.flags = SVE_PT_REGS_FPSIMD;
    memset(&sve.fp, 0, sizeof(sve.fp));
    return transfer(PTRACE_SETREGSET, pid, NT_ARM_SVE, &sve, sizeof(sve));
}

int regs_start(const struct guest *g)
{
    struct user_pt_regs r = {.pc = g->start};
    int e = (getauxval(AT_HWCAP) & HWCAP_SVE) != 0 ? forget_sve(g->pid) : 0;

    return e < 0 ? e : set(g->pid, &r);
}

int regs_calls(const struct guest *g, uint64_t from, uint64_t to)
{
    struct user_pt_regs r = {.pc = g->calls};

    r.regs[19] = from;
    r.regs[20] = to;
    return set(g->pid, &r);
}

int regs_called(const struct guest *g, uint64_t *at, int64_t *result)
{
    struct user_pt_regs r;
    int e = get(g->pid, &r);

    if (e < 0)
        return e;
    *at = r.regs[19];
    *result = (int64_t)r.regs[0];
    return 0;
}
