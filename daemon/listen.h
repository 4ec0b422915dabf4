// SPDX-License-Identifier: MIT
/*
 * listen.h: the socket that clients connect to: bound here, or handed over by
 * the service manager (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS).
 */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/err.h"

#define LISTEN_TEXT 80

struct listen_address {
    struct sockaddr_storage addr;
    socklen_t len;
};

/* "ADDR:PORT" or "[ADDR]:PORT", numeric. 0, or -EINVAL with what is valid. Pure. */
int listen_parse(const char *text, struct listen_address *out, struct uf_err *err);
/* Is it reached from this machine only? Pure. */
bool listen_is_loopback(const struct listen_address *a);
/* "ADDR:PORT" as listen_parse() reads it. Returns out. */
const char *listen_format(const struct listen_address *a, char out[static LISTEN_TEXT]);

/* A socket that the service manager made for us: the descriptor, or -1. */
int listen_inherited(void);
/* Bind and listen: the descriptor, or a negative errno. */
int listen_open(const struct listen_address *a, struct uf_err *err);
/* Where a socket really listens (the port, when 0 was asked). */
int listen_where(int fd, struct listen_address *out, struct uf_err *err);

#endif
