// SPDX-License-Identifier: MIT
/* request.h: an event as options describe it, for `run` and for `invoke`. */
#ifndef CLI_REQUEST_H
#define CLI_REQUEST_H

#include "cli/options.h"
#include "engine/event.h"

#define REQUEST_BODY_MAX ((size_t)64 << 20) /* bytes */

struct request {
    const char *data; /* -d; the options' texts belong to argv */
    const char *file; /* -f                                    */
    const char *method;
    const char *path;
    const char *query;
    struct opt_list header_lines;

    char *body; /* owned */
    size_t body_size;
    struct event_header headers[OPT_LIST_MAX]; /* point into text */
    uint32_t nheaders;
    char *text; /* owned */
};

/* The options, as entries of a table. */
/* clang-format off */
#define REQUEST_OPTIONS(q)                                                              \
    {'d', "data", "TEXT", "the body", OPT_TEXT, &(q)->data},                            \
    {'f', "file", "FILE", "the body, from a file; - is standard input", OPT_TEXT, &(q)->file}, \
    {'H', "header", "'NAME: VALUE'", "add a header; may be repeated", OPT_MANY,         \
     &(q)->header_lines},                                                               \
    {'m', "method", "METHOD", "POST, or GET without a body, unless given", OPT_TEXT,    \
     &(q)->method},                                                                     \
    {'p', "path", "PATH", "the path after the function's name", OPT_TEXT, &(q)->path},  \
    {'q', "query", "QUERY", "the query, encoded, without ?", OPT_TEXT, &(q)->query}
/* clang-format on */

/*
 * Check the options, read the body, fill in defaults.
 *
 * Returns  OPTS_GO, or an exit status after a complaint.
 */
int request_settle(struct request *q, const struct command *c);

void request_fini(struct request *q);

#endif
