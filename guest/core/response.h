// SPDX-License-Identifier: MIT
/*
 * response.h: a response while it is being built.
 *
 * The body lies in the response itself while it is small, so that a short
 * answer touches no memory of its own; then in a growing buffer from malloc;
 * or it is borrowed: then body_cap is 0. Failures stick, so that a handler
 * that ignores one does not answer with half of what it meant.
 */
#ifndef GUEST_CORE_RESPONSE_H
#define GUEST_CORE_RESPONSE_H

#include <stddef.h>
#include <stdint.h>

#define RESPONSE_SMALL 512u /* bytes */

struct uf_response {
    unsigned status;     /* 0: not set                                      */
    int failed;          /* the first failure, an enum uf_code; 0: none   */
    const char *call;    /* which call it was                               */
    char *headers;       /* headers_size bytes of "Name: value\n"; static   */
    size_t headers_size; /* at most UF_HEADERS_MAX                          */
    const char *body;    /* small, or from malloc, or borrowed                  */
    size_t body_size;
    size_t body_cap; /* bytes we may write at body; 0: borrowed                 */
    char small[RESPONSE_SMALL];
};

void response_init(struct uf_response *r);

/* What the invocation returns, given what handle() did. Logs a failure that
 * handle() ignored. */
int response_judge(const struct uf_response *r, int returned);

#endif
