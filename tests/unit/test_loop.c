// SPDX-License-Identifier: MIT
// LINK: daemon/loop/loop.c daemon/loop/timers.c
#include "daemon/loop/loop.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/owner.h"
#include "tests/tap.h"

#define MS UINT64_C(1000000)
#define N  200

static struct loop loop;

struct tick {
    struct loop_timer timer;
    int nr;
};

static int fired[N + 1];
static int nfired;
static int stop_at;

static void on_fire(struct loop_timer *t)
{
    fired[nfired++] = UF_OWNER(t, struct tick, timer)->nr;
    if (nfired == stop_at)
        loop_stop(&loop);
}

static void timers_fire_in_the_order_of_their_time(void)
{
    static struct tick ticks[N];

    CHECK(loop_init(&loop, NULL) == 0);
    nfired = 0;
    stop_at = N;
    for (int i = 0; i < N; i++) {
        int at = i * 37 % N; /* N and 37 have no common divisor */

        ticks[i] = (struct tick){.timer.on_fire = on_fire, .nr = at};
        loop_arm(&loop, &ticks[i].timer, loop.now_ns + (uint64_t)at * 1000);
    }
    CHECK(loop_run(&loop, NULL) == 0);
    CHECK(nfired == N);
    for (int i = 0; i < nfired; i++)
        CHECK(fired[i] == i);
    CHECK(loop.ntimers == 0);
    loop_fini(&loop);
}

static void a_disarmed_timer_does_not_fire(void)
{
    static struct tick ticks[N];
    int left = 0;

    CHECK(loop_init(&loop, NULL) == 0);
    nfired = 0;
    for (int i = 0; i < N; i++) {
        ticks[i] = (struct tick){.timer.on_fire = on_fire, .nr = i};
        loop_arm(&loop, &ticks[i].timer, loop.now_ns + (uint64_t)(i * 61 % N) * 1000);
    }
    for (int i = 0; i < N; i++) {
        if (i % 3 != 0)
            loop_disarm(&loop, &ticks[i].timer);
        else
            left++;
    }
    loop_disarm(&loop, &ticks[1].timer);
    stop_at = left;
    CHECK(loop_run(&loop, NULL) == 0);
    CHECK(nfired == left);
    for (int i = 0; i < nfired; i++)
        CHECK(fired[i] % 3 == 0);
    loop_fini(&loop);
}

static void an_armed_timer_moves(void)
{
    struct tick a = {.timer.on_fire = on_fire, .nr = 1};
    struct tick b = {.timer.on_fire = on_fire, .nr = 2};

    CHECK(loop_init(&loop, NULL) == 0);
    nfired = 0;
    stop_at = 2;
    loop_arm(&loop, &a.timer, loop.now_ns + 1000);
    loop_arm(&loop, &b.timer, loop.now_ns + 2000);
    loop_arm(&loop, &a.timer, loop.now_ns + 3000);
    CHECK(loop_run(&loop, NULL) == 0);
    CHECK(nfired == 2 && fired[0] == 2 && fired[1] == 1);
    loop_fini(&loop);
}

static void no_timer_is_early(void)
{
    struct tick a = {.timer.on_fire = on_fire};

    CHECK(loop_init(&loop, NULL) == 0);
    nfired = 0;
    stop_at = 1;
    uint64_t want = loop.now_ns + 3 * MS + 1;
    loop_arm(&loop, &a.timer, want);
    CHECK(loop_run(&loop, NULL) == 0);
    CHECK(loop.now_ns >= want);
    loop_fini(&loop);
}

static struct loop_fd readers[2];
static int pipes[2][2];
static int nread;

/* Whoever is served first removes the other, whose event is in the same round. */
static void remove_other(struct loop_fd *w, uint32_t events)
{
    struct loop_fd *other = w == &readers[0] ? &readers[1] : &readers[0];

    CHECK((events & EPOLLIN) != 0);
    nread++;
    loop_unwatch(&loop, other);
    (void)memset(other, 0xff, sizeof(*other));
    loop_unwatch(&loop, w);
    loop_stop(&loop);
}

static void a_removed_watch_is_not_served_in_the_same_round(void)
{
    CHECK(loop_init(&loop, NULL) == 0);
    nread = 0;
    for (int i = 0; i < 2; i++) {
        CHECK(pipe(pipes[i]) == 0);
        readers[i] = (struct loop_fd){.on_ready = remove_other, .fd = pipes[i][0]};
        CHECK(loop_watch(&loop, &readers[i], EPOLLIN, NULL) == 0);
        CHECK(write(pipes[i][1], "x", 1) == 1);
    }
    CHECK(loop_run(&loop, NULL) == 0);
    CHECK(nread == 1);
    for (int i = 0; i < 4; i++)
        (void)close(pipes[i / 2][i % 2]);
    loop_fini(&loop);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(timers_fire_in_the_order_of_their_time),
        TAP_CASE(a_disarmed_timer_does_not_fire),
        TAP_CASE(an_armed_timer_moves),
        TAP_CASE(no_timer_is_early),
        TAP_CASE(a_removed_watch_is_not_served_in_the_same_round),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
