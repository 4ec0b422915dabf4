// SPDX-License-Identifier: MIT
/*
 * server.h: an HTTP server for tests, on a port of its own on loopback, which also
 * does what servers should not do. The path says what:
 *
 *	/ok             200, "hello"
 *	/echo           200, the request as it came
 *	/status?N       that status, without a body
 *	/size?N         a body of N bytes, as announced
 *	/endless        a body without end, not announced
 *	/chunked        "hello" in two chunks, and a trailer
 *	/headers?N      N headers of 1000 bytes
 *	/interim        103, then 200
 *	/hang           nothing, until the client leaves
 *	/trickle        a byte each 10 ms, without end
 *	/half           less than was announced, then it closes
 *	/close          closes without an answer
 *	/garbage        what is no HTTP
 *	/redirect?N&URL that status, and where to
 *	/loop           redirects to itself
 */
#ifndef TESTS_FETCH_SERVER_H
#define TESTS_FETCH_SERVER_H

#include <stdbool.h>

/* There is one. Returns its port. */
unsigned server_start(void);
/* Ends all connections. */
void server_stop(void);

/* Since the start: requests, connections, and those that are open now. */
unsigned server_requests(void);
unsigned server_connections(void);
unsigned server_open(void);
/* Does the last request, head and body, hold this? */
bool server_got(const char *text);

#endif
