// SPDX-License-Identifier: MIT
/* probe_kvm.c: is there a KVM that we can use, of what kind, how quick? */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/probe.h"
#include "engine/probe_look.h"
#include "engine/reason.h"

#define KVM_API 12
#define ROUNDS  5

/* What the tender builds on; without one of them it would fail later. */
static const struct need {
    int cap;
    const char *name;
    bool only_x86;
} needs[] = {
    {KVM_CAP_USER_MEMORY, "KVM_CAP_USER_MEMORY", false},
    {KVM_CAP_READONLY_MEM, "KVM_CAP_READONLY_MEM", false},
    {KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT", false},
    {KVM_CAP_ONE_REG, "KVM_CAP_ONE_REG", false},
    {KVM_CAP_SYNC_REGS, "KVM_CAP_SYNC_REGS", true},
};

static bool is_arm(void)
{
    struct utsname u;

    return uname(&u) == 0 && strcmp(u.machine, "aarch64") == 0;
}

static bool is_container(void)
{
    char line[256];

    return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
           probe_read("/run/systemd/container", line, sizeof(line)) > 0;
}

static void learn(struct probe_kvm_facts *f, int error)
{
    static char cpuinfo[16384];

    if (probe_read("/proc/cpuinfo", cpuinfo, sizeof(cpuinfo)) < 0)
        cpuinfo[0] = '\0';
    *f = (struct probe_kvm_facts){
        .error = error,
        .virt = probe_cpu_virt(cpuinfo),
        .is_arm = is_arm(),
        .has_pvm = access("/sys/module/kvm_pvm", F_OK) == 0,
        .is_guest = probe_has_word(cpuinfo, "hypervisor"),
        .is_container = is_container(),
    };
}

/* The descriptor of a /dev/kvm with all that we need, or a negative errno. */
static int open_usable(struct uf_err *err)
{
    struct probe_kvm_facts f;
    UF_AUTO_FD int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

    if (kvm < 0) {
        int code = -errno;

        learn(&f, -code);
        return uf_fail(err, code, "%s; to mend: %s", probe_kvm_wrong(&f), probe_kvm_mend(&f));
    }
    if (ioctl(kvm, KVM_GET_API_VERSION, 0) != KVM_API)
        return uf_fail(err, -ENOTSUP, "/dev/kvm does not speak KVM's API %d", KVM_API);
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        bool skipped = (needs[i].only_x86 && is_arm()) ||
                       /* Says nothing on x86, where nothing needs it. */
                       (needs[i].cap == KVM_CAP_ONE_REG && !is_arm());
        if (!skipped && ioctl(kvm, KVM_CHECK_EXTENSION, needs[i].cap) <= 0)
            return uf_fail(err, -ENOTSUP, "this kernel's KVM has no %s; to mend: a newer kernel",
                           needs[i].name);
    }
    return uf_take_fd(&kvm);
}

static int64_t now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Make a virtual machine with a processor, and let it go. Microseconds of the
 * making, or a negative errno. */
static int64_t make_one(int kvm)
{
    int64_t start = now_us();
    UF_AUTO_FD int vm = ioctl(kvm, KVM_CREATE_VM, 0);

    if (vm < 0)
        return -errno;
    UF_AUTO_FD int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
    return vcpu < 0 ? -errno : now_us() - start;
}

int probe_kvm(struct uf_err *err)
{
    UF_AUTO_FD int kvm = open_usable(err);

    if (kvm < 0)
        return kvm;
    int64_t r = make_one(kvm);
    if (r < 0)
        return reason_fail(err, (int)r, reason_of_kvm((int)r), "KVM makes no virtual machine");
    return 0;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void look_kvm(struct probe *p)
{
    struct probe_kvm_facts f;
    struct uf_err err = {0};
    int r = probe_kvm(&err);

    learn(&f, -r);
    if (r == 0) {
        probe_good(p, "%s", probe_kvm_kind(&f));
        return;
    }
    if (r == -ENOTSUP) {
        /* It opens and yet does not do: the sentence says what is amiss. */
        probe_bad(p, "%s", err.msg);
        probe_mend(p, "functions run as confined processes meanwhile");
        return;
    }
    probe_bad(p, "%s", probe_kvm_wrong(&f));
    probe_mend(p, "%s", probe_kvm_mend(&f));
}

void look_vm_cost(struct probe *p)
{
    int64_t took[ROUNDS];
    UF_AUTO_FD int kvm = open_usable(NULL);

    if (kvm < 0) {
        probe_good(p, "not measured: there is no KVM to use");
        return;
    }
    for (int i = 0; i < ROUNDS; i++) {
        took[i] = make_one(kvm);
        if (took[i] < 0) {
            probe_good(p, "not measured: there is no KVM to use");
            return;
        }
    }
    qsort(took, ROUNDS, sizeof(took[0]), by_size);
    int64_t median = took[ROUNDS / 2];
    if (median <= PROBE_VM_SLOW_US) {
        probe_good(p, "%lld us for a machine and its processor (median of %d)", (long long)median,
                   ROUNDS);
        return;
    }
    probe_bad(p, "%lld us for a machine and its processor (median of %d): slow", (long long)median,
              ROUNDS);
    probe_mend(p,
               "x86: kvm.nx_huge_pages=never on the kernel's command line, or mount cgroup2 with "
               "favordynmods; a larger --pool hides it");
}
