// SPDX-License-Identifier: MIT
/*
 * trace.h: the W3C Trace Context of an invocation. Pure.
 *
 *	traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
 *	             version, trace id, id of the parent span, flags
 *
 * Every invocation is a span: a child of what the event's traceparent names, or the
 * first of a trace of its own when there is none that makes sense. What follows from
 * it gets a traceparent that names this span. Source: W3C Trace Context, level 1,
 * sections 3.2 and 3.3; of level 2 the flag "random".
 */
#ifndef DAEMON_RECORD_TRACE_H
#define DAEMON_RECORD_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRACE_TEXT       56u  /* a traceparent with its NUL        */
#define TRACE_SPAN_TEXT  17u  /* a span's id with its NUL          */
#define TRACE_STATE_MAX  512u /* bytes of a tracestate that passes */
#define TRACE_STATE_LIST 32u  /* members of it                     */

#define TRACE_SAMPLED 1u
#define TRACE_RANDOM  2u /* the trace's id is */

struct trace {
    uint8_t id[16];
    uint8_t span[8];
    uint8_t flags;
};

/*
 * Read a traceparent. What later versions add to it is not looked at.
 *
 * Returns  0, or -EINVAL for one that makes no sense, with *t untouched.
 */
int trace_parse(struct trace *t, const char *text);

/* The invocation's own span. from: what the event came with, or NULL for none. */
void trace_child(struct trace *t, const struct trace *from, const uint8_t random[static 24]);

/* As version 00. */
void trace_format(char out[static TRACE_TEXT], const struct trace *t);
void trace_format_span(char out[static TRACE_SPAN_TEXT], const struct trace *t);

/* May a tracestate pass? What has no valid form is left out. */
bool trace_state_ok(const char *text);

#endif
