// SPDX-License-Identifier: MIT
/* jail.c: see jail.h. The order matters: each step needs what the next drops. */
#include "tender/jail/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi/control.h"

#define LAST_CAPABILITY 63 /* room for more than any kernel has */

/*
 * Make an empty, read-only file system our root. It is mounted over /proc,
 * which always exists, and only in our own mount namespace: its mount is made
 * private first. Inside a chroot "/" is no mount point, and the kernel refuses
 * pivot_root; chroot does as well, since the capability to leave one goes away
 * right after. It is then ours alone, and not our mount namespace's, which is
 * told the platform.
 */
static int empty_root(uint32_t *flags)
{
    /* For pivot_root, which wants it so; where it fails, so will that. */
    (void)mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
    if (mount(NULL, "/proc", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/proc", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,mode=555") < 0 ||
        chdir("/proc") < 0)
        return -errno;
    if (syscall(SYS_pivot_root, ".", ".") == 0) {
        if (umount2(".", MNT_DETACH) < 0)
            return -errno;
    } else if (chroot(".") == 0) {
        *flags |= UF_READY_CHROOT;
    } else {
        return -errno;
    }
    if (chdir("/") < 0 || mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
        return errno == EINVAL || errno == EPERM ? 0 : -errno;
    return 0;
}

static int become(uid_t uid)
{
    if (setgroups(0, NULL) < 0 || setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
        return -errno;
    return 0;
}

/* While we still may: becoming another user takes that away as well. */
static int drop_bounding_set(void)
{
    for (unsigned long c = 0; c <= LAST_CAPABILITY; c++)
        if (prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0 && errno != EPERM)
            return errno == EINVAL ? 0 : -errno; /* beyond the kernel's last */
    return 0;
}

static int drop_capabilities(void)
{
    struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};

    if (syscall(SYS_capset, &h, none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    return 0;
}

static int limit(int what, rlim_t value)
{
    struct rlimit r = {.rlim_cur = value, .rlim_max = value};
    struct rlimit now;

    /* Never raise: a host may have given us less. */
    if (getrlimit(what, &now) == 0 && now.rlim_max < value)
        r.rlim_cur = r.rlim_max = now.rlim_max;
    return setrlimit(what, &r) < 0 ? -errno : 0;
}

static int limit_resources(void)
{
    int r = limit(RLIMIT_CORE, 0);

    if (r == 0)
        r = limit(RLIMIT_NOFILE, 32);
    if (r == 0)
        r = limit(RLIMIT_MEMLOCK, 0);
    /* The largest guest, its pristine copy, exchange and image. */
    if (r == 0)
        r = limit(RLIMIT_AS, (rlim_t)3 << 30);
    if (r == 0)
        r = limit(RLIMIT_FSIZE, (rlim_t)2 << 30); /* the largest snapshot, and some */
    return r;
}

/* Whatever was left open, the platform's terminal included. */
static void close_range_of(unsigned first, unsigned last)
{
    (void)syscall(SYS_close_range, first, last, 0u);
}

/* Leave the host's file system. Returns 0 or a negative errno. */
static int leave_files(enum jail_ns ns, uint32_t *degraded)
{
    switch (ns) {
    case JAIL_NS_SHARED:
        return setns(UF_MNT_FD, CLONE_NEWNS) < 0 ? -errno : 0;
    case JAIL_NS_OWN:
        if (empty_root(degraded) < 0)
            *degraded |= UF_DEGRADED_NO_EMPTY_ROOT;
        return 0;
    case JAIL_NS_NONE:
        *degraded |= UF_DEGRADED_NO_NAMESPACES | UF_DEGRADED_NO_EMPTY_ROOT;
        return 0;
    }
    return -EINVAL;
}

int jail_enter(const struct jail_options *o, int *proc, uint32_t *degraded, struct uf_err *err)
{
    close_range_of(0, UF_CONTROL_FD - 1);
    *proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*proc < 0)
        return uf_fail(err, -errno, "cannot open /proc: %s; is it mounted?", strerror(errno));
    int r = leave_files(o->ns, degraded);
    if (r < 0)
        return uf_fail(err, r, "cannot enter the empty mount namespace: %s", strerror(-r));
    close_range_of(UF_CONTROL_FD + o->keep_fds, ~0u);
    r = drop_bounding_set();
    if (r < 0)
        return uf_fail(err, r, "cannot drop the capability bounding set: %s", strerror(-r));
    if (o->uid != 0)
        r = become(o->uid);
    /* Root in name only, as in a container without CAP_SETUID. */
    if (o->uid == 0 || r == -EPERM) {
        *degraded |= UF_DEGRADED_SHARED_UID;
        r = 0;
    }
    if (r < 0)
        return uf_fail(err, r, "cannot become user %u: %s", (unsigned)o->uid, strerror(-r));
    r = drop_capabilities();
    if (r < 0)
        return uf_fail(err, r, "cannot drop capabilities: %s", strerror(-r));
    r = limit_resources();
    if (r < 0)
        return uf_fail(err, r, "cannot set resource limits: %s", strerror(-r));
    /* Becoming another user took our own page map away; jail_seal() takes it again. */
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? -errno : 0;
}

int jail_seal(const struct policy *p, pid_t guest, struct uf_err *err)
{
    struct sock_filter code[POLICY_MAX];
    struct sock_fprog prog = {.len = p->len, .filter = code};

    if (p->len > POLICY_MAX)
        return uf_fail(err, -E2BIG, "system call policy of %u instructions", p->len);
    memcpy(code, p->code, p->len * sizeof(code[0]));
    for (unsigned i = 0; i < p->len; i++)
        if (code[i].k == POLICY_GUEST_PID)
            code[i].k = (uint32_t)guest;
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0) < 0)
        return uf_fail(err, -errno, "cannot install the system call filter: %s", strerror(errno));
    return 0;
}
