// SPDX-License-Identifier: MIT
/* arch.c: see arch.h. */
#include "engine/arch.h"

#include <stddef.h>
#include <string.h>
#include <sys/utsname.h>

#include "abi/image.h"

static const struct arch known[] = {
    {"x86_64", UF_EM_X86_64},
    {"aarch64", UF_EM_AARCH64},
};

#define NKNOWN (sizeof(known) / sizeof(known[0]))

const struct arch *arch_find(const char *name)
{
    for (size_t i = 0; i < NKNOWN; i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

const struct arch *arch_host(void)
{
    struct utsname u;

    return uname(&u) == 0 ? arch_find(u.machine) : NULL;
}

const char *arch_word(uint32_t machine)
{
    for (size_t i = 0; i < NKNOWN; i++)
        if (known[i].machine == machine)
            return known[i].name;
    return "unknown";
}
