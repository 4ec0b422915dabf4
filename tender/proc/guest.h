// SPDX-License-Identifier: MIT
/*
 * guest.h: the process backend's guest, and what an architecture adds.
 *
 * The guest is a traced child of the tender with nothing mapped but what the
 * ABI says. It is resumed with PTRACE_SYSEMU only, so no system call of its own
 * is ever executed: each one stops it, and the one in the door page is a door
 * call. A seccomp filter that allows next to nothing is the second wall, and
 * the first for x86's vsyscall page, whose calls PTRACE_SYSEMU doesn't see. All it
 * shares with the tender is the door page, which it cannot write, and the
 * event area, which it cannot write either.
 *
 * Before it first runs, and when its memory is given back, the tender makes it
 * execute system calls of the tender's choice: a stub in the door page works
 * through a table of them there. Source: ptrace(2), seccomp(2).
 */
#ifndef TENDER_PROC_GUEST_H
#define TENDER_PROC_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tender/core/machine.h"

struct guest {
    struct machine machine;
    pid_t pid;
    uint64_t start;           /* address of the start stub                       */
    uint64_t call;            /* address of the door's instruction               */
    uint64_t calls;           /* address of the stub that makes system calls     */
    bool can_populate;        /* madvise() has MADV_POPULATE_WRITE               */
    uint32_t ncalls;          /* queued in the table                             */
    bool in_syscall;          /* the last stop was a system call's, not executed */
    bool is_interrupted;      /* PTRACE_INTERRUPT was sent, its stop has not come */
    struct machine_regs regs; /* at the last stop */
};

/* ---- what each architecture provides -------------------------------------- */

/* An entry of the table: as the stubs of tender/arch read it. */
struct call {
    uint64_t nr;
    uint64_t arg[6];
    uint64_t want; /* what it must return */
};

_Static_assert(sizeof(struct call) == 64, "door.S steps through the table");

/* What a stop at a system call was. */
struct regs_syscall {
    uint64_t after; /* address after the instruction */
    uint64_t nr;
};

/* Registers at a stop; sys may be NULL. Returns 0 or a negative errno. */
int regs_get(pid_t pid, struct machine_regs *out, struct regs_syscall *sys);

/* Put the guest at the start stub with the constants of the ABI. */
int regs_start(const struct guest *g);

/* Put the guest at the stub that makes system calls, with a table in its memory;
 * read how far it came, and what the call there returned. */
int regs_calls(const struct guest *g, uint64_t from, uint64_t to);
int regs_called(const struct guest *g, uint64_t *at, int64_t *result);

/* Bytes of the system call instruction. */
extern const uint64_t regs_syscall_size;

/* ---- proc/child.c --------------------------------------------------------- */

/* Make the child, traced and stopped, with nothing mapped but the door page.
 * Fills in pid and machine.pagemap. */
int child_make(struct guest *g, int proc, struct uf_err *err);

/* Queue a system call for the stopped guest; what is queued is made when the
 * table is full, or asked for. Returns 0 or the negative errno of a call. */
int child_queue(struct guest *g, const struct call *c);
int child_make_calls(struct guest *g);

#endif
