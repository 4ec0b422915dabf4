// SPDX-License-Identifier: MIT
/* probe_kernel.c: what the kernel has, allows and limits. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/image.h"
#include "base/auto.h"
#include "engine/memfile.h"
#include "engine/probe_look.h"

#define KERNEL_MIN  5010 /* Linux 5.10: the oldest that our boards run */
#define FILES_WANT  4096 /* descriptors: a daemon holds some 4 for each instance */
#define PROCS_WANT  1024
#define MEMORY_WANT (UINT64_C(256) << 20) /* bytes */

ssize_t probe_read(const char *path, char *buf, size_t cap)
{
    UF_AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;

    if (fd < 0)
        return -1;
    for (ssize_t n = 1; n > 0 && len < cap - 1; len += (size_t)(n > 0 ? n : 0))
        n = read(fd, buf + len, cap - 1 - len);
    buf[len] = '\0';
    return (ssize_t)len;
}

long probe_number(const char *path)
{
    char text[64];
    char *end;

    if (probe_read(path, text, sizeof(text)) <= 0)
        return -1;
    long n = strtol(text, &end, 10);
    return end == text ? -1 : n;
}

void look_kernel(struct probe *p)
{
    struct utsname u;

    if (uname(&u) < 0)
        return;
    unsigned release = probe_release(u.release);
    if (release >= KERNEL_MIN) {
        probe_good(p, "Linux %s, %s", u.release, u.machine);
        return;
    }
    probe_bad(p, "Linux %s, %s is older than 5.10", u.release, u.machine);
    probe_mend(p, "install a newer kernel; every Debian from 11 on has one");
}

void look_page_size(struct probe *p)
{
    long size = sysconf(_SC_PAGESIZE);

    if (size > 0 && (uint64_t)size <= UF_ALIGN && UF_ALIGN % (uint64_t)size == 0) {
        probe_good(p, "%ld KiB%s", size / 1024,
                   size == 4096 ? "" : ": an instance dirties fewer, larger pages");
        return;
    }
    probe_bad(p, "%ld bytes: images are aligned to %llu", size, (unsigned long long)UF_ALIGN);
    probe_mend(p, "use a kernel with pages of 4, 16 or 64 KiB");
}

/* struct pm_scan_arg of linux/fs.h (6.7); older headers lack it. */
struct pm_scan {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};

void look_pagemap_scan(struct probe *p)
{
    struct pm_scan arg = {.size = sizeof(arg)};
    UF_AUTO_FD int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        probe_bad(p, "/proc/self/pagemap: %s", strerror(errno));
        probe_mend(p, "mount /proc; without the page map nothing can be restored");
        p->fatal = true;
        return;
    }
    /* An empty range: scans nothing, and is understood or not. */
    if (ioctl(fd, _IOWR('f', 16, struct pm_scan), &arg) >= 0 || errno != ENOTTY) {
        probe_good(p, "there: a restore asks for its dirty pages in one call");
        return;
    }
    probe_because(p, REASON_NO_PAGEMAP_SCAN);
}

/* errno of a trial that may not happen in this process, or 0. */
static int try_in_child(int (*trial)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(trial());
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

static int try_nothing(void)
{
    return 0;
}

/* The namespaces that a tender gets. */
static int try_namespaces(void)
{
    const int all = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

    return unshare(all | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == 0 ? 0 : errno;
}

/* A filter that allows everything. */
static int try_seccomp(void)
{
    struct sock_filter allow = {.code = BPF_RET | BPF_K, .k = SECCOMP_RET_ALLOW};
    struct sock_fprog prog = {.len = 1, .filter = &allow};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                   prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) == 0
               ? 0
               : errno;
}

/* Trace a process of our own, as the process backend does. */
static int try_ptrace(void)
{
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        for (;;)
            (void)pause();
    int e = ptrace(PTRACE_SEIZE, pid, 0, 0) == 0 ? 0 : errno;
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
        ;
    return e;
}

void look_namespaces(struct probe *p)
{
    const struct probe_userns_facts f = {
        .unprivileged_clone = probe_number("/proc/sys/kernel/unprivileged_userns_clone"),
        .max = probe_number("/proc/sys/user/max_user_namespaces"),
        .apparmor = probe_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    };
    int e = try_in_child(try_namespaces);

    if (e == 0) {
        probe_good(p, "there%s", geteuid() == 0 ? ", made as root" : ", made as this user");
        return;
    }
    probe_bad(p, "%s (%s)", reason_words(REASON_NO_NAMESPACES), strerror(e));
    probe_mend(p, "%s", probe_userns_mend(&f));
}

void look_seccomp(struct probe *p)
{
    char actions[256];

    if (probe_read("/proc/sys/kernel/seccomp/actions_avail", actions, sizeof(actions)) < 0 ||
        try_in_child(try_seccomp) != 0) {
        probe_because(p, REASON_NO_SECCOMP);
        return;
    }
    actions[strcspn(actions, "\n")] = '\0';
    if (probe_has_word(actions, "kill_process")) {
        probe_good(p, "%s", actions);
        return;
    }
    probe_bad(p, "no action kill_process, only: %s", actions);
    probe_mend(p, "Linux 4.14 or later has it");
}

void look_ptrace(struct probe *p)
{
    long scope = probe_number("/proc/sys/kernel/yama/ptrace_scope");
    int e = try_in_child(try_ptrace);

    if (e == EPERM || e == EACCES || e == ENOSYS || scope > 2)
        probe_because(p, REASON_NO_PTRACE);
    else if (e != 0)
        probe_limit(p, -e, "cannot be tried");
    else if (scope < 0)
        probe_good(p, "not restricted");
    else
        probe_good(p, "kernel.yama.ptrace_scope is %ld: a tender may trace its own guest", scope);
}

void look_memfd(struct probe *p)
{
    struct uf_err err = {0};
    UF_AUTO_FD int fd = memfile_make("unifaas-probe", UF_ALIGN, &err);

    if (fd < 0) {
        probe_limit(p, err.code, "none can be made");
        if (reason_of_limit(err.code) == REASON_NONE)
            probe_mend(p, "vm.memfd_noexec must be 0 or 1, is %ld",
                       probe_number("/proc/sys/vm/memfd_noexec"));
        return;
    }
    void *at = mmap(NULL, UF_ALIGN, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) {
        probe_bad(p, "cannot be mapped executable: %s", strerror(errno));
        probe_mend(p, "a security module forbids it; allow it for unifaas-tender");
        return;
    }
    (void)munmap(at, UF_ALIGN);
    probe_good(p, "there, sealed and mapped");
}

void look_cgroups(struct probe *p)
{
    static char mounts[65536];

    if (probe_read("/proc/self/mounts", mounts, sizeof(mounts)) < 0)
        mounts[0] = '\0';
    /* Nothing here depends on them: the tender enforces limits by itself. */
    probe_good(p, "%s", probe_cgroups(mounts));
}

static uint64_t meminfo(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at == NULL ? 0 : (uint64_t)strtoull(at + strlen(name), NULL, 10) << 10;
}

void look_memory(struct probe *p)
{
    static char text[8192];
    long overcommit = probe_number("/proc/sys/vm/overcommit_memory");

    if (probe_read("/proc/meminfo", text, sizeof(text)) < 0)
        text[0] = '\0';
    uint64_t available = meminfo(text, "MemAvailable:");
    unsigned long long mib = available >> 20;
    void *at = mmap(NULL, MEMORY_WANT, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) {
        probe_because(p, REASON_MEMORY);
        return;
    }
    (void)munmap(at, MEMORY_WANT);
    if (available < MEMORY_WANT) {
        probe_bad(p, "%llu MiB available, at least %llu are good to have", mib,
                  (unsigned long long)(MEMORY_WANT >> 20));
        probe_mend(p, "end something, or give functions less: memory in function.yaml");
    } else if (overcommit == 2) {
        probe_bad(p, "%llu MiB available, but every instance counts in full: no overcommit", mib);
        probe_mend(p, "sudo sysctl vm.overcommit_memory=0");
    } else {
        probe_good(p, "%llu MiB available, instances take what they touch", mib);
    }
}

void look_files(struct probe *p)
{
    struct rlimit r;

    UF_AUTO_FD int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        probe_limit(p, -errno, "none can be opened");
        return;
    }
    if (getrlimit(RLIMIT_NOFILE, &r) < 0)
        return;
    if (r.rlim_max >= FILES_WANT) {
        probe_good(p, "up to %llu", (unsigned long long)r.rlim_max);
        return;
    }
    probe_bad(p, "only %llu: few instances at a time", (unsigned long long)r.rlim_max);
    probe_mend(p, "%s, to %d or more", reason_mend(REASON_FILES), FILES_WANT);
}

void look_processes(struct probe *p)
{
    struct rlimit r;
    long pids = probe_number("/sys/fs/cgroup/pids.max");
    unsigned long long most;

    int e = try_in_child(try_nothing);
    if (e != 0) {
        probe_limit(p, -e, "none can be started");
        return;
    }
    if (getrlimit(RLIMIT_NPROC, &r) < 0)
        return;
    /* An unlimited one is the largest number there is. */
    most = (unsigned long long)r.rlim_max;
    if (pids > 0 && (unsigned long long)pids < most)
        most = (unsigned long long)pids;
    if (most >= PROCS_WANT) {
        if (most == (unsigned long long)RLIM_INFINITY)
            probe_good(p, "no limit");
        else
            probe_good(p, "up to %llu", most);
        return;
    }
    probe_bad(p, "only %llu: an instance is one or two of them", most);
    probe_mend(p, "%s, to %d or more", reason_mend(REASON_PROCESSES), PROCS_WANT);
}
