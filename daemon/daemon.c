// SPDX-License-Identifier: MIT
/* daemon.c: see daemon.h. */
#include "daemon/daemon.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "abi/image.h"
#include "base/owner.h"
#include "daemon/notify.h"
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
    int64_t ms = http_before_sleep(&d->http);

    if (d->is_draining && d->http.nrequests == 0 && d->fleet.ncalls == 0)
        loop_stop(&d->loop);
    return ms;
}

/* ---- starting ------------------------------------------------------------------------ */

static int choose_backend(struct daemon *d, enum backend *out, struct uf_err *err)
{
    int r = probe_backend(d->config.backend, out, d->no_kvm, err);

    if (r == 0 && d->no_kvm[0] != '\0')
        say("%s", d->no_kvm);
    return r;
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
        .uid_base = (uint32_t)c->uid_base,
        .event_max = event_max(c->max_body),
        .no_kvm = d->no_kvm,
    };
    struct fleet_ops ops = {.prepare = deploy_prepare, .open = deploy_open, .ctx = &d->deploys};
    int r = choose_backend(d, &o.backend, err);

    if (r < 0)
        return r;
    fleet_init(&d->fleet, &d->loop, &o, &ops);
    deploys_init(&d->deploys, &d->loop, &d->fleet, &d->store);
    return deploys_load(&d->deploys, err);
}

static int start_http(struct daemon *d, int listener, bool is_local, struct uf_err *err)
{
    struct http_options o = {.listener = listener, .connections_max = raise_limits()};

    d->gateway.fleet = &d->fleet;
    d->api.loop = &d->loop;
    d->api.fleet = &d->fleet;
    d->api.deploys = &d->deploys;
    d->api.store = &d->store;
    d->api.gateway = &d->gateway;
    d->api.is_local = is_local;
    api_init(&d->api, d->config.max_body);
    return http_start(&d->http, &d->loop, &o, d->api.routes, d->api.nroutes, err);
}

int daemon_start(struct daemon *d, int listener, bool is_local, struct uf_err *err)
{
    if (sodium_init() < 0)
        return uf_fail(err, -EIO, "libsodium does not start");
    int r = loop_init(&d->loop, err);

    if (r < 0)
        return r;
    d->loop.hook = (struct loop_hook){.before_sleep = before_sleep, .ctx = d};
    d->signals.on_stop = on_stop;
    r = signals_start(&d->signals, &d->loop, err);
    if (r == 0)
        r = start_fleet(d, err);
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
    if (d->fleet.loop != NULL) {
        deploys_fini(&d->deploys);
        fleet_fini(&d->fleet);
    }
    /* What was cut off still gets its answer, if the peer takes it at once. */
    if (d->http.mhd != NULL)
        (void)http_before_sleep(&d->http);
    http_stop(&d->http);
    signals_stop(&d->signals, &d->loop);
    loop_fini(&d->loop);
    store_close(&d->store);
}
