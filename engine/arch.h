// SPDX-License-Identifier: MIT
/*
 * arch.h: the architectures that images are built for, as data.
 */
#ifndef ENGINE_ARCH_H
#define ENGINE_ARCH_H

#include <stdint.h>

struct arch {
    const char *name; /* as uname and compilers say: "x86_64" */
    uint32_t machine; /* UF_EM_*                              */
};

/* The one with that name, or NULL. */
const struct arch *arch_find(const char *name);

/* This machine's own, or NULL when we know nothing of it. */
const struct arch *arch_host(void);

/* Name of an ELF machine number, or "unknown". */
const char *arch_word(uint32_t machine);

#endif
