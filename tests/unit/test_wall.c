// SPDX-License-Identifier: MIT
// LINK: daemon/loop/loop.c daemon/loop/timers.c daemon/loop/wall.c
#include "daemon/loop/wall.h"

#include <time.h>

#include "tests/tap.h"

#define MS UINT64_C(1000000)

static struct loop loop;
static int nset;

static void on_set(struct wall *w)
{
    (void)w;
    nset++;
    loop_stop(&loop);
}

static void on_fire(struct loop_timer *t)
{
    (void)t;
    loop_stop(&loop);
}

/* Serve for a while, or until the clock is set. */
static int serve(void)
{
    struct loop_timer end = {.on_fire = on_fire};

    nset = 0;
    loop.is_stopping = false;
    loop_arm(&loop, &end, loop.now_ns + 50 * MS);
    CHECK(loop_run(&loop, NULL) == 0);
    loop_disarm(&loop, &end);
    return nset;
}

static void nothing_is_told_while_time_goes_on(void)
{
    struct wall w = {.on_set = on_set};
    struct uf_err err = {0};

    CHECK(loop_init(&loop, &err) == 0);
    CHECK(wall_start(&w, &loop, &err) == 0);
    CHECK(serve() == 0);
    wall_stop(&w);
    wall_stop(&w);
    loop_fini(&loop);
}

/* To what it is anyway: only who may set it can try this. */
static void every_setting_of_the_clock_is_told_once(void)
{
    struct wall w = {.on_set = on_set};
    struct timespec now;

    CHECK(loop_init(&loop, NULL) == 0);
    CHECK(wall_start(&w, &loop, NULL) == 0);
    for (int i = 0; i < 2; i++) {
        (void)clock_gettime(CLOCK_REALTIME, &now);
        if (clock_settime(CLOCK_REALTIME, &now) < 0)
            break;
        CHECK(serve() == 1);
        CHECK(serve() == 0);
    }
    wall_stop(&w);
    loop_fini(&loop);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(nothing_is_told_while_time_goes_on),
        TAP_CASE(every_setting_of_the_clock_is_told_once),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
