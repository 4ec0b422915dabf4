// SPDX-License-Identifier: MIT
/*
 * resolve.h: addresses of names, without waiting for them.
 *
 * getaddrinfo() knows all that the system's administrator configured (hosts,
 * DNS, mDNS), and blocks, for half a minute when a name server does not answer. So
 * each lookup has a thread of its own, of which there are few; whoever no longer
 * wants the answer leaves, and the thread ends when it ends. Nobody can take all of
 * them: an owner's lookups beyond RESOLVE_THREADS_OWNER wait. Answers are kept for
 * RESOLVE_KEEP_NS. When nothing is asked there is no thread.
 */
#ifndef DAEMON_FETCH_RESOLVE_H
#define DAEMON_FETCH_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "daemon/fetch/url.h"
#include "daemon/loop/loop.h"

#define RESOLVE_THREADS       16u
#define RESOLVE_THREADS_OWNER 4u
#define RESOLVE_ADDRESSES     8u /* of one name */
#define RESOLVE_KNOWN_MAX     64u
#define RESOLVE_KEEP_NS       UINT64_C(30000000000)

struct lookups;
struct lookup;

/* What became of a name. */
struct resolve_answer {
    int code; /* 0, or getaddrinfo()'s: gai_strerror() has the words */
    size_t n;
    const struct sockaddr_storage *address; /* n of them, best first; until the next question */
};

/* Embedded by whoever asks. */
struct resolve {
    void (*done)(struct resolve *w, const struct resolve_answer *a);
    struct lookup *lookup; /* NULL: nothing is asked */
    const void *owner;
    TAILQ_ENTRY(resolve) link;
};

TAILQ_HEAD(resolve_lookups, lookup);

struct resolver {
    struct loop *loop;
    struct lookups *shared; /* with the threads; NULL before the first question */
    struct loop_fd watch;   /* an eventfd: some have ended */
    struct resolve_lookups waiting;
    struct resolve_lookups asking; /* a thread is at work */
    struct resolve_lookups known;  /* oldest first        */
    size_t nasking;
    size_t nknown;
};

void resolver_init(struct resolver *r, struct loop *l);
/* Nobody asks any more; threads that are at work end by themselves. Tolerates a
 * zeroed one. */
void resolver_fini(struct resolver *r);

/* Ask for host, on behalf of owner, which is only compared. w->done() follows once,
 * perhaps at once. */
void resolver_ask(struct resolver *r, struct resolve *w, const char *host, const void *owner);
/* Do not tell w. Nothing when it did not ask. */
void resolver_leave(struct resolver *r, struct resolve *w);

#endif
