// SPDX-License-Identifier: MIT
/*
 * request: how long single requests take that come far apart: from the first
 * byte out to the last byte in, on a connection that exists. Prints the median
 * and the 99th percentile in microseconds.
 *
 *	request PORT PATH TIMES PAUSE_MS [BODY]
 *
 * An answer other than 200 ends it: a failure is no time.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/floors/floors.h"
#include "tests/bench/client.h"

static void once(struct client *c, const char *path, const char *body, struct series *ns)
{
    uint64_t from = floors_now();
    int status = body != NULL ? client_ask(c, "POST", path, body, strlen(body))
                              : client_ask(c, "GET", path, NULL, 0);

    series_add(ns, floors_now() - from);
    if (status != 200)
        errx(1, "not 200: %.200s", c->text);
}

int main(int argc, char **argv)
{
    static struct client c;
    struct series ns = {.n = 0};
    int times = argc == 5 || argc == 6 ? atoi(argv[3]) : 0;

    if (times < 1)
        errx(2, "usage: request PORT PATH TIMES PAUSE_MS [BODY]");
    long pause_ms = atol(argv[4]);
    const struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000};
    client_open(&c, argv[1]);
    for (int i = 0; i < times; i++) {
        (void)nanosleep(&pause, NULL);
        once(&c, argv[2], argv[5], &ns);
    }
    client_close(&c);
    floors_print(&ns);
    series_fini(&ns);
}
