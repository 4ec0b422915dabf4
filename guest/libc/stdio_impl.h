// SPDX-License-Identifier: MIT
/*
 * stdio_impl.h: the part of musl's FILE that its back ends work on.
 *
 * The fields and their order are musl's own (src/internal/stdio_impl.h, the
 * same from 1.1 to 1.2.5); tests/guest/printf and scanf fail if they differ.
 */
#ifndef GUEST_LIBC_STDIO_IMPL_H
#define GUEST_LIBC_STDIO_IMPL_H

#include <stddef.h>

#define FILE_EOF 16u
#define FILE_ERR 32u

struct uf_file {
    unsigned flags;
    unsigned char *rpos, *rend;
    int (*close)(struct uf_file *);
    unsigned char *wend, *wpos;
    unsigned char *unused;
    unsigned char *wbase;
    size_t (*read)(struct uf_file *, unsigned char *, size_t);
    size_t (*write)(struct uf_file *, const unsigned char *, size_t);
    long (*seek)(struct uf_file *, long, int);
    unsigned char *buf;
    size_t buf_size;
    struct uf_file *prev, *next;
    int fd;
};

#endif
