// SPDX-License-Identifier: MIT
/* stats.h: times of many events, as a median and a tail. */
#ifndef CLI_STATS_H
#define CLI_STATS_H

#include <stddef.h>
#include <stdint.h>

struct series {
    uint64_t *at; /* owned */
    size_t n;
};

void series_add(struct series *s, uint64_t v);

/* The value that permille of all are not above; 0 when there is none. Sorts. */
uint64_t series_permille(struct series *s, unsigned permille);

void series_fini(struct series *s);

#endif
