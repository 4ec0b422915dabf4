// SPDX-License-Identifier: MIT
/* lazy.c: see lazy.h. */
#include "engine/lazy.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int lazy_load(const char *const *files, const char *package, const struct lazy_call *calls,
              size_t n, void *table, struct uf_err *err)
{
    void *lib = NULL;

    for (size_t i = 0; lib == NULL && files[i] != NULL; i++)
        lib = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
    if (lib == NULL)
        return uf_fail(err, -ELIBACC, "%s cannot be loaded; install the package %s (%s)", files[0],
                       package, dlerror());
    for (size_t i = 0; i < n; i++) {
        void *call = dlsym(lib, calls[i].name);

        if (call == NULL)
            return uf_fail(err, -ELIBACC, "%s has no %s; is the package %s too old?", files[0],
                           calls[i].name, package);
        /* POSIX: an object pointer from dlsym has the bits of the function's. */
        memcpy((char *)table + i * sizeof(call), &call, sizeof(call));
    }
    return 0;
}
