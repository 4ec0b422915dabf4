// SPDX-License-Identifier: MIT
/*
 * library.h: libcurl, loaded on a thread when it is first wanted: the loop does not
 * wait for the disk, and a daemon whose functions ask nobody does without.
 */
#ifndef DAEMON_FETCH_LIBRARY_H
#define DAEMON_FETCH_LIBRARY_H

#include <pthread.h>
#include <stdbool.h>

#include "daemon/loop/loop.h"
#include "engine/curl.h"

struct library {
    struct loop *loop;
    const struct curl *curl; /* NULL: not loaded */
    const char *ca_path;     /* of the system's authorities, one file each; NULL: libcurl's way */
    /* It has been loaded, or it cannot be: then curl is NULL and err says why. */
    void (*on_loaded)(struct library *l);
    struct uf_err err;
    bool is_loading;
    pthread_t thread;
    struct loop_fd watch; /* an eventfd */
    /* The thread's, until it has ended. */
    const struct curl *found;
    const char *found_ca_path;
};

void library_init(struct library *l, struct loop *loop, void (*on_loaded)(struct library *l));
/* Waits for the thread. Tolerates a zeroed one. */
void library_fini(struct library *l);

/* Begin to load it, unless that has begun: on_loaded() follows. When it is loaded
 * already, nothing. 0, or why it cannot begin. */
int library_load(struct library *l, struct uf_err *err);

#endif
