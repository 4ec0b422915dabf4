// SPDX-License-Identifier: MIT
/*
 * core.h: what the parts of the library OS know of each other.
 *
 * The library OS is a handful of C files around one fact: the guest has
 * nothing but its memory and the door. It runs in one thread and is entered at
 * two places, uf_boot_main() once and uf_event_main() for every event, and
 * leaves both by a door call that does not return.
 *
 * State that every event touches is UF_HOT: it lies together, so that an event
 * dirties one page of it. A page that stays clean need not be restored.
 */
#ifndef GUEST_CORE_CORE_H
#define GUEST_CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/control.h"
#include "abi/door.h"
#include "abi/event.h"
#include "abi/image.h"

/* The linker script puts .bss.uf_hot beside the thread's own block. */
#define UF_HOT __attribute__((section(".bss.uf_hot")))

/* An event is the layout itself, at UF_EVENT_BASE. */
struct uf_event {
    struct uf_event_layout l;
};

/* ---- door calls: hostcall.c ---------------------------------------------------- */

extern struct uf_door uf_door_block;

struct uf_call {
    enum uf_door_op op;
    uint64_t a[6];
};

/* Open the door, with the pending log; returns what the tender answered. */
int64_t uf_door_call(const struct uf_call *call);

/* READY, DONE, FAIL: the guest ends here. */
_Noreturn void uf_door_last(const struct uf_call *call);

static inline uint64_t uf_addr(const void *p)
{
    return (uint64_t)(uintptr_t)p;
}

/* ---- start.c -------------------------------------------------------------------- */

/* What the tender left for us; NULL until the boot entry has seen it. */
extern const struct uf_boot *uf_boot_block;

/* Is an event being handled? False in init and in constructors. */
extern bool uf_in_event;

/* Entered from entry.S. */
_Noreturn void uf_boot_main(const struct uf_boot *boot);
_Noreturn void uf_event_main(const struct uf_boot *boot);

/* In guest/arch/ARCH/thread.c: make the thread block valid at the boot, and
 * set the value that the compiler's stack protector compares. */
void uf_thread_start(void);
void uf_thread_canary(uint64_t canary);

/* ---- log.c ---------------------------------------------------------------------- */

/* Begin an empty log. */
void uf_log_start(void);

void uf_log_bytes(const void *data, size_t size);

/* What uf_log() writes, of bytes that may hold a NUL. level: an enum uf_log_level. */
void uf_log_line(unsigned level, const void *text, size_t size);

/* Begin a new line unless we are at the start of one. */
void uf_log_fresh_line(void);

/* What stdio still holds goes to the log. */
void uf_log_drain(void);

/* The log's end should the run be cut off before it logs more, or calls the door. */
void uf_log_unless_more(const void *data, size_t size);

/* Hand the pending log to the next door call. */
void uf_log_pend(struct uf_door *door);

/* ---- fail.c --------------------------------------------------------------------- */

/* A message in a fixed buffer, without printf: this must work when memory is
 * full or broken, and should not make small images large. */
struct uf_message {
    char text[256];
    size_t size;
};

void uf_message_add(struct uf_message *m, const char *text);
void uf_message_number(struct uf_message *m, uint64_t value, unsigned base);

/* Outcome `error`, with a trace of the language's own, a frame a line, in the place
 * of a backtrace. */
_Noreturn void uf_give_up_traced(const char *message, const char *trace);
_Noreturn void uf_give_up(enum uf_fail_reason why, int status, const char *message);

/* ---- random.c ------------------------------------------------------------------- */

/* Seed from an event's entropy: bytes 0 to 23 key the generator. (24 to 31 are
 * the stack protector's, so that neither tells anything of the other.) */
void uf_random_seed(const uint8_t entropy[static 32]);

/* ---- libc/malloc.c -------------------------------------------------------------- */

void uf_malloc_start(uint64_t start, uint64_t end);
void uf_malloc_split(void); /* init() has returned */

#endif
