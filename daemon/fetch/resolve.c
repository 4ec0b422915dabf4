// SPDX-License-Identifier: MIT
/* resolve.c: see resolve.h. */
#include "daemon/fetch/resolve.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/owner.h"

struct lookup {
    char host[URL_HOST_MAX];
    const void *owner; /* whose thread it takes       */
    struct lookups *shared;
    uint64_t until_ns; /* known: how long it is kept */
    TAILQ_HEAD(, resolve) waits;
    TAILQ_ENTRY(lookup) link;  /* the loop's              */
    STAILQ_ENTRY(lookup) done; /* of what is shared       */
    /* The thread's, until it is done. */
    int code;
    size_t n;
    struct sockaddr_storage address[RESOLVE_ADDRESSES];
};

STAILQ_HEAD(lookup_list, lookup);

/* What threads and loop share; it lives as long as the last of them. */
struct lookups {
    pthread_mutex_t lock;
    struct lookup_list done;
    unsigned users;
    bool is_closed; /* nobody waits any more */
    int event;
};

/* ---- on a thread ---------------------------------------------------------------------- */

static void look_up(struct lookup *k)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *list = NULL;

    k->code = getaddrinfo(k->host, NULL, &hints, &list);
    for (const struct addrinfo *a = list; a != NULL && k->n < RESOLVE_ADDRESSES; a = a->ai_next)
        if (a->ai_addrlen <= sizeof(k->address[0]))
            memcpy(&k->address[k->n++], a->ai_addr, a->ai_addrlen);
    if (k->code == 0)
        freeaddrinfo(list);
}

/* With the lock held; gives it up. */
static void let_go(struct lookups *s)
{
    bool is_last = --s->users == 0;

    (void)pthread_mutex_unlock(&s->lock);
    if (!is_last)
        return;
    (void)close(s->event);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static void *serve(void *ctx)
{
    struct lookup *k = ctx;
    struct lookups *s = k->shared;

    look_up(k);
    (void)pthread_mutex_lock(&s->lock);
    if (s->is_closed) {
        free(k);
    } else {
        STAILQ_INSERT_TAIL(&s->done, k, done);
        (void)eventfd_write(s->event, 1);
    }
    let_go(s);
    return NULL;
}

/* ---- on the loop ------------------------------------------------------------------------ */

static int start_thread(struct lookup *k)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all;
    sigset_t before;

    (void)pthread_attr_init(&attr);
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    /* Signals are the loop's. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&thread, &attr, serve, k);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return r;
}

static void tell(struct lookup *k)
{
    struct resolve_answer a = {.code = k->code, .n = k->n, .address = k->address};
    struct resolve *w;

    while ((w = TAILQ_FIRST(&k->waits)) != NULL) {
        TAILQ_REMOVE(&k->waits, w, link);
        w->lookup = NULL;
        w->done(w, &a);
    }
}

static void forget_oldest(struct resolver *r)
{
    struct lookup *k = TAILQ_FIRST(&r->known);

    TAILQ_REMOVE(&r->known, k, link);
    r->nknown--;
    free(k);
}

/* An answer is there: keep it if it is one, and tell. */
static void settle(struct resolver *r, struct lookup *k)
{
    if (k->code != 0) {
        tell(k);
        free(k);
        return;
    }
    if (r->nknown == RESOLVE_KNOWN_MAX)
        forget_oldest(r);
    k->until_ns = r->loop->now_ns + RESOLVE_KEEP_NS;
    TAILQ_INSERT_TAIL(&r->known, k, link);
    r->nknown++;
    tell(k);
}

static size_t threads_of(const struct resolver *r, const void *owner)
{
    const struct lookup *k;
    size_t n = 0;

    TAILQ_FOREACH(k, &r->asking, link)
    n += k->owner == owner;
    return n;
}

/* It is asked for whoever of those that wait for it has a thread left. */
static bool may_start(const struct resolver *r, struct lookup *k)
{
    const struct resolve *w;

    TAILQ_FOREACH(w, &k->waits, link)
    if (threads_of(r, w->owner) < RESOLVE_THREADS_OWNER) {
        k->owner = w->owner;
        return true;
    }
    return false;
}

static void start(struct resolver *r, struct lookup *k)
{
    struct lookups *s = r->shared;

    TAILQ_REMOVE(&r->waiting, k, link);
    TAILQ_INSERT_TAIL(&r->asking, k, link);
    r->nasking++;
    (void)pthread_mutex_lock(&s->lock);
    s->users++;
    (void)pthread_mutex_unlock(&s->lock);
    if (start_thread(k) == 0)
        return;
    (void)pthread_mutex_lock(&s->lock);
    k->code = EAI_MEMORY;
    STAILQ_INSERT_TAIL(&s->done, k, done);
    s->users--;
    (void)pthread_mutex_unlock(&s->lock);
    (void)eventfd_write(r->watch.fd, 1);
}

static void pump(struct resolver *r)
{
    struct lookup *k = TAILQ_FIRST(&r->waiting);

    while (k != NULL && r->nasking < RESOLVE_THREADS) {
        struct lookup *next = TAILQ_NEXT(k, link);

        if (may_start(r, k))
            start(r, k);
        k = next;
    }
}

static void on_event(struct loop_fd *w, uint32_t events)
{
    struct resolver *r = UF_OWNER(w, struct resolver, watch);
    struct lookup_list done = STAILQ_HEAD_INITIALIZER(done);
    struct lookup *k;
    eventfd_t count;

    (void)events;
    (void)eventfd_read(w->fd, &count);
    (void)pthread_mutex_lock(&r->shared->lock);
    STAILQ_CONCAT(&done, &r->shared->done);
    (void)pthread_mutex_unlock(&r->shared->lock);
    while ((k = STAILQ_FIRST(&done)) != NULL) {
        STAILQ_REMOVE_HEAD(&done, done);
        TAILQ_REMOVE(&r->asking, k, link);
        r->nasking--;
        settle(r, k);
    }
    pump(r);
}

static bool open_shared(struct resolver *r)
{
    if (r->shared != NULL)
        return true;
    r->watch = (struct loop_fd){.on_ready = on_event, .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (r->watch.fd < 0)
        return false;
    if (loop_watch(r->loop, &r->watch, EPOLLIN, NULL) < 0) {
        (void)close(r->watch.fd);
        return false;
    }
    r->shared = xnew(sizeof(*r->shared));
    *r->shared = (struct lookups){.users = 1, .event = r->watch.fd};
    STAILQ_INIT(&r->shared->done);
    (void)pthread_mutex_init(&r->shared->lock, NULL);
    return true;
}

void resolver_init(struct resolver *r, struct loop *l)
{
    *r = (struct resolver){.loop = l};
    TAILQ_INIT(&r->waiting);
    TAILQ_INIT(&r->asking);
    TAILQ_INIT(&r->known);
}

static void free_all(struct resolve_lookups *list)
{
    struct lookup *k;

    while ((k = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, k, link);
        free(k);
    }
}

void resolver_fini(struct resolver *r)
{
    struct lookup *k;

    if (r->loop == NULL)
        return;
    free_all(&r->waiting);
    free_all(&r->known);
    if (r->shared != NULL) {
        loop_unwatch(r->loop, &r->watch);
        (void)pthread_mutex_lock(&r->shared->lock);
        r->shared->is_closed = true;
        while ((k = STAILQ_FIRST(&r->shared->done)) != NULL) {
            STAILQ_REMOVE_HEAD(&r->shared->done, done);
            free(k);
        }
        let_go(r->shared);
    }
    *r = (struct resolver){.loop = NULL};
}

static struct lookup *find(struct resolve_lookups *list, const char *host)
{
    struct lookup *k;

    TAILQ_FOREACH(k, list, link)
    if (strcmp(k->host, host) == 0)
        return k;
    return NULL;
}

/* What is known of host and not too old. */
static struct lookup *find_known(struct resolver *r, const char *host)
{
    while (r->nknown > 0 && TAILQ_FIRST(&r->known)->until_ns <= r->loop->now_ns)
        forget_oldest(r);
    return find(&r->known, host);
}

void resolver_ask(struct resolver *r, struct resolve *w, const char *host, const void *owner)
{
    struct lookup *k = find_known(r, host);

    if (k != NULL || !open_shared(r)) {
        struct resolve_answer a = {.code = EAI_MEMORY};

        if (k != NULL)
            a = (struct resolve_answer){.n = k->n, .address = k->address};
        w->done(w, &a);
        return;
    }
    k = find(&r->asking, host);
    if (k == NULL)
        k = find(&r->waiting, host);
    if (k == NULL) {
        k = xnew(sizeof(*k));
        *k = (struct lookup){.shared = r->shared};
        TAILQ_INIT(&k->waits);
        memcpy(k->host, host, strnlen(host, sizeof(k->host) - 1));
        TAILQ_INSERT_TAIL(&r->waiting, k, link);
    }
    w->lookup = k;
    w->owner = owner;
    TAILQ_INSERT_TAIL(&k->waits, w, link);
    pump(r);
}

void resolver_leave(struct resolver *r, struct resolve *w)
{
    struct lookup *k = w->lookup;

    if (k == NULL)
        return;
    TAILQ_REMOVE(&k->waits, w, link);
    w->lookup = NULL;
    if (TAILQ_EMPTY(&k->waits) && find(&r->waiting, k->host) == k) {
        TAILQ_REMOVE(&r->waiting, k, link);
        free(k);
    }
}
