// SPDX-License-Identifier: MIT
/* sourcemap.c: see sourcemap.h. */
#include "runtime/javascript/sourcemap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/bundle.h"

#define FIELDS 4 /* of a segment: column, source, line, column; a name may follow */

struct map {
    const char *names;
    const char *at; /* what is next of the mappings */
    const char *end;
};

struct segment {
    uint32_t column; /* from 0, as the next two */
    uint32_t source;
    uint32_t from_line;
    uint32_t from_column;
    bool has_source;
};

static bool find_map(const char *file, size_t size, struct map *m)
{
    for (uint32_t i = 0; i < uf_bundle_count(); i++) {
        struct bundle_file f = uf_bundle_file(i);

        if (f.name_size != size + 4 || memcmp(f.name, file, size) != 0 ||
            strcmp(f.name + size, ".map") != 0)
            continue;
        const char *gap = f.data[0] == '\n' ? f.data : strstr(f.data, "\n\n");
        if (gap == NULL)
            return false;
        m->names = f.data;
        m->at = gap + (f.data[0] == '\n' ? 1 : 2);
        m->end = f.data + f.data_size;
        return true;
    }
    return false;
}

/* A number in base 64, least digits first, its lowest bit the sign. */
static bool next_number(struct map *m, uint32_t *to)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t v = 0;

    for (unsigned shift = 0; m->at < m->end && shift < 32; shift += 5) {
        const char *d = *m->at != '\0' ? strchr(digits, *m->at) : NULL;

        if (d == NULL)
            return false;
        uint32_t digit = (uint32_t)(d - digits);
        m->at++;
        v |= (digit & 31u) << shift;
        if ((digit & 32u) == 0) {
            *to += (v & 1u) != 0 ? 0u - (v >> 1) : v >> 1;
            return true;
        }
    }
    return false;
}

/* Each number counts from the one of the segment before. */
static bool next_segment(struct map *m, struct segment *s)
{
    uint32_t *const field[FIELDS] = {&s->column, &s->source, &s->from_line, &s->from_column};
    uint32_t name = 0;
    unsigned n = 0;

    for (; m->at < m->end && *m->at != ',' && *m->at != ';'; n++)
        if (!next_number(m, n < FIELDS ? field[n] : &name))
            return false;
    s->has_source = n >= FIELDS;
    return true;
}

/* The last segment that begins at the place or before it, in its line. */
static bool find_segment(struct map *m, uint32_t line, uint32_t column, struct segment *out)
{
    struct segment s = {0};
    bool found = false;

    for (uint32_t now = 1; m->at < m->end && now <= line;) {
        if (*m->at == ';') {
            now++;
            s.column = 0;
            m->at++;
        } else if (*m->at == ',') {
            m->at++;
        } else if (!next_segment(m, &s)) {
            return false;
        } else if (now == line && s.column <= column) {
            *out = s;
            found = s.has_source;
        }
    }
    return found;
}

bool sourcemap_find(const char *file, size_t size, uint32_t line, uint32_t column,
                    struct place *out)
{
    struct map m;
    struct segment s = {0};

    if (line == 0 || column == 0 || !find_map(file, size, &m) ||
        !find_segment(&m, line, column - 1, &s))
        return false;
    const char *name = m.names;
    for (; s.source > 0 && *name != '\n' && *name != '\0'; s.source--)
        name += strcspn(name, "\n") + 1;
    *out = (struct place){name, (int)strcspn(name, "\n"), s.from_line + 1, s.from_column + 1};
    return out->file_size > 0;
}

/* Of "    at f (FILE:LINE:COLUMN)", where FILE begins, and its size; or NULL. */
static const char *place_in(const char *line, size_t size, size_t *file_size, uint32_t *nr,
                            uint32_t *column)
{
    const char *open = memrchr(line, '(', size);
    const char *end = line + size;
    char *after;

    if (open == NULL || end[-1] != ')')
        return NULL;
    /* FILE may have colons of its own: the last two count. */
    const char *second = memrchr(open, ':', (size_t)(end - open));
    const char *first = second != NULL ? memrchr(open, ':', (size_t)(second - open)) : NULL;
    if (first == NULL)
        return NULL;
    *file_size = (size_t)(first - open) - 1;
    *nr = (uint32_t)strtoul(first + 1, &after, 10);
    if (after != second)
        return NULL;
    *column = (uint32_t)strtoul(second + 1, &after, 10);
    return after == end - 1 ? open + 1 : NULL;
}

size_t sourcemap_stack(const char *stack, char *out, size_t cap)
{
    size_t at = 0;

    while (*stack != '\0') {
        size_t n = strcspn(stack, "\n");
        size_t file_size = 0;
        uint32_t line = 0;
        uint32_t column = 0;
        const char *file = place_in(stack, n, &file_size, &line, &column);
        char *to = at < cap ? out + at : out;
        size_t room = at < cap ? cap - at : 0;
        const char *newline = stack[n] == '\n' ? "\n" : "";
        struct place p;
        int w;

        if (file != NULL && sourcemap_find(file, file_size, line, column, &p))
            w = snprintf(to, room, "%.*s%.*s:%u:%u)%s", (int)(file - stack), stack, p.file_size,
                         p.file, (unsigned)p.line, (unsigned)p.column, newline);
        else
            w = snprintf(to, room, "%.*s%s", (int)n, stack, newline);
        at += w > 0 ? (size_t)w : 0;
        stack += n + (stack[n] == '\n');
    }
    if (at == 0 && cap > 0)
        out[0] = '\0';
    return at;
}
