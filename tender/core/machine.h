// SPDX-License-Identifier: MIT
/*
 * machine.h: what every backend provides: guest memory at the ABI's addresses,
 * and a way to run in it until the guest stops.
 *
 * The rest of the tender (loading, restoring, host calls, limits, results) is
 * the same for all backends and lives in core/. A machine is opened before the
 * jail closes and lives as long as the process; there is no close.
 *
 * Every address that reaches read, write or drop has been checked by gmem.c to
 * lie inside the guest's RAM.
 */
#ifndef TENDER_CORE_MACHINE_H
#define TENDER_CORE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "abi/control.h"
#include "abi/snapshot.h"
#include "base/err.h"
#include "tender/core/pages.h"

enum stop_kind {
    STOP_DOOR,        /* the guest called the door                           */
    STOP_FAULT,       /* it did what it must not: fault says what            */
    STOP_SYSCALL,     /* it executed a system call instruction: addr = its number */
    STOP_INTERRUPTED, /* a signal came; the guest can go on                  */
    STOP_DEAD,        /* the machine is beyond use: addr = why, for the log  */
};

enum fault_kind {
    FAULT_OTHER,      /* addr: the vector                   */
    FAULT_ACCESS,     /* addr: what was read or written     */
    FAULT_EXECUTE,    /* addr: what was executed            */
    FAULT_ILLEGAL,    /* no such instruction                */
    FAULT_PRIVILEGED, /* an instruction for kernels         */
    FAULT_DIVIDE,     /* integer division by zero, overflow */
    FAULT_FLOAT,      /* an unmasked floating point trap    */
    FAULT_TRAP,       /* breakpoint or single step          */
    FAULT_ALIGN,      /* alignment check                    */
};

struct stop {
    enum stop_kind kind;
    enum fault_kind fault;
    uint64_t addr;
};

/* What a backtrace starts from. All of it is the guest's word. */
struct machine_regs {
    uint64_t pc;
    uint64_t sp;
    uint64_t fp;
    uint64_t lr; /* 0 where the architecture has none */
};

/* Everything a backend needs to lay out a guest. Checked by snap_check(). */
struct machine_map {
    const struct uf_snapshot *snap;
    const struct uf_limits *limits;
    int snap_fd;
    int exchange_fd;
    const struct page_range *working_set; /* to be had at once, in writable regions */
    size_t nworking;
};

/* Bytes to write; at most MACHINE_PIECES in one call. */
struct piece {
    uint64_t addr;
    const void *src;
    size_t len;
};

#define MACHINE_PIECES 256u

struct machine;

struct machine_ops {
    const char *name; /* "kvm", "process" */

    /* Lay out guest memory from a snapshot. Once in a machine's life. */
    int (*map)(struct machine *m, const struct machine_map *map, struct uf_err *err);

    /* Run from machine_start_at()'s entry with the ABI's constant registers, until a stop. */
    int (*enter)(struct machine *m, struct stop *stop);

    /* Go on after a stop at the door or an interruption. */
    int (*resume)(struct machine *m, struct stop *stop);

    /* Registers at the last stop. */
    int (*regs)(struct machine *m, struct machine_regs *out);

    /* Bytes out of and into the guest; -EFAULT where nothing is mapped. */
    int (*read)(struct machine *m, uint64_t addr, void *dst, size_t len);
    int (*write)(struct machine *m, const struct piece *p, size_t n);

    /* Give the pages back to the kernel: they are the snapshot's again. */
    int (*drop)(struct machine *m, uint64_t addr, size_t len);

    /* Nanoseconds of CPU time used so far: the guest's, and under kvm the
     * tender's own little besides. */
    uint64_t (*cpu_ns)(struct machine *m);
};

struct machine {
    const struct machine_ops *ops;
    uint8_t *door;         /* our mapping of the door page, UF_DOOR_SIZE bytes     */
    struct page_map pages; /* of the address space that holds the guest's memory */
    int guest;             /* process id of the guest's own process; 0: none     */
    uint32_t lacks;        /* enum uf_degraded bits that opening it has found    */
};

/* What the start stub in the door page sets up: a snapshot's constants, and where
 * the next run enters. */
void machine_start_at(const struct machine *m, const struct uf_snapshot *s, uint64_t entry);

/*
 * Open a machine. proc is a directory descriptor of /proc, only used here.
 * kvm_open takes /dev/kvm from UF_KVM_FD. Returns 0 or a negative errno.
 */
int kvm_open(struct machine **out, int proc, struct uf_err *err);
int proc_open(struct machine **out, int proc, struct uf_err *err);

#endif
