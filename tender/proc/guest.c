// SPDX-License-Identifier: MIT
/* guest.c: the process backend; see guest.h. */
#include "tender/proc/guest.h"

#include <errno.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tender/arch/arch.h"
#include "tender/core/host.h"
#include "tender/jail/jail.h"

#ifndef PTRACE_SYSEMU /* of Linux, whatever a C library's header says of it */
#define PTRACE_SYSEMU 31
#endif

/* Code and constants up to here are mapped at once, which costs less than the faults of
 * an event that looks at some of it here and some there. Bytes. */
#define POPULATE_MAX (UINT64_C(1) << 20)

/* Where the guest's filter lies in the door page's last stretch. */
#define FILTER_AT    0x2000u
#define SYSCALL_STOP (SIGTRAP | 0x80)

static struct guest *guest_of(struct machine *m)
{
    return (struct guest *)((char *)m - offsetof(struct guest, machine));
}

/* ---- memory ---------------------------------------------------------------- */

struct mapping {
    uint64_t addr;
    uint64_t len;
    uint64_t prot;
    uint64_t flags;
    int fd;
    uint64_t offset;
};

static int queue_mmap(struct guest *g, const struct mapping *m)
{
    return child_queue(g, &(struct call){.nr = SYS_mmap,
                                         .arg = {m->addr, m->len, m->prot, m->flags | MAP_FIXED,
                                                 (uint64_t)(int64_t)m->fd, m->offset},
                                         .want = m->addr});
}

static uint64_t mmap_prot(uint32_t prot)
{
    return ((prot & UF_PROT_READ) != 0 ? (uint64_t)PROT_READ : 0) |
           ((prot & UF_PROT_WRITE) != 0 ? (uint64_t)PROT_WRITE : 0) |
           ((prot & UF_PROT_EXEC) != 0 ? (uint64_t)PROT_EXEC : 0);
}

/* The part of an extent that lies in a region. */
static int map_part(struct guest *g, const struct uf_region *r, const struct uf_extent *x, int fd)
{
    uint64_t start = x->addr > r->start ? x->addr : r->start;
    uint64_t end = x->addr + x->size < r->end ? x->addr + x->size : r->end;

    if (start >= end)
        return 0;
    bool at_once = (r->prot & UF_PROT_WRITE) == 0 && r->end - r->start <= POPULATE_MAX;
    uint64_t flags = MAP_PRIVATE | MAP_NORESERVE | (at_once ? MAP_POPULATE : 0);
    return queue_mmap(g, &(struct mapping){start, end - start, mmap_prot(r->prot), flags, fd,
                                           x->offset + (start - x->addr)});
}

static int map_memory(struct guest *g, const struct machine_map *map)
{
    const struct uf_snapshot *s = map->snap;
    int r = 0;

    for (uint32_t i = 0; i < s->nregions && r == 0; i++) {
        const struct uf_region *at = &s->region[i];

        r = queue_mmap(g, &(struct mapping){at->start, at->end - at->start, mmap_prot(at->prot),
                                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0});
        for (uint32_t k = 0; k < s->nextents && r == 0; k++)
            r = map_part(g, at, &s->extent[k], map->snap_fd);
    }
    for (size_t i = 0; i < map->nworking && g->can_populate && r == 0; i++) {
        const struct page_range *w = &map->working_set[i];

        r = child_queue(g,
                        &(struct call){.nr = SYS_madvise,
                                       .arg = {w->start, w->end - w->start, MADV_POPULATE_WRITE}});
    }
    if (r == 0)
        r = queue_mmap(g, &(struct mapping){UF_EVENT_BASE, map->limits->event_max, PROT_READ,
                                            MAP_SHARED, map->exchange_fd, 0});
    return r == 0 ? child_make_calls(g) : r;
}

/* The last system calls: no descriptors, then no calls. */
static int seal(struct guest *g)
{
    struct sock_fprog prog = {.len = policy_guest.len};
    uint64_t code = UF_DOOR_BASE + FILTER_AT + sizeof(prog);

    memcpy(&prog.filter, &code, sizeof(code)); /* an address of the guest's */
    memcpy(g->machine.door + FILTER_AT, &prog, sizeof(prog));
    memcpy(g->machine.door + FILTER_AT + sizeof(prog), policy_guest.code,
           policy_guest.len * sizeof(policy_guest.code[0]));
    /* And not unshare(2), which the usual profile of containers refuses. */
    (void)child_queue(g,
                      &(struct call){.nr = SYS_close_range, .arg = {0, ~0u, CLOSE_RANGE_UNSHARE}});
    (void)child_queue(
        g, &(struct call){.nr = SYS_seccomp,
                          .arg = {SECCOMP_SET_MODE_FILTER, 0, UF_DOOR_BASE + FILTER_AT}});
    return child_make_calls(g);
}

static int guest_map(struct machine *m, const struct machine_map *map, struct uf_err *err)
{
    struct guest *g = guest_of(m);
    int r = map_memory(g, map);

    if (r == -EPERM || r == -EACCES)
        return uf_fail(err, r,
                       "the snapshot cannot be mapped as code: is the state directory on a "
                       "file system mounted noexec?");
    if (r < 0)
        return uf_fail(err, r, "cannot map guest memory: %s", strerror(-r));
    machine_start_at(m, map->snap, map->snap->entry);
    r = seal(g);
    return r < 0 ? uf_fail(err, r, "cannot seal the guest's process: %s", strerror(-r)) : 0;
}

static int guest_read(struct machine *m, uint64_t addr, void *dst, size_t len)
{
    struct guest *g = guest_of(m);
    struct iovec local = {.iov_base = dst, .iov_len = len};
    struct iovec remote = {.iov_len = len};

    memcpy(&remote.iov_base, &addr, sizeof(addr));
    ssize_t n = process_vm_readv(g->pid, &local, 1, &remote, 1, 0);
    return n < 0 ? -errno : n == (ssize_t)len ? 0 : -EFAULT;
}

static int guest_write(struct machine *m, const struct piece *p, size_t n)
{
    struct guest *g = guest_of(m);
    struct iovec local[MACHINE_PIECES];
    struct iovec remote[MACHINE_PIECES];
    size_t total = 0;

    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++) {
        /* struct iovec has no const, and holds addresses of another process. */
        memcpy(&local[i].iov_base, &p[i].src, sizeof(local[i].iov_base));
        memcpy(&remote[i].iov_base, &p[i].addr, sizeof(remote[i].iov_base));
        local[i].iov_len = remote[i].iov_len = p[i].len;
        total += p[i].len;
    }
    ssize_t done = process_vm_writev(g->pid, local, n, remote, n, 0);
    return done < 0 ? -errno : done == (ssize_t)total ? 0 : -EFAULT;
}

static int guest_drop(struct machine *m, uint64_t addr, size_t len)
{
    (void)child_queue(guest_of(m),
                      &(struct call){.nr = SYS_madvise, .arg = {addr, len, MADV_DONTNEED}});
    return child_make_calls(guest_of(m));
}

/* ---- running ---------------------------------------------------------------- */

/* A signal that the guest brought upon itself; false: one from elsewhere. */
static bool read_fault(const struct guest *g, int sig, struct stop *stop)
{
    siginfo_t si;

    if (ptrace(PTRACE_GETSIGINFO, g->pid, 0, &si) < 0 || si.si_code <= 0)
        return false;
    *stop = (struct stop){.kind = STOP_FAULT, .fault = FAULT_OTHER, .addr = (uint64_t)sig};
    switch (sig) {
    case SIGSEGV:
        stop->addr = (uint64_t)(uintptr_t)si.si_addr;
        stop->fault = si.si_code == SI_KERNEL    ? FAULT_PRIVILEGED
                      : stop->addr == g->regs.pc ? FAULT_EXECUTE
                                                 : FAULT_ACCESS;
        return true;
    case SIGBUS:
        stop->fault = si.si_code == BUS_ADRALN ? FAULT_ALIGN : FAULT_PRIVILEGED;
        return true;
    case SIGILL:
        stop->fault = FAULT_ILLEGAL;
        return true;
    case SIGFPE:
        stop->fault =
            si.si_code == FPE_INTDIV || si.si_code == FPE_INTOVF ? FAULT_DIVIDE : FAULT_FLOAT;
        return true;
    case SIGTRAP:
        stop->fault = FAULT_TRAP;
        return true;
    case SIGSYS: /* a vsyscall, which PTRACE_SYSEMU does not see: nothing is there */
        stop->addr = (uint64_t)(uintptr_t)si.si_call_addr;
        stop->fault = FAULT_EXECUTE;
        return true;
    default:
        return false;
    }
}

/* Make sense of a stop. 1: stop filled in; 0: nothing happened, go on. */
static int read_stop(struct guest *g, int status, struct stop *stop)
{
    struct regs_syscall sys = {0};

    /* The kernel does that, when memory has run out. */
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return -ENOMEM;
    if (!WIFSTOPPED(status)) {
        *stop = (struct stop){.kind = STOP_DEAD, .addr = (uint64_t)status};
        return 1;
    }
    g->in_syscall = WSTOPSIG(status) == SYSCALL_STOP;
    int r = regs_get(g->pid, &g->regs, g->in_syscall ? &sys : NULL);
    if (r < 0)
        return r;
    if (g->in_syscall) {
        bool is_door = sys.after == g->call + regs_syscall_size;

        *stop = (struct stop){.kind = is_door ? STOP_DOOR : STOP_SYSCALL, .addr = sys.nr};
        if (!is_door)
            g->regs.pc = sys.after - regs_syscall_size;
        return 1;
    }
    if (status >> 16 == PTRACE_EVENT_STOP) {
        bool wanted = g->is_interrupted;

        g->is_interrupted = false;
        *stop = (struct stop){.kind = STOP_INTERRUPTED};
        return wanted ? 1 : 0;
    }
    return read_fault(g, WSTOPSIG(status), stop) ? 1 : 0;
}

/* Wait for the guest to stop; when a signal comes to us first, stop it. */
static int wait_for(struct guest *g, int *status)
{
    while (waitpid(g->pid, status, __WALL) < 0) {
        if (errno != EINTR)
            return -errno;
        if (!g->is_interrupted && ptrace(PTRACE_INTERRUPT, g->pid, 0, 0) == 0)
            g->is_interrupted = true;
    }
    return 0;
}

static int run(struct guest *g, struct stop *stop)
{
    int status = 0;
    int r = 0;

    /* Bounded by the caller's alarm, which makes every wait end. */
    while (r == 0) {
        if (ptrace(PTRACE_SYSEMU, g->pid, 0, 0) < 0)
            return -errno;
        r = wait_for(g, &status);
        if (r == 0)
            r = read_stop(g, status, stop);
    }
    return r < 0 ? r : 0;
}

static int guest_enter(struct machine *m, struct stop *stop)
{
    struct guest *g = guest_of(m);
    int r = regs_start(g);

    return r < 0 ? r : run(g, stop);
}

static int guest_resume(struct machine *m, struct stop *stop)
{
    return run(guest_of(m), stop);
}

static int guest_regs(struct machine *m, struct machine_regs *out)
{
    *out = guest_of(m)->regs;
    return 0;
}

static uint64_t guest_cpu_ns(struct machine *m)
{
    /* The CPU clock of another process: clock_getcpuclockid(3), without its
     * system call. 2 is CPUCLOCK_SCHED of the kernel's posix-timers.h. */
    clockid_t id = (clockid_t)(~(unsigned)guest_of(m)->pid << 3 | 2u);

    return host_clock(id);
}

static const struct machine_ops ops = {
    .name = "process",
    .map = guest_map,
    .enter = guest_enter,
    .resume = guest_resume,
    .regs = guest_regs,
    .read = guest_read,
    .write = guest_write,
    .drop = guest_drop,
    .cpu_ns = guest_cpu_ns,
};

int proc_open(struct machine **out, int proc, struct uf_err *err)
{
    static struct guest the_guest;
    struct guest *g = &the_guest;
    struct arch_door door;
    uint64_t where = UF_DOOR_BASE;
    void *hint;

    memcpy(&hint, &where, sizeof(hint));
    g->machine.ops = &ops;
    g->machine.door = mmap(hint, UF_DOOR_SIZE, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (g->machine.door == MAP_FAILED)
        return uf_fail(err, -errno, "cannot map the door page at 0x%llx: %s",
                       (unsigned long long)where, strerror(errno));
    /* From Linux 5.14 on. */
    g->can_populate = madvise(g->machine.door, UF_PAGE, MADV_POPULATE_WRITE) == 0;
    arch_door_proc(&door);
    memcpy(g->machine.door, door.code, door.size);
    g->start = UF_DOOR_BASE + door.start;
    g->call = UF_DOOR_BASE + door.call;
    g->calls = UF_DOOR_BASE + door.calls;
    int r = child_make(g, proc, err);
    g->machine.guest = g->pid;
    *out = &g->machine;
    return r;
}
