// SPDX-License-Identifier: MIT
/*
 * jail.h: how a tender gives everything up.
 *
 * The platform starts it in a new PID namespace, and in network, IPC, UTS and
 * mount namespaces with nothing in them: new ones (and a user namespace when
 * not root), or those that an earlier tender made. jail_enter() takes the rest: an empty
 * root, a user of its own, no capabilities, no way to get any, small resource
 * limits. jail_seal() closes the list of system calls. Between the two the
 * machine is opened, because KVM ties a machine to the process that made it.
 */
#ifndef TENDER_JAIL_JAIL_H
#define TENDER_JAIL_JAIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

enum jail_ns {
    JAIL_NS_NONE,   /* the platform could not make any           */
    JAIL_NS_OWN,    /* made for us; the root is the host's still */
    JAIL_NS_SHARED, /* an earlier tender's; UF_MNT_FD is to be entered */
};

struct jail_options {
    enum jail_ns ns;
    unsigned keep_fds; /* descriptors from UF_CONTROL_FD on that are ours    */
    uid_t uid;         /* become this user and group; 0: stay who we are */
};

/*
 * Everything but the system call filter.
 *
 * proc      gets a directory descriptor of /proc; close it after use.
 * degraded  gets enum uf_degraded bits.
 */
int jail_enter(const struct jail_options *o, int *proc, uint32_t *degraded, struct uf_err *err);

/* A system call policy, made from tender/jail/policy at build time. */
struct policy {
    const struct sock_filter *code;
    unsigned short len;
};

extern const struct policy policy_kvm;   /* the tender with the kvm backend     */
extern const struct policy policy_proc;  /* the tender with the process backend */
extern const struct policy policy_guest; /* the process backend's guest         */

/* Stands for the guest's process id in a policy: see jail_seal(). */
#define POLICY_GUEST_PID UINT32_C(0x5fe1c41d)
#define POLICY_MAX       256u /* instructions */

/*
 * No system call but the policy's, from here on.
 *
 * guest  process id that the policy's $guest stands for; 0 when it has none.
 */
int jail_seal(const struct policy *p, pid_t guest, struct uf_err *err);

#endif
