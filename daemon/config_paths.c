// SPDX-License-Identifier: MIT
/* config_paths.c: defaults that come from the machine and the user. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "daemon/config.h"

static bool take(char out[static PATH_MAX], const char *path)
{
    return access(path, X_OK) == 0 && realpath(path, out) != NULL;
}

int config_find_tender(char out[static PATH_MAX], struct uf_err *err)
{
    static const char installed[] = UF_PREFIX "/lib/unifaas/unifaas-tender";
    const char *named = getenv("UNIFAAS_TENDER");
    char beside[PATH_MAX + 32];
    ssize_t n;

    if (named != NULL && named[0] != '\0')
        return take(out, named)
                   ? 0
                   : uf_fail(err, -ENOENT, "UNIFAAS_TENDER names %s, which is no program", named);
    n = readlink("/proc/self/exe", beside, PATH_MAX - 1);
    beside[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(beside, '/');
    if (slash != NULL) {
        (void)snprintf(slash, sizeof(beside) - (size_t)(slash - beside), "/unifaas-tender");
        if (take(out, beside))
            return 0;
    }
    if (take(out, installed))
        return 0;
    return uf_fail(err, -ENOENT,
                   "there is no unifaas-tender beside this program nor at %s; say where with "
                   "--tender PATH",
                   installed);
}

uint64_t config_half_of_memory(void)
{
    struct sysinfo s;

    if (sysinfo(&s) < 0)
        return UINT64_C(256) << 20;
    return (uint64_t)s.totalram * s.mem_unit / 2;
}
