// SPDX-License-Identifier: MIT
/* txn_fetch.c: uf_http_fetch(); see txn.h and daemon/fetch/fetch.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/fetch/fetch.h"
#include "daemon/fetch/patterns.h"
#include "daemon/invoke/invoke.h"
#include "daemon/invoke/txn.h"

enum part {
    METHOD,
    URL,
    HEADERS,
    BODY,
};
_Static_assert(BODY + 1 == HOST_PARTS, "one list");

struct txn_fetch {
    struct fetch_policy policy; /* first: found by its address */
    struct fetch fetch;
    struct invoke *invoke;
    uint8_t *data; /* the question's parts */
};

/* What the guest is told. A function cannot do different things about a service that
 * is not there, does not answer in time, or has no place in the queue. */
static const int64_t results[] = {
    [FETCH_OK] = UF_R_OK,
    [FETCH_DENIED] = UF_R_DENIED,
    [FETCH_INVALID] = UF_R_INVALID,
    [FETCH_TIMEOUT] = UF_R_NOT_FOUND,
    [FETCH_TOO_LARGE] = UF_R_TOO_LARGE,
    [FETCH_UNREACHABLE] = UF_R_NOT_FOUND,
    [FETCH_BUSY] = UF_R_NOT_FOUND,
};
_Static_assert(sizeof(results) / sizeof(results[0]) == FETCH_NCODES, "one list");

/* ---- what the manifest allows ------------------------------------------------------------ */

static enum fetch_reach reach(const struct fetch_policy *p, const struct url *u)
{
    const struct txn_fetch *f = (const struct txn_fetch *)p;
    const struct function_list *allow = &f->invoke->call.fn->conf.allow;

    return patterns_reach(allow->item, allow->n, u);
}

/* ---- the answer ---------------------------------------------------------------------------- */

static void free_fetch(struct txn_fetch *f)
{
    free(f->data);
    free(f);
}

static void say_why(const struct invoke *i, const struct fetch_answer *a)
{
    struct fn *fn = i->call.fn;
    char text[700];

    (void)snprintf(text, sizeof(text), "uf_http_fetch: %s: %s", fetch_word(a->code), a->words);
    logring_say(fn->log, i->invoker->loop->wall_ns, "platform", LEVEL_WARN, text);
    logring_tell(fn->log);
}

static void on_done(struct fetch *own, const struct fetch_answer *a)
{
    struct txn_fetch *f = UF_OWNER(own, struct txn_fetch, fetch);
    struct invoke *i = f->invoke;
    struct host_answer answer = {.ret = results[a->code]};

    if (a->code == FETCH_OK) {
        answer.status = a->status;
        answer.headers_size = a->headers_size;
        answer.size = a->headers_size + a->size;
        answer.data = a->headers;
    } else {
        say_why(i, a);
    }
    i->txn.fetch = NULL;
    fleet_answer(&i->call, &answer);
    free_fetch(f);
}

/* ---- the question -------------------------------------------------------------------------- */

/* A part as a string. NULL when it is none. */
static char *text_of(const uint8_t *part, size_t size)
{
    if (memchr(part, '\0', size) != NULL)
        return NULL;
    char *text = malloc(size + 1);
    if (text != NULL) {
        memcpy(text, part, size);
        text[size] = '\0';
    }
    return text;
}

/* As long as the function asked for, and no longer than it may run itself. */
static uint64_t time_limit(const struct invoke *i, const struct host_request *h)
{
    uint64_t own = i->call.fn->conf.timeout_ns;

    return h->number > 0 && (uint64_t)h->number < own ? (uint64_t)h->number : own;
}

static void start(struct invoke *i, const struct host_request *h, const char *method,
                  const char *url)
{
    const uint8_t *headers = h->data + h->part[METHOD] + h->part[URL];
    struct txn_fetch *f = xnew(sizeof(*f));
    char key[128];
    struct fetch_request q = {
        .method = method,
        .url = url,
        .headers = (const char *)headers,
        .headers_size = h->part[HEADERS],
        .body = headers + h->part[HEADERS],
        .size = h->part[BODY],
        .key = key,
        .traceparent = i->traceparent,
        .timeout_ns = time_limit(i, h),
        .headers_max = UF_HEADERS_MAX,
        .answer_max = h->cap < UF_VALUE_MAX ? (size_t)h->cap : UF_VALUE_MAX,
        .redirects = FETCH_REDIRECTS,
        .policy = &f->policy,
        .owner = i->call.fn,
    };

    (void)snprintf(key, sizeof(key), "%s-%" PRIu32, i->key != NULL ? i->key : i->id,
                   ++i->txn.nfetches);
    *f = (struct txn_fetch){
        .fetch.done = on_done, .policy.reach = reach, .invoke = i, .data = h->data};
    i->txn.fetch = f;
    fetch_start(i->invoker->fetcher, &f->fetch, &q);
}

void txn_fetch_serve(struct invoke *i, const struct host_request *h)
{
    char *method = text_of(h->data, h->part[METHOD]);
    char *url = text_of(h->data + h->part[METHOD], h->part[URL]);
    bool is_served = i->invoker->fetcher != NULL;

    if (is_served && method != NULL && url != NULL) {
        start(i, h, method, url);
    } else {
        struct host_answer a = {.ret = is_served ? UF_R_INVALID : UF_R_NOT_AVAILABLE};

        free(h->data);
        fleet_answer(&i->call, &a);
    }
    free(method);
    free(url);
}

void txn_fetch_drop(struct txn *t)
{
    struct txn_fetch *f = t->fetch;

    t->fetch = NULL;
    if (f == NULL)
        return;
    fetch_cancel(&f->fetch);
    free_fetch(f);
}
