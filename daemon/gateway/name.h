// SPDX-License-Identifier: MIT
/* name.h: which function a URL means. Pure. */
#ifndef DAEMON_GATEWAY_NAME_H
#define DAEMON_GATEWAY_NAME_H

#include <stdbool.h>

#define NAME_NAMESPACE "openfaas-fn"
/* Longest name with its namespace that is shown; longer ones are unknown anyway. */
#define NAME_MAX_TEXT 160

struct name {
    char function[NAME_MAX_TEXT];
    char space[NAME_MAX_TEXT]; /* the default one when none was given */
    const char *path;          /* what follows, from its "/"; "/" when nothing does */
};

/*
 * Take NAME[.NAMESPACE][/PATH] apart.
 *
 * Returns  whether it can be a function of ours: a non-empty name in the one
 *          namespace. n is filled in anyway, cut if need be, for messages.
 */
bool name_parse(struct name *n, const char *text);

#endif
