// SPDX-License-Identifier: MIT
/* memfile.c: see memfile.h. */
#include "engine/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int memfile_make(const char *name, uint64_t size, struct uf_err *err)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int code;

    if (fd < 0)
        return uf_fail(err, -errno, "memfd_create: %s", strerror(errno));
    if (size == 0 || (ftruncate(fd, (off_t)size) == 0 && fcntl(fd, F_ADD_SEALS, seals) == 0))
        return fd;
    code = -errno;
    (void)close(fd);
    return uf_fail(err, code, "cannot make a memory file of %llu bytes: %s",
                   (unsigned long long)size, strerror(-code));
}
