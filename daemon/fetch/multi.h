// SPDX-License-Identifier: MIT
/*
 * multi.h: libcurl's transfers in the daemon's loop.
 *
 * libcurl says which sockets it waits for and when it wants to be called; those are
 * watches and a timer of ours. Connections are kept for the next one; when there was
 * none for MULTI_KEEP_NS, all are closed and what libcurl holds is given back.
 */
#ifndef DAEMON_FETCH_MULTI_H
#define DAEMON_FETCH_MULTI_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/loop/loop.h"
#include "engine/curl.h"

#define MULTI_KEEP_NS     UINT64_C(30000000000)
#define MULTI_CONNECTIONS 64L /* kept open without a transfer */

struct multi {
    struct loop *loop;
    const struct curl *curl; /* set by who has loaded it, before the first transfer */
    CURLM *handle;           /* NULL: nothing was added lately                      */
    struct loop_timer due;   /* libcurl wants its turn                              */
    struct loop_timer idle;
    size_t ntransfers;
    /* A transfer has ended; its CURLOPT_PRIVATE. It may be removed, others added. */
    void (*on_end)(void *transfer, CURLcode code);
};

void multi_init(struct multi *m, struct loop *l, void (*on_end)(void *transfer, CURLcode code));
/* No transfer may be left. Tolerates a zeroed one. */
void multi_fini(struct multi *m);

/* Begin: nothing happens before the loop's next round. 0 or a negative errno. */
int multi_add(struct multi *m, CURL *easy, struct uf_err *err);
void multi_remove(struct multi *m, CURL *easy);

#endif
