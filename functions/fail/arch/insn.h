// SPDX-License-Identifier: MIT
/* insn.h: an instruction that only an operating system's kernel may execute. */
#ifndef FUNCTIONS_FAIL_ARCH_INSN_H
#define FUNCTIONS_FAIL_ARCH_INSN_H

#if defined(__x86_64__)
#define PRIVILEGED "hlt"
#elif defined(__aarch64__)
#define PRIVILEGED "msr vbar_el1, xzr"
#endif

#endif
