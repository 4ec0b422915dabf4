// SPDX-License-Identifier: MIT
/*
 * incoming.h: several events in one request, taken apart. Pure but for memory.
 *
 *	application/x-ndjson               each line is a body; empty ones are none
 *	application/cloudevents+json       an event in JSON (CloudEvents 1.0.2, JSON format)
 *	application/cloudevents-batch+json an array of those
 *
 * An event in JSON becomes what it would be in binary mode: its data is the body, its
 * attributes are headers "ce-NAME".
 */
#ifndef DAEMON_QUEUE_INCOMING_H
#define DAEMON_QUEUE_INCOMING_H

#include <stddef.h>

#include "base/err.h"

#define INCOMING_KEY     72   /* bytes of incoming_key(), with its NUL  */
#define INCOMING_KEY_MAX 255u /* bytes of a key that somebody gives */

/* What is the same when an event is sent again: from a CloudEvents source and id. */
void incoming_key(char out[static INCOMING_KEY], const char *source, const char *id);

/* The key of a request that is one event: the one that was given, else a CloudEvents
 * source and id, else NULL; it lives as long as they and buf. -EINVAL: it is no key. */
int incoming_request_key(const char *given, const char *source, const char *id,
                         char buf[static INCOMING_KEY], const char **key, struct uf_err *err);

/* One event of a request; what it points to lives until the visitor returns. */
struct incoming {
    const char *head; /* daemon/queue/head.h              */
    const void *body;
    size_t size;
    const char *key; /* incoming_key(), or NULL           */
};

/* Takes one. 0, or a negative errno, which ends it and is returned. */
typedef int incoming_visit(void *ctx, const struct incoming *i, struct uf_err *err);

/* head is that of every line. */
int incoming_lines(const char *text, size_t size, const char *head, incoming_visit *visit,
                   void *ctx, struct uf_err *err);

/* One event, or an array of them. -EINVAL with the reason for what is none; what was
 * visited before is not taken back. */
int incoming_cloudevents(const char *text, size_t size, incoming_visit *visit, void *ctx,
                         struct uf_err *err);

#endif
