// SPDX-License-Identifier: MIT
/* trace.h: the trace of an invocation as people read it. */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include <jansson.h>
#include <stdio.h>

/*
 * Print the trace in a document of GET /system/invocation/ID: each invocation below the
 * one that it follows from, in the order of time, with the one that was asked for
 * marked. Those whose cause is not kept stand at the left. Nothing is printed for a
 * trace of one.
 */
void trace_print(const json_t *doc, FILE *out);

#endif
