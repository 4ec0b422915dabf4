// SPDX-License-Identifier: MIT
/* http.h: one request to the daemon, and what came back. */
#ifndef CLI_NET_HTTP_H
#define CLI_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/net/credentials.h"
#include "engine/event.h"

#define HTTP_BODY_MAX ((size_t)256 << 20) /* bytes of an answer that is kept */

struct http_request {
    const char *gateway; /* NULL: $UNIFAAS_GATEWAY, else the default     */
    const char *method;
    const char *path; /* "/system/functions?x=y", encoded             */
    const struct event_header *headers;
    size_t nheaders;
    const void *body;
    size_t body_size;
    bool has_body;
    const struct credentials *as; /* NULL: those that there are for the gateway,
                                   * where they are needed                       */
    /* Takes the body of a 2xx answer as it comes; others are kept. Returns 0,
     * or anything else to end the transfer. NULL: the body is kept. */
    int (*on_data)(void *arg, const char *data, size_t size);
    void *arg;
};

struct http_response {
    long status;
    bool had_credentials; /* a password was sent with the request */
    double seconds;
    char *headers; /* "HTTP/1.1 200 OK\r\nName: value\r\n..."; owned */
    size_t headers_size;
    char *body; /* NUL-terminated; owned                          */
    size_t body_size;
};

/*
 * Ask, and wait for the answer.
 *
 * The password goes with everything about the platform; to a function only when the
 * platform itself, not the function, asked for it.
 *
 * Returns  0 and *p whatever its status (http_response_fini() later);
 *          -EHOSTUNREACH when nobody answers, with what to do in err; or
 *          another negative errno.
 */
int http_do(const struct http_request *q, struct http_response *p, struct uf_err *err);

/* The first header of that name, without blanks around; "" when there is none.
 * Returns out. */
const char *http_header(const struct http_response *p, const char *name, char *out, size_t cap);

void http_response_fini(struct http_response *p);

/* Does the environment say where the daemon is? Empty is unset. */
bool http_gateway_is_named(void);

/* The daemon's address for messages. */
const char *http_gateway(const char *given);

/* Percent-encode all but RFC 3986's unreserved characters; the caller frees. */
char *http_encode(const char *text);

#endif
