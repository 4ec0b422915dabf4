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

#include "abi/image.h"
#include "tender/core/host.h"
#include "tender/proc/guest.h"

/* The child reports its page map's descriptor here, in the shared door page. */
#define PAGEMAP_SLOT 0xff0u

#define SYSCALL_STOP (SIGTRAP | 0x80)

/* In the child: stop, ready to be taken apart. Descriptors are shared still. */
static void become_guest(const struct guest *g, int proc, const int go[2])
{
    int32_t pagemap;
    char c;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    pagemap = openat(proc, "self/pagemap", O_RDONLY | O_CLOEXEC);
    memcpy(g->door + PAGEMAP_SLOT, &pagemap, sizeof(pagemap));
    if (mprotect(g->door, UF_DOOR_SIZE, PROT_READ | PROT_EXEC) < 0)
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
    return WIFSTOPPED(*status) ? 0 : -ECHILD;
}

int64_t child_inject(struct guest *g, const struct call *c)
{
    int status = 0;
    int64_t result = 0;
    /* Leaving a system call that was not executed is a stop of its own. */
    int stops = g->in_syscall ? 3 : 2;
    int r = regs_inject(g->pid, g->call, c);

    while (r == 0 && stops > 0) {
        if (ptrace(PTRACE_SYSCALL, g->pid, 0, 0) < 0)
            return -errno;
        r = wait_stop(g->pid, &status);
        if (r == 0 && WSTOPSIG(status) == SYSCALL_STOP)
            stops--;
        else if (r == 0 && status >> 16 == PTRACE_EVENT_STOP)
            g->is_interrupted = false; /* the stop that was asked for has come */
        else if (r == 0)
            return -EPROTO;
    }
    g->in_syscall = false;
    if (r == 0)
        r = regs_result(g->pid, &result);
    return r < 0 ? r : result;
}

/* Take everything from the child but the door page. */
static int unmap_all(struct guest *g)
{
    uint64_t page = host_page_size();
    struct call low = {.nr = SYS_munmap, .arg = {page, UF_DOOR_BASE - page}};
    int64_t r = child_inject(g, &low);

    /* The end of user addresses differs between machines; more is refused. */
    for (unsigned bits = 57; r == 0 && bits > 35; bits--) {
        uint64_t start = UF_DOOR_BASE + UF_DOOR_SIZE;
        struct call all = {.nr = SYS_munmap, .arg = {start, (UINT64_C(1) << bits) - start}};
        struct call but_last = {.nr = SYS_munmap, .arg = {start, all.arg[1] - page}};

        r = child_inject(g, &all);
        if (r == -EINVAL)
            r = child_inject(g, &but_last);
        /* Any other failure means that something stays: give up, don't try less. */
        if (r != -EINVAL)
            return (int)r;
        r = 0;
    }
    return r < 0 ? (int)r : -EINVAL;
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
    int32_t pagemap;

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
    if (r < 0)
        return uf_fail(err, r,
                       "cannot trace the guest's process: %s; is ptrace allowed here "
                       "(kernel.yama.ptrace_scope at most 2)?",
                       strerror(-r));
    (void)close(go[0]);
    (void)close(go[1]);
    memcpy(&pagemap, g->door + PAGEMAP_SLOT, sizeof(pagemap));
    if (pagemap < 0)
        return uf_fail(err, -EACCES, "the guest's page map cannot be opened");
    g->machine.pages.fd = pagemap;
    r = unmap_all(g);
    return r < 0 ? uf_fail(err, r, "cannot empty the guest's process: %s%s", strerror(-r),
                           r == -EPERM ? "; does this kernel seal system mappings "
                                         "(CONFIG_MSEAL_SYSTEM_MAPPINGS)?"
                                       : "")
                 : 0;
}
