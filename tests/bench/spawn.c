// SPDX-License-Identifier: MIT
/*
 * spawn: how long a program takes, from posix_spawn() to wait: its output goes
 * nowhere. Prints the median and the 99th percentile in microseconds.
 *
 *	spawn TIMES PROGRAM [ARGUMENT...]
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/floors/floors.h"

static void once(char **argv, posix_spawn_file_actions_t *quiet, struct series *ns)
{
    uint64_t from = floors_now();
    int status = 0;
    pid_t pid;
    int r = posix_spawnp(&pid, argv[0], quiet, NULL, argv, environ);

    if (r != 0)
        errx(1, "%s: %s", argv[0], strerror(r));
    if (waitpid(pid, &status, 0) != pid || status != 0)
        errx(1, "%s: ended with wait status %#x", argv[0], (unsigned)status);
    series_add(ns, floors_now() - from);
}

int main(int argc, char **argv)
{
    posix_spawn_file_actions_t quiet;
    struct series ns = {.n = 0};
    int times = argc > 2 ? atoi(argv[1]) : 0;

    if (times < 1)
        errx(2, "usage: spawn TIMES PROGRAM [ARGUMENT...]");
    (void)posix_spawn_file_actions_init(&quiet);
    (void)posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (int i = 0; i < times; i++)
        once(argv + 2, &quiet, &ns);
    floors_print(&ns);
    (void)posix_spawn_file_actions_destroy(&quiet);
    series_fini(&ns);
}
