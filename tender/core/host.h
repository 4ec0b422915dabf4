// SPDX-License-Identifier: MIT
/*
 * host.h: the few facts about this host that the tender asks for, each one
 * system call that stays allowed after lock-down.
 */
#ifndef TENDER_CORE_HOST_H
#define TENDER_CORE_HOST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* The ELF machine number that this tender was built for. */
uint32_t host_machine(void);

/* Bytes. */
uint64_t host_page_size(void);

int host_file_size(int fd, uint64_t *out);

/* Nanoseconds of a clock. */
uint64_t host_clock(clockid_t id);

/* All of len bytes, or a negative errno (-EIO at the end of the file). */
int host_pread(int fd, void *dst, size_t len, uint64_t offset);
int host_pwrite(int fd, const void *src, size_t len, uint64_t offset);

#endif
