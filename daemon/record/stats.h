// SPDX-License-Identifier: MIT
/*
 * stats.h: what a function's requests came to, for /metrics and describe.
 *
 * One histogram of seconds for each HTTP status that occurred. A function may
 * answer with any status, so only STATS_CODES different ones are told apart;
 * later ones count under code 0, shown as "other".
 */
#ifndef DAEMON_RECORD_STATS_H
#define DAEMON_RECORD_STATS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define STATS_CODES 16u

/* Upper bounds of the histogram's buckets: X(seconds as text, nanoseconds).
 * The usual ones, with finer ones below: a warm invocation takes 0.1 ms. */
#define STATS_BUCKETS(X)  \
    X("0.0001", 100000u)  \
    X("0.00025", 250000u) \
    X("0.0005", 500000u)  \
    X("0.001", 1000000u)  \
    X("0.0025", 2500000u) \
    X("0.005", 5000000u)  \
    X("0.01", 10000000u)  \
    X("0.025", 25000000u) \
    X("0.05", 50000000u)  \
    X("0.1", 100000000u)  \
    X("0.25", 250000000u) \
    X("0.5", 500000000u)  \
    X("1", 1000000000u)   \
    X("2.5", 2500000000u) \
    X("5", 5000000000u)   \
    X("10", 10000000000u)

enum {
#define X(text, ns) +1
    STATS_NBUCKETS = 0 STATS_BUCKETS(X),
#undef X
};

struct stats_code {
    unsigned code; /* HTTP status; 0: all further ones */
    uint64_t count;
    uint64_t sum_ns;
    uint64_t bucket[STATS_NBUCKETS]; /* not cumulative */
};

struct stats {
    uint64_t started;
    uint64_t cold_starts;   /* instances, from a snapshot             */
    uint64_t cold_start_ns; /* that took so long in all               */
    uint64_t warm_starts;   /* events for an instance that had one before */
    uint64_t restores;
    uint64_t restore_ns;    /* in all                                 */
    uint64_t restore_pages; /* likewise                               */
    size_t ncodes;
    struct stats_code *codes; /* at most STATS_CODES + 1 */
};

void stats_fini(struct stats *s);
void stats_record(struct stats *s, unsigned code, uint64_t ns);
/* Requests answered, all codes. */
uint64_t stats_total(const struct stats *s);

/* Sample lines of gateway_functions_seconds and of
 * gateway_function_invocation_total for one function. */
void stats_format_seconds(const struct stats *s, const char *function, FILE *out);
void stats_format_total(const struct stats *s, const char *function, FILE *out);

#endif
