// SPDX-License-Identifier: MIT
/*
 * control.h: how the platform and one tender talk.
 *
 * Two channels per tender. A SOCK_SEQPACKET socket carries frames of one fixed
 * size, some with file descriptors; a shared memory file, the exchange,
 * carries events in and results out:
 *
 *	exchange:  [ event, limits.event_max ][ struct uf_result | headers | log | body ]
 *
 * The event part is written by the platform only, and is what the guest sees
 * (read-only) at UF_EVENT_BASE. The result part is written by the tender only,
 * and the guest never sees it.
 *
 * The platform trusts the tender no further than it must: a tender may have
 * been taken over by its guest. It copies struct uf_result once, then checks
 * the copy; offsets are computed from its own limits, never received.
 *
 *	platform                     tender
 *	(start, socket is fd 3)      set up the machine, close the jail
 *	                        <--  READY
 *	BOOT + 4 fds            -->  load the image, run init, write the snapshot
 *	                        <--  BOOTED, result in the exchange; the tender ends
 *	LOAD + 2 fds            -->  map the snapshot
 *	                        <--  LOADED
 *	RUN (event in exchange) -->  run
 *	                        <--  DONE, result in the exchange; then restores
 *	RUN ...
 *	(close)                      end
 *
 * ERROR takes the place of any answer and says why in words; the tender ends.
 */
#ifndef ABI_CONTROL_H
#define ABI_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#define UF_CONTROL_VERSION 1u
#define UF_CONTROL_FD      3 /* the tender's end of the socket   */
#define UF_KVM_FD          4 /* /dev/kvm, for the kvm backend    */

/* How an invocation ended: X(NAME, number, word, HTTP status). The words are
 * part of the interface: responses, records, metrics and the CLI carry them. */
#define UF_OUTCOMES(X)                             \
    X(OK, 0, "ok", 200)                            \
    X(ERROR, 1, "error", 500)                      \
    X(EXIT, 2, "exit", 502)                        \
    X(ABORT, 3, "abort", 502)                      \
    X(ASSERT, 4, "assert", 502)                    \
    X(FAULT, 5, "fault", 502)                      \
    X(STACK_OVERFLOW, 6, "stack-overflow", 502)    \
    X(STACK_SMASHED, 7, "stack-smashed", 502)      \
    X(OUT_OF_MEMORY, 8, "out-of-memory", 502)      \
    X(SYSTEM_CALL, 9, "system-call", 502)          \
    X(TIME_LIMIT, 10, "time-limit", 504)           \
    X(CPU_LIMIT, 11, "cpu-limit", 504)             \
    X(LOG_LIMIT, 12, "log-limit", 502)             \
    X(RESPONSE_LIMIT, 13, "response-limit", 502)   \
    X(HOST_CALL_LIMIT, 14, "host-call-limit", 502) \
    X(BAD_DOOR, 15, "bad-door", 502)               \
    X(TENDER_LOST, 16, "tender-lost", 502)

enum uf_outcome {
#define X(name, nr, word, http) UF_OUTCOME_##name = (nr),
    UF_OUTCOMES(X)
#undef X
        UF_NOUTCOMES
};

/* What bounds an invocation; the tender enforces all of it from outside. */
struct uf_limits {
    uint64_t memory;      /* bytes of RAM: image, heap and stack                 */
    uint64_t timeout_ns;  /* wall clock, one invocation (and init)               */
    uint64_t cpu_ns;      /* CPU time, likewise                                  */
    uint32_t event_max;   /* bytes of the exchange's event part, UF_ALIGN units  */
    uint32_t log_max;     /* bytes of log, one invocation                        */
    uint32_t body_max;    /* bytes of response body                              */
    uint32_t host_calls;  /* door calls besides READY, DONE, FAIL                */
    uint32_t keep_memory; /* 1: no restore between invocations                   */
    uint32_t zero;
};

enum uf_frame_type {
    UF_FRAME_READY = 1,  /* tender:   flags = enum uf_degraded bits                  */
    UF_FRAME_BOOT = 2,   /* platform: limits; fds image, scratch, snapshot, exchange */
    UF_FRAME_BOOTED = 3, /* tender                                                   */
    UF_FRAME_LOAD = 4,   /* platform: limits; fds snapshot, exchange                 */
    UF_FRAME_LOADED = 5, /* tender                                                   */
    UF_FRAME_RUN = 6,    /* platform: seq                                            */
    UF_FRAME_DONE = 7,   /* tender:   seq                                            */
    UF_FRAME_ERROR = 8,  /* tender:   text, code = negative errno                    */
};

/* What this tender had to do without: X(NAME, bit, words). */
#define UF_DEGRADED(X)                                                                    \
    X(NO_NAMESPACES, 1, "no user namespaces: the jail has no namespaces of its own")      \
    X(NO_EMPTY_ROOT, 2, "no mount namespace: the jail sees the host's files (not opens)") \
    X(NO_PAGEMAP_SCAN, 4, "no PAGEMAP_SCAN (Linux 6.7): restores read the page map")      \
    X(SHARED_UID, 8, "not started as root: tenders share the daemon's user")

enum uf_degraded {
#define X(name, bit, words) UF_DEGRADED_##name = (bit),
    UF_DEGRADED(X)
#undef X
};

#define UF_FRAME_TEXT 256u

struct uf_frame {
    uint32_t type; /* enum uf_frame_type             */
    int32_t code;
    uint64_t seq;
    uint32_t flags;
    uint32_t env_size; /* BOOT: bytes of "NAME=value\0" at the start of the exchange */
    struct uf_limits limits;
    char text[UF_FRAME_TEXT]; /* ERROR: why; BOOT: the function's name; NUL-terminated */
};

#define UF_HEADERS_MAX 16384u /* bytes of response headers   */
#define UF_MESSAGE_MAX 512u
#define UF_TRACE_MAX   4096u

/* Written by the tender at the start of the exchange's result part. */
struct uf_result {
    uint32_t outcome;             /* enum uf_outcome                                    */
    int32_t status;               /* what handle or init returned, or the exit status   */
    uint32_t http_status;         /* as the function asked; 0 = did not say             */
    uint32_t headers_size;        /* bytes of "Name: value\n" lines                     */
    uint32_t log_size;            /* bytes of log                                       */
    uint32_t body_size;           /* bytes of body                                      */
    uint32_t host_calls;          /* door calls besides READY, DONE, FAIL               */
    uint32_t oom;                 /* 1: an allocation failed in this invocation         */
    uint64_t run_ns;              /* entry to last exit                                 */
    uint64_t cpu_ns;              /* CPU time of it                                     */
    char message[UF_MESSAGE_MAX]; /* why, in words, NUL-terminated; "" when ok   */
    char trace[UF_TRACE_MAX];     /* backtrace, a frame a line, NUL-terminated   */
    /* Of the last restore, which happens after DONE: valid from the next DONE. */
    uint64_t restore_ns;
    uint32_t restore_pages;
    uint32_t restores;
};

/* Where the parts of the result lie, from the start of the exchange. */
static inline uint64_t uf_exchange_headers(const struct uf_limits *l)
{
    return l->event_max + UINT64_C(8192);
}
static inline uint64_t uf_exchange_log(const struct uf_limits *l)
{
    return uf_exchange_headers(l) + UF_HEADERS_MAX;
}
static inline uint64_t uf_exchange_body(const struct uf_limits *l)
{
    return uf_exchange_log(l) + l->log_max;
}
static inline uint64_t uf_exchange_size(const struct uf_limits *l)
{
    return uf_exchange_body(l) + l->body_max;
}

/* The largest limits that a tender accepts. */
#define UF_LOG_LIMIT  (UINT32_C(16) << 20) /* bytes */
#define UF_BODY_LIMIT (UINT32_C(64) << 20) /* bytes */

/* How a tender process ends: X(NAME, status, words). 0 after a closed socket. */
#define UF_TENDER_EXITS(X)                                      \
    X(USAGE, 100, "started with wrong options")                 \
    X(SETUP, 101, "could not set up its machine or its jail")   \
    X(PROTOCOL, 102, "was sent a frame it does not understand") \
    X(IMAGE, 103, "was given a bad image or snapshot")          \
    X(MACHINE, 104, "its virtual machine or guest process died")

enum uf_tender_exit {
#define X(name, nr, words) UF_TENDER_EXIT_##name = (nr),
    UF_TENDER_EXITS(X)
#undef X
};

/* ABI tripwires. Both ends are built together, but a daemon may outlive an
 * upgrade of the tender on disk: bump UF_CONTROL_VERSION with any of these. */
_Static_assert(sizeof(struct uf_limits) == 48, "control v1: uf_limits");
_Static_assert(sizeof(struct uf_frame) == 328, "control v1: uf_frame");
_Static_assert(sizeof(struct uf_result) == 4672, "control v1: uf_result");
_Static_assert(sizeof(struct uf_result) <= 8192, "control v1: result fits its part");

#endif
