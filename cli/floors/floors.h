// SPDX-License-Identifier: MIT
/*
 * floors.h: what this machine's kernel and processor take for the things that
 * an invocation is made of. Nothing of UniFaaS is in these times, so nothing
 * of UniFaaS can be below them: `unifaas doctor --bench` prints them, and the
 * benchmark puts its numbers beside them.
 */
#ifndef CLI_FLOORS_FLOORS_H
#define CLI_FLOORS_FLOORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/stats.h"

/* Pages that an invocation of the benchmark's function writes. */
#define FLOORS_PAGES 16u

/* X(id, words): the ids are those of the JSON. */
#define FLOORS(X)                                                                     \
    X(vm, "a virtual machine made and run to its first exit")                         \
    X(vm_exit, "leaving a guest and entering it again")                               \
    X(vm_run, "a run that writes 16 pages, and putting them back")                    \
    X(restore_1, "putting 1 written page back")                                       \
    X(restore_16, "putting 16 written pages back")                                    \
    X(restore_128, "putting 128 written pages back")                                  \
    X(scan, "asking which pages of the guest were written")                           \
    X(fork, "fork, exit, wait")                                                       \
    X(wake_same, "waking a process and being woken, both on one processor (eventfd)") \
    X(wake_other, "waking a process and being woken, on two processors (eventfd)")    \
    X(fsync, "4 KiB made durable (write, fsync)")

enum floor_id {
#define X(id, words) FLOOR_##id,
    FLOORS(X)
#undef X
        FLOOR_COUNT
};

struct floor {
    const char *id;
    const char *words;
    struct series ns;  /* empty when it could not be measured ... */
    struct uf_err why; /* ... for this reason                      */
};

/*
 * Measure everything; takes about a second, more where the disk is slow.
 *
 * dir   where the file for fsync is made; it has no name, so nothing is left.
 * out   ended by floors_fini().
 */
void floors_measure(const char *dir, struct floor out[static FLOOR_COUNT]);
void floors_fini(struct floor out[static FLOOR_COUNT]);

uint64_t floors_now(void);

/* "P50 P99" in microseconds and a newline, to stdout: for programs that read it. */
void floors_print(struct series *ns);

/* ---- host.c: what needs no virtual machine ------------------------------------ */

int floors_fork(struct series *ns, struct uf_err *err);

/* Two processes take turns; is_same: on one processor. */
int floors_wake(bool is_same, struct series *ns, struct uf_err *err);

int floors_fsync(const char *dir, struct series *ns, struct uf_err *err);

#endif
