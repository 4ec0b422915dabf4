// SPDX-License-Identifier: MIT
/* probe_state.c: can the daemon keep functions where it would? */
#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/probe_look.h"
#include "engine/statedir.h"

/* Some images, their snapshots and the registry. */
#define STATE_WANT (UINT64_C(16) << 20) /* bytes */

/* Cut path to what is there of it: the rest is made by the daemon. */
static void find_existing(char *path)
{
    while (access(path, F_OK) < 0 && errno == ENOENT) {
        char *slash = strrchr(path, '/');

        if (slash == NULL || slash == path)
            return;
        *slash = '\0';
    }
}

void look_state(struct probe *p)
{
    char path[PATH_MAX];
    struct statvfs fs;

    statedir_default(path);
    find_existing(path);
    if (access(path, W_OK | X_OK) < 0 && reason_of_disk(-errno) != REASON_NONE) {
        probe_because(p, reason_of_disk(-errno));
        return;
    }
    if (statvfs(path, &fs) < 0)
        return;
    unsigned long long left = (unsigned long long)fs.f_bavail * fs.f_frsize;
    if (left < STATE_WANT)
        probe_because(p, REASON_DISK_FULL);
    else
        probe_good(p, "%.100s, %llu MiB are free there", path, left >> 20);
}
