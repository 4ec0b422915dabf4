// SPDX-License-Identifier: MIT
/* ask.c: see ask.h. */
#include "tests/fetch/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "tests/fetch/names.h"
#include "tests/fetch/server.h"

struct loop loop;
struct fetcher fetcher;
static unsigned port;
static unsigned left;

static enum fetch_reach reach(const struct fetch_policy *p, const struct url *u)
{
    const struct ask_policy *own = (const struct ask_policy *)p;

    return own->deny != NULL && strstr(u->text, own->deny) != NULL ? FETCH_NOWHERE : own->reach;
}

struct ask_policy ask_policy = {.policy.reach = reach};

void ask_setup(void)
{
    left = 0;
    ask_policy.reach = FETCH_LOCAL;
    ask_policy.deny = NULL;
    names_set("localhost", "127.0.0.1");
    port = server_start();
    if (loop_init(&loop, NULL) < 0)
        abort();
    fetcher_init(&fetcher, &loop);
}

void ask_teardown(void)
{
    fetcher_fini(&fetcher);
    loop_fini(&loop);
    server_stop();
}

const char *ask_url(const char *host, const char *path)
{
    static char url[8][8192];
    static unsigned next;
    char *out = url[next++ % 8];

    (void)snprintf(out, sizeof(url[0]), "http://%s:%u%s", host, port, path);
    return out;
}

struct fetch_request ask_request(const char *url)
{
    return (struct fetch_request){.url = url,
                                  .timeout_ns = 2000 * MS,
                                  .headers_max = 16384,
                                  .answer_max = 1u << 20,
                                  .redirects = FETCH_REDIRECTS,
                                  .policy = &ask_policy.policy};
}

static void on_done(struct fetch *f, const struct fetch_answer *a)
{
    struct ask *own = UF_OWNER(f, struct ask, fetch);

    own->is_done = true;
    own->at_ns = loop.now_ns;
    own->code = a->code;
    own->status = a->status;
    own->size = a->size;
    (void)snprintf(own->words, sizeof(own->words), "%s", a->words);
    if (a->code == FETCH_OK) {
        (void)snprintf(own->headers, sizeof(own->headers), "%.*s", (int)a->headers_size,
                       a->headers);
        memcpy(own->body, a->body, a->size < sizeof(own->body) ? a->size : sizeof(own->body) - 1);
    }
    if (--left == 0)
        loop_stop(&loop);
}

void ask_start(struct ask *a, const struct fetch_request *q)
{
    *a = (struct ask){.fetch.done = on_done};
    left++;
    fetch_start(&fetcher, &a->fetch, q);
}

static void on_late(struct loop_timer *t)
{
    (void)t;
    loop_stop(&loop);
}

void ask_run(uint64_t ns)
{
    struct loop_timer late = {.on_fire = on_late};

    loop.is_stopping = false;
    loop_arm(&loop, &late, loop.now_ns + ns);
    if (loop_run(&loop, NULL) < 0)
        abort();
    loop_disarm(&loop, &late);
}

void ask_wait(struct ask *a, const struct fetch_request *q)
{
    ask_start(a, q);
    if (a->is_done)
        abort(); /* from within */
    ask_run(20000 * MS);
    if (!a->is_done)
        printf("# not done: %s\n", q->url);
}

void ask_get(struct ask *a, const char *url)
{
    struct fetch_request q = ask_request(url);

    ask_wait(a, &q);
}
