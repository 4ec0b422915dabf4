// SPDX-License-Identifier: MIT
/* child.c: how the guest's process comes to be; see guest.h. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/control.h"
#include "abi/image.h"
#include "tender/core/host.h"
#include "tender/proc/guest.h"

/* What the child reports, in the shared door page. */
#define REPORT_AT 0xfe0u

struct report {
    int32_t pagemap;   /* descriptor of its page map       */
    uint64_t user_end; /* end of its addresses; 0: unknown */
};

/* System calls to make, in the door page. */
#define TABLE_AT  0x8000u
#define TABLE_MAX ((UF_DOOR_SIZE - TABLE_AT) / sizeof(struct call))

/* The end of user addresses, which differs between machines: beyond it munmap
 * is refused. One page less than a power of two on x86. */
static uint64_t find_user_end(uint64_t page)
{
    for (unsigned bits = 57; bits > 35; bits--)
        for (uint64_t gap = 0; gap <= page; gap += page) {
            uint64_t last = (UINT64_C(1) << bits) - gap - page;

            if (syscall(SYS_munmap, last, page) == 0)
                return last + page;
        }
    return 0;
}

/* In the child: stop, ready to be taken apart. Descriptors are shared still. */
static void become_guest(const struct guest *g, int proc, const int go[2])
{
    struct report report;
    char c;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    report.pagemap = openat(proc, "self/pagemap", O_RDONLY | O_CLOEXEC);
    report.user_end = find_user_end(host_page_size());
    memcpy(g->machine.door + REPORT_AT, &report, sizeof(report));
    if (mprotect(g->machine.door, UF_DOOR_SIZE, PROT_READ | PROT_EXEC) < 0)
        _exit(1);
    /* Wait until traced: the stop below is then one that the tender sees. */
    if (read(go[0], &c, 1) != 1)
        _exit(1);
    (void)kill(getpid(), SIGSTOP);
    _exit(1);
}

static int wait_stop(pid_t pid, int *status)
{
    while (waitpid(pid, status, __WALL) < 0)
        if (errno != EINTR)
            return -errno;
    /* The kernel does that, when memory has run out. */
    if (WIFSIGNALED(*status) && WTERMSIG(*status) == SIGKILL)
        return -ENOMEM;
    return WIFSTOPPED(*status) ? 0 : -ECHILD;
}

/* Let the stub run until it traps. */
static int wait_trap(struct guest *g)
{
    int status = 0;

    for (;;) {
        int r = ptrace(PTRACE_CONT, g->pid, 0, 0) < 0 ? -errno : wait_stop(g->pid, &status);

        if (r < 0)
            return r;
        if (status >> 16 == PTRACE_EVENT_STOP)
            g->is_interrupted = false; /* the stop that was asked for has come */
        else
            return WSTOPSIG(status) == SIGTRAP ? 0 : -EPROTO;
    }
}

int child_make_calls(struct guest *g)
{
    const uint64_t table = UF_DOOR_BASE + TABLE_AT;
    const uint64_t end = table + g->ncalls * sizeof(struct call);
    uint64_t at = 0;
    int64_t result = 0;
    int r = regs_calls(g, table, end);

    g->ncalls = 0;
    g->in_syscall = false;
    if (r == 0)
        r = wait_trap(g);
    if (r == 0)
        r = regs_called(g, &at, &result);
    if (r < 0 || at == end)
        return r;
    return result < 0 && result >= -4095 ? (int)result : -EFAULT;
}

int child_queue(struct guest *g, const struct call *c)
{
    int r = g->ncalls == TABLE_MAX ? child_make_calls(g) : 0;

    memcpy(g->machine.door + TABLE_AT + g->ncalls * sizeof(*c), c, sizeof(*c));
    g->ncalls++;
    return r;
}

/* Take everything from the child but the door page. */
static int unmap_all(struct guest *g, uint64_t user_end)
{
    uint64_t page = host_page_size();
    uint64_t above = UF_DOOR_BASE + UF_DOOR_SIZE;

    if (user_end <= above)
        return -EINVAL;
    (void)child_queue(g, &(struct call){.nr = SYS_munmap, .arg = {page, UF_DOOR_BASE - page}});
    (void)child_queue(g, &(struct call){.nr = SYS_munmap, .arg = {above, user_end - above}});
    return child_make_calls(g);
}

static int seize(const struct guest *g, const int go[2])
{
    int status = 0;

    if (ptrace(PTRACE_SEIZE, g->pid, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD) < 0 ||
        write(go[1], "", 1) != 1)
        return -errno;
    return wait_stop(g->pid, &status);
}

int child_make(struct guest *g, int proc, struct uf_err *err)
{
    int go[2];
    struct report report;

    if (pipe2(go, O_CLOEXEC) < 0)
        return uf_fail(err, -errno, "pipe: %s", strerror(errno));
    /* Shared descriptors let the child map files that arrive later; it gives
     * its share up before the guest runs. */
    long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (pid < 0)
        return uf_fail(err, -errno, "cannot make the guest's process: %s", strerror(errno));
    if (pid == 0)
        become_guest(g, proc, go);
    g->pid = (pid_t)pid;
    int r = seize(g, go);
    if (r < 0) {
        g->machine.lacks |= UF_DEGRADED_NO_PTRACE;
        return uf_fail(err, r, "cannot trace the guest's process: %s", strerror(-r));
    }
    (void)close(go[0]);
    (void)close(go[1]);
    memcpy(&report, g->machine.door + REPORT_AT, sizeof(report));
    if (report.pagemap < 0)
        return uf_fail(err, -EACCES, "the guest's page map cannot be opened");
    g->machine.pages.fd = report.pagemap;
    r = unmap_all(g, report.user_end);
    return r < 0 ? uf_fail(err, r, "cannot empty the guest's process: %s%s", strerror(-r),
                           r == -EPERM ? "; does this kernel seal system mappings "
                                         "(CONFIG_MSEAL_SYSTEM_MAPPINGS)?"
                                       : "")
                 : 0;
}
