// SPDX-License-Identifier: MIT
/*
 * client.h: one HTTP/1.1 connection to a server on this machine that is kept, for
 * programs that measure what they ask for. A failure ends the program: it is no time.
 */
#ifndef TESTS_BENCH_CLIENT_H
#define TESTS_BENCH_CLIENT_H

#include <stddef.h>

#define CLIENT_ANSWER_MAX 16384u

struct client {
    int fd;
    const char *body; /* of the last answer, NUL-terminated, within text */
    char text[CLIENT_ANSWER_MAX + 1];
};

/* Connect to 127.0.0.1:port. */
void client_open(struct client *c, const char *port);
void client_close(struct client *c);

/* Send a request, wait for all of its answer, and return its status. Body may be
 * NULL when size is 0. */
int client_ask(struct client *c, const char *method, const char *path, const void *body,
               size_t size);

/* The number that follows "name": in the last answer; ends the program when there is
 * none. */
unsigned long long client_number(const struct client *c, const char *name);

#endif
