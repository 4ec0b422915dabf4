// SPDX-License-Identifier: MIT
/*
 * hostcall.h: what a guest asks of the platform, as its tender passes it on
 * (abi/control.h). The tender may have been taken over: what it says is copied
 * once, then checked. Pure but for memory.
 */
#ifndef ENGINE_HOSTCALL_H
#define ENGINE_HOSTCALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/control.h"
#include "abi/door.h"
#include "base/err.h"

#define HOST_PARTS 4 /* of FETCH: method, URL, headers, body */

/* A question: enum uf_door_op and its arguments. */
struct host_request {
    enum uf_door_op op;
    char name[UF_NAME_MAX + 1]; /* key, prefix, queue or secret; "" for FETCH       */
    uint64_t cap;               /* bytes of answer that the guest has room for      */
    int64_t number;             /* KV_INCR: what to add; FETCH: time limit in ns, 0: none */
    uint64_t effects;           /* bytes of effects that came before the question   */
    uint8_t *data;              /* FETCH: the parts, one after the other; malloc'ed, yours */
    size_t part[HOST_PARTS];    /* FETCH: bytes of each                             */
};

struct host_answer {
    int64_t ret;         /* enum uf_door_result, or what abi/door.h says          */
    const void *data;    /* size bytes                                            */
    size_t size;         /* at most UF_VALUE_MAX                                  */
    int64_t status;      /* FETCH                                                 */
    size_t headers_size; /* FETCH: bytes at the start of data                     */
};

/*
 * Copy a question out of the exchange's question part, UF_ASK_MAX bytes at `ask`.
 *
 * effects_max  of the limits: how many effects there can be.
 * Returns      0, -EPROTO when no good tender would say that, or -ENOMEM.
 */
int hostcall_take(const void *ask, uint32_t effects_max, struct host_request *out,
                  struct uf_err *err);

/* Write an answer there. */
void hostcall_answer(void *ask, const struct host_answer *a);

/* One of the effects. */
struct host_effect {
    enum uf_door_op op; /* KV_SET, QUEUE_PUSH or PUBLISH                           */
    char name[UF_NAME_MAX + 1];
    const uint8_t *data; /* within the list */
    size_t size;
    uint64_t number; /* KV_SET: ms to live, 0: for ever; QUEUE_PUSH: ms to wait */
};

/*
 * Take the next effect off a list that is the caller's own copy.
 *
 * at       where it begins; moves on.
 * Returns  1 and *out, 0 at the end, or -EPROTO for what makes no sense.
 */
int hostcall_effect(const uint8_t *list, size_t size, size_t *at, struct host_effect *out,
                    struct uf_err *err);

/* Is it a name for a key, queue, topic or secret: 1 to UF_NAME_MAX bytes of UTF-8
 * without control characters? */
bool hostcall_name_ok(const char *name, size_t size);

#endif
