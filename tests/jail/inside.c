// SPDX-License-Identifier: MIT
/*
 * inside.c: a tender that looks around in its jail, for tests/e2e/42-jail.sh.
 *
 * Linked in the place of session.c and of the system call filters: it has gone
 * through everything that a tender goes through, but may make any call. What
 * it can reach, it says in an ERROR frame: what namespaces, users and limits
 * hold back is seen here, without the filter that stands in front of them.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"
#include "tender/core/frames.h"
#include "tender/core/session.h"
#include "tender/jail/jail.h"

static const struct sock_filter anything[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
const struct policy policy_kvm = {.code = anything, .len = 1};
const struct policy policy_proc = {.code = anything, .len = 1};
const struct policy policy_guest = {.code = anything, .len = 1};

#define PIDS 5000 /* process ids that are tried; a namespace counts from 1 */
#define FDS  1024

static struct session *self;

static bool is_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static bool root_has_a_file(void)
{
    DIR *d = opendir("/");
    const struct dirent *e;
    int n = 0;

    if (d == NULL)
        return true;
    while ((e = readdir(d)) != NULL)
        n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    (void)closedir(d);
    return n > 0;
}

static bool a_file_opens(void)
{
    return is_open("/proc/self/status", O_RDONLY) || is_open("/etc/passwd", O_RDONLY) ||
           is_open("/dev/kvm", O_RDWR) || is_open("/dev/null", O_RDONLY) ||
           is_open("../etc/passwd", O_RDONLY) || is_open("../../proc/1/mem", O_RDONLY);
}

static bool a_file_is_made(void)
{
    return is_open("/new", O_RDWR | O_CREAT) || is_open(".", O_RDWR | O_TMPFILE) ||
           mkdir("/folder", 0700) == 0 || symlink("/", "/link") == 0;
}

static bool a_mount_is_made(void)
{
    return mount("none", "/", "tmpfs", 0, NULL) == 0 || mount("none", "/", "proc", 0, NULL) == 0 ||
           mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL) == 0 || umount2("/", MNT_DETACH) == 0;
}

static bool root_changes(void)
{
    return chroot("/") == 0 || syscall(SYS_pivot_root, ".", ".") == 0;
}

/* The process backend has one other process, its guest; KVM may have a thread of this
 * one, which recovers huge pages and runs no code of anyone's. */
static bool is_own(pid_t p)
{
    return p == self->machine->guest || syscall(SYS_tgkill, getpid(), p, 0) == 0;
}

static bool another_process_is_there(void)
{
    int n = 0;

    for (pid_t p = 1; p < PIDS; p++)
        n += !is_own(p) && (kill(p, 0) == 0 || errno != ESRCH);
    return n > 0 || getppid() != 0;
}

static bool another_process_is_traced(void)
{
    for (pid_t p = 1; p < PIDS; p++)
        if (!is_own(p) && ptrace(PTRACE_SEIZE, p, 0, 0) == 0)
            return true;
    return false;
}

static bool a_network_is_there(void)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct ifreq lo = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool is_up = ioctl(fd, SIOCGIFFLAGS, &lo) == 0 && (lo.ifr_flags & IFF_UP) != 0;
    bool is_reached = connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0;
    bool has_more = false;

    for (int i = 2; i < 64; i++) {
        struct ifreq other = {.ifr_ifindex = i};

        has_more =
            has_more || (ioctl(fd, SIOCGIFNAME, &other) == 0 &&
                         ioctl(fd, SIOCGIFFLAGS, &other) == 0 && (other.ifr_flags & IFF_UP) != 0);
    }
    (void)close(fd);
    return is_up || is_reached || has_more;
}

static bool a_capability_is_left(void)
{
    struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct d[2] = {{0}};

    if (syscall(SYS_capget, &h, d) < 0)
        return true;
    for (int i = 0; i < 2; i++)
        if ((d[i].effective | d[i].permitted | d[i].inheritable) != 0)
            return true;
    for (unsigned long c = 0; c < 64; c++)
        if (prctl(PR_CAPBSET_READ, c) > 0 ||
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, c, 0, 0) > 0)
            return true;
    return false;
}

static bool privileges_may_grow(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
}

static bool others_may_look_into_it(void)
{
    return prctl(PR_GET_DUMPABLE) != 0;
}

/* In a user namespace of its own it is called 0, which means nothing. */
static bool it_becomes_another_user(void)
{
    uid_t r, e, s;

    if (getresuid(&r, &e, &s) < 0 || r != e || e != s)
        return true;
    return setresuid(e + 1, e + 1, e + 1) == 0 || (e != 0 && setresuid(0, 0, 0) == 0) ||
           setgroups(0, NULL) == 0;
}

static bool a_limit_is_larger(void)
{
    static const struct {
        int what;
        rlim_t most;
    } all[] = {{RLIMIT_CORE, 0},
               {RLIMIT_NOFILE, 32},
               {RLIMIT_MEMLOCK, 0},
               {RLIMIT_AS, (rlim_t)3 << 30},
               {RLIMIT_FSIZE, (rlim_t)2 << 30}};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct rlimit l;
        struct rlimit more = {all[i].most + 1, all[i].most + 1};

        if (getrlimit(all[i].what, &l) < 0 || l.rlim_max > all[i].most ||
            setrlimit(all[i].what, &more) == 0)
            return true;
    }
    return false;
}

/* Its socket, the page map, and with kvm the machine and its processor. */
static bool a_descriptor_too_many_is_open(void)
{
    int most = self->machine->guest != 0 ? 2 : 4;
    int n = 0;

    for (int fd = 0; fd < FDS; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n > most;
}

static bool the_environment_tells_something(void)
{
    int n = 0;

    for (char **e = environ; *e != NULL; e++)
        n += strncmp(*e, "GLIBC_TUNABLES=", 15) != 0;
    return n > 0;
}

int session_serve(struct session *s, uint32_t degraded)
{
#define LOOK(fn) \
    {            \
        fn, #fn  \
    }
    static const struct {
        bool (*is_so)(void);
        const char *name;
    } all[] = {LOOK(root_has_a_file),
               LOOK(a_file_opens),
               LOOK(a_file_is_made),
               LOOK(a_mount_is_made),
               LOOK(root_changes),
               LOOK(another_process_is_there),
               LOOK(another_process_is_traced),
               LOOK(a_network_is_there),
               LOOK(a_capability_is_left),
               LOOK(privileges_may_grow),
               LOOK(others_may_look_into_it),
               LOOK(it_becomes_another_user),
               LOOK(a_limit_is_larger),
               LOOK(a_descriptor_too_many_is_open),
               LOOK(the_environment_tells_something)};
    struct uf_frame f = {.type = UF_FRAME_ERROR, .code = -EPROTO};
    struct text t = text_over(f.text, sizeof(f.text));
    const size_t n = sizeof(all) / sizeof(all[0]);

    const struct uf_frame ready = {.type = UF_FRAME_READY, .flags = degraded};

    self = s;
    (void)frames_send(&ready);
    text_add(&t, "looked %zu times, lacking 0x%x:", n,
             degraded & ~(UF_DEGRADED_NO_PAGEMAP_SCAN | UF_READY_CHROOT));
    for (size_t i = 0; i < n; i++)
        if (all[i].is_so())
            text_add(&t, " %s", all[i].name);
    (void)frames_send(&f);
    return UF_TENDER_EXIT_PROTOCOL;
}
