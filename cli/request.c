// SPDX-License-Identifier: MIT
/* request.c: see request.h. */
#include "cli/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/event.h"
#include "base/alloc.h"
#include "cli/files.h"

_Static_assert(OPT_LIST_MAX >= UF_EVENT_HEADERS_MAX, "all headers that are passed on fit");

/* tchar of RFC 9110, 5.6.2. */
static bool is_token(const char *s, size_t len)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < len; i++)
        if ((s[i] < 'a' || s[i] > 'z') && (s[i] < 'A' || s[i] > 'Z') &&
            (s[i] < '0' || s[i] > '9') && (s[i] == '\0' || strchr(marks, s[i]) == NULL))
            return false;
    return len > 0;
}

/* Cut "Name: value" in two, in place. */
static bool split_header(char *line, struct event_header *out)
{
    char *colon = strchr(line, ':');

    if (colon == NULL || !is_token(line, (size_t)(colon - line)) || strpbrk(colon, "\r\n") != NULL)
        return false;
    *colon = '\0';
    out->name = line;
    out->value = colon + 1 + strspn(colon + 1, " \t");
    return true;
}

static int split_headers(struct request *q, const struct command *c)
{
    size_t total = 1;

    for (size_t i = 0; i < q->header_lines.n; i++)
        total += strlen(q->header_lines.at[i]) + 1;
    char *at = q->text = xnew(total);
    for (size_t i = 0; i < q->header_lines.n; i++) {
        const char *line = q->header_lines.at[i];

        memcpy(at, line, strlen(line) + 1);
        if (!split_header(at, &q->headers[q->nheaders]))
            return opts_usage(c, "--header: \"%s\" is not valid; it must be 'Name: value'", line);
        q->nheaders++;
        at += strlen(line) + 1;
    }
    return OPTS_GO;
}

static int read_body(struct request *q, const struct command *c)
{
    struct uf_err err;

    if (q->data != NULL && q->file != NULL)
        return opts_usage(c, "--data and --file exclude each other");
    if (q->data != NULL) {
        q->body = xcopy(q->data);
        q->body_size = strlen(q->data);
    } else if (q->file != NULL) {
        int r = file_read(q->file, REQUEST_BODY_MAX, &q->body, &q->body_size, &err);

        if (r < 0)
            return cli_report(r == -ENOENT ? CLI_NOT_FOUND : CLI_FAILED, &err);
    } else {
        q->body = xcopy("");
    }
    return OPTS_GO;
}

/* A word or a path that could break a request line in two. */
static bool is_clean(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f)
            return false;
    return true;
}

int request_settle(struct request *q, const struct command *c)
{
    if (q->method == NULL)
        q->method = q->data != NULL || q->file != NULL ? "POST" : "GET";
    if (q->path == NULL)
        q->path = "/";
    if (q->query == NULL)
        q->query = "";
    if (!is_token(q->method, strlen(q->method)))
        return opts_usage(c, "--method: \"%s\" is not valid; it must be a word like PUT",
                          q->method);
    if (q->path[0] != '/' || !is_clean(q->path) || strpbrk(q->path, "?#") != NULL)
        return opts_usage(c,
                          "--path: \"%s\" is not valid; it must begin with / and have no "
                          "blanks, ? or #",
                          q->path);
    if (!is_clean(q->query) || strchr(q->query, '#') != NULL)
        return opts_usage(c, "--query: \"%s\" is not valid; encode blanks as %%20", q->query);
    int r = split_headers(q, c);
    return r == OPTS_GO ? read_body(q, c) : r;
}

void request_fini(struct request *q)
{
    free(q->body);
    free(q->text);
    q->body = NULL;
    q->text = NULL;
}
