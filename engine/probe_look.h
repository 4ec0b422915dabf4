// SPDX-License-Identifier: MIT
/*
 * probe_look.h: between the files that probe. A look fills in one line of the
 * report: what was found and, when it is not ok, how to mend it.
 */
#ifndef ENGINE_PROBE_LOOK_H
#define ENGINE_PROBE_LOOK_H

#include <stddef.h>
#include <sys/types.h>

#include "engine/probe.h"
#include "engine/probe_text.h"
#include "engine/reason.h"

#define PROBE_VM_SLOW_US 2000 /* above this, making a VM is worth a word */

void probe_good(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void probe_bad(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void probe_mend(struct probe *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Bad, for a reason of the table. */
void probe_because(struct probe *p, enum reason r);

/* Bad, for the reason behind a negative errno, or with this text and errno's. */
void probe_limit(struct probe *p, int code, const char *text);

/* A file's first cap - 1 bytes, NUL-terminated; its length, or -1. */
ssize_t probe_read(const char *path, char *buf, size_t cap);

/* A file that holds one number; -1 when it is not there. */
long probe_number(const char *path);

/* probe_kvm.c */
void look_kvm(struct probe *p);
void look_vm_cost(struct probe *p);

/* probe_kernel.c */
void look_kernel(struct probe *p);
void look_page_size(struct probe *p);
void look_pagemap_scan(struct probe *p);
void look_namespaces(struct probe *p);
void look_seccomp(struct probe *p);
void look_ptrace(struct probe *p);
void look_memfd(struct probe *p);
void look_cgroups(struct probe *p);
void look_memory(struct probe *p);
void look_files(struct probe *p);
void look_processes(struct probe *p);

/* probe_state.c */
void look_state(struct probe *p);

#endif
