// SPDX-License-Identifier: MIT
/*
 * head.h: what an event has besides its body, as text that is stored with it. Pure
 * but for memory.
 *
 *	:trigger: async
 *	:path: /a/b
 *	content-type: text/plain
 *
 * Names that begin with ":" are the platform's, the others are headers. What is as
 * usual is left out, so that the head of most events is short or empty.
 */
#ifndef DAEMON_QUEUE_HEAD_H
#define DAEMON_QUEUE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/event.h"

/* X(MEMBER, usual value) of struct head; its line is ":MEMBER: value". */
#define HEAD_MEMBERS(X) \
    X(trigger, "queue") \
    X(method, "POST")   \
    X(path, "/")        \
    X(query, "")        \
    X(cause, NULL)      \
    X(callback, NULL)   \
    X(step, NULL)       \
    X(failed, NULL)

/* What a head says; strings are in the text that was parsed. */
struct head {
    const char *trigger;  /* "queue", "async", "topic", "next" ...          */
    const char *method;   /* of HTTP                                        */
    const char *path;     /* starts with "/"                                */
    const char *query;    /* without "?"                                    */
    const char *cause;    /* id of the invocation that pushed it, or NULL   */
    const char *callback; /* URL that gets the result, or NULL              */
    const char *step;     /* of a sequence, in decimal; NULL: the first     */
    const char *failed;   /* functions that gave it up, with spaces between */
    uint32_t nheaders;    /* perhaps more than there was room for           */
};

/* Take a head apart; text is cut in place. Lines that make no sense are passed over. */
void head_parse(struct head *h, char *text, struct event_header *headers, uint32_t cap);

/* A head that is being made. Zeroed: an empty one. */
struct head_text {
    char *text; /* NUL-terminated, or NULL for an empty one */
    size_t len;
    size_t cap;
    bool is_lost; /* memory was out */
};

/* Add a line; name is without ":" for a member. What could not be told from another
 * line (a control byte in it) is left out. value NULL, or as usual: nothing. */
void head_add(struct head_text *t, const char *name, const char *value);
void head_add_member(struct head_text *t, const char *member, const char *value);
/* Add lines "name: value\n" as they are. */
void head_add_lines(struct head_text *t, const char *lines, size_t size);
void head_text_free(struct head_text *t);

/* Never NULL; "" when nothing was added. */
static inline const char *head_string(const struct head_text *t)
{
    return t->text != NULL ? t->text : "";
}

/* The value of a header in a head, or NULL; *size gets its bytes, no NUL follows. */
const char *head_find(const char *text, const char *name, size_t *size);

#endif
