// SPDX-License-Identifier: MIT
/*
 * headers.h: which headers pass between clients and functions. Pure.
 *
 * A function's answer is hostile input for the client's parser: names and
 * values are checked (RFC 9110, 5.1 and 5.5), headers about one connection
 * never pass (RFC 9110, 7.6.1), and what the platform says of itself cannot be
 * said by a function.
 */
#ifndef DAEMON_GATEWAY_HEADERS_H
#define DAEMON_GATEWAY_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

/* About one connection only: neither towards functions nor back. */
bool headers_is_hop_by_hop(const char *name);

/* May a function set it? No hop-by-hop ones, none of the platform's. */
bool headers_is_functions(const char *name);

/* A token; and text without control bytes, tabs excepted. */
bool headers_name_ok(const char *name);
bool headers_value_ok(const char *value);

struct headers_line {
    char *name;
    char *value;
};

/*
 * Take the next line "Name: value\n" off a text that is NUL-terminated and
 * ours to cut.
 *
 * at       moves on; NULL at the end.
 * Returns  1 and *out, 0 at the end, or -EINVAL for a line that no header can
 *          be made of: out->name is the line then. The next call goes on after.
 */
int headers_next(char **at, struct headers_line *out);

/* A name for an invocation that a client may choose: 1 to 64 letters, digits
 * and . _ : - */
bool headers_call_id_ok(const char *id);

#endif
