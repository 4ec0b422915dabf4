// SPDX-License-Identifier: MIT
/*
 * unifaas-tender: owns one guest, and nothing else in the world.
 *
 * The order below is the security argument. Until jail_seal() no byte of a
 * guest has been read; after it the process can do no more than its policy
 * says (tender/jail/policy), holds no capability, and sees no file.
 *
 *	1. options, from the platform that started us
 *	2. jail_enter: empty root, own user, no capabilities, resource limits
 *	3. the machine: a VM and its vCPU, which has run the door page's start once, or a
 *	   stopped process
 *	4. jail_seal: the list of system calls closes
 *	5. session_serve: snapshots, events, guest code
 *
 * Started by the platform only: the control socket is descriptor 3, /dev/kvm
 * is descriptor 4 (kvm backend), a mount namespace to enter is descriptor 5.
 */
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tender/core/alarm.h"
#include "tender/core/frames.h"
#include "tender/core/session.h"
#include "tender/jail/jail.h"

struct options {
    struct jail_options jail;
    bool is_kvm;
    int cpu; /* -1: any */
};

static const char usage[] =
    "usage: unifaas-tender --backend kvm|process [--uid N] [--cpu N]\n"
    "                      [--namespaces own|shared]\n"
    "Started by unifaasd and unifaas run, which hold the other end of descriptor 3.\n";

static int parse(struct options *o, int argc, char **argv)
{
    static const struct option longs[] = {
        {"backend", required_argument, NULL, 'b'},
        {"uid", required_argument, NULL, 'u'},
        {"cpu", required_argument, NULL, 'c'},
        {"namespaces", required_argument, NULL, 'n'},
        {NULL, 0, NULL, 0},
    };
    const char *backend = "";
    int c;

    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1)
        switch (c) {
        case 'b':
            backend = optarg;
            break;
        case 'u':
            o->jail.uid = (uid_t)strtoul(optarg, NULL, 10);
            break;
        case 'c':
            o->cpu = (int)strtol(optarg, NULL, 10);
            break;
        case 'n':
            o->jail.ns = strcmp(optarg, "own") == 0 ? JAIL_NS_OWN : JAIL_NS_SHARED;
            break;
        default:
            return -1;
        }
    o->is_kvm = strcmp(backend, "kvm") == 0;
    o->jail.keep_fds = o->is_kvm ? 2 : 1;
    return optind == argc && (o->is_kvm || strcmp(backend, "process") == 0) ? 0 : -1;
}

static void pin(int cpu, bool is_kvm)
{
    cpu_set_t set;

    /* The process backend's tender waits whenever its guest runs: on one
     * processor they take turns, on two every turn wakes the other one up. */
    if (cpu < 0 && !is_kvm)
        cpu = sched_getcpu();
    if (cpu < 0 || cpu >= CPU_SETSIZE)
        return;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    /* For speed only: a processor that is not there leaves us where we are. */
    (void)sched_setaffinity(0, sizeof(set), &set);
}

/* Steps 2 to 4. Returns 0 with *s ready to serve. */
static int set_up(struct session *s, const struct options *o, uint32_t *degraded,
                  struct uf_err *err)
{
    int proc = -1;
    int r = jail_enter(&o->jail, &proc, degraded, err);

    /* Becoming another user clears this, so it comes after. */
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (r == 0)
        r = o->is_kvm ? kvm_open(&s->machine, proc, err) : proc_open(&s->machine, proc, err);
    if (s->machine == NULL)
        return r;
    *degraded |= s->machine->lacks;
    if (r < 0)
        return r;
    (void)close(proc);
    s->machine->pages.can_scan = pages_can_scan(s->machine->pages.fd);
    if (!s->machine->pages.can_scan)
        *degraded |= UF_DEGRADED_NO_PAGEMAP_SCAN;
    r = alarm_init();
    if (r < 0)
        return uf_fail(err, r, "cannot install the alarm: %s", strerror(-r));
    r = jail_seal(o->is_kvm ? &policy_kvm : &policy_proc, s->machine->guest, err);
    if (r < 0)
        *degraded |= UF_DEGRADED_NO_SECCOMP;
    return r;
}

int main(int argc, char **argv)
{
    static struct session session;
    struct options o = {.cpu = -1};
    struct uf_err err = {0};
    uint32_t degraded = 0;

    /* Whoever started us blocked all signals for as long as we were it. */
    sigset_t none;
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (parse(&o, argc, argv) < 0) {
        (void)fputs(usage, stderr);
        return UF_TENDER_EXIT_USAGE;
    }
    pin(o.cpu, o.is_kvm);
    if (set_up(&session, &o, &degraded, &err) < 0) {
        struct uf_frame f = {.type = UF_FRAME_ERROR, .code = err.code, .flags = degraded};

        (void)snprintf(f.text, sizeof(f.text), "%s", err.msg);
        (void)frames_send(&f);
        return UF_TENDER_EXIT_SETUP;
    }
    /* _exit: after the seal there is nothing that atexit handlers could do. */
    _exit(session_serve(&session, degraded));
}
