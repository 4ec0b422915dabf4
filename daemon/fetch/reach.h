// SPDX-License-Identifier: MIT
/*
 * reach.h: how far a request may go: which URLs, and which addresses behind them.
 */
#ifndef DAEMON_FETCH_REACH_H
#define DAEMON_FETCH_REACH_H

#include <stdbool.h>

#include "daemon/fetch/address.h"
#include "daemon/fetch/url.h"

/* Each includes those before it. */
enum fetch_reach {
    FETCH_NOWHERE, /* not this URL                                              */
    FETCH_PUBLIC,  /* if its host has a public address                          */
    FETCH_PRIVATE, /* ... or one of a private network: the host was named       */
    FETCH_LOCAL,   /* ... or of this machine: an address or localhost was named */
};

/* Embedded by whoever decides. Asked for each URL, those of redirects included. */
struct fetch_policy {
    enum fetch_reach (*reach)(const struct fetch_policy *p, const struct url *u);
};

/* Any URL, public addresses only. */
extern const struct fetch_policy fetch_policy_public;

/* May an address of this kind be connected to? */
bool reach_includes(enum fetch_reach reach, enum address_kind kind);

/* Is the host of a URL written so that it is known already to be out of reach? Then
 * *kind says what it is. */
bool reach_excludes(enum fetch_reach reach, const struct url *u, enum address_kind *kind);

/* How far a host goes that somebody named in so many letters. */
enum fetch_reach reach_of_named(const char *host);

#endif
