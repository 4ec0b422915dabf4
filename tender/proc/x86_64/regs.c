// SPDX-License-Identifier: MIT
/* regs.c (x86_64): the guest's registers, through ptrace. */
#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "tender/arch/arch.h"
#include "tender/proc/guest.h"

/* Selectors of 64-bit user code on every x86_64 Linux. */
#define USER_CS 0x33u
#define USER_SS 0x2bu
#define FLAGS   0x202u /* interrupts on, as the kernel insists; bit 1 is always set */

/* Not in a system call that could be restarted. */
#define NO_SYSCALL UINT64_MAX

const uint64_t regs_syscall_size = 2;

/* Not GETREGSET: its layout is the guest's choice, who may far-jump into the
 * kernel's 32-bit code segment. These have ours. */
static int get(pid_t pid, struct user_regs_struct *r)
{
    return ptrace(PTRACE_GETREGS, pid, 0, r) < 0 ? -errno : 0;
}

static int set(pid_t pid, struct user_regs_struct *r)
{
    return ptrace(PTRACE_SETREGS, pid, 0, r) < 0 ? -errno : 0;
}

int regs_get(pid_t pid, struct machine_regs *out, struct regs_syscall *sys)
{
    struct user_regs_struct r;
    int e = get(pid, &r);

    if (e < 0)
        return e;
    *out = (struct machine_regs){.pc = r.rip, .sp = r.rsp, .fp = r.rbp};
    if (sys != NULL)
        *sys = (struct regs_syscall){.after = r.rip, .nr = r.orig_rax};
    return 0;
}

static struct user_regs_struct constants(void)
{
    return (struct user_regs_struct){
        .cs = USER_CS, .ss = USER_SS, .eflags = FLAGS, .orig_rax = NO_SYSCALL};
}

int regs_start(const struct guest *g)
{
    const struct arch_slots *slots = (const struct arch_slots *)(g->machine.door + ARCH_DOOR_SLOTS);
    struct user_regs_struct r = constants();

    r.rip = g->start;
    r.rsp = slots->stack;
    r.rdi = slots->boot_block;
    r.fs_base = slots->thread_pointer;
    return set(g->pid, &r);
}

int regs_calls(const struct guest *g, uint64_t from, uint64_t to)
{
    struct user_regs_struct r = constants();

    r.rip = g->calls;
    r.r12 = from;
    r.r13 = to;
    return set(g->pid, &r);
}

int regs_called(const struct guest *g, uint64_t *at, int64_t *result)
{
    struct user_regs_struct r;
    int e = get(g->pid, &r);

    if (e < 0)
        return e;
    *at = r.r12;
    *result = (int64_t)r.rax;
    return 0;
}
