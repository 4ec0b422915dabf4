// SPDX-License-Identifier: MIT
/* level.c: see level.h. */
#include "daemon/record/level.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#define WORD_MAX 16u
#define JSON_MAX 8192u /* bytes; a longer line is not looked into */

static const char *const words[] = {
#define X(name, word) word,
    LOG_LEVELS(X)
#undef X
};

static const struct {
    const char *word;
    enum log_level level;
} others[] = {
    {"trace", LEVEL_DEBUG},    {"notice", LEVEL_INFO}, {"information", LEVEL_INFO},
    {"warning", LEVEL_WARN},   {"err", LEVEL_ERROR},   {"fatal", LEVEL_ERROR},
    {"critical", LEVEL_ERROR}, {"alert", LEVEL_ERROR}, {"emergency", LEVEL_ERROR},
    {"panic", LEVEL_ERROR},
};

const char *level_word(enum log_level level)
{
    return words[level];
}

int level_parse(const char *word)
{
    for (int i = LEVEL_DEBUG; i <= LEVEL_ERROR; i++)
        if (strcasecmp(word, words[i]) == 0)
            return i;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (strcasecmp(word, others[i].word) == 0)
            return (int)others[i].level;
    return -EINVAL;
}

/* 10 and 20 are less than info, 50 and 60 more than warn. */
static enum log_level of_number(json_int_t n)
{
    if (n < 30)
        return LEVEL_DEBUG;
    if (n < 40)
        return LEVEL_INFO;
    return n < 50 ? LEVEL_WARN : LEVEL_ERROR;
}

static enum log_level of_value(const json_t *v)
{
    if (json_is_integer(v))
        return of_number(json_integer_value(v));
    int level = json_is_string(v) ? level_parse(json_string_value(v)) : -EINVAL;
    return level < 0 ? LEVEL_NONE : (enum log_level)level;
}

static bool has(const char *line, size_t len, const char *word)
{
    return memmem(line, len, word, strlen(word)) != NULL;
}

static enum log_level of_json(const char *line, size_t len)
{
    /* Most lines are none, and most of JSON has no level. */
    if (len > JSON_MAX || (!has(line, len, "\"level\"") && !has(line, len, "\"severity\"")))
        return LEVEL_NONE;
    json_t *o = json_loadb(line, len, 0, NULL);
    const json_t *v = json_object_get(o, "level");
    enum log_level level = of_value(v != NULL ? v : json_object_get(o, "severity"));

    json_decref(o);
    return level;
}

/* "word: " as uf_log() writes it. */
static enum log_level of_prefix(const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len < WORD_MAX ? len : WORD_MAX);
    size_t n = colon == NULL ? 0 : (size_t)(colon - line);

    for (int i = LEVEL_DEBUG; i <= LEVEL_ERROR; i++)
        if (n == strlen(words[i]) && memcmp(line, words[i], n) == 0 && len > n + 1 &&
            colon[1] == ' ')
            return (enum log_level)i;
    return LEVEL_NONE;
}

enum log_level level_of(const char *line, size_t len)
{
    return len > 0 && line[0] == '{' ? of_json(line, len) : of_prefix(line, len);
}

bool level_reaches(enum log_level level, enum log_level least)
{
    return (level == LEVEL_NONE ? LEVEL_INFO : level) >= least;
}
