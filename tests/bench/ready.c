// SPDX-License-Identifier: MIT
/*
 * ready: how long a daemon takes until it serves, and what it holds then.
 *
 *	ready TIMES PROGRAM [ARGUMENT...]
 *
 * Starts the program, reads the port that it says it listens on, asks for /healthz,
 * and looks at its PSS a second later; then ends it, and waits for its end. Prints the
 * median and the 99th percentile in microseconds, from exec to the first 200, and the
 * median of PSS in kB. What the program says goes to stderr.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/floors/floors.h"
#include "tests/bench/client.h"

#define SETTLE_S 1u

static struct client client;

/* Its output can be read from *out. */
static pid_t start(char **argv, FILE **out)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        err(1, "pipe");
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
            _exit(126);
        (void)execv(argv[0], argv);
        _exit(127);
    }
    (void)close(ends[1]);
    *out = fdopen(ends[0], "r");
    return pid;
}

static void read_port(FILE *out, char port[static 8])
{
    char line[512];

    while (fgets(line, sizeof(line), out) != NULL) {
        const char *at = strstr(line, "listening on http://127.0.0.1:");

        (void)fputs(line, stderr);
        if (at == NULL)
            continue;
        (void)snprintf(port, 8, "%s", strrchr(at, ':') + 1);
        port[strcspn(port, "\n")] = '\0';
        return;
    }
    errx(1, "it ended without listening");
}

static uint64_t pss_of(pid_t pid)
{
    char path[64];
    char line[128];
    uint64_t kb = 0;

    (void)snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)pid);
    FILE *f = fopen(path, "re");
    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, "Pss:", 4) == 0)
            kb = strtoull(line + 4, NULL, 10);
    if (kb == 0)
        errx(1, "%s says nothing", path);
    (void)fclose(f);
    return kb;
}

static void once(char **argv, struct series *ns, struct series *pss)
{
    char port[8] = "";
    FILE *out = NULL;
    int status = 0;
    uint64_t from = floors_now();
    pid_t pid = start(argv, &out);

    read_port(out, port);
    client_open(&client, port);
    if (client_ask(&client, "GET", "/healthz", NULL, 0) != 200)
        errx(1, "not 200: %.200s", client.text);
    series_add(ns, floors_now() - from);
    client_close(&client);
    (void)sleep(SETTLE_S);
    series_add(pss, pss_of(pid));
    (void)kill(pid, SIGTERM);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        errx(1, "it ended with wait status %#x", (unsigned)status);
    (void)fclose(out);
}

int main(int argc, char **argv)
{
    struct series ns = {.n = 0};
    struct series pss = {.n = 0};
    int times = argc > 2 ? atoi(argv[1]) : 0;

    if (times < 1)
        errx(2, "usage: ready TIMES PROGRAM [ARGUMENT...]");
    for (int i = 0; i < times; i++)
        once(argv + 2, &ns, &pss);
    printf("%.1f %.1f %llu\n", (double)series_permille(&ns, 500) / 1e3,
           (double)series_permille(&ns, 990) / 1e3, (unsigned long long)series_permille(&pss, 500));
    series_fini(&ns);
    series_fini(&pss);
}
