// SPDX-License-Identifier: MIT
/*
 * spawn.c: start a tender process in namespaces of its own.
 *
 * The child shares our memory until it executes (CLONE_VM | CLONE_VFORK), so
 * starting one costs the same from a large daemon as from a small one. It
 * makes nothing but system calls, with all signals blocked; the tender unblocks
 * them. Where namespaces are refused it is started without, and the tender says
 * so in READY.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/reason.h"
#include "engine/tender.h"

#define STACK_SIZE 65536u
#define EMPTY_NS   (CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)

struct start {
    const struct tender_options *o;
    int sock; /* the tender's end */
    int kvm;  /* -1: not wanted   */
    char **argv;
    char **envp;
    uid_t uid; /* ours, as the new user namespace's parent sees it */
    gid_t gid;
    int error;          /* errno of a failed exec              */
    bool is_user_ns;    /* the child is in a new user namespace */
    bool is_ns_shared;  /* ... enters o->ns                     */
    bool is_ns_refused; /* ... which would not take its maps    */
};

/* Put fd at `at`, without close-on-exec. */
static int place(int fd, int at)
{
    if (fd == at)
        return fcntl(fd, F_SETFD, 0);
    return dup2(fd, at);
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

    if (fd >= 0)
        (void)close(fd);
    return n < 0 ? -1 : 0;
}

/*
 * In a fresh user namespace: we are its root, and nobody else exists. Before
 * exec, which takes the capabilities of everybody who is not.
 */
static int map_user(const struct start *s)
{
    char text[64];

    if (write_file("/proc/self/setgroups", "deny") < 0)
        return -1;
    (void)snprintf(text, sizeof(text), "0 %u 1", (unsigned)s->gid);
    if (write_file("/proc/self/gid_map", text) < 0)
        return -1;
    (void)snprintf(text, sizeof(text), "0 %u 1", (unsigned)s->uid);
    return write_file("/proc/self/uid_map", text);
}

/* All but the mount namespace, which has no program to execute: the tender
 * enters that one by itself. */
static int enter(const struct empty_ns *ns)
{
    for (unsigned i = 0; i < EMPTY_NS_KINDS; i++)
        if (i != EMPTY_NS_MNT && setns(ns->fd[i], 0) < 0)
            return -1;
    return place(ns->fd[EMPTY_NS_MNT], UF_MNT_FD) < 0 ? -1 : 0;
}

static int child(void *arg)
{
    struct start *s = arg;

    /* Out of our process group: Ctrl-C is for the platform, which then drains. */
    (void)setsid();
    /* When memory runs out the kernel is to end a tender and not the daemon. */
    (void)write_file("/proc/self/oom_score_adj", "500");
    if ((s->is_user_ns && map_user(s) < 0) || (s->is_ns_shared && enter(s->o->ns) < 0)) {
        s->is_ns_refused = true;
        _exit(127);
    }
    /* Both descriptors are above the places they go to, see start_one(). */
    if (place(s->sock, UF_CONTROL_FD) >= 0 && (s->kvm < 0 || place(s->kvm, UF_KVM_FD) >= 0))
        (void)execve(s->o->path, s->argv, s->envp);
    s->error = errno;
    _exit(127);
}

/* Signals stay blocked while the child borrows our stack and handlers. */
static pid_t clone_child(struct start *s, int flags)
{
    static char stack[STACK_SIZE] __attribute__((aligned(16)));
    sigset_t all;
    sigset_t old;

    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, &old);
    pid_t pid = clone(child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD | flags, s);
    int e = errno;
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    errno = e;
    return pid;
}

static pid_t start_one(struct start *s, int flags, struct uf_err *err)
{
    /* execve wants them writable. */
    static char name[] = "unifaas-tender";
    static char backend_option[] = "--backend";
    static char uid_option[] = "--uid";
    static char cpu_option[] = "--cpu";
    static char namespaces_option[] = "--namespaces";
    static char own[] = "own";
    static char shared[] = "shared";
    char backend[16];
    char uid[16];
    char cpu[16];
    char *argv[] = {name, backend_option, backend, uid_option, uid, cpu_option,
                    cpu,  NULL,           NULL,    NULL};

    (void)snprintf(backend, sizeof(backend), "%s", backend_word(s->o->backend));
    (void)snprintf(uid, sizeof(uid), "%u", (unsigned)s->o->uid);
    (void)snprintf(cpu, sizeof(cpu), "%d", s->o->cpu);
    if (flags != 0) {
        argv[7] = namespaces_option;
        argv[8] = (flags & CLONE_NEWNS) != 0 ? own : shared;
    }
    /* The guest's process is a fork of the tender that keeps nothing mapped;
     * the C library's restartable sequences would have the kernel write there. */
    static char no_rseq[] = "GLIBC_TUNABLES=glibc.pthread.rseq=0";
    char *envp[] = {no_rseq, NULL};

    s->argv = argv;
    s->envp = envp;
    s->error = 0;
    s->is_user_ns = (flags & CLONE_NEWUSER) != 0;
    s->is_ns_shared = flags != 0 && (flags & CLONE_NEWNS) == 0;
    s->is_ns_refused = false;
    pid_t pid = clone_child(s, flags);
    if (pid < 0)
        return -errno;
    if (s->error == 0 && !s->is_ns_refused)
        return pid;
    (void)waitpid(pid, NULL, 0);
    if (s->is_ns_refused)
        return -EPERM;
    return reason_fail(err, -s->error, reason_of_limit(-s->error), "cannot start %s", s->o->path);
}

/* A copy of fd that is out of the way of the tender's descriptors. */
static int move_up(int fd)
{
    int up = fcntl(fd, F_DUPFD_CLOEXEC, 16);
    int e = errno == EINVAL ? EMFILE : errno; /* the limit is below 16 */

    (void)close(fd);
    errno = e;
    return up;
}

static int open_kvm(struct uf_err *err)
{
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (fd >= 0)
        fd = move_up(fd);
    return fd >= 0 ? fd : reason_fail(err, -errno, reason_of_kvm(-errno), "no virtual machine");
}

int tender_start(struct tender *t, const struct tender_options *o, struct uf_err *err)
{
    int pair[2];
    UF_AUTO_FD int kvm = -1;

    *t = (struct tender){.sock = -1, .exchange = -1, .backend = o->backend};
    if (o->backend == BACKEND_KVM && (kvm = open_kvm(err)) < 0)
        return kvm;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return reason_fail(err, -errno, reason_of_limit(-errno),
                           "cannot make a socket for a tender");
    UF_AUTO_FD int ours = pair[0];
    UF_AUTO_FD int theirs = move_up(pair[1]);
    if (theirs < 0)
        return reason_fail(err, -errno, reason_of_limit(-errno),
                           "cannot make a socket for a tender");
    struct start s = {.o = o, .sock = theirs, .kvm = kvm, .uid = geteuid(), .gid = getegid()};
    int flags = CLONE_NEWPID;
    if (o->ns == NULL || o->ns->fd[0] < 0)
        flags |= EMPTY_NS | (geteuid() == 0 ? 0 : CLONE_NEWUSER);
    pid_t pid = start_one(&s, flags, err);
    if ((pid == -EPERM || pid == -ENOSPC || pid == -EINVAL || pid == -EUSERS) && s.error == 0)
        pid = start_one(&s, 0, err);
    if (pid < 0)
        return s.error != 0 ? (int)pid
                            : reason_fail(err, (int)pid, reason_of_limit((int)pid),
                                          "cannot start a process");
    t->pid = pid;
    t->sock = uf_take_fd(&ours);
    return 0;
}
