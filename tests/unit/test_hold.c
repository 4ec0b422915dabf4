// SPDX-License-Identifier: MIT
// LINK: daemon/invoke/hold.c daemon/store/commit.c daemon/loop/loop.c daemon/loop/timers.c
// LIBS: libsodium
/*
 * test_hold.c: who holds a key, who waits for it, and what he gets. The store and the
 * rest of the transaction are played here.
 */
#include "daemon/invoke/hold.h"

#include <stdio.h>
#include <string.h>

#include "daemon/invoke/invoke.h"
#include "tests/tap.h"

#define N 4

static struct loop loop;
static struct invoker invoker;
static struct invoke all[N];

/* Who went on, in their order, and with which value. */
static char went[64];

void txn_go_on(struct invoke *i, const struct host_request *h, const struct commit_write *w)
{
    size_t n = strlen(went);

    (void)snprintf(went + n, sizeof(went) - n, "%d:%.4s=%.*s ", (int)(i - all), h->name,
                   w == NULL ? 1 : (int)w->size, w == NULL ? "?" : (const char *)w->data);
}

/* Only their addresses are used. */
int kv_set(struct db *db, const char *s, const char *k, const struct kv_new *v, struct uf_err *e)
{
    (void)db;
    (void)s;
    (void)k;
    (void)v;
    (void)e;
    return 0;
}

int kv_delete(struct db *db, const char *s, const char *k, struct uf_err *e)
{
    (void)db;
    (void)s;
    (void)k;
    (void)e;
    return 0;
}

// NOLINTNEXTLINE(readability-non-const-parameter): as kv.h has it
int kv_version(struct db *db, const char *s, const char *k, uint64_t *v, struct uf_err *e)
{
    (void)db;
    (void)s;
    (void)k;
    (void)v;
    (void)e;
    return 0;
}

// NOLINTNEXTLINE(readability-non-const-parameter): likewise
int kv_digest(struct db *db, const char *s, const char *p, uint64_t *out, struct uf_err *e)
{
    (void)db;
    (void)s;
    (void)p;
    (void)out;
    (void)e;
    return 0;
}

static void begin(void)
{
    memset(all, 0, sizeof(all));
    invoker = (struct invoker){.loop = &loop};
    went[0] = '\0';
    for (int i = 0; i < N; i++) {
        all[i].invoker = &invoker;
        commit_init(&all[i].txn.commit, i == 3 ? "elsewhere" : "here");
    }
}

static void end(void)
{
    for (int i = 0; i < N; i++)
        hold_release(&all[i], NULL);
    CHECK(invoker.holds.tree == NULL && loop.ntimers == 0);
}

static bool take(int i, const char *key)
{
    struct host_request h = {.op = UF_OP_KV_INCR};

    (void)snprintf(h.name, sizeof(h.name), "%s", key);
    return hold_take(&all[i], &h);
}

static void a_free_key_is_taken_and_a_held_one_waited_for(void)
{
    begin();
    CHECK(take(0, "a") && take(0, "a") && !take(1, "a") && take(2, "b"));
    hold_release(&all[0], NULL);
    CHECK(strcmp(went, "1:a=? ") == 0);
    end();
}

static void the_same_key_elsewhere_is_another(void)
{
    begin();
    CHECK(take(0, "a") && take(3, "a"));
    end();
}

static void those_that_wait_go_on_in_their_order(void)
{
    begin();
    CHECK(take(0, "a") && !take(1, "a") && !take(2, "a"));
    hold_release(&all[0], NULL);
    CHECK(strcmp(went, "1:a=? ") == 0);
    hold_release(&all[1], NULL);
    CHECK(strcmp(went, "1:a=? 2:a=? ") == 0);
    end();
}

static void the_next_one_gets_what_is_being_written(void)
{
    struct commit c;

    begin();
    commit_init(&c, "here");
    CHECK(commit_add_write(&c, "a", &(struct kv_new){.data = "12", .size = 2, .version = 7}) == 0);
    CHECK(take(0, "a") && take(0, "b") && !take(1, "a") && !take(2, "b"));
    hold_release(&all[0], &c);
    CHECK(strstr(went, "1:a=12 ") != NULL && strstr(went, "2:b=? ") != NULL);
    commit_reset(&c);
    end();
}

static void who_holds_a_key_waits_for_no_other(void)
{
    begin();
    CHECK(take(0, "a") && take(1, "b"));
    CHECK(take(0, "b") && take(1, "a")); /* or both would wait for ever */
    end();
}

static void who_ends_while_waiting_is_not_woken(void)
{
    begin();
    CHECK(take(0, "a") && !take(1, "a") && !take(2, "a"));
    hold_release(&all[1], NULL);
    hold_release(&all[0], NULL);
    CHECK(strcmp(went, "2:a=? ") == 0);
    end();
}

static void nobody_waits_for_longer_than_the_patience(void)
{
    begin();
    CHECK(take(0, "a") && !take(1, "a") && loop.ntimers == 1);
    CHECK(all[1].holder.patience.at_ns == loop.now_ns + HOLD_PATIENCE_NS);
    loop_disarm(&loop, &all[1].holder.patience);
    all[1].holder.patience.on_fire(&all[1].holder.patience);
    CHECK(strcmp(went, "1:a=? ") == 0);
    hold_release(&all[0], NULL);
    CHECK(strcmp(went, "1:a=? ") == 0);
    end();
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(a_free_key_is_taken_and_a_held_one_waited_for),
        TAP_CASE(the_same_key_elsewhere_is_another),
        TAP_CASE(those_that_wait_go_on_in_their_order),
        TAP_CASE(the_next_one_gets_what_is_being_written),
        TAP_CASE(who_holds_a_key_waits_for_no_other),
        TAP_CASE(who_ends_while_waiting_is_not_woken),
        TAP_CASE(nobody_waits_for_longer_than_the_patience),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
