// SPDX-License-Identifier: MIT
/*
 * serve.h: the least HTTP/1.1 server that a load generator takes for one, for
 * what is measured beside us: one thread, one epoll loop, GET only, connections
 * kept. Not a server for anything else: it believes its clients.
 *
 * What makes the answers is the program's: on_request() is told of a connection
 * that waits, and calls serve_answer() then or later; descriptors that it waits
 * for itself join with serve_watch() and come back through on_ready().
 */
#ifndef TESTS_BENCH_SERVE_H
#define TESTS_BENCH_SERVE_H

#include <stddef.h>
#include <stdint.h>

struct serve {
    int epoll;
    int listener;
    void (*on_request)(struct serve *s, int connection);
    void (*on_ready)(struct serve *s, uint32_t tag);
    void *owner;
};

/* Listen on a free port of 127.0.0.1 and print "listening on PORT". Ends the
 * program when that fails, as everything here does. */
void serve_init(struct serve *s);

/* Have on_ready(tag) called whenever fd can be read. */
void serve_watch(struct serve *s, int fd, uint32_t tag);

/* 200, with that body. A connection that has gone meanwhile is no failure. */
void serve_answer(int connection, const char *body, size_t size);

/* Until a signal ends the program. */
void serve_run(struct serve *s) __attribute__((noreturn));

#endif
