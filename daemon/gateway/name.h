// SPDX-License-Identifier: MIT
/* name.h: which function a URL means. Pure. */
#ifndef DAEMON_GATEWAY_NAME_H
#define DAEMON_GATEWAY_NAME_H

#include <stdbool.h>

#include "engine/function.h"

/* Longest name with its namespace that is shown; longer ones are unknown anyway. */
#define NAME_MAX_TEXT 160

struct name {
    char function[NAME_MAX_TEXT];
    char space[NAME_MAX_TEXT]; /* FUNCTION_SPACE when none was given */
    bool has_space;            /* one was */
    const char *path;          /* what follows, from its "/"; "/" when nothing does */
};

/*
 * Take NAME[.NAMESPACE][/PATH] apart.
 *
 * Returns  whether it can be a function: a name, and a namespace that can be one. n
 *          is filled in anyway, cut if need be, for messages.
 */
bool name_parse(struct name *n, const char *text);

#endif
