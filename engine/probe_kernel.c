// SPDX-License-Identifier: MIT
/* probe_kernel.c: what the kernel has, allows and limits. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
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
    probe_bad(p, "not in this kernel: restores read the page map, which is slower");
    probe_mend(p, "Linux 6.7 or later has it; everything works without");
}

/* errno of making the namespaces that a tender gets, tried in a child. */
static int try_namespaces(void)
{
    const int all = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    int status = 0;
    pid_t pid = fork();

    if (pid < 0)
        return errno;
    if (pid == 0)
        _exit(unshare(all | (geteuid() == 0 ? 0 : CLONE_NEWUSER)) == 0 ? 0 : errno);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
}

void look_namespaces(struct probe *p)
{
    const struct probe_userns_facts f = {
        .unprivileged_clone = probe_number("/proc/sys/kernel/unprivileged_userns_clone"),
        .max = probe_number("/proc/sys/user/max_user_namespaces"),
        .apparmor = probe_number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    };
    int e = try_namespaces();

    if (e == 0) {
        probe_good(p, "there%s", geteuid() == 0 ? ", made as root" : ", made as this user");
        return;
    }
    probe_bad(p, "refused (%s): the tenders' jail has no namespaces of its own", strerror(e));
    probe_mend(p, "%s", probe_userns_mend(&f));
}

void look_seccomp(struct probe *p)
{
    char actions[256];

    if (probe_read("/proc/sys/kernel/seccomp/actions_avail", actions, sizeof(actions)) < 0) {
        probe_bad(p, "this kernel has no seccomp");
        probe_mend(p, "use a kernel with CONFIG_SECCOMP_FILTER; no tender starts without");
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

    if (scope < 0)
        probe_good(p, "not restricted");
    else if (scope < 3)
        probe_good(p, "kernel.yama.ptrace_scope is %ld: a tender may trace its own guest", scope);
    else {
        probe_bad(p, "kernel.yama.ptrace_scope is %ld: the process backend cannot work", scope);
        probe_mend(p, "set kernel.yama.ptrace_scope to 1 or 2 in /etc/sysctl.d and reboot (it "
                      "cannot be lowered while running), or use KVM only");
    }
}

void look_memfd(struct probe *p)
{
    struct uf_err err = {0};
    UF_AUTO_FD int fd = memfile_make("unifaas-probe", UF_ALIGN, &err);

    if (fd < 0) {
        probe_bad(p, "%s", err.msg);
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

    if (getrlimit(RLIMIT_NOFILE, &r) < 0)
        return;
    if (r.rlim_max >= FILES_WANT) {
        probe_good(p, "up to %llu", (unsigned long long)r.rlim_max);
        return;
    }
    probe_bad(p, "only %llu: few instances at a time", (unsigned long long)r.rlim_max);
    probe_mend(p, "raise it to %d or more: ulimit -Hn, LimitNOFILE= in the unit", FILES_WANT);
}

void look_processes(struct probe *p)
{
    struct rlimit r;
    long pids = probe_number("/sys/fs/cgroup/pids.max");
    unsigned long long most;

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
    probe_mend(p, "raise it to %d or more: ulimit -Hu, TasksMax= in the unit", PROCS_WANT);
}
