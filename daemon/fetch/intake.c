// SPDX-License-Identifier: MIT
/* intake.c: see intake.h. */
#include "daemon/fetch/intake.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/gateway/headers.h"

#define ROOM_MIN 1024u

static bool grow(struct intake *i, size_t need)
{
    size_t room = 2 * i->room > need ? 2 * i->room : need;

    if (room < ROOM_MIN)
        room = ROOM_MIN;
    if (room > i->max)
        room = i->max;
    char *at = NULL;
    if (room - i->room <= i->budget->max - i->budget->used)
        at = realloc(i->at, room);
    if (at == NULL) {
        i->is_out_of_memory = true;
        return false;
    }
    i->budget->used += room - i->room;
    i->at = at;
    i->room = room;
    return true;
}

static bool append(struct intake *i, const char *data, size_t size)
{
    if (size > i->max - i->size) {
        i->is_too_large = true;
        return false;
    }
    if (size == 0)
        return true;
    if (i->size + size > i->room && !grow(i, i->size + size))
        return false;
    memcpy(i->at + i->size, data, size);
    i->size += size;
    return true;
}

/* text is NUL-terminated, without its end of line. */
static bool append_line(struct intake *i, char *text)
{
    struct headers_line l;
    char *at = text;

    if (headers_next(&at, &l) <= 0 || headers_is_hop_by_hop(l.name))
        return true;
    for (char *c = l.name; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    bool ok = append(i, l.name, strlen(l.name)) && append(i, ": ", 2) &&
              append(i, l.value, strlen(l.value)) && append(i, "\n", 1);
    if (ok)
        i->headers_size = i->size;
    return ok;
}

/* A status line: of an interim answer before the real one, which counts. */
static void begin(struct intake *i)
{
    i->size = 0;
    i->headers_size = 0;
}

bool intake_header(struct intake *i, const char *line, size_t size)
{
    if (i->is_body)
        return true; /* a trailer */
    if (size > i->headers_max - i->raw) {
        i->is_too_large = true;
        return false;
    }
    i->raw += size;
    if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        begin(i);
        return true;
    }
    while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    if (size == 0 || memchr(line, '\0', size) != NULL)
        return true;
    char *text = strndup(line, size);
    if (text == NULL)
        i->is_out_of_memory = true;
    bool ok = text != NULL && append_line(i, text);
    free(text);
    return ok;
}

bool intake_body(struct intake *i, const char *data, size_t size)
{
    i->is_body = true;
    if (!i->is_redirect)
        return append(i, data, size);
    i->thrown += size;
    i->is_too_large = i->thrown > INTAKE_THROWN_MAX;
    return !i->is_too_large;
}

bool intake_has(const struct intake *i, const char *name)
{
    size_t len = strlen(name);

    for (size_t at = 0; at < i->headers_size;) {
        const char *line = i->at + at;
        const char *end = memchr(line, '\n', i->headers_size - at);

        if ((size_t)(end - line) > len && memcmp(line, name, len) == 0 && line[len] == ':')
            return true;
        at += (size_t)(end - line) + 1;
    }
    return false;
}

void intake_reset(struct intake *i)
{
    i->budget->used -= i->room;
    free(i->at);
    *i = (struct intake){.budget = i->budget, .headers_max = i->headers_max, .max = i->max};
}
