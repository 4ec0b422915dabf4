// SPDX-License-Identifier: MIT
/*
 * address.h: what kind of place an IP address is. Pure.
 *
 * A function that asks for a URL must not reach what only this machine or its
 * network can reach, unless its manifest names it. What an address is comes from
 * the registries of special-purpose addresses (RFC 6890); one that carries an IPv4
 * address inside (mapped, NAT64, 6to4) is what that one is; whatever is in no
 * range of the table is never connected to.
 */
#ifndef DAEMON_FETCH_ADDRESS_H
#define DAEMON_FETCH_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* From what everybody may reach to what nobody may. */
enum address_kind {
    ADDRESS_PUBLIC,  /* of the Internet                                               */
    ADDRESS_PRIVATE, /* of a network: 10.0.0.0/8, fc00::/7, shared addresses ...      */
    ADDRESS_LOCAL,   /* of this machine or its link: loopback, link-local, metadata   */
    ADDRESS_NEVER,   /* no host: multicast, reserved, for documentation, unspecified  */
};

#define ADDRESS_TEXT 48u /* enough for any address as text, with its NUL */

/* Anything but AF_INET and AF_INET6 is ADDRESS_NEVER. */
enum address_kind address_kind(const struct sockaddr *a);
/* Is it of the machine or a network, or no host at all? */
bool address_is_private(const struct sockaddr *a);

/* "192.0.2.1" or "2001:db8::1", as it is written without a port. */
const char *address_format(const struct sockaddr *a, char text[static ADDRESS_TEXT]);
/* Read one of both forms. 0, or -EINVAL. */
int address_parse(const char *text, struct sockaddr_storage *out);

/* What a kind is, for people: "a loopback or link-local address". */
const char *address_words(enum address_kind kind);

#endif
