// SPDX-License-Identifier: MIT
/*
 * daemon.h: the whole daemon: one struct, one loop, and what waits for the disk on
 * threads of its own (daemon/store/store.h).
 *
 * Start-up goes from the inside out: what must survive (store), what runs
 * (fleet, deployments), what is asked (HTTP). Ending goes the other way: no new
 * connections, what runs may finish for as long as its time limit, then the
 * tenders end.
 */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "daemon/api/api.h"
#include "daemon/config.h"
#include "daemon/fetch/fetch.h"
#include "daemon/fetch/patterns.h"
#include "daemon/loop/signals.h"
#include "daemon/loop/wall.h"
#include "daemon/queue/queue.h"

struct daemon {
    struct config config;
    struct loop loop;
    struct signals signals;
    struct wall wall;
    struct store store;
    struct auth auth;
    struct secrets secrets;
    struct spaces spaces;
    struct fleet fleet;
    struct deploys deploys;
    struct records records;
    struct fetcher fetcher;
    struct patterns callbacks; /* where they may go */
    struct queues queues;
    struct invoker invoker;
    struct gateway gateway;
    struct metrics metrics;
    struct metrics_source own; /* among metrics: of modules that have no table */
    struct api api;
    struct http http;
    char no_kvm[256]; /* why kvm cannot be had */
    struct loop_timer deadline;
    bool is_draining;
};

/* Bring everything up; listener is taken over. */
int daemon_start(struct daemon *d, int listener, bool is_local, struct uf_err *err);
/* Serve until a signal has been obeyed. */
int daemon_run(struct daemon *d, struct uf_err *err);
/* Tolerates one that is half started. */
void daemon_fini(struct daemon *d);

/* metrics.c: bring together what modules count. */
void daemon_metrics(struct daemon *d);

#endif
