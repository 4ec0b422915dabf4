// SPDX-License-Identifier: MIT
/* lies.h: what a tender can say that is not so, and when. */
#ifndef TESTS_MALICE_LIES_H
#define TESTS_MALICE_LIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/control.h"

#define FAKE_FDS 4

enum moment {
    NEVER,
    AT_START,  /* instead of READY                  */
    AT_BOOT,   /* instead of BOOTED                 */
    AT_LOAD,   /* instead of LOADED                 */
    AT_RUN,    /* instead of DONE                   */
    IN_RESULT, /* before an honest DONE, each time  */
};

struct fake;

struct lie {
    const char *name;
    enum moment when;
    void (*tell)(struct fake *f);
};

struct fake {
    const struct lie *lie;
    bool is_told; /* lies of frames are told once */
    struct uf_limits limits;
    uint64_t seq;                            /* of the frame that is answered */
    struct uf_stretch given[UF_WORKING_SET]; /* in LOAD */
    int exchange;
    int snapshot;
    uint8_t *map; /* the exchange */
    struct uf_result *result;
};

extern const struct lie lies[];
extern const size_t lies_count;

/* In working_set.c. */
void lie_working_set_plain(struct fake *f);
void lie_working_set_failed(struct fake *f);
void lie_working_set_forged(struct fake *f);
void lie_working_set_given(struct fake *f);

/* Send a frame of this type that is as it should be. */
void fake_say(const struct fake *f, uint32_t type);
/* Send `size` bytes as one packet, with descriptors `fd` repeated nfds times. */
void fake_send(const void *data, size_t size, int fd, size_t nfds);
/* The next frame from the platform; false: it has hung up. */
bool fake_hear(struct uf_frame *f, int fds[static FAKE_FDS]);

#endif
