// SPDX-License-Identifier: MIT
/*
 * watch.h: has a function's code changed? By inotify(7).
 *
 * Of a folder every file counts that an image can depend on, in folders of it too, but
 * not what npm installs there. Of a file that file counts, and beside TypeScript, which
 * may import them, the others of its folder.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include <stdbool.h>

#include "base/err.h"

struct watch {
    int fd;           /* readable when something has happened */
    const char *only; /* the name that counts; NULL: all      */
};

/* path stays the caller's. Folders that come later are not watched: open another one
 * before this is closed, and nothing is missed. */
int watch_open(struct watch *w, const char *path, struct uf_err *err);

/* Take what has happened, without waiting. Did any of it count? */
bool watch_take(struct watch *w);

void watch_close(struct watch *w);

#endif
