// SPDX-License-Identifier: MIT
/*
 * stdio.c: the back ends of musl's streams. stdout and stderr lead to the log,
 * stdin is empty, and there are no files.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "guest/core/core.h"
#include "guest/libc/stdio_impl.h"

#define MUSL __attribute__((visibility("hidden")))

MUSL size_t __stdio_write(struct uf_file *f, const unsigned char *buf, size_t len);
MUSL size_t __stdout_write(struct uf_file *f, const unsigned char *buf, size_t len);
MUSL size_t __stdio_read(struct uf_file *f, unsigned char *buf, size_t len);
MUSL long __stdio_seek(struct uf_file *f, long off, int whence);
MUSL int __stdio_close(struct uf_file *f);

static bool is_log(int fd)
{
    return fd == STDOUT_FILENO || fd == STDERR_FILENO;
}

/* First what the stream has buffered, then buf. */
size_t __stdio_write(struct uf_file *f, const unsigned char *buf, size_t len)
{
    if (!is_log(f->fd)) {
        errno = EBADF;
        f->wpos = f->wbase = f->wend = NULL;
        f->flags |= FILE_ERR;
        return 0;
    }
    uf_log_bytes(f->wbase, (size_t)(f->wpos - f->wbase));
    uf_log_bytes(buf, len);
    f->wend = f->buf + f->buf_size;
    f->wpos = f->wbase = f->buf;
    return len;
}

size_t __stdout_write(struct uf_file *f, const unsigned char *buf, size_t len)
{
    return __stdio_write(f, buf, len);
}

size_t __stdio_read(struct uf_file *f, unsigned char *buf, size_t len)
{
    (void)buf;
    (void)len;
    f->flags |= FILE_EOF;
    return 0;
}

long __stdio_seek(struct uf_file *f, long off, int whence)
{
    (void)f;
    (void)off;
    (void)whence;
    errno = ESPIPE;
    return -1;
}

int __stdio_close(struct uf_file *f)
{
    (void)f;
    return 0;
}

/* No file has any name here, and no descriptor is open but the usual three. */

static FILE *no_file(void)
{
    errno = ENOENT;
    return NULL;
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
    (void)path;
    (void)mode;
    return no_file();
}

FILE *freopen(const char *restrict path, const char *restrict mode, FILE *restrict f)
{
    (void)path;
    (void)mode;
    (void)f;
    return no_file();
}

FILE *tmpfile(void)
{
    return no_file();
}

static int no_path(void)
{
    errno = ENOENT;
    return -1;
}

int remove(const char *path)
{
    (void)path;
    return no_path();
}

int rename(const char *from, const char *to)
{
    (void)from;
    (void)to;
    return no_path();
}

int access(const char *path, int mode)
{
    (void)path;
    (void)mode;
    return no_path();
}

ssize_t write(int fd, const void *buf, size_t size)
{
    if (!is_log(fd)) {
        errno = EBADF;
        return -1;
    }
    uf_log_bytes(buf, size);
    return (ssize_t)size;
}

ssize_t read(int fd, void *buf, size_t size)
{
    (void)buf;
    (void)size;
    if (fd == STDIN_FILENO)
        return 0;
    errno = EBADF;
    return -1;
}

int isatty(int fd)
{
    errno = fd >= STDIN_FILENO && fd <= STDERR_FILENO ? ENOTTY : EBADF;
    return 0;
}
