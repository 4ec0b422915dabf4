// SPDX-License-Identifier: MIT
/*
 * queue: how long queued events take, seen from outside.
 *
 *	queue drain PORT QUEUE EVENTS        from fewer than EVENTS in it until it is empty
 *	queue burst PORT QUEUE STEPS BODY    for i = 1 to STEPS: push 100 * i events at
 *	                                     once, wait until the queue is empty
 *	queue effect PORT QUEUE KEY TIMES    push one event, wait until KEY has counted it
 *
 * The first two print events per second, the last one the median and the 99th
 * percentile in microseconds. All of them look again and again, seldom enough for it
 * not to matter, and so they see everything a little later than it was.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "cli/floors/floors.h"
#include "tests/bench/client.h"

#define STEP_EVENTS 100u

/* Between two looks: one takes about 100 us of the daemon. */
#define LOOK_NS       UINT64_C(100000)
#define LOOK_DEPTH_NS UINT64_C(500000)
/* No queue is emptied faster than an event in so many ns, so there is no need to look
 * again before that. */
#define FASTEST_NS UINT64_C(5000)

/* A queue that takes longer than that to be empty never will be. */
#define PATIENCE_NS UINT64_C(300000000000)

static struct client client;

static void rest(uint64_t ns)
{
    const struct timespec t = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};

    (void)nanosleep(&t, NULL);
}

static void get(const char *path, int status)
{
    int got = client_ask(&client, "GET", path, NULL, 0);

    if (got != status && got != 200)
        errx(1, "%s: %.200s", path, client.text);
}

static uint64_t depth_of(const char *queue)
{
    char path[320];

    (void)snprintf(path, sizeof(path), "/system/queues/%s", queue);
    get(path, 200);
    return client_number(&client, "depth");
}

/* Wait until at most `most` events are there; the depth that was seen then. */
static uint64_t wait_for(const char *queue, uint64_t most)
{
    uint64_t end = floors_now() + PATIENCE_NS;
    uint64_t depth;

    while ((depth = depth_of(queue)) > most) {
        uint64_t pause = (depth - most) * FASTEST_NS;

        if (floors_now() > end)
            errx(1, "queue %s still has %llu events", queue, (unsigned long long)depth);
        rest(pause > LOOK_DEPTH_NS ? pause : LOOK_DEPTH_NS);
    }
    return depth;
}

static void print_rate(uint64_t events, uint64_t ns)
{
    printf("%.0f\n", (double)events * 1e9 / (double)ns);
}

static void drain(const char *queue, uint64_t events)
{
    uint64_t first = wait_for(queue, events - 1);
    uint64_t start = floors_now();

    (void)wait_for(queue, 0);
    print_rate(first, floors_now() - start);
}

static void push(const char *queue, const char *query, const char *body, size_t size)
{
    char path[320];

    (void)snprintf(path, sizeof(path), "/system/queues/%s%s", queue, query);
    if (client_ask(&client, "POST", path, body, size) != 202)
        errx(1, "%s: %.200s", path, client.text);
}

static void burst(const char *queue, uint64_t steps, const char *line)
{
    size_t len = strlen(line);
    char *body = xresize(NULL, (size_t)steps * STEP_EVENTS, len + 1);
    uint64_t events = 0;

    for (size_t i = 0; i < steps * STEP_EVENTS; i++) {
        memcpy(body + i * (len + 1), line, len);
        body[i * (len + 1) + len] = '\n';
    }
    uint64_t start = floors_now();
    for (uint64_t i = 1; i <= steps; i++) {
        push(queue, "?batch=1", body, (size_t)i * STEP_EVENTS * (len + 1));
        (void)wait_for(queue, 0);
        events += i * STEP_EVENTS;
    }
    print_rate(events, floors_now() - start);
    free(body);
}

static uint64_t count_of(const char *key)
{
    char path[320];

    (void)snprintf(path, sizeof(path), "/system/kv/%s", key);
    get(path, 404);
    return strtoull(client.body, NULL, 10);
}

/* From the push's first byte out until the answer that has the new value is in: that
 * one is on the disk. */
static void effect(const char *queue, const char *key, uint64_t times)
{
    uint64_t before = count_of(key);
    struct series ns = {.n = 0};

    for (uint64_t i = 1; i <= times; i++) {
        uint64_t start = floors_now();

        push(queue, "", key, strlen(key));
        while (count_of(key) < before + i) {
            if (floors_now() - start > PATIENCE_NS)
                errx(1, "event %llu has no effect", (unsigned long long)i);
            rest(LOOK_NS);
        }
        series_add(&ns, floors_now() - start);
    }
    floors_print(&ns);
    series_fini(&ns);
}

int main(int argc, char **argv)
{
    const char *what = argc > 4 ? argv[1] : "";
    const char *queue = argc > 4 ? argv[3] : "";

    if (argc > 4)
        client_open(&client, argv[2]);
    if (strcmp(what, "drain") == 0 && argc == 5)
        drain(queue, strtoull(argv[4], NULL, 10));
    else if (strcmp(what, "burst") == 0 && argc == 6)
        burst(queue, strtoull(argv[4], NULL, 10), argv[5]);
    else if (strcmp(what, "effect") == 0 && argc == 6)
        effect(queue, argv[4], strtoull(argv[5], NULL, 10));
    else
        errx(2, "usage: queue drain|burst|effect PORT QUEUE ..., see its first lines");
    client_close(&client);
}
