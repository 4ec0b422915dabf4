// SPDX-License-Identifier: MIT
/*
 * thread.c (aarch64): the block at the thread pointer.
 *
 * TLS variant I (ELF for the Arm 64-bit Architecture, "Thread Local Storage"):
 * the thread pointer is two words below the thread-local variables, and musl's
 * struct pthread ends at it; nothing in either needs a first value. The
 * compiler's stack protector compares with a global variable.
 */
#include "guest/core/core.h"

UF_HOT uint64_t __stack_chk_guard;

void uf_thread_start(void)
{
}

void uf_thread_canary(uint64_t canary)
{
    /* The lowest byte is 0: a string that runs over can't write it back. */
    __stack_chk_guard = canary & ~UINT64_C(0xff);
}
