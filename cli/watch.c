// SPDX-License-Identifier: MIT
/* watch.c: see watch.h. */
#include "cli/watch.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cli/build/bundler.h"
#include "cli/build/project.h"
#include "cli/files.h"

#define DEPTH_MAX 8u /* as deep as scripts are looked for */
#define MASK      ((uint32_t)(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO))

static bool is_folder_of_ours(const char *name)
{
    return name[0] != '.' && strcmp(name, "node_modules") != 0;
}

/* Watch a folder and those in it. NOLINTNEXTLINE(misc-no-recursion): depth ends it */
static int add(const struct watch *w, const char *dir, unsigned depth, struct uf_err *err)
{
    struct dirent *e;
    int r = 0;

    if (inotify_add_watch(w->fd, dir, MASK | IN_ONLYDIR) < 0)
        return uf_fail(err, -errno, "%s: cannot be watched: %s", dir, strerror(errno));
    DIR *d = depth > 0 ? opendir(dir) : NULL;
    while (d != NULL && r == 0 && (e = readdir(d)) != NULL) {
        char path[PATH_MAX];

        if (is_folder_of_ours(e->d_name) &&
            snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) < (int)sizeof(path) &&
            file_is_dir(path) && !file_is_link(path))
            r = add(w, path, depth - 1, err);
        /* What is gone again was seen by the watch above it. */
        if (r == -ENOENT || r == -ENOTDIR)
            r = 0;
    }
    if (d != NULL)
        (void)closedir(d);
    return r;
}

/* "a/b.js" lies in "a", "b.js" in ".". */
static int add_folder_of(const struct watch *w, const char *path, struct uf_err *err)
{
    const char *slash = strrchr(path, '/');
    char dir[PATH_MAX];

    if (slash == NULL)
        return add(w, ".", 0, err);
    (void)snprintf(dir, sizeof(dir), "%.*s", slash == path ? 1 : (int)(slash - path), path);
    return add(w, dir, 0, err);
}

int watch_open(struct watch *w, const char *path, struct uf_err *err)
{
    bool is_dir = file_is_dir(path);

    *w = (struct watch){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (w->fd < 0)
        return uf_fail(err, -errno, "inotify: %s", strerror(errno));
    if (!is_dir && !bundler_is_typescript(path))
        w->only = file_base(path);
    int r = is_dir ? add(w, path, DEPTH_MAX, err) : add_folder_of(w, path, err);
    if (r < 0)
        watch_close(w);
    return r;
}

static bool counts(const struct watch *w, const struct inotify_event *e)
{
    if ((e->mask & IN_Q_OVERFLOW) != 0)
        return true;
    if (e->len == 0)
        return false;
    if (w->only != NULL)
        return strcmp(e->name, w->only) == 0 && (e->mask & IN_CREATE) == 0;
    if ((e->mask & IN_ISDIR) != 0)
        return is_folder_of_ours(e->name);
    /* A file that was created is closed later. */
    return (e->mask & IN_CREATE) == 0 && e->name[0] != '.' && project_is_input(e->name);
}

bool watch_take(struct watch *w)
{
    alignas(struct inotify_event) char buf[4096];
    bool some = false;
    ssize_t n;

    while ((n = read(w->fd, buf, sizeof(buf))) > 0)
        for (const char *at = buf; at < buf + n;) {
            const struct inotify_event *e = (const void *)at;

            some = counts(w, e) || some;
            at += sizeof(*e) + e->len;
        }
    return some;
}

void watch_close(struct watch *w)
{
    if (w->fd >= 0)
        (void)close(w->fd);
    w->fd = -1;
}
