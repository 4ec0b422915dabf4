// SPDX-License-Identifier: MIT
/*
 * probe_text.h: what the kernel's text files and error numbers mean for us.
 * Pure: text in, answer out, so that every kind of machine fits in a test.
 */
#ifndef ENGINE_PROBE_TEXT_H
#define ENGINE_PROBE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* "6.1.0-13-amd64" is 6001; 0 when it is no kernel release. */
unsigned probe_release(const char *release);

/* Is word one of the blank-separated words of list? */
bool probe_has_word(const char *list, const char *word);

/* The processor's virtualisation by a /proc/cpuinfo: "vmx", "svm" or "". */
const char *probe_cpu_virt(const char *cpuinfo);

/* By a /proc/self/mounts: "v2", "v1", "v1 and v2" or "none". */
const char *probe_cgroups(const char *mounts);

/* What is known about KVM here. */
struct probe_kvm_facts {
    int error;         /* 0, or the errno of opening /dev/kvm                  */
    const char *virt;  /* probe_cpu_virt()                                     */
    bool is_arm;       /* aarch64: cpuinfo says nothing there                  */
    bool has_pvm;      /* the kvm_pvm module is loaded                         */
    bool is_guest;     /* this machine is itself virtual (hypervisor flag)     */
    bool is_container; /* we run in a container                                */
};

/* Kind of a KVM that works, in words: exits, and who does the paging. */
const char *probe_kvm_kind(const struct probe_kvm_facts *f);

/* What is wrong with /dev/kvm, and how to mend it; f->error is not 0. */
const char *probe_kvm_wrong(const struct probe_kvm_facts *f);
const char *probe_kvm_mend(const struct probe_kvm_facts *f);

/* How to allow user namespaces, by the sysctls that may forbid them; a value
 * below 0 means that the kernel has no such sysctl. */
struct probe_userns_facts {
    long unprivileged_clone; /* kernel.unprivileged_userns_clone              */
    long max;                /* user.max_user_namespaces                      */
    long apparmor;           /* kernel.apparmor_restrict_unprivileged_userns  */
};
const char *probe_userns_mend(const struct probe_userns_facts *f);

#endif
