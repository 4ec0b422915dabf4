// SPDX-License-Identifier: MIT
/*
 * probe.h: what this machine can do for us. One place for the daemon's choice
 * of a backend and for what `unifaas doctor` prints.
 */
#ifndef ENGINE_PROBE_H
#define ENGINE_PROBE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "engine/tender.h"

/* One line of the doctor's report. */
struct probe {
    char name[32];   /* "kvm"                                        */
    bool ok;         /* false: something is missing                  */
    bool fatal;      /* ... and UniFaaS cannot run at all without it */
    char found[160]; /* what is there, or what is wrong              */
    char mend[240];  /* how to mend it; "" when ok                   */
};

#define PROBE_MAX 20

/* Look at everything; fills at most PROBE_MAX entries and returns their
 * number. Takes some milliseconds: creates a VM and a jailed tender. */
int probe_all(const char *tender_path, struct probe out[static PROBE_MAX]);

/* Can /dev/kvm make a virtual machine that we can use? 0, or a negative errno
 * with a sentence that says how to mend it. */
int probe_kvm(struct uf_err *err);

/*
 * Settle the backend for a wish.
 *
 * wish     "auto", "kvm" or "process".
 * note     gets "" or, when auto had to fall back, the sentence to show.
 * Returns  0 and *out, or -EINVAL/-ENODEV with the reason in err.
 */
int probe_backend(const char *wish, enum backend *out, char note[static 256], struct uf_err *err);

#endif
