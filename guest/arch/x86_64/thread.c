// SPDX-License-Identifier: MIT
/*
 * thread.c (x86_64): the block at the thread pointer.
 *
 * TLS variant II (psABI 1.0, 3.4.2): thread-local variables end at the thread
 * pointer, and musl's struct pthread starts there. Its first word points to
 * itself; the compiler finds the stack protector's value at byte 40.
 */
#include "guest/core/core.h"

extern uint64_t uf_thread_block[]; /* from the linker script */

#define SELF   0
#define CANARY 5

void uf_thread_start(void)
{
    uf_thread_block[SELF] = uf_addr(uf_thread_block);
}

void uf_thread_canary(uint64_t canary)
{
    /* The lowest byte is 0: a string that runs over can't write it back. */
    uf_thread_block[CANARY] = canary & ~UINT64_C(0xff);
}
