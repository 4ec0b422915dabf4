// SPDX-License-Identifier: MIT
/* head.c: see head.h. */
#include "daemon/queue/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATOR ": "

/* The next line "name: value", cut off *at. False at the end. */
static bool next_line(char **at, char **name, char **value)
{
    while (**at != '\0') {
        char *line = *at;
        char *end = strchrnul(line, '\n');
        /* The name of a member begins with the colon that ends others. */
        char *colon;

        *at = *end == '\n' ? end + 1 : end;
        *end = '\0';
        colon = *line == '\0' ? NULL : strstr(line + 1, SEPARATOR);
        if (colon == NULL)
            continue;
        *colon = '\0';
        *name = line;
        *value = colon + sizeof(SEPARATOR) - 1;
        return true;
    }
    return false;
}

static void set_member(struct head *h, const char *name, const char *value)
{
#define X(member, usual)            \
    if (strcmp(name, #member) == 0) \
        h->member = value;
    HEAD_MEMBERS(X)
#undef X
}

void head_parse(struct head *h, char *text, struct event_header *headers, uint32_t cap)
{
    char *name;
    char *value;

    *h = (struct head){
#define X(member, usual) .member = (usual),
        HEAD_MEMBERS(X)
#undef X
    };
    while (next_line(&text, &name, &value)) {
        if (*name == ':') {
            set_member(h, name + 1, value);
            continue;
        }
        if (h->nheaders < cap)
            headers[h->nheaders] = (struct event_header){.name = name, .value = value};
        h->nheaders++;
    }
}

/* ---- making one --------------------------------------------------------------------------- */

static bool reserve(struct head_text *t, size_t more)
{
    size_t need = t->len + more + 1;
    size_t cap = t->cap == 0 ? 128 : t->cap;

    if (t->is_lost)
        return false;
    while (cap < need)
        cap *= 2;
    if (cap == t->cap)
        return true;
    char *grown = realloc(t->text, cap);
    if (grown == NULL) {
        t->is_lost = true;
        return false;
    }
    t->text = grown;
    t->cap = cap;
    return true;
}

void head_add_lines(struct head_text *t, const char *lines, size_t size)
{
    if (size == 0 || !reserve(t, size))
        return;
    memcpy(t->text + t->len, lines, size);
    t->len += size;
    t->text[t->len] = '\0';
}

static bool is_one_line(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 && *s != '\t')
            return false;
    return true;
}

static void add(struct head_text *t, const char *mark, const char *name, const char *value)
{
    size_t n[] = {strlen(mark), strlen(name), strlen(value)};

    if (!reserve(t, n[0] + n[1] + n[2] + sizeof(SEPARATOR "\n")))
        return;
    head_add_lines(t, mark, n[0]);
    head_add_lines(t, name, n[1]);
    head_add_lines(t, SEPARATOR, sizeof(SEPARATOR) - 1);
    head_add_lines(t, value, n[2]);
    head_add_lines(t, "\n", 1);
}

void head_add(struct head_text *t, const char *name, const char *value)
{
    if (value != NULL && *name != '\0' && strchr(name, ':') == NULL && is_one_line(name) &&
        is_one_line(value))
        add(t, "", name, value);
}

static const char *usual_of(const char *member)
{
#define X(name, usual)              \
    if (strcmp(member, #name) == 0) \
        return (usual);
    HEAD_MEMBERS(X)
#undef X
    return NULL;
}

void head_add_member(struct head_text *t, const char *member, const char *value)
{
    const char *usual = usual_of(member);

    if (value != NULL && (usual == NULL || strcmp(value, usual) != 0) && is_one_line(value))
        add(t, ":", member, value);
}

void head_text_free(struct head_text *t)
{
    free(t->text);
    *t = (struct head_text){.text = NULL};
}

const char *head_find(const char *text, const char *name, size_t *size)
{
    size_t len = strlen(name);

    while (*text != '\0') {
        const char *end = strchrnul(text, '\n');

        if (strncasecmp(text, name, len) == 0 &&
            strncmp(text + len, SEPARATOR, sizeof(SEPARATOR) - 1) == 0) {
            *size = (size_t)(end - text) - len - (sizeof(SEPARATOR) - 1);
            return text + len + sizeof(SEPARATOR) - 1;
        }
        text = *end == '\n' ? end + 1 : end;
    }
    return NULL;
}
