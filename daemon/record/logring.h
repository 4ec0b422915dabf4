// SPDX-License-Identifier: MIT
/*
 * logring.h: the last lines that a function logged, in memory.
 *
 * Bounded by LOGRING_LINES and LOGRING_BYTES: the oldest go first. Every line
 * has a number that never repeats, so a reader who comes back asks for what
 * follows the last one it saw, however much went by meanwhile. Readers that
 * follow are told when lines came and when no more can come. Counted, because
 * a reader may outlive the function.
 */
#ifndef DAEMON_RECORD_LOGRING_H
#define DAEMON_RECORD_LOGRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "daemon/record/level.h"

#define LOGRING_LINES    1000u
#define LOGRING_BYTES    (256u << 10)
#define LOGRING_LINE_MAX 8192u /* bytes; a longer line is cut, and says so */
#define LOGRING_INSTANCE 40u

struct log_line {
    uint64_t seq;     /* from 1                                          */
    uint64_t wall_ns; /* since 1970                                      */
    char instance[LOGRING_INSTANCE];
    enum log_level level;
    size_t len;
    char text[]; /* len bytes of UTF-8 and a NUL */
};

struct log_reader {
    void (*on_lines)(struct log_reader *r); /* something new, or the end */
    TAILQ_ENTRY(log_reader) link;
};

struct logring {
    unsigned refs;
    bool is_closed;         /* no more lines will come                   */
    uint64_t next;          /* number of the next line                   */
    size_t nlines;          /* kept; the last has the number next - 1    */
    size_t bytes;           /* of text kept                              */
    struct log_line **line; /* LOGRING_LINES of them, by seq; NULL before the first line */
    TAILQ_HEAD(, log_reader) readers;
};

struct logring *logring_new(void);
struct logring *logring_get(struct logring *r);
void logring_put(struct logring *r);

/* Each line of text, which needs no NUL. What is no text in it becomes '?'. */
void logring_add_lines(struct logring *r, uint64_t wall_ns, const char *instance, const char *text,
                       size_t len);
/* Each line of what the platform itself has to say. */
void logring_say(struct logring *r, uint64_t wall_ns, const char *instance, enum log_level level,
                 const char *text);
/* Wake the readers after lines were added. */
void logring_tell(struct logring *r);
/* No more lines: readers end. */
void logring_close(struct logring *r);

/* The first line with a number of seq or more, or NULL. */
const struct log_line *logring_at(const struct logring *r, uint64_t seq);
/* The number of the first of the last n lines. */
uint64_t logring_tail(const struct logring *r, uint64_t n);

#endif
