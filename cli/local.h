// SPDX-License-Identifier: MIT
/*
 * local.h: run a function here, without a daemon.
 *
 * For many events the way is the daemon's: one tender boots the image and writes
 * a snapshot, another maps it and runs events. Both are started at once, so the
 * second one's set-up costs no time of its own. For one event the tender that
 * boots runs it as well, and there is no snapshot.
 */
#ifndef CLI_LOCAL_H
#define CLI_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/function.h"
#include "engine/tender.h"

struct local {
    struct tender boot;
    struct tender run; /* none when is_for_one */
    bool is_for_one;
    int snapshot; /* memory file; -1: none  */
    struct uf_limits limits;
};

/* No tender, no file: local_fini() may follow. */
void local_init(struct local *l);

/* Start what l->is_for_one asks for. event_max: the largest event, a multiple
 * of UF_ALIGN. */
int local_start(struct local *l, const struct tender_options *o, const struct function *f,
                uint32_t event_max, struct uf_err *err);

/*
 * Boot the image and run its init.
 *
 * image    open for reading; stays the caller's.
 * Returns  0 and *out, whatever the outcome; or a negative errno. -EPIPE: the
 *          tender was lost.
 */
int local_boot(struct local *l, int image, const struct function *f, struct result *out,
               struct uf_err *err);

/* After a boot with outcome ok: make ready for events. */
int local_load(struct local *l, struct uf_err *err);

/* Run one event; returns as local_boot(). */
int local_event(struct local *l, const struct event *e, struct result *out, struct uf_err *err);

/* Bytes; 0 without one. */
uint64_t local_snapshot_size(const struct local *l);

void local_fini(struct local *l);

#endif
