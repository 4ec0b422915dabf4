// SPDX-License-Identifier: MIT
/*
 * intake.h: an answer as it comes in, kept within bounds. Pure but for memory.
 *
 * Headers and body lie one after the other, as guests get them: "name: value\n"
 * lines with names in lower case, then the body. What a server says about one
 * connection, and lines that are no headers, are left out.
 */
#ifndef DAEMON_FETCH_INTAKE_H
#define DAEMON_FETCH_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

/* Memory that all answers together may take. */
struct intake_budget {
    size_t used;
    size_t max;
};

struct intake {
    struct intake_budget *budget;
    size_t headers_max; /* bytes as they come            */
    size_t max;         /* bytes of headers and body     */
    char *at;           /* owned                         */
    size_t size;
    size_t room;
    size_t headers_size; /* at the start of at            */
    size_t raw;          /* bytes of headers, as they came */
    size_t thrown;       /* bytes of body that nobody wants */
    bool is_body;        /* the first byte of it has come */
    bool is_redirect;    /* the body is of no interest    */
    bool is_too_large;
    bool is_out_of_memory;
};

#define INTAKE_THROWN_MAX 65536u /* bytes of a body that nobody wants */

/* A line of the head, line feed included. False: it does not fit; give up. */
bool intake_header(struct intake *i, const char *line, size_t size);
/* A piece of the body. False likewise. */
bool intake_body(struct intake *i, const char *data, size_t size);
/* Has a header of this name come? In lower case. */
bool intake_has(const struct intake *i, const char *name);
/* As it was before anything came; the memory goes back to the budget. */
void intake_reset(struct intake *i);

#endif
