// SPDX-License-Identifier: MIT
/*
 * patterns.h: how far patterns reach (engine/allow.h): those of a manifest, and those
 * of the operator for callbacks.
 *
 * A pattern that names its host lets that host have an address of a private network;
 * one that names an address or localhost lets it be this machine. A pattern for every
 * host below a name names none of them.
 */
#ifndef DAEMON_FETCH_PATTERNS_H
#define DAEMON_FETCH_PATTERNS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "daemon/fetch/reach.h"

/* The farthest that one of n patterns lets a URL reach. */
enum fetch_reach patterns_reach(char *const *pattern, size_t n, const struct url *u);

/* Where callbacks go: any URL with a public address, and what patterns allow. */
struct patterns {
    struct fetch_policy policy; /* first: found by its address */
    char **item;                /* each and the array owned    */
    size_t n;
};

/* text: patterns with blanks between them; "" for none. 0, or -EINVAL with the one that
 * is wrong. */
int patterns_init(struct patterns *p, const char *text, struct uf_err *err);
/* Tolerates a zeroed one. */
void patterns_fini(struct patterns *p);

#endif
