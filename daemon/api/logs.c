// SPDX-License-Identifier: MIT
/*
 * logs.c: GET /system/logs: a function's log as one JSON object a line.
 *
 *	name      which function (required)
 *	tail      only the last N lines of what is kept; -1: all
 *	since     only lines from that time on, RFC 3339
 *	instance  only lines of the invocation with that short id
 *	level     only lines that are as important as that, or more
 *	follow    true or 1: go on with what comes, until the client leaves
 *
 * The answer is produced as fast as the client takes it: there is at most one
 * formatted line in memory, and a slow reader misses lines that the ring
 * forgot rather than hold them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/owner.h"
#include "daemon/api/api.h"
#include "daemon/gateway/name.h"
#include "daemon/http/query.h"

#define PIECE 4096u

struct follower {
    struct http_request *request;
    struct log_reader reader;
    struct logring *ring;
    char space[FUNCTION_NAME_MAX + 1];
    char name[FUNCTION_NAME_MAX + 1];
    char instance[LOGRING_INSTANCE]; /* "": all */
    enum log_level level;            /* NONE: all */
    uint64_t since_ns;
    uint64_t next; /* number of the line that follows */
    bool is_following;
    bool is_gone;
    char *line; /* what is being sent; NULL: nothing */
    size_t len;
    size_t at;
};

static bool is_wanted(const struct follower *f, const struct log_line *l)
{
    return l->wall_ns >= f->since_ns && level_reaches(l->level, f->level) &&
           (f->instance[0] == '\0' || strcmp(f->instance, l->instance) == 0);
}

static char *format(const struct follower *f, const struct log_line *l)
{
    char at[RFC3339_TEXT];

    rfc3339_format(at, l->wall_ns);
    json_t *o = json_pack("{s:s,s:s,s:s,s:s,s:s%}", "name", f->name, "namespace", f->space,
                          "instance", l->instance, "timestamp", at, "text", l->text, l->len);
    if (o != NULL && l->level != LEVEL_NONE)
        (void)json_object_set_new(o, "level", json_string(level_word(l->level)));
    char *text = o == NULL ? NULL : json_dumps(o, JSON_COMPACT | JSON_PRESERVE_ORDER);
    json_decref(o);
    return text;
}

/* Have the next wanted line in f->line. False: there is none now. */
static bool fill(struct follower *f)
{
    const struct log_line *l;

    while (f->line == NULL && (l = logring_at(f->ring, f->next)) != NULL) {
        f->next = l->seq + 1;
        if (!is_wanted(f, l))
            continue;
        f->line = format(f, l);
        if (f->line == NULL)
            continue;
        f->len = strlen(f->line);
        f->line[f->len++] = '\n'; /* in the place of the NUL */
        f->at = 0;
    }
    return f->line != NULL;
}

static ssize_t read_piece(void *ctx, uint64_t pos, char *buf, size_t max)
{
    struct follower *f = ctx;

    (void)pos;
    if (f->is_gone || f->request->http->is_draining)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (!fill(f)) {
        if (!f->is_following || f->ring->is_closed)
            return MHD_CONTENT_READER_END_OF_STREAM;
        http_pause(f->request);
        return 0;
    }
    f->request->http->has_more = true;
    size_t n = f->len - f->at < max ? f->len - f->at : max;
    memcpy(buf, f->line + f->at, n);
    f->at += n;
    if (f->at == f->len) {
        free(f->line);
        f->line = NULL;
    }
    return (ssize_t)n;
}

static void on_lines(struct log_reader *reader)
{
    http_resume(UF_OWNER(reader, struct follower, reader)->request);
}

static void on_gone(struct http_request *r)
{
    struct follower *f = r->own;

    f->is_gone = true;
    http_resume(r);
}

/* A flag as clients send it; -EINVAL for anything else. */
static int read_flag(const char *query, const char *name, bool *out)
{
    char text[8];
    int r = query_get(query, name, text, sizeof(text));

    *out = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (r <= 0 || *out || text[0] == '\0' || strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
        return r < 0 ? r : 0;
    return -EINVAL;
}

static int read_tail(const char *query, long *out)
{
    char text[16];
    char *end = text;
    int r = query_get(query, "tail", text, sizeof(text));

    *out = r > 0 && text[0] != '\0' ? strtol(text, &end, 10) : -1;
    return r < 0 || *end != '\0' || *out < -1 ? -EINVAL : 0;
}

static int read_level(const char *query, enum log_level *out)
{
    char text[16];
    int r = query_get(query, "level", text, sizeof(text));

    if (r >= 0 && text[0] != '\0')
        r = level_parse(text);
    *out = r > 0 && text[0] != '\0' ? (enum log_level)r : LEVEL_NONE;
    return r < 0 ? r : 0;
}

/* NULL, or the parameter that makes no sense. */
static const char *read_query(struct follower *f, const char *query, long *tail)
{
    char since[64];

    if (read_flag(query, "follow", &f->is_following) < 0)
        return "follow: must be true or false";
    if (read_tail(query, tail) < 0)
        return "tail: must be a number of lines, or -1 for all";
    if (query_get(query, "since", since, sizeof(since)) < 0 ||
        (since[0] != '\0' && rfc3339_parse(since, &f->since_ns) < 0))
        return "since: must be a time like 2026-01-31T12:00:00Z";
    if (query_get(query, "instance", f->instance, sizeof(f->instance)) < 0)
        return "instance: is too long";
    if (read_level(query, &f->level) < 0)
        return "level: must be debug, info, warn or error";
    return NULL;
}

static void stream(struct http_request *r, struct follower *f)
{
    r->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, PIECE, read_piece, f, NULL);
    if (r->response == NULL) {
        api_text(r, 503, "no memory for the answer");
        return;
    }
    r->status = 200;
    r->state = HTTP_STREAMING;
    http_add(r, "Content-Type", "application/x-ndjson");
    http_watch_peer(r, on_gone);
}

void logs_serve(struct http_request *r)
{
    struct follower *f = xnew(sizeof(*f));
    char text[NAME_MAX_TEXT];
    long tail = -1;

    f->request = r;
    f->reader.on_lines = on_lines;
    r->own = f;
    const char *wrong = read_query(f, r->query, &tail);
    if (wrong == NULL && query_get(r->query, "name", text, sizeof(text)) <= 0)
        wrong = "name: say whose log, as in /system/logs?name=hello";
    if (wrong != NULL) {
        api_text(r, 422, "%s", wrong);
        return;
    }
    struct fn *fn = api_find(r, text, "");
    if (fn == NULL)
        return;
    memcpy(f->space, fn->conf.space, sizeof(f->space));
    memcpy(f->name, fn->conf.name, sizeof(f->name));
    f->ring = logring_get(fn->log);
    f->next = tail < 0 ? 0 : logring_tail(fn->log, (uint64_t)tail);
    TAILQ_INSERT_TAIL(&f->ring->readers, &f->reader, link);
    stream(r, f);
}

void logs_forget(struct http_request *r)
{
    struct follower *f = r->own;

    if (f == NULL)
        return;
    if (f->ring != NULL) {
        TAILQ_REMOVE(&f->ring->readers, &f->reader, link);
        logring_put(f->ring);
    }
    free(f->line);
    free(f);
    r->own = NULL;
}
