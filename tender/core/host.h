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

#ifndef MADV_POPULATE_WRITE /* of Linux 5.14; not every C library knows it */
#define MADV_POPULATE_WRITE 23
#endif

/* Bytes. */
uint64_t host_page_size(void);

int host_file_size(int fd, uint64_t *out);

/* As ioctl(), which has the request as an int in musl, and extends its sign: the
 * filter knows it as the kernel's headers have it. */
int host_ioctl(int fd, unsigned long request, void *arg);

/* Nanoseconds of a clock. */
uint64_t host_clock(clockid_t id);

/* All of len bytes, or a negative errno (-EIO at the end of the file). */
int host_pread(int fd, void *dst, size_t len, uint64_t offset);
int host_pwrite(int fd, const void *src, size_t len, uint64_t offset);

#endif
