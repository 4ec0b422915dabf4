// SPDX-License-Identifier: MIT
/*
 * callid.h: the id of an event as the world sees it. Pure.
 *
 * A UUID (RFC 9562, version 8) made of the queue's number, the event's, and a tag
 * keyed with the database's salt. So it can be taken apart again without an index,
 * nobody who does not know the salt can make one or sees how many there were, and
 * one of another database is none here.
 *
 *	tag (58 bits of 122) = hash(salt, queue, event)
 *	data (64 bits)       = (queue, event) xor hash(salt, tag)
 */
#ifndef DAEMON_STORE_CALLID_H
#define DAEMON_STORE_CALLID_H

#include <stdbool.h>
#include <stdint.h>

#define CALLID_TEXT 37 /* bytes, with its NUL */

/* The largest numbers that fit. */
#define CALLID_QUEUE_MAX ((UINT64_C(1) << 24) - 1)
#define CALLID_EVENT_MAX ((UINT64_C(1) << 40) - 1)

void callid_format(char out[static CALLID_TEXT], uint64_t salt, uint64_t queue, uint64_t event);

/* False: text is not one that callid_format() made with this salt. */
bool callid_parse(const char *text, uint64_t salt, uint64_t *queue, uint64_t *event);

#endif
