// SPDX-License-Identifier: MIT
/*
 * bare_path: the floor under an invocation over HTTP. A responder hands every
 * request over an eventfd to another process, which restores a bare machine
 * (cli/floors/bare.h), runs it and wakes the responder, which answers.
 *
 *	bare_path INSTANCES
 *
 * What is the same as in the product: a process for each machine, two wake-ups,
 * one entry and one exit, as many written pages as the benchmark's function
 * writes, found and copied back before each run. What is missing is all that we
 * add: an HTTP library, names, limits, timers, events, results that are
 * checked, a jail, a library OS.
 */
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/floors/bare.h"
#include "cli/floors/floors.h"
#include "tests/bench/serve.h"

#define INSTANCES_MAX 64
#define WAITING_MAX   4096 /* a power of two */
#define AREA          65536

struct instance {
    int go;
    int done;
    char *area;     /* shared: where the answer is */
    int connection; /* that it works for; -1: idle */
};

struct bare_path {
    struct instance instance[INSTANCES_MAX];
    int n;
    int waiting[WAITING_MAX];
    unsigned head;
    unsigned tail;
};

__attribute__((noreturn)) static void work(const struct instance *i)
{
    struct bare_image image;
    struct bare b;
    struct uf_err e;
    eventfd_t v;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (bare_image_init(&image, FLOORS_PAGES, &e) < 0 || bare_init(&b, &image, &e) < 0)
        errx(1, "%s", e.msg);
    while (eventfd_read(i->go, &v) == 0) {
        if (bare_restore(&b, &e) < 0 || bare_run(&b, &e) < 0)
            errx(1, "%s", e.msg);
        memcpy(i->area, "no", 2);
        if (eventfd_write(i->done, 1) < 0)
            break;
    }
    _exit(0);
}

static void start(struct serve *s, struct instance *i, uint32_t tag)
{
    i->go = eventfd(0, EFD_CLOEXEC);
    i->done = eventfd(0, EFD_CLOEXEC);
    i->area = mmap(NULL, AREA, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    i->connection = -1;
    if (i->go < 0 || i->done < 0 || i->area == MAP_FAILED)
        err(1, "cannot start an instance");
    pid_t pid = fork();
    if (pid < 0)
        err(1, "fork");
    if (pid == 0)
        work(i);
    serve_watch(s, i->done, tag);
}

/* Give what waits to who is idle. */
static void dispatch(struct bare_path *p)
{
    for (int i = 0; i < p->n && p->head != p->tail; i++) {
        if (p->instance[i].connection >= 0)
            continue;
        p->instance[i].connection = p->waiting[p->head++ % WAITING_MAX];
        (void)eventfd_write(p->instance[i].go, 1);
    }
}

static void on_request(struct serve *s, int connection)
{
    struct bare_path *p = s->owner;

    p->waiting[p->tail++ % WAITING_MAX] = connection;
    dispatch(p);
}

static void on_ready(struct serve *s, uint32_t tag)
{
    struct bare_path *p = s->owner;
    struct instance *i = &p->instance[tag];
    eventfd_t v;
    int connection = i->connection;

    (void)eventfd_read(i->done, &v);
    i->connection = -1;
    serve_answer(connection, i->area, 2);
    dispatch(p);
}

int main(int argc, char **argv)
{
    static struct bare_path p;
    struct serve s = {.on_request = on_request, .on_ready = on_ready, .owner = &p};

    p.n = argc == 2 ? atoi(argv[1]) : 0;
    if (p.n < 1 || p.n > INSTANCES_MAX)
        errx(2, "usage: bare_path INSTANCES (1 to %d)", INSTANCES_MAX);
    serve_init(&s);
    for (int i = 0; i < p.n; i++)
        start(&s, &p.instance[i], (uint32_t)i);
    serve_run(&s);
}
