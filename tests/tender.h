// SPDX-License-Identifier: MIT
/*
 * tender.h: what tests need that are the platform of one tender: the program that is
 * installed, an image of functions/, and limits that are no matter.
 */
#ifndef TESTS_TENDER_H
#define TESTS_TENDER_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "abi/image.h"
#include "engine/memfile.h"
#include "engine/tender.h"
#include "tests/tap.h"

#define PATIENCE_MS 5000

static char program[512];
static char image[512];

static const struct uf_limits usual = {
    .memory = UINT64_C(8) << 20,
    .timeout_ns = UINT64_C(10000000000),
    .cpu_ns = UINT64_C(10000000000),
    .event_max = 2 * UF_ALIGN,
    .log_max = 65536,
    .body_max = 65536,
    .host_calls = 100,
    .effects_max = 4096,
};

/* First thing in main(): where the program is, and the image of this function. */
static inline void find_tender(const char *function)
{
    const char *given = getenv("UNIFAAS_TENDER");
    struct utsname u;

    (void)uname(&u);
    (void)snprintf(program, sizeof(program), "%s",
                   given != NULL ? given : "build/bin/unifaas-tender");
    (void)snprintf(image, sizeof(image), "build/%s-release/functions/%s.elf", u.machine, function);
}

/* The type of the next frame, or a negative errno. */
static inline int hear_frame(struct tender *t, struct uf_frame *f)
{
    struct uf_err err = {0};
    int r = tender_recv(t, f, PATIENCE_MS, &err);

    if (r != 1)
        printf("# no frame: %d: %s\n", r, err.msg);
    return r == 1 ? (int)f->type : r;
}

static inline int hear(struct tender *t)
{
    struct uf_frame f = {.type = 0};

    return hear_frame(t, &f);
}

static inline void start(struct tender *t, enum backend backend)
{
    const struct tender_options o = {.path = program, .backend = backend, .cpu = -1};

    *t = (struct tender){.sock = -1, .exchange = -1};
    CHECK(tender_start(t, &o, NULL) == 0 && hear(t) == UF_FRAME_READY);
}

/* A descriptor, the caller's to close. */
static inline int make_snapshot(enum backend backend, const struct uf_limits *l)
{
    int image_fd = open(image, O_RDONLY | O_CLOEXEC);
    int snapshot = memfile_make("snapshot", 0, NULL);
    const struct tender_image boot = {.image = image_fd, .snapshot = snapshot, .name = "test"};
    struct tender t;

    CHECK(image_fd >= 0 && snapshot >= 0);
    start(&t, backend);
    CHECK(tender_boot(&t, l, &boot, NULL) == 0 && hear(&t) == UF_FRAME_BOOTED);
    tender_stop(&t);
    (void)close(image_fd);
    return snapshot;
}

#endif
