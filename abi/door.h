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
 *	KV_*, QUEUE_*, PUBLISH, FETCH  the platform's store and the network;
 *	         ret = UF_R_NOT_AVAILABLE where no platform serves them.
 *
 * headers: address and length of "Name: value\n" lines. body, message, log:
 * address and length of bytes. A length of 0 makes the address irrelevant.
 */
#define UF_DOOR_OPS(X) \
    X(READY, 1)        \
    X(DONE, 2)         \
    X(FAIL, 3)         \
    X(LOG, 4)          \
    X(CLOCK, 5)        \
    X(KV_GET, 16)      \
    X(KV_SET, 17)      \
    X(KV_DELETE, 18)   \
    X(KV_INCR, 19)     \
    X(KV_LIST, 20)     \
    X(QUEUE_PUSH, 21)  \
    X(QUEUE_POP, 22)   \
    X(PUBLISH, 23)     \
    X(FETCH, 24)

enum uf_door_op {
#define X(name, nr) UF_OP_##name = (nr),
    UF_DOOR_OPS(X)
#undef X
};

/* Why a guest gives up: X(NAME, number, word). */
#define UF_FAIL_REASONS(X) \
    X(EXIT, 1, "exit")     \
    X(ABORT, 2, "abort")   \
    X(ASSERT, 3, "assert") \
    X(SMASH, 4, "stack smashed")

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
    uint64_t log_size;  /* guest; the tender sets it to 0 when it took them*/
    uint64_t oom_bytes; /* guest: size of the allocation that failed       */
    int64_t ret;        /* tender: result                                  */
};

/* ABI tripwires. Do not edit a number to make the build pass: read docs/abi.md. */
_Static_assert(sizeof(struct uf_door) == 88, "ABI v1: uf_door");
_Static_assert(offsetof(struct uf_door, a) == 8, "ABI v1: uf_door.a");
_Static_assert(offsetof(struct uf_door, ret) == 80, "ABI v1: uf_door.ret");
_Static_assert(UF_OP_FAIL == 3 && UF_OP_CLOCK == 5, "ABI v1: door numbers");

#endif
