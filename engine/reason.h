// SPDX-License-Identifier: MIT
/*
 * reason.h: why something is not as it could be, and the way out. The daemon,
 * the command line, /system/info and the doctor take their words from this one
 * table, so that what one of them says can be looked up with the others, and
 * in docs/operations.md.
 */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

#include <stdbool.h>
#include <stdint.h>

#include "abi/control.h"
#include "base/err.h"

/* X(NAME, words, how to mend it) */
#define REASONS(X)                                                                              \
    /* The platform does without; enum uf_degraded has a bit for each. */                       \
    X(NO_NAMESPACES, "no user namespaces: the jail has no namespaces of its own",               \
      "start unifaasd as root, or let users and containers make namespaces")                    \
    X(NO_EMPTY_ROOT, "no mount namespace: the jail sees the host's files (not opens)",          \
      "start unifaasd as root, or let users and containers make namespaces and mount")          \
    X(NO_PAGEMAP_SCAN, "no PAGEMAP_SCAN (Linux 6.7): restores read the page map",               \
      "a newer kernel; everything works without, a little slower")                              \
    X(SHARED_UID, "not started as root: tenders share the daemon's user",                       \
      "start unifaasd as root, which gives each tender a user of its own and needs CAP_SETUID") \
    /* A tender does not start. */                                                              \
    X(NO_PTRACE, "tracing is forbidden: the process backend cannot work",                       \
      "set kernel.yama.ptrace_scope to 1 or 2 in /etc/sysctl.d and reboot, or use KVM")         \
    X(NO_SECCOMP, "no system call filter: no tender runs without",                              \
      "a kernel with CONFIG_SECCOMP_FILTER; in a container, a profile that allows it")          \
    X(KVM_MISSING, "there is no /dev/kvm", "load kvm_intel or kvm_amd, or --backend process")   \
    X(KVM_FORBIDDEN, "/dev/kvm is there, but this user may not open it",                        \
      "join its group, then log in again: sudo usermod -aG kvm $USER")                          \
    X(KVM_EMPTY, "/dev/kvm is there, but no KVM is behind it",                                  \
      "load kvm_intel or kvm_amd, or --backend process")                                        \
    X(KVM_BUSY, "KVM is busy: another hypervisor has the processor's virtualisation",           \
      "end it (VirtualBox, VMware), or --backend process")                                      \
    X(KVM_UNUSABLE, "/dev/kvm cannot be used", "a newer kernel, or --backend process")          \
    /* A limit is reached; what waits goes on when it is no longer. */                          \
    X(FILES, "no file descriptor is left", "raise LimitNOFILE= in the unit, or ulimit -n")      \
    X(MACHINE_FILES, "this machine has no open file left", "sudo sysctl fs.file-max=1000000")   \
    X(PROCESSES, "no more processes are allowed", "raise TasksMax= in the unit, or ulimit -u")  \
    X(MEMORY, "the kernel gives no more memory",                                                \
      "end something, lower --memory-budget, or raise its limit: MemoryMax= in the unit, "      \
      "ulimit -v, sysctl vm.overcommit_memory=0")                                               \
    X(KILLED, "killed from outside, as the kernel does when memory runs out",                   \
      "end something, lower --memory-budget, or raise MemoryMax= in the unit")                  \
    /* What is deployed goes on; nothing can be deployed or removed. */                         \
    X(DISK_FULL, "the disk of the state directory is full", "make room there")                  \
    X(READ_ONLY, "the state directory is read-only",                                            \
      "mount it writable, or give unifaasd another --state-dir")                                \
    X(STATE_FORBIDDEN, "the state directory belongs to another user",                           \
      "start unifaasd as that user, or give it another --state-dir")                            \
    X(DISK_ERROR, "the disk of the state directory fails",                                      \
      "see dmesg; put a copy of the state directory on another one")                            \
    X(DAMAGED, "the database is damaged",                                                       \
      "put a copy in its place, without its -wal; docs/operations.md")

enum reason {
    REASON_NONE,
#define X(name, words, mend) REASON_##name,
    REASONS(X)
#undef X
        NREASONS
};

/* Never NULL; "" for REASON_NONE. */
const char *reason_words(enum reason r);
const char *reason_mend(enum reason r);

/* The reason behind a negative errno of a system call that asks for descriptors,
 * memory or a process; REASON_NONE for others. */
enum reason reason_of_limit(int code);

/* Likewise for one on a file of the state directory. */
enum reason reason_of_disk(int code);

/* Likewise for one of opening or using /dev/kvm. */
enum reason reason_of_kvm(int code);

/* One of enum uf_degraded's bits; REASON_NONE for what is none. */
enum reason reason_of_degraded(uint32_t bit);

/*
 * uf_fail(), with the reason and the way out after what failed:
 *
 *	WHAT: WORDS; to mend: MEND
 *
 * With REASON_NONE the text of errno takes their place.
 */
int reason_fail(struct uf_err *err, int code, enum reason r, const char *what, ...)
    __attribute__((format(printf, 4, 5)));

/* Why a tender sent an ERROR frame; REASON_NONE when it is not this machine's. */
enum reason reason_of_tender(const struct uf_frame *f, bool is_kvm);

/* Add it to the text of the frame. */
void reason_explain(struct uf_frame *f, bool is_kvm);

#endif
