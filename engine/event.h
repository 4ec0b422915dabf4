// SPDX-License-Identifier: MIT
/*
 * event.h: an event on the platform's side, and its way into the exchange.
 *
 * struct event only borrows: every pointer belongs to the caller and must live
 * until event_format() returns.
 */
#ifndef ENGINE_EVENT_H
#define ENGINE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct event_header {
    const char *name; /* any case; the guest sees lower case */
    const char *value;
};

struct event {
    const char *id;      /* of the invocation                          */
    const char *trigger; /* "http"                                     */
    const char *method;
    const char *path;  /* after the function's name; starts with "/" */
    const char *query; /* without "?"; "" when there is none         */
    const struct event_header *headers;
    uint32_t nheaders; /* more than UF_EVENT_HEADERS_MAX is refused  */
    const void *body;
    size_t body_size;
    uint64_t now_ns; /* since 1970                                 */
    uint64_t timeout_ns;
    uint32_t attempt; /* from 1                                     */
};

/*
 * Write an event as abi/event.h lays it out, with fresh entropy.
 *
 * dst      the exchange's event part, 8-aligned; cap bytes.
 * before   bytes that the event before left there; what this one does not
 *          cover of them is zeroed.
 * Returns  the bytes written, or -E2BIG (more than cap) or -EINVAL (too many
 *          headers) with the reason in err; then dst is zero in its first
 *          `before` bytes.
 */
int64_t event_format(void *dst, size_t cap, size_t before, const struct event *e,
                     struct uf_err *err);

#endif
