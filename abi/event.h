// SPDX-License-Identifier: MIT
/*
 * event.h: one event, as the guest finds it at UF_EVENT_BASE.
 *
 * The daemon writes it, the guest reads it, nobody else does; the guest's
 * mapping is read-only. Offsets count from the start of the event. Every
 * string is followed by a NUL that its length does not count, so that C code
 * may use it in place. CloudEvents attributes are headers with the prefix
 * "ce-" (CloudEvents 1.0.2, HTTP protocol binding, binary mode); the daemon
 * adds those that the caller did not send.
 *
 * The writer zeroes what an earlier, longer event left behind, so nothing of
 * one event can be read by the next.
 */
#ifndef ABI_EVENT_H
#define ABI_EVENT_H

#include <stddef.h>
#include <stdint.h>

#define UF_EVENT_MAGIC       0x4e564555u /* "UEVN" */
#define UF_EVENT_HEADERS_MAX 128u

struct uf_slice {
    uint32_t off; /* bytes from the start of the event  */
    uint32_t len; /* bytes, without the NUL             */
};

struct uf_event_header {
    struct uf_slice name; /* lower case */
    struct uf_slice value;
};

struct uf_event_layout {
    uint32_t magic;          /* UF_EVENT_MAGIC                             */
    uint32_t size;           /* bytes, everything                          */
    uint64_t now_ns;         /* since 1970, when the event was handed over */
    uint64_t timeout_ns;     /* how long the invocation may take           */
    uint8_t entropy[32];     /* fresh for every invocation                 */
    uint32_t attempt;        /* 1 for the first                            */
    uint32_t nheaders;       /* at most UF_EVENT_HEADERS_MAX               */
    struct uf_slice id;      /* of the invocation                          */
    struct uf_slice trigger; /* "http", "queue", ...                       */
    struct uf_slice method;  /* "POST"                                     */
    struct uf_slice path;    /* after the function's name: "/a/b" or "/"   */
    struct uf_slice query;   /* without "?", still encoded; may be empty   */
    struct uf_slice headers; /* nheaders struct uf_event_header, 8-aligned */
    struct uf_slice body;
};

/*
 * Several events handed over together are one event, whose body is this, then the
 * parts, and whose content-type is UF_BATCH_TYPE. Offsets count from the start of the
 * body. A NUL that its length does not count follows every id and every body; headers
 * are "name\0value\0" one after the other. Bodies begin at multiples of 8.
 */
#define UF_BATCH_TYPE  "application/x-unifaas-batch"
#define UF_BATCH_MAGIC 0x54414255u /* "UBAT" */

struct uf_batch_item {
    struct uf_slice id;      /* of the event; the invocation's is another  */
    struct uf_slice headers; /* names in lower case                        */
    struct uf_slice body;
    uint64_t pushed_ns; /* since 1970                                 */
};

struct uf_batch_layout {
    uint32_t magic; /* UF_BATCH_MAGIC                             */
    uint32_t count; /* of items, at least 1                       */
    struct uf_batch_item item[];
};

/* ABI tripwires. Do not edit a number to make the build pass: read docs/abi.md. */
_Static_assert(sizeof(struct uf_event_header) == 16, "ABI v1: uf_event_header");
_Static_assert(sizeof(struct uf_event_layout) == 120, "ABI v1: uf_event_layout");
_Static_assert(offsetof(struct uf_event_layout, entropy) == 24, "ABI v1: entropy");
_Static_assert(sizeof(struct uf_batch_item) == 32, "ABI v1: uf_batch_item");
_Static_assert(sizeof(struct uf_batch_layout) == 8, "ABI v1: uf_batch_layout");

#endif
