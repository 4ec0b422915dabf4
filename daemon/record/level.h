// SPDX-License-Identifier: MIT
/*
 * level.h: how important a line of a log is. Pure.
 *
 * A function says so in one of two ways; the words of others that mean the same are
 * known too:
 *
 *	warn: the sensor is silent                  uf_log()
 *	{"level":"warn","msg":"..."}                a line of JSON: level or severity,
 *	                                            a word or a number as pino writes it
 */
#ifndef DAEMON_RECORD_LEVEL_H
#define DAEMON_RECORD_LEVEL_H

#include <stdbool.h>
#include <stddef.h>

/* X(NAME, word), the least important first. */
#define LOG_LEVELS(X) \
    X(NONE, "")       \
    X(DEBUG, "debug") \
    X(INFO, "info")   \
    X(WARN, "warn")   \
    X(ERROR, "error")

enum log_level {
#define X(name, word) LEVEL_##name,
    LOG_LEVELS(X)
#undef X
};

/* "" for a line that does not say. */
const char *level_word(enum log_level level);

/* A level by its word or one that means the same; -EINVAL for others. */
int level_parse(const char *word);

/* Of a line, which is text of len bytes. */
enum log_level level_of(const char *line, size_t len);

/* Is it as important as that? A line that does not say is as one of info. */
bool level_reaches(enum log_level level, enum log_level least);

#endif
