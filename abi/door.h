// SPDX-License-Identifier: MIT
/*
 * door.h: how the guest leaves, and what it may ask for.
 *
 * The guest fills in its door block (one struct uf_door at the address that
 * its note names) and calls UF_DOOR_BASE like a function. The instruction
 * there stops the guest; the tender copies the block once, judges the copy,
 * does the work, writes ret into the block, and the call returns. READY, DONE
 * and FAIL do not return: the next thing that runs is the event entry.
 *
 * Nothing is passed in registers, so the contract is the same on every
 * architecture and backend. At both entries all registers are constants: the
 * stack pointer is UF_IMAGE_BASE, the thread register as the note says, the
 * first argument register points to struct uf_boot, floating point and vector
 * state is the architecture's initial one, everything else is zero.
 */
#ifndef ABI_DOOR_H
#define ABI_DOOR_H

#include <stddef.h>
#include <stdint.h>

#define UF_NAME_MAX 255u /* bytes of a key, queue or topic */

/*
 * X(NAME, number): "who" is guest unless said otherwise.
 *
 *	READY    init is done: a0 = what init returned. Pending log as below.
 *	DONE     the event is handled: a0 = what handle returned, a1 = HTTP
 *	         status (0: 200), a2,a3 = headers, a4,a5 = body.
 *	FAIL     the guest gives up: a0 = enum uf_fail_reason, a1 = exit status,
 *	         a2,a3 = message.
 *	LOG      nothing but the pending log.
 *	CLOCK    a0 = 0: ret = nanoseconds since 1970-01-01T00:00:00Z;
 *	         a0 = 1: ret = nanoseconds of a clock that never steps back.
 *
 * The platform's store and the network; ret = UF_R_NOT_AVAILABLE where no
 * platform serves them, as in init:
 *
 *	SLEEP       a0 = nanoseconds. Nothing is computed meanwhile; the time limit goes on.
 *	KV_GET      a0,a1 = key, a2,a3 = buffer: ret = bytes of the value.
 *	KV_SET      a0,a1 = key, a2,a3 = value, a4 = milliseconds to live, 0: for ever.
 *	KV_DELETE   a0,a1 = key.
 *	KV_INCR     a0,a1 = key, a2 = what to add (signed), a3,a4 = where the
 *	            sum goes: 8 bytes.
 *	KV_LIST     a0,a1 = prefix of keys, a2,a3 = buffer: ret = bytes of keys,
 *	            each with its NUL.
 *	QUEUE_PUSH  a0,a1 = queue, a2,a3 = message, a4 = milliseconds to wait.
 *	QUEUE_POP   a0,a1 = queue, a2,a3 = buffer: ret = bytes of the message.
 *	PUBLISH     a0,a1 = topic, a2,a3 = message.
 *	FETCH       a0,a1 = struct uf_door_fetch.
 *	SECRET      a0,a1 = name, a2,a3 = buffer: ret = bytes of the secret.
 *
 * Arguments that are not named are 0. A pair is an address and a length in
 * bytes; a length of 0 makes the address irrelevant. headers: "Name: value\n"
 * lines. Names (of keys, queues, topics, secrets) have 1 to UF_NAME_MAX bytes of
 * UTF-8 without control characters; prefixes may be empty. Values, messages,
 * requests and answers have at most UF_VALUE_MAX bytes (abi/control.h).
 */
#define UF_DOOR_OPS(X) \
    X(READY, 1)        \
    X(DONE, 2)         \
    X(FAIL, 3)         \
    X(LOG, 4)          \
    X(CLOCK, 5)        \
    X(SLEEP, 6)        \
    X(KV_GET, 16)      \
    X(KV_SET, 17)      \
    X(KV_DELETE, 18)   \
    X(KV_INCR, 19)     \
    X(KV_LIST, 20)     \
    X(QUEUE_PUSH, 21)  \
    X(QUEUE_POP, 22)   \
    X(PUBLISH, 23)     \
    X(FETCH, 24)       \
    X(SECRET, 25)

enum uf_door_op {
#define X(name, nr) UF_OP_##name = (nr),
    UF_DOOR_OPS(X)
#undef X
};

/* Why a guest gives up: X(NAME, number, word). */
#define UF_FAIL_REASONS(X)       \
    X(EXIT, 1, "exit")           \
    X(ABORT, 2, "abort")         \
    X(ASSERT, 3, "assert")       \
    X(SMASH, 4, "stack smashed") \
    X(ERROR, 5, "error")

enum uf_fail_reason {
#define X(name, nr, word) UF_FAIL_##name = (nr),
    UF_FAIL_REASONS(X)
#undef X
};

/* What ret holds for calls that answer with a result. */
enum uf_door_result {
    UF_R_OK = 0,
    UF_R_NOT_AVAILABLE = -1, /* nothing here serves this call        */
    UF_R_INVALID = -2,       /* an argument makes no sense           */
    UF_R_NOT_FOUND = -3,
    UF_R_TOO_LARGE = -4,
    UF_R_DENIED = -5,
};

struct uf_door {
    uint32_t op;        /* guest: enum uf_door_op                          */
    uint32_t oom;       /* guest: 1 once an allocation failed in this run  */
    uint64_t a[6];      /* guest: arguments                                */
    uint64_t log_addr;  /* guest: bytes of log not yet given, any op       */
    uint64_t log_size;  /* guest; the tender sets it to 0 when it took them, and takes
                         * them as well when it cuts the run off           */
    uint64_t oom_bytes; /* guest: size of the allocation that failed       */
    int64_t ret;        /* tender: result                                  */
};

/* An address and a length in the guest. */
struct uf_door_span {
    uint64_t addr;
    uint64_t size; /* bytes */
};

struct uf_door_fetch {
    struct uf_door_span method;  /* guest: "GET"                                     */
    struct uf_door_span url;     /* guest                                            */
    struct uf_door_span headers; /* guest                                            */
    struct uf_door_span body;    /* guest                                            */
    uint64_t timeout_ns;         /* guest: 0: as long as the invocation may take     */
    struct uf_door_span buffer;  /* guest: where headers and body of the answer go   */
    int64_t status;              /* tender: of HTTP                                  */
    uint64_t headers_size;       /* tender: bytes at the start of the buffer         */
    uint64_t body_size;          /* tender: bytes after them                         */
};

/* ABI tripwires. Do not edit a number to make the build pass: read docs/abi.md. */
_Static_assert(sizeof(struct uf_door) == 88, "ABI v1: uf_door");
_Static_assert(offsetof(struct uf_door, a) == 8, "ABI v1: uf_door.a");
_Static_assert(offsetof(struct uf_door, log_addr) == 56, "ABI v1: uf_door.log_addr");
_Static_assert(offsetof(struct uf_door, ret) == 80, "ABI v1: uf_door.ret");
_Static_assert(sizeof(struct uf_door_fetch) == 112, "ABI v1: uf_door_fetch");
_Static_assert(offsetof(struct uf_door_fetch, status) == 88, "ABI v1: uf_door_fetch.status");
_Static_assert(UF_OP_FAIL == 3 && UF_OP_CLOCK == 5, "ABI v1: door numbers");

#endif
