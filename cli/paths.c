// SPDX-License-Identifier: MIT
/* paths.c: see paths.h. */
#include "cli/paths.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct companion {
    const char *what;
    const char *variable; /* of the environment                     */
    const char *beside;   /* relative to the program's folder       */
    const char *fixed;
    const char *probe; /* what must be there, below the path; or "" */
    int mode;          /* for access(2)                             */
};

static bool usable(const struct companion *c, const char *path)
{
    char probe[2 * PATH_MAX + 32];

    (void)snprintf(probe, sizeof(probe), "%s%s", path, c->probe);
    return access(probe, c->mode) == 0;
}

/* The folder of the running program, or "" when the kernel doesn't say. */
static void program_dir(char out[static PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);

    out[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(out, '/');
    if (slash != NULL)
        *slash = '\0';
}

static int locate(const struct companion *c, char out[static PATH_MAX], struct uf_err *err)
{
    const char *named = getenv(c->variable);
    char dir[PATH_MAX];
    char beside[2 * PATH_MAX];

    if (named != NULL && *named != '\0') {
        if (!usable(c, named) || strlen(named) >= PATH_MAX)
            return uf_fail(err, -ENOENT, "%s is not at %s, where $%s points", c->what, named,
                           c->variable);
        (void)snprintf(out, PATH_MAX, "%s", named);
        return 0;
    }
    program_dir(dir);
    (void)snprintf(beside, sizeof(beside), "%s/%s", dir, c->beside);
    const char *found = usable(c, beside) ? beside : usable(c, c->fixed) ? c->fixed : NULL;
    if (found == NULL || strlen(found) >= PATH_MAX)
        return uf_fail(err, -ENOENT, "%s is neither at %s nor at %s; set $%s", c->what, beside,
                       c->fixed, c->variable);
    if (realpath(found, out) == NULL)
        return uf_fail(err, -errno, "%s: %s", found, strerror(errno));
    return 0;
}

int paths_sdk(char out[static PATH_MAX], struct uf_err *err)
{
    static const struct companion sdk = {
        "the SDK", "UNIFAAS_SDK", "../sdk", UF_PREFIX "/lib/unifaas/sdk", "/include/unifaas.h",
        R_OK};

    return locate(&sdk, out, err);
}

int paths_tender(char out[static PATH_MAX], struct uf_err *err)
{
    static const struct companion tender = {"the program unifaas-tender",
                                            "UNIFAAS_TENDER",
                                            "unifaas-tender",
                                            UF_PREFIX "/lib/unifaas/unifaas-tender",
                                            "",
                                            X_OK};

    return locate(&tender, out, err);
}
