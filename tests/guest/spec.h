// SPDX-License-Identifier: MIT
/*
 * spec.h: a conformance test's two files, `event` and `expect`, as README.md
 * describes them.
 */
#ifndef TESTS_GUEST_SPEC_H
#define TESTS_GUEST_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#include "abi/control.h"
#include "engine/event.h"

#define SPEC_HEADERS 16
#define SPEC_LINES   96
#define SPEC_EVENTS  32u

struct line {
    const char *key;
    const char *value;
    unsigned event; /* holds for this event only, from 1; 0: for all */
};

struct spec {
    char *event_text; /* owned; the strings below point into both */
    char *expect_text;
    const char *sentence;
    struct event event;
    struct event_header headers[SPEC_HEADERS];
    char env[1024];
    unsigned env_size;
    char *fill; /* owned; a large body */
    struct {
        const char *text; /* NULL: that of `event` */
        size_t size;
    } body[SPEC_EVENTS];
    const char *image; /* NULL: the test's own      */
    struct uf_limits limits;
    unsigned repeat;
    struct line expect[SPEC_LINES];
    unsigned nexpect;
};

/* Read DIR/event and DIR/expect. Exits with a message when they make no sense. */
void spec_load(struct spec *s, const char *dir);
void spec_fini(struct spec *s);

/* The event of this number, from 1. */
struct event spec_event(const struct spec *s, unsigned nr);

/* The value for a key and an event, or `otherwise`. */
const char *spec_find(const struct spec *s, const char *key, unsigned event, const char *otherwise);

#endif
