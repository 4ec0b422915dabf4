// SPDX-License-Identifier: MIT
/* dw.c: see dw.h. */
#include "cli/build/dw.h"

#include <errno.h>
#include <stdbool.h>

const struct dw *dw_load(struct uf_err *err)
{
    static const struct lazy_call calls[] = {DW_CALLS(LAZY_ENTRY)};
    static const char *const files[] = {"libdw.so.1", NULL};
    static struct dw dw;
    static bool loaded;

    if (loaded)
        return &dw;
    /* libdw brings libelf: one handle finds the calls of both. */
    if (lazy_load(files, "libdw1 (Debian 13: libdw1t64)", calls, sizeof(calls) / sizeof(calls[0]),
                  &dw, err) < 0)
        return NULL;
    loaded = true;
    (void)dw.elf_version(EV_CURRENT);
    return &dw;
}
