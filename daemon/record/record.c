// SPDX-License-Identifier: MIT
/* record.c: what of texts is kept in a record; see records.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "daemon/record/records.h"

/* "[1234567890 bytes before]\n" */
#define CUT_MARK_MAX 40u

/* The end of a log that begins with a line, if there is one in what is kept. */
static const char *last_lines(const char *log, size_t size)
{
    const char *from = log + size - RECORD_LOG_MAX;
    const char *line = memchr(from, '\n', RECORD_LOG_MAX - 1);

    return line != NULL ? line + 1 : from;
}

bool record_is_lost(const char *outcome)
{
    return strcmp(outcome, RECORD_CONFLICT) == 0 || strcmp(outcome, RECORD_UNCOMMITTED) == 0 ||
           strcmp(outcome, RECORD_CANCELLED) == 0;
}

void record_set_log(struct record *r, const char *log, size_t size)
{
    const char *from = size > RECORD_LOG_MAX ? last_lines(log, size) : log;
    size_t cut = (size_t)(from - log);
    size_t len = size - cut;
    int mark = 0;

    free(r->log);
    r->log = size == 0 ? NULL : malloc(CUT_MARK_MAX + len + 1);
    if (r->log == NULL)
        return;
    if (cut > 0)
        mark = snprintf(r->log, CUT_MARK_MAX, "[%zu bytes before]\n", cut);
    memcpy(r->log + mark, from, len);
    r->log[(size_t)mark + len] = '\0';
    utf8_mend(r->log + mark, len, "\n\t");
}

void record_set_message(struct record *r, const char *message)
{
    free(r->message);
    r->message = NULL;
    if (message == NULL || message[0] == '\0')
        return;
    size_t size = strnlen(message, RECORD_WHY_MAX);
    r->message = strndup(message, utf8_whole(message, size));
}
