// SPDX-License-Identifier: MIT
/*
 * thread.c: locks and signals inside musl. There is one thread and there are
 * no signals, so there is nothing to wait for and nothing to block.
 */
#include "guest/libc/stdio_impl.h"

#define MUSL __attribute__((visibility("hidden")))

MUSL void __lock(volatile int *l);
MUSL void __unlock(volatile int *l);
MUSL int __lockfile(struct uf_file *f);
MUSL void __unlockfile(struct uf_file *f);
MUSL void __block_all_sigs(void *set);
MUSL void __block_app_sigs(void *set);
MUSL void __restore_sigs(void *set);

void __lock(volatile int *l)
{
    (void)l;
}

void __unlock(volatile int *l)
{
    (void)l;
}

/* 0: there is nothing to unlock afterwards. */
int __lockfile(struct uf_file *f)
{
    (void)f;
    return 0;
}

void __unlockfile(struct uf_file *f)
{
    (void)f;
}

void __block_all_sigs(void *set)
{
    (void)set;
}

void __block_app_sigs(void *set)
{
    (void)set;
}

void __restore_sigs(void *set)
{
    (void)set;
}
