// SPDX-License-Identifier: MIT
// LINK: daemon/fetch daemon/loop/loop.c daemon/loop/timers.c daemon/gateway/headers.c
// LINK: engine/allow.c engine/curl.c engine/lazy.c daemon/record/metrics.c tests/fetch
#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#include "tests/fetch/ask.h"
#include "tests/fetch/server.h"
#include "tests/tap.h"

static bool is_missing;
static unsigned loads;

/* In the place of the C library's. */
// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
void *dlopen(const char *file, int flags)
{
    void *(*real)(const char *file, int flags);
    void *found = dlsym(RTLD_NEXT, "dlopen");

    loads++;
    memcpy(&real, &found, sizeof(real));
    return is_missing ? NULL : real(file, flags);
}

static void nothing_is_loaded_for_what_is_not_allowed(void)
{
    struct ask a;

    ask_setup();
    ask_policy.reach = FETCH_NOWHERE;
    ask_get(&a, ask_url("localhost", "/ok"));
    CHECK(a.code == FETCH_DENIED && loads == 0);
    ask_teardown();
}

static void a_library_that_is_missing_is_told(void)
{
    static struct ask a[3];
    struct fetch_request q;

    ask_setup();
    is_missing = true;
    q = ask_request(ask_url("localhost", "/ok"));
    for (size_t i = 0; i < 3; i++)
        ask_start(&a[i], &q);
    CHECK(!a[0].is_done);
    ask_run(5000 * MS);
    for (size_t i = 0; i < 3; i++)
        CHECK(a[i].is_done && a[i].code == FETCH_UNREACHABLE &&
              strstr(a[i].words, "install the package") != NULL);
    CHECK(server_connections() == 0 && fetcher.nwaiting == 0);
    is_missing = false;
    ask_get(&a[0], q.url);
    CHECK(a[0].code == FETCH_OK);
    ask_teardown();
}

static void a_library_that_is_being_loaded_at_the_end_is_waited_for(void)
{
    struct ask a;
    struct fetch_request q;

    ask_setup();
    q = ask_request(ask_url("localhost", "/ok"));
    ask_start(&a, &q);
    CHECK(fetcher.library.is_loading);
    ask_teardown();
    CHECK(!a.is_done && a.fetch.work == NULL);
}

int main(void)
{
    static const struct tap_case cases[] = {
        TAP_CASE(nothing_is_loaded_for_what_is_not_allowed),
        TAP_CASE(a_library_that_is_missing_is_told),
        TAP_CASE(a_library_that_is_being_loaded_at_the_end_is_waited_for),
    };

    return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
