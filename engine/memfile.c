// SPDX-License-Identifier: MIT
/* memfile.c: see memfile.h. */
#include "engine/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/reason.h"

int memfile_make(const char *name, uint64_t size, struct uf_err *err)
{
    const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int code = fd < 0 ? -errno : 0;

    if (fd >= 0 && size != 0 &&
        (ftruncate(fd, (off_t)size) < 0 || fcntl(fd, F_ADD_SEALS, seals) < 0)) {
        code = -errno;
        (void)close(fd);
    }
    /* Its file system is memory. */
    if (code == -ENOSPC)
        code = -ENOMEM;
    return code == 0
               ? fd
               : reason_fail(err, code, reason_of_limit(code),
                             "cannot make a memory file of %llu bytes", (unsigned long long)size);
}
