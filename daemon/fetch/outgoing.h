// SPDX-License-Identifier: MIT
/*
 * outgoing.h: the headers that a function, or whoever else asks, sends along. Pure
 * but for memory.
 *
 * They come as text and are hostile: what would be read as a second request, or
 * as the platform's own words about the connection, is refused.
 */
#ifndef DAEMON_FETCH_OUTGOING_H
#define DAEMON_FETCH_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define OUTGOING_MAX        16384u /* bytes of all lines */
#define OUTGOING_LINES_MAX  64u
#define OUTGOING_METHOD_MAX 16u /* bytes of a method */

struct outgoing_line {
    const char *name;
    const char *value;
};

struct outgoing {
    char *text; /* the lines, cut; owned */
    struct outgoing_line line[OUTGOING_LINES_MAX];
    size_t n;
};

/*
 * Read "Name: value\n" lines.
 *
 * Returns  0 and *out, to be freed with outgoing_fini(); -EINVAL for a line that is no
 *          header, or one that only the platform may set; -E2BIG; -ENOMEM.
 */
int outgoing_read(const char *lines, size_t size, struct outgoing *out, struct uf_err *err);
void outgoing_fini(struct outgoing *h);

/* Is it the platform's alone to set? It says where the request goes, where it ends, or
 * who may see it. */
bool outgoing_is_platforms(const char *name);

/* Case does not matter. */
bool outgoing_has(const struct outgoing *h, const char *name);

/* Another origin gets the request: keep what says nothing about who asks. */
void outgoing_forget_secrets(struct outgoing *h);

/* The request goes on without a body: drop what describes it. */
void outgoing_forget_body(struct outgoing *h);

/* A method that may be used: a short token, and neither CONNECT nor TRACE. */
bool outgoing_method_ok(const char *method);

#endif
