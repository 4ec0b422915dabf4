// SPDX-License-Identifier: MIT
/* daemon.c: see daemon.h. */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/image.h"
#include "base/owner.h"
#include "daemon/notify.h"
#include "daemon/queue/callback.h"
#include "daemon/record/say.h"
#include "engine/probe.h"

/* After the longest time limit, for what a killed run still has to answer. */
#define GRACE_NS UINT64_C(1000000000)

/* Half of the descriptors are for connections, the rest for tenders. */
#define CONNECTIONS_MIN 32u
#define CONNECTIONS_MAX 4096u

/* What an event needs beside its body: its layout, the client's headers and
 * ours, each with a place in the list. */
#define EVENT_OVERHEAD (HTTP_HEADERS_MAX + UF_EVENT_HEADERS_MAX * 24u + 4096u)

static uint32_t event_max(uint64_t max_body)
{
    return (uint32_t)((max_body + EVENT_OVERHEAD + UF_ALIGN - 1) / UF_ALIGN * UF_ALIGN);
}

/* As many descriptors as we may have; returns how many connections that allows. */
static unsigned raise_limits(void)
{
    struct rlimit r;

    if (getrlimit(RLIMIT_NOFILE, &r) < 0)
        return CONNECTIONS_MIN;
    r.rlim_cur = r.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_cur / 2 > CONNECTIONS_MAX)
        return CONNECTIONS_MAX;
    return r.rlim_cur / 2 > CONNECTIONS_MIN ? (unsigned)r.rlim_cur / 2 : CONNECTIONS_MIN;
}

/* ---- ending ------------------------------------------------------------------------ */

static void longest(struct fn *fn, void *ctx)
{
    uint64_t *ns = ctx;

    if (fn->conf.timeout_ns > *ns)
        *ns = fn->conf.timeout_ns;
}

static void end_follower(struct fn *fn, void *ctx)
{
    (void)ctx;
    logring_tell(fn->log);
}

static void on_deadline(struct loop_timer *t)
{
    struct daemon *d = UF_OWNER(t, struct daemon, deadline);

    say("requests are left at the end of the time to finish; they are cut off");
    loop_stop(&d->loop);
}

static void drain(struct daemon *d)
{
    uint64_t wait = 0;

    say("stopping: finishing what runs");
    notify("STOPPING=1");
    d->is_draining = true;
    d->fleet.is_draining = true;
    queues_drain(&d->queues);
    http_drain(&d->http);
    fleet_each(&d->fleet, end_follower, NULL);
    fleet_each(&d->fleet, longest, &wait);
    d->deadline.on_fire = on_deadline;
    loop_arm(&d->loop, &d->deadline, d->loop.now_ns + wait + GRACE_NS);
}

static void on_stop(struct signals *s)
{
    struct daemon *d = UF_OWNER(s, struct daemon, signals);

    if (d->is_draining)
        loop_stop(&d->loop); /* asked twice: now */
    else
        drain(d);
}

/* The loop's hook: HTTP gets its turn; a drained daemon ends. */
static int64_t before_sleep(void *ctx)
{
    struct daemon *d = ctx;

    (void)queues_run(&d->queues);
    int64_t ms = http_before_sleep(&d->http);
    /* What a request changed is done before the sleep. */
    if (queues_run(&d->queues))
        ms = 0;
    if (d->is_draining && d->http.nrequests == 0 && d->invoker.nopen == 0)
        loop_stop(&d->loop);
    return ms;
}

/* Events that wait for a time of day. */
static void on_time_set(struct wall *w)
{
    queues_reckon(&UF_OWNER(w, struct daemon, wall)->queues);
}

/* ---- starting ------------------------------------------------------------------------ */

static int choose_backend(struct daemon *d, enum backend *out, struct uf_err *err)
{
    int r = probe_backend(d->config.backend, out, d->no_kvm, err);

    if (r == 0 && d->no_kvm[0] != '\0')
        say("%s", d->no_kvm);
    return r;
}

/* What is wrong with where it may go is told now, not with the first request. */
static int start_fetcher(struct daemon *d, struct uf_err *err)
{
    const struct config *c = &d->config;
    int r = patterns_init(&d->callbacks, c->callback_allow, err);

    if (r < 0)
        return uf_wrap(err, r, "callback-allow");
    if (c->ca_file[0] != '\0' && access(c->ca_file, R_OK) < 0)
        return uf_fail(err, -errno, "ca-file: %s: %s", c->ca_file, strerror(errno));
    fetcher_init(&d->fetcher, &d->loop);
    d->fetcher.ca_file = c->ca_file[0] != '\0' ? c->ca_file : NULL;
    d->invoker.fetcher = &d->fetcher;
    return 0;
}

static int check_image_dir(const char *dir, struct uf_err *err)
{
    struct stat st;

    if (dir[0] == '\0')
        return 0;
    if (stat(dir, &st) < 0)
        return uf_fail(err, -errno, "image-dir: %s: %s", dir, strerror(errno));
    return S_ISDIR(st.st_mode) ? 0 : uf_fail(err, -ENOTDIR, "image-dir: %s: not a folder", dir);
}

static int start_fleet(struct daemon *d, struct uf_err *err)
{
    const struct config *c = &d->config;
    struct fleet_options o = {
        .tender_path = c->tender,
        .is_backend_forced = strcmp(c->backend, "auto") != 0,
        .pool = (uint32_t)c->pool,
        .memory_budget = c->memory_budget,
        .queue_max = (uint32_t)c->queue,
        .wait_max_ns = c->max_wait_ns,
        .uid_base = (uint32_t)c->uid_base,
        .event_max = event_max(c->max_body),
        .no_kvm = d->no_kvm,
    };
    struct fleet_ops ops = {.prepare = deploy_prepare, .open = deploy_open, .ctx = &d->deploys};
    int r = choose_backend(d, &o.backend, err);

    if (r < 0)
        return r;
    fleet_init(&d->fleet, &d->loop, &o, &ops);
    invoker_init(&d->invoker, &d->loop, &d->store);
    d->invoker.secrets = &d->secrets;
    d->invoker.queues = &d->queues;
    queues_init(&d->queues, &(struct queues_options){.loop = &d->loop,
                                                     .worker = &d->store.worker,
                                                     .fleet = &d->fleet,
                                                     .invoker = &d->invoker,
                                                     .fetcher = &d->fetcher,
                                                     .callbacks = &d->callbacks.policy,
                                                     .depth_max = c->queue_depth,
                                                     .body_max = c->max_body});
    deploys_init(&d->deploys, &d->loop, &d->fleet, &d->store);
    d->deploys.image_dir = c->image_dir;
    d->deploys.queues = &d->queues;
    d->store.db.depth_max = c->queue_depth;
    r = check_image_dir(c->image_dir, err);
    if (r == 0)
        r = start_fetcher(d, err);
    if (r == 0)
        r = queues_load(&d->queues, &d->store.db, err);
    return r < 0 ? r : deploys_load(&d->deploys, err);
}

/* Reads what the database has before its thread takes it over. */
static int start_store(struct daemon *d, struct uf_err *err)
{
    int r = secrets_open(&d->secrets, d->store.dir, &d->store.db, err);

    if (r == 0)
        r = spaces_open(&d->spaces, &d->store.db, err);
    if (r == 0)
        r = store_start(&d->store, &d->loop, err);
    secrets_start(&d->secrets, &d->store.worker);
    spaces_start(&d->spaces, &d->store.worker);
    return r;
}

static void start_records(struct daemon *d)
{
    struct records_limits l = {.number = d->config.records,
                               .bytes = d->config.records_size,
                               .age_ms = d->config.records_age_ns / 1000000u};

    records_start(&d->records, &d->loop, &d->store.worker, &l);
    d->invoker.loop = &d->loop;
    d->invoker.worker = &d->store.worker;
    d->invoker.records = &d->records;
}

static int start_http(struct daemon *d, int listener, bool is_local, struct uf_err *err)
{
    struct http_options o = {.listener = listener, .connections_max = raise_limits()};

    auth_start(&d->auth, &d->loop);
    d->gateway.fleet = &d->fleet;
    d->gateway.invoker = &d->invoker;
    d->gateway.auth = &d->auth;
    d->api.auth = &d->auth;
    d->api.secrets = &d->secrets;
    d->api.spaces = &d->spaces;
    d->gateway.queues = &d->queues;
    d->api.loop = &d->loop;
    d->api.fleet = &d->fleet;
    d->api.deploys = &d->deploys;
    d->api.store = &d->store;
    d->api.gateway = &d->gateway;
    d->api.records = &d->records;
    d->api.metrics = &d->metrics;
    d->api.queues = &d->queues;
    d->api.is_local = is_local;
    daemon_metrics(d);
    api_init(&d->api, d->config.max_body);
    return http_start(&d->http, &d->loop, &o, d->api.routes, d->api.nroutes, err);
}

int daemon_start(struct daemon *d, int listener, bool is_local, struct uf_err *err)
{
    int r = loop_init(&d->loop, err);

    if (r < 0)
        return r;
    d->loop.hook = (struct loop_hook){.before_sleep = before_sleep, .ctx = d};
    d->signals.on_stop = on_stop;
    d->wall.on_set = on_time_set;
    r = signals_start(&d->signals, &d->loop, err);
    if (r == 0)
        r = wall_start(&d->wall, &d->loop, err);
    if (r == 0)
        r = start_fleet(d, err);
    if (r == 0)
        r = start_store(d, err);
    if (r == 0)
        start_records(d);
    if (r == 0)
        r = start_http(d, listener, is_local, err);
    return r;
}

int daemon_run(struct daemon *d, struct uf_err *err)
{
    notify("READY=1");
    return loop_run(&d->loop, err);
}

void daemon_fini(struct daemon *d)
{
    /* What the threads are at work on comes back while there is a fleet, and what
     * its end leads to while there are threads. */
    if (d->fleet.loop != NULL) {
        queues_drain(&d->queues);
        deploys_stop(&d->deploys);
        store_settle(&d->store);
        fleet_fini(&d->fleet);
        records_stop(&d->records);
        store_settle(&d->store);
    }
    auth_close(&d->auth);
    fetcher_fini(&d->fetcher);
    patterns_fini(&d->callbacks);
    /* What was cut off still gets its answer, if the peer takes it at once. */
    if (d->http.mhd != NULL)
        (void)http_before_sleep(&d->http);
    http_stop(&d->http);
    store_close(&d->store);
    secrets_close(&d->secrets);
    spaces_close(&d->spaces);
    queues_fini(&d->queues);
    wall_stop(&d->wall);
    signals_stop(&d->signals, &d->loop);
    loop_fini(&d->loop);
}
