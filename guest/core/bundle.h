// SPDX-License-Identifier: MIT
/*
 * bundle.h: what the library OS offers to language runtimes beside unifaas.h:
 * the files that the builder put into the image (struct uf_bundle), and the size
 * of the stack. With uf_give_up_traced() of core.h, that is all that tells a
 * runtime from another function.
 */
#ifndef GUEST_CORE_BUNDLE_H
#define GUEST_CORE_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

struct bundle_file {
    const char *name; /* a NUL follows, in both */
    size_t name_size;
    const char *data;
    size_t data_size;
};

/* How many files; 0: nobody has put any into this image. */
uint32_t uf_bundle_count(void);

/* Nothing but zeroes when there is no such file, when it lies outside, or has no NUL. */
struct bundle_file uf_bundle_file(uint32_t index);

/* Bytes from the top of the stack to its guard. */
size_t uf_stack_bytes(void);

/* Bytes of memory for malloc(), used or not. */
size_t uf_heap_bytes(void);

#endif
