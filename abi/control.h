// SPDX-License-Identifier: MIT
/*
 * control.h: how the platform and one tender talk.
 *
 * Two channels per tender. A SOCK_SEQPACKET socket carries frames of one fixed
 * size, some with file descriptors; a shared memory file, the exchange,
 * carries events in and results out:
 *
 *	exchange:  [ event, limits.event_max ][ struct uf_result | headers | log | body ]
 *	           [ struct uf_ask | data ][ effects, limits.effects_max ]
 *
 * The event part is written by the platform only, and is what the guest sees
 * (read-only) at UF_EVENT_BASE. The result part and the effects are written by
 * the tender only, the question part by both in turns; the guest never sees
 * them.
 *
 * The platform trusts the tender no further than it must: a tender may have
 * been taken over by its guest. It copies struct uf_result once, then checks
 * the copy; offsets are computed from its own limits, never received.
 *
 *	platform                     tender
 *	(start, socket is fd 3)      set up the machine, close the jail
 *	                        <--  READY
 *	BOOT + 4 fds            -->  load the image, run init, write the snapshot
 *	                        <--  BOOTED, result in the exchange; the tender
 *	                             ends, or waits for one RUN (UF_BOOT_AND_RUN)
 *	LOAD + 2 fds            -->  map the snapshot, and have the working set at hand
 *	                        <--  LOADED
 *	RUN (event in exchange) -->  run
 *	                        <--  CALL, a question in the exchange
 *	ANSWER (in the exchange) -->  ... as often as the guest asks
 *	                        <--  DONE, result in the exchange; then restores
 *	RUN ...
 *	(close)                      end
 *
 * ERROR takes the place of any answer and says why in words; the tender ends.
 * An ANSWER may come too late, when a time limit has ended the run that asked:
 * its seq is of that run, and it is thrown away.
 *
 * Host calls that only write are no questions: the tender appends a struct
 * uf_effect to the effects. They are true when the invocation is committed.
 */
#ifndef ABI_CONTROL_H
#define ABI_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#define UF_CONTROL_VERSION 3u
#define UF_CONTROL_FD      3 /* the tender's end of the socket   */
#define UF_KVM_FD          4 /* /dev/kvm, for the kvm backend    */
#define UF_MNT_FD          5 /* --namespaces shared: an empty mount namespace to enter */

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
    uint32_t effects_max; /* bytes of effects, one invocation; UF_EFFECTS_NONE   */
};

#define UF_EFFECTS_NONE UINT32_MAX /* nobody serves the store and the network  */

enum uf_frame_type {
    UF_FRAME_READY = 1,   /* tender:   flags = enum uf_degraded bits                  */
    UF_FRAME_BOOT = 2,    /* platform: limits, flags; fds image, scratch, snapshot, exchange */
    UF_FRAME_BOOTED = 3,  /* tender                                                   */
    UF_FRAME_LOAD = 4,    /* platform: limits; fds snapshot, exchange                 */
    UF_FRAME_LOADED = 5,  /* tender                                                   */
    UF_FRAME_RUN = 6,     /* platform: seq                                            */
    UF_FRAME_DONE = 7,    /* tender:   seq                                            */
    UF_FRAME_ERROR = 8,   /* tender:   text, code = negative errno, flags as READY's   */
    UF_FRAME_CALL = 9,    /* tender:   seq of the run                                  */
    UF_FRAME_ANSWER = 10, /* platform: seq of the run                                 */
};

/* flags of BOOT: write no snapshot (a second descriptor of scratch takes its
 * place); run one event on the machine that was booted, then end. */
#define UF_BOOT_AND_RUN 1u

/* What this tender had to do without; the last two in an ERROR frame, because
 * it does not. X(NAME, bit); engine/reason.h has the words. */
#define UF_DEGRADED(X)    \
    X(NO_NAMESPACES, 1)   \
    X(NO_EMPTY_ROOT, 2)   \
    X(NO_PAGEMAP_SCAN, 4) \
    X(SHARED_UID, 8)      \
    X(NO_PTRACE, 16)      \
    X(NO_SECCOMP, 32)

enum uf_degraded {
#define X(name, bit) UF_DEGRADED_##name = (bit),
    UF_DEGRADED(X)
#undef X
};

/* Beside those bits in READY's flags: where there is no pivot_root, as in a chroot, the
 * tender's root has nothing in it, but that of its mount namespace is the host's. Who
 * enters that gets the latter. */
#define UF_READY_CHROOT 0x80000000u

#define UF_FRAME_TEXT 256u

/*
 * The working set: pages that a function's first event wrote, as stretches, counted in
 * UF_PAGE from ram_start. A tender says so in the DONE of its first event, when LOAD
 * brought none. One that is given it with LOAD has those pages before its first event,
 * which would else wait for one after the other. Nothing but time and memory depends on it.
 */
#define UF_WORKING_SET   64u  /* stretches; count 0: none */
#define UF_WORKING_PAGES 256u /* in all                   */

struct uf_stretch {
    uint32_t first;
    uint32_t count;
};

struct uf_frame {
    uint32_t type; /* enum uf_frame_type             */
    int32_t code;
    uint64_t seq;
    uint32_t flags;    /* READY: what it lacks; BOOT: UF_BOOT_AND_RUN */
    uint32_t env_size; /* BOOT: bytes of "NAME=value\0" at the start of the exchange */
    struct uf_limits limits;
    union {
        struct uf_stretch working_set[UF_WORKING_SET]; /* LOAD, DONE */
        char text[UF_FRAME_TEXT]; /* ERROR: why; BOOT: the function's name; NUL-terminated */
    };
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
    uint64_t effects_size;        /* bytes of effects                                   */
    char message[UF_MESSAGE_MAX]; /* why, in words, NUL-terminated; "" when ok   */
    char trace[UF_TRACE_MAX];     /* backtrace, a frame a line, NUL-terminated   */
    /* Of the last restore, which happens after DONE: valid from the next DONE. */
    uint64_t restore_ns;
    uint32_t restore_pages;
    uint32_t restores;
};

#define UF_VALUE_MAX (UINT32_C(1) << 20) /* bytes of a value, message, request or answer */

/* A question of the guest's, and its answer. Bytes follow the struct: of the
 * tender the name, then the parts of FETCH; of the platform the answer. */
struct uf_ask {
    uint32_t op;           /* tender: enum uf_door_op                                   */
    uint32_t name_size;    /* tender: bytes of the name, at most UF_NAME_MAX            */
    uint64_t cap;          /* tender: bytes of answer that the guest has room for       */
    int64_t number;        /* tender: KV_INCR: what to add; FETCH: time limit in ns     */
    uint64_t effects;      /* tender: bytes of effects that came before                 */
    uint32_t part[4];      /* tender: FETCH: bytes of method, URL, headers, body        */
    int64_t ret;           /* platform: enum uf_door_result                             */
    int64_t status;        /* platform: FETCH: of HTTP                                  */
    uint32_t headers_size; /* platform: FETCH: bytes of headers, before the body        */
    uint32_t size;         /* platform: bytes of answer, headers included               */
};

/* Room for the struct, a name, and the largest request or answer. */
#define UF_ASK_MAX (UF_VALUE_MAX + UINT32_C(4096))

/* One of the effects. Name and data follow; the next begins at a multiple of 8. */
struct uf_effect {
    uint32_t op;        /* KV_SET, QUEUE_PUSH or PUBLISH                         */
    uint32_t name_size; /* bytes, 1 to UF_NAME_MAX                               */
    uint32_t data_size; /* bytes, at most UF_VALUE_MAX                           */
    uint32_t zero;
    uint64_t number; /* KV_SET: ms to live, 0: for ever; QUEUE_PUSH: ms to wait */
};

static inline uint64_t uf_effect_size(uint64_t name_size, uint64_t data_size)
{
    return (sizeof(struct uf_effect) + name_size + data_size + 7) / 8 * 8;
}

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
static inline uint64_t uf_exchange_ask(const struct uf_limits *l)
{
    return (uf_exchange_body(l) + l->body_max + 63) / 64 * 64;
}
static inline uint64_t uf_exchange_effects(const struct uf_limits *l)
{
    return uf_exchange_ask(l) + UF_ASK_MAX;
}
static inline uint64_t uf_exchange_size(const struct uf_limits *l)
{
    if (l->effects_max == UF_EFFECTS_NONE)
        return uf_exchange_body(l) + l->body_max;
    return uf_exchange_effects(l) + l->effects_max;
}

/* The largest limits that a tender accepts. */
#define UF_LOG_LIMIT     (UINT32_C(16) << 20) /* bytes */
#define UF_BODY_LIMIT    (UINT32_C(64) << 20) /* bytes */
#define UF_EFFECTS_LIMIT (UINT32_C(64) << 20) /* bytes */

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
_Static_assert(sizeof(struct uf_limits) == 48, "control v3: uf_limits");
_Static_assert(sizeof(struct uf_frame) == 584, "control v3: uf_frame");
_Static_assert(sizeof(struct uf_result) == 4680, "control v3: uf_result");
_Static_assert(sizeof(struct uf_result) <= 8192, "control v3: result fits its part");
_Static_assert(sizeof(struct uf_ask) == 72, "control v3: uf_ask");
_Static_assert(sizeof(struct uf_effect) == 24, "control v3: uf_effect");

#endif
