// SPDX-License-Identifier: MIT
/*
 * machine: how long it takes to make an empty virtual machine and run it to its
 * first exit, far apart, as requests that start cold are: with caches that
 * others have used meanwhile and a processor that slept. Prints the median and
 * the 99th percentile in microseconds.
 *
 *	machine TIMES PAUSE_MS
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "cli/floors/bare.h"
#include "cli/floors/floors.h"

static void once(const struct bare_image *g, struct series *ns)
{
    uint64_t from = floors_now();
    struct uf_err e;
    struct bare b;

    if (bare_init(&b, g, &e) < 0 || bare_run(&b, &e) < 0)
        errx(1, "%s", e.msg);
    series_add(ns, floors_now() - from);
    bare_fini(&b);
}

int main(int argc, char **argv)
{
    struct series ns = {.n = 0};
    struct bare_image g;
    struct uf_err e;
    int times = argc == 3 ? atoi(argv[1]) : 0;

    if (times < 1)
        errx(2, "usage: machine TIMES PAUSE_MS");
    long pause_ms = atol(argv[2]);
    const struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
    if (bare_image_init(&g, 0, &e) < 0)
        errx(1, "%s", e.msg);
    for (int i = 0; i < times; i++) {
        (void)nanosleep(&pause, NULL);
        once(&g, &ns);
    }
    bare_image_fini(&g);
    floors_print(&ns);
    series_fini(&ns);
}
