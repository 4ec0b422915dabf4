// SPDX-License-Identifier: MIT
/* host.c: what the kernel takes for processes, wake-ups and the disk. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "cli/floors/floors.h"

#define TIMES_FORK  200
#define TIMES_WAKE  2000
#define TIMES_FSYNC 20

int floors_fork(struct series *ns, struct uf_err *err)
{
    for (int i = 0; i < TIMES_FORK; i++) {
        uint64_t from = floors_now();
        pid_t child = fork();

        if (child == 0)
            _exit(0);
        if (child < 0)
            return uf_fail(err, -errno, "fork: %s", strerror(errno));
        if (waitpid(child, NULL, 0) < 0)
            return uf_fail(err, -errno, "waitpid: %s", strerror(errno));
        series_add(ns, floors_now() - from);
    }
    return 0;
}

/* The nth processor of those we may use, or -1. */
static int nth_cpu(const cpu_set_t *set, int n)
{
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET((size_t)cpu, set) && n-- == 0)
            return cpu;
    return -1;
}

static void stay_on(int cpu)
{
    cpu_set_t one;

    CPU_ZERO(&one);
    CPU_SET((size_t)cpu, &one);
    (void)sched_setaffinity(0, sizeof(one), &one);
}

/* The other process: answers until it is killed. */
__attribute__((noreturn)) static void answer(int cpu, int in, int out)
{
    eventfd_t v;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    stay_on(cpu);
    while (eventfd_read(in, &v) == 0 && eventfd_write(out, 1) == 0)
        ;
    _exit(0);
}

static int take_turns(int out, int in, struct series *ns)
{
    eventfd_t v;

    for (int i = 0; i < TIMES_WAKE; i++) {
        uint64_t from = floors_now();

        if (eventfd_write(out, 1) < 0 || eventfd_read(in, &v) < 0)
            return -errno;
        series_add(ns, floors_now() - from);
    }
    return 0;
}

int floors_wake(bool is_same, struct series *ns, struct uf_err *err)
{
    cpu_set_t may;
    UF_AUTO_FD int there = eventfd(0, EFD_CLOEXEC);
    UF_AUTO_FD int back = eventfd(0, EFD_CLOEXEC);

    if (there < 0 || back < 0)
        return uf_fail(err, -errno, "eventfd: %s", strerror(errno));
    if (sched_getaffinity(0, sizeof(may), &may) < 0)
        return uf_fail(err, -errno, "sched_getaffinity: %s", strerror(errno));
    int mine = nth_cpu(&may, 0);
    int other = is_same ? mine : nth_cpu(&may, 1);
    if (other < 0)
        return uf_fail(err, -ENODEV, "there is only one processor");
    pid_t child = fork();
    if (child == 0)
        answer(other, there, back);
    if (child < 0)
        return uf_fail(err, -errno, "fork: %s", strerror(errno));
    stay_on(mine);
    int r = take_turns(there, back, ns);
    (void)sched_setaffinity(0, sizeof(may), &may);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
    return r < 0 ? uf_fail(err, r, "eventfd: %s", strerror(-r)) : 0;
}

int floors_fsync(const char *dir, struct series *ns, struct uf_err *err)
{
    static const char page[4096];
    UF_AUTO_FD int fd = open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);

    if (fd < 0)
        return uf_fail(err, -errno, "%s: %s", dir, strerror(errno));
    for (int i = 0; i < TIMES_FSYNC; i++) {
        uint64_t from = floors_now();

        if (write(fd, page, sizeof(page)) != (ssize_t)sizeof(page) || fsync(fd) < 0)
            return uf_fail(err, -errno, "%s: %s", dir, strerror(errno));
        series_add(ns, floors_now() - from);
    }
    return 0;
}
