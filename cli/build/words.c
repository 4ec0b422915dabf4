// SPDX-License-Identifier: MIT
/* words.c: see words.h. */
#include "cli/build/words.h"

#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cli/build/hold.h"

static void take(struct words *w, char *word)
{
    if (w->n + 2 > w->cap) {
        w->cap = w->cap * 2 + 16;
        w->at = xresize(w->at, w->cap, sizeof(w->at[0]));
    }
    w->at[w->n++] = word;
    w->at[w->n] = NULL;
}

void words_add(struct words *w, const char *fmt, ...)
{
    va_list ap;
    char *word;

    va_start(ap, fmt);
    int n = vasprintf(&word, fmt, ap);
    va_end(ap);
    if (n < 0)
        abort();
    take(w, word);
}

void words_split(struct words *w, const char *text)
{
    while (*(text += strspn(text, " \t")) != '\0') {
        size_t len = strcspn(text, " \t");

        words_add(w, "%.*s", (int)len, text);
        text += len;
    }
}

void words_fini(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        free(w->at[i]);
    free(w->at);
    *w = (struct words){0};
}

static void print(const struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        (void)fprintf(stderr, "%s%s", i > 0 ? " " : "", w->at[i]);
    (void)fputc('\n', stderr);
}

int words_run(const struct words *w, bool show, int out, int errors, struct uf_err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t mask;
    pid_t pid;
    int status;

    if (show)
        print(w);
    (void)fflush(stdout);
    (void)posix_spawn_file_actions_init(&actions);
    if (out >= 0)
        (void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (errors >= 0)
        (void)posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    if (w->dir != NULL)
        (void)posix_spawn_file_actions_addchdir_np(&actions, w->dir);
    hold_mask_of_child(&mask);
    (void)posix_spawnattr_init(&attr);
    (void)posix_spawnattr_setsigmask(&attr, &mask);
    (void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    int r = posix_spawnp(&pid, w->at[0], &actions, &attr, w->at, environ);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        return uf_fail(err, -r, "cannot run %s: %s", w->at[0], strerror(r));
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return uf_fail(err, -errno, "cannot wait for %s: %s", w->at[0], strerror(errno));
    if (hold_is_due())
        return uf_fail(err, -EINTR, "%s: interrupted", w->at[0]);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
