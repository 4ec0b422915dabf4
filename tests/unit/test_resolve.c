// SPDX-License-Identifier: MIT
// LINK: daemon/fetch/resolve.c daemon/loop/loop.c daemon/loop/timers.c tests/fetch/names.c
// LINK: daemon/fetch/address.c
#include "daemon/fetch/resolve.h"

#include <netdb.h>
#include <string.h>
#include <unistd.h>

#include "base/owner.h"
#include "daemon/fetch/address.h"
#include "tests/fetch/names.h"
#include "tests/tap.h"

#define MS UINT64_C(1000000)

static struct loop loop;
static struct resolver resolver;

struct question {
    struct resolve resolve;
    int code;
    size_t n;
    char first[ADDRESS_TEXT];
    bool is_done;
};

static unsigned left;

static void on_done(struct resolve *w, const struct resolve_answer *a)
{
    struct question *q = UF_OWNER(w, struct question, resolve);

    CHECK(!q->is_done && w->lookup == NULL);
    q->is_done = true;
    q->code = a->code;
    q->n = a->n;
    if (a->n > 0)
        (void)address_format((const struct sockaddr *)&a->address[0], q->first);
    if (--left == 0)
        loop_stop(&loop);
}

static void ask(struct question *q, const char *host, const void *owner)
{
    *q = (struct question){.resolve.done = on_done};
    left++;
    resolver_ask(&resolver, &q->resolve, host, owner);
}

static void on_late(struct loop_timer *t)
{
    (void)t;
    loop_stop(&loop);
}

/* Until all have their answer, or for so long. */
static void run(uint64_t ns)
{
    struct loop_timer late = {.on_fire = on_late};

    if (left == 0)
        return;
    loop.is_stopping = false;
    loop_arm(&loop, &late, loop.now_ns + ns);
    CHECK(loop_run(&loop, NULL) == 0);
    loop_disarm(&loop, &late);
}

static void setup(void)
{
    left = 0;
    CHECK(loop_init(&loop, NULL) == 0);
    resolver_init(&resolver, &loop);
}

static void teardown(void)
{
    resolver_fini(&resolver);
    loop_fini(&loop);
}

static void a_name_has_its_addresses_in_order(void)
{
    struct question q;

    setup();
    names_set("a.test", "10.0.0.2 2001:db8::1 10.0.0.1");
    ask(&q, "a.test", NULL);
    run(5000 * MS);
    CHECK(q.is_done && q.code == 0 && q.n == 3 && strcmp(q.first, "10.0.0.2") == 0);
    teardown();
}

static void of_many_addresses_the_first_are_kept(void)
{
    struct question q;

    setup();
    names_set("many.test", "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7 "
                           "10.0.0.8 10.0.0.9");
    ask(&q, "many.test", NULL);
    run(5000 * MS);
    CHECK(q.code == 0 && q.n == RESOLVE_ADDRESSES && strcmp(q.first, "10.0.0.1") == 0);
    teardown();
}

static void what_is_known_is_not_asked_again_and_what_is_not_is(void)
{
    struct question q;
    unsigned before = names_asked();

    setup();
    names_set("b.test", "10.0.0.1");
    for (int i = 0; i < 3; i++) {
        ask(&q, "b.test", NULL);
        run(5000 * MS);
        CHECK(q.is_done && q.n == 1);
    }
    CHECK(names_asked() == before + 1);
    loop.now_ns += RESOLVE_KEEP_NS + 1;
    ask(&q, "b.test", NULL);
    CHECK(!q.is_done);
    run(5000 * MS);
    CHECK(names_asked() == before + 2);
    for (int i = 0; i < 2; i++) {
        ask(&q, "nobody.test", NULL);
        run(5000 * MS);
        CHECK(q.is_done && q.code == EAI_NONAME);
    }
    CHECK(names_asked() == before + 4);
    teardown();
}

static void no_more_names_are_kept_than_there_is_room_for(void)
{
    struct question q;
    char name[24];

    setup();
    names_set("*.any.test", "10.0.0.1");
    for (unsigned i = 0; i < RESOLVE_KNOWN_MAX + 8; i++) {
        (void)snprintf(name, sizeof(name), "n%u.any.test", i);
        ask(&q, name, NULL);
        run(5000 * MS);
        CHECK(q.code == 0 && q.n == 1 && resolver.nknown <= RESOLVE_KNOWN_MAX);
    }
    CHECK(resolver.nknown == RESOLVE_KNOWN_MAX);
    teardown();
}

static void questions_for_one_name_are_one_lookup(void)
{
    static struct question q[20];
    unsigned before = names_asked();

    setup();
    names_set("slow.test", NULL);
    for (size_t i = 0; i < 20; i++)
        ask(&q[i], "slow.test", NULL);
    run(50 * MS);
    CHECK(left == 20);
    names_release();
    run(5000 * MS);
    CHECK(left == 0 && names_asked() == before + 1);
    teardown();
}

static const char *const slow[] = {"s0.test", "s1.test", "s2.test", "s3.test", "s4.test",
                                   "s5.test", "s6.test", "s7.test", "s8.test", "s9.test",
                                   "sa.test", "sb.test", "sc.test", "sd.test", "se.test",
                                   "sf.test", "sg.test", "sh.test", "si.test", "sj.test"};
#define NSLOW (sizeof(slow) / sizeof(slow[0]))

static void who_asks_for_much_does_not_keep_others_waiting(void)
{
    static struct question q[NSLOW];
    struct question same; /* name as the other's, asked before */
    struct question other;
    int a;
    int b;

    setup();
    names_set("c.test", "10.0.0.1");
    for (size_t i = 0; i < NSLOW; i++) {
        names_set(slow[i], NULL);
        ask(&q[i], slow[i], &a);
    }
    CHECK(resolver.nasking == RESOLVE_THREADS_OWNER);
    ask(&same, "c.test", &a);
    CHECK(resolver.nasking == RESOLVE_THREADS_OWNER);
    ask(&other, "c.test", &b);
    CHECK(resolver.nasking == RESOLVE_THREADS_OWNER + 1);
    while (!other.is_done)
        run(10 * MS);
    CHECK(other.n == 1 && same.n == 1 && left == NSLOW);
    while (left > 0) {
        names_release();
        run(10 * MS);
    }
    teardown();
}

static void there_are_no_more_threads_than_there_may_be(void)
{
    static struct question q[NSLOW];
    static int owner[NSLOW];

    setup();
    for (size_t i = 0; i < NSLOW; i++)
        ask(&q[i], slow[i], &owner[i]);
    CHECK(resolver.nasking == RESOLVE_THREADS);
    while (left > 0) {
        names_release();
        run(10 * MS);
    }
    CHECK(names_most() <= RESOLVE_THREADS);
    teardown();
}

static void who_leaves_is_not_told_and_does_not_wait(void)
{
    struct question q;
    struct question stays;

    setup();
    names_set("slow.test", NULL);
    ask(&q, "slow.test", NULL);
    ask(&stays, "slow.test", NULL);
    resolver_leave(&resolver, &q.resolve);
    left--;
    resolver_leave(&resolver, &q.resolve);
    while (left > 0) {
        names_release();
        run(10 * MS);
    }
    CHECK(stays.is_done && !q.is_done);
    /* One that waits for its turn leaves nothing behind. */
    static struct question many[NSLOW];
    for (size_t i = 0; i < NSLOW; i++)
        ask(&many[i], slow[i], NULL);
    for (size_t i = 0; i < NSLOW; i++)
        resolver_leave(&resolver, &many[i].resolve);
    left = 0;
    CHECK(TAILQ_EMPTY(&resolver.waiting) && resolver.nasking == RESOLVE_THREADS_OWNER);
    teardown();
    /* The threads are still at work: they end by themselves, and free what is theirs. */
    names_release();
    (void)usleep(50000);
    names_release();
    (void)usleep(50000);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_name_has_its_addresses_in_order),
        TAP_CASE(of_many_addresses_the_first_are_kept),
        TAP_CASE(what_is_known_is_not_asked_again_and_what_is_not_is),
        TAP_CASE(no_more_names_are_kept_than_there_is_room_for),
        TAP_CASE(questions_for_one_name_are_one_lookup),
        TAP_CASE(who_asks_for_much_does_not_keep_others_waiting),
        TAP_CASE(there_are_no_more_threads_than_there_may_be),
        TAP_CASE(who_leaves_is_not_told_and_does_not_wait),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
