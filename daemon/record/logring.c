// SPDX-License-Identifier: MIT
/* logring.c: see logring.h. */
#include "daemon/record/logring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"

struct logring *logring_new(void)
{
    struct logring *r = xnew(sizeof(*r));

    r->refs = 1;
    r->next = 1;
    TAILQ_INIT(&r->readers);
    return r;
}

struct logring *logring_get(struct logring *r)
{
    r->refs++;
    return r;
}

static uint64_t oldest(const struct logring *r)
{
    return r->next - r->nlines;
}

static void drop_oldest(struct logring *r)
{
    struct log_line **slot = &r->line[oldest(r) % LOGRING_LINES];

    r->bytes -= (*slot)->len;
    r->nlines--;
    free(*slot);
    *slot = NULL;
}

void logring_put(struct logring *r)
{
    if (--r->refs > 0)
        return;
    while (r->nlines > 0)
        drop_oldest(r);
    free(r->line);
    free(r);
}

/* Without memory a line is not kept: the daemon has events to answer. */
static void put(struct logring *r, const struct log_line *head, const char *text, size_t len)
{
    static const char cut_mark[] = " [cut]";
    bool is_cut = len > LOGRING_LINE_MAX;
    size_t keep = is_cut ? LOGRING_LINE_MAX - (sizeof(cut_mark) - 1) : len;
    struct log_line *line = calloc(1, sizeof(*line) + keep + sizeof(cut_mark));

    if (r->line == NULL)
        r->line = calloc(LOGRING_LINES, sizeof(struct log_line *));
    if (line == NULL || r->line == NULL) {
        free(line);
        return;
    }
    *line = *head;
    line->seq = r->next;
    line->len = is_cut ? LOGRING_LINE_MAX : len;
    if (keep > 0)
        memcpy(line->text, text, keep);
    utf8_mend(line->text, keep, "\t");
    if (is_cut)
        memcpy(line->text + keep, cut_mark, sizeof(cut_mark));
    while (r->nlines == LOGRING_LINES || (r->nlines > 0 && r->bytes + line->len > LOGRING_BYTES))
        drop_oldest(r);
    r->line[r->next % LOGRING_LINES] = line;
    r->next++;
    r->nlines++;
    r->bytes += line->len;
}

/* Each line of text, with its own level or with this one. */
static void put_lines(struct logring *r, struct log_line *head, const enum log_level *level,
                      const char *text, size_t len)
{
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t n = end == NULL ? len : (size_t)(end - text);

        head->level = level != NULL ? *level : level_of(text, n);
        put(r, head, text, n);
        if (end == NULL)
            return;
        len -= n + 1;
        text += n + 1;
    }
}

static struct log_line head_of(uint64_t wall_ns, const char *instance)
{
    struct log_line head = {.wall_ns = wall_ns};

    (void)snprintf(head.instance, sizeof(head.instance), "%s", instance);
    return head;
}

void logring_add_lines(struct logring *r, uint64_t wall_ns, const char *instance, const char *text,
                       size_t len)
{
    struct log_line head = head_of(wall_ns, instance);

    put_lines(r, &head, NULL, text, len);
}

void logring_say(struct logring *r, uint64_t wall_ns, const char *instance, enum log_level level,
                 const char *text)
{
    struct log_line head = head_of(wall_ns, instance);

    put_lines(r, &head, &level, text, strlen(text));
}

void logring_tell(struct logring *r)
{
    struct log_reader *reader;
    struct log_reader *after;

    /* A reader may leave in its callback. */
    for (reader = TAILQ_FIRST(&r->readers); reader != NULL; reader = after) {
        after = TAILQ_NEXT(reader, link);
        reader->on_lines(reader);
    }
}

void logring_close(struct logring *r)
{
    r->is_closed = true;
    logring_tell(r);
}

const struct log_line *logring_at(const struct logring *r, uint64_t seq)
{
    uint64_t first = oldest(r);
    uint64_t at = seq < first ? first : seq;

    return at < r->next ? r->line[at % LOGRING_LINES] : NULL;
}

uint64_t logring_tail(const struct logring *r, uint64_t n)
{
    return n < r->nlines ? r->next - n : oldest(r);
}
