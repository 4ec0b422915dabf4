// SPDX-License-Identifier: MIT
/*
 * cgi: a process for every request, as CGI has it: spawned, its output read to
 * the end, waited for.
 *
 *	cgi PROGRAM
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/serve.h"

#define FD_MAX 4096

struct worker {
    pid_t pid;
    int connection;
};

struct cgi {
    char *program;
    struct worker worker[FD_MAX]; /* by the descriptor of its output */
};

static void on_request(struct serve *s, int connection)
{
    struct cgi *c = s->owner;
    char *argv[] = {c->program, NULL};
    char *envp[] = {NULL};
    posix_spawn_file_actions_t actions;
    int out[2];
    pid_t pid;

    if (pipe2(out, O_CLOEXEC) < 0 || out[0] >= FD_MAX)
        err(1, "pipe");
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    if (posix_spawn(&pid, c->program, &actions, NULL, argv, envp) != 0)
        errx(1, "cannot start %s", c->program);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(out[1]);
    c->worker[out[0]] = (struct worker){.pid = pid, .connection = connection};
    serve_watch(s, out[0], (uint32_t)out[0]);
}

static void on_ready(struct serve *s, uint32_t tag)
{
    const struct cgi *c = s->owner;
    const struct worker *w = &c->worker[tag];
    char text[1024];
    size_t size = 0;
    ssize_t n;

    while (size < sizeof(text) && (n = read((int)tag, text + size, sizeof(text) - size)) > 0)
        size += (size_t)n;
    (void)close((int)tag);
    (void)waitpid(w->pid, NULL, 0);
    serve_answer(w->connection, text, size);
}

int main(int argc, char **argv)
{
    static struct cgi c;
    struct serve s = {.on_request = on_request, .on_ready = on_ready, .owner = &c};

    if (argc != 2)
        errx(2, "usage: cgi PROGRAM");
    c.program = argv[1];
    serve_init(&s);
    serve_run(&s);
}
