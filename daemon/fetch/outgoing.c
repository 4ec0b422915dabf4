// SPDX-License-Identifier: MIT
/* outgoing.c: see outgoing.h. */
#include "daemon/fetch/outgoing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/gateway/headers.h"

static bool is_listed(const char *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcasecmp(name, *list) == 0)
            return true;
    return false;
}

bool outgoing_is_platforms(const char *name)
{
    static const char *const list[] = {"Host", "Content-Length", "Expect", "HTTP2-Settings", NULL};

    return headers_is_hop_by_hop(name) || is_listed(name, list) ||
           strncasecmp(name, "Proxy-", 6) == 0;
}

static int add(struct outgoing *h, const struct headers_line *l, struct uf_err *err)
{
    if (outgoing_is_platforms(l->name))
        return uf_fail(err, -EINVAL, "the header %.60s is set by the platform", l->name);
    if (h->n == OUTGOING_LINES_MAX)
        return uf_fail(err, -E2BIG, "more than %u headers", OUTGOING_LINES_MAX);
    h->line[h->n++] = (struct outgoing_line){.name = l->name, .value = l->value};
    return 0;
}

static int read_lines(char *text, struct outgoing *h, struct uf_err *err)
{
    struct headers_line l;
    int r;

    while ((r = headers_next(&text, &l)) != 0) {
        if (r > 0)
            r = add(h, &l, err);
        else
            r = uf_fail(err, -EINVAL, "line %zu of the headers is no \"Name: value\"", h->n + 1);
        if (r < 0)
            return r;
    }
    return 0;
}

int outgoing_read(const char *lines, size_t size, struct outgoing *out, struct uf_err *err)
{
    struct outgoing h = {.n = 0};

    if (size > OUTGOING_MAX)
        return uf_fail(err, -E2BIG, "headers of %zu bytes; at most %u", size, OUTGOING_MAX);
    if (size > 0 && memchr(lines, '\0', size) != NULL)
        return uf_fail(err, -EINVAL, "a NUL in the headers");
    h.text = malloc(size + 1);
    if (h.text == NULL)
        return uf_fail(err, -ENOMEM, "no memory for the headers");
    if (size > 0)
        memcpy(h.text, lines, size);
    h.text[size] = '\0';
    int r = read_lines(h.text, &h, err);
    if (r < 0)
        outgoing_fini(&h);
    else
        *out = h;
    return r;
}

void outgoing_fini(struct outgoing *h)
{
    free(h->text);
    *h = (struct outgoing){.n = 0};
}

bool outgoing_has(const struct outgoing *h, const char *name)
{
    for (size_t i = 0; i < h->n; i++)
        if (strcasecmp(h->line[i].name, name) == 0)
            return true;
    return false;
}

/* Keep the lines that are, or are not, listed. */
static void keep(struct outgoing *h, const char *const *list, bool listed)
{
    size_t n = 0;

    for (size_t i = 0; i < h->n; i++)
        if (is_listed(h->line[i].name, list) == listed)
            h->line[n++] = h->line[i];
    h->n = n;
}

void outgoing_forget_secrets(struct outgoing *h)
{
    /* The other way round, a list of secrets, would miss X-Api-Key and its kind. */
    static const char *const harmless[] = {"Accept",
                                           "Accept-Encoding",
                                           "Accept-Language",
                                           "Content-Encoding",
                                           "Content-Language",
                                           "Content-Type",
                                           "Idempotency-Key",
                                           "User-Agent",
                                           "traceparent",
                                           "tracestate",
                                           NULL};

    keep(h, harmless, true);
}

void outgoing_forget_body(struct outgoing *h)
{
    static const char *const list[] = {"Content-Type",     "Content-Encoding", "Content-Language",
                                       "Content-Location", "Digest",           NULL};

    keep(h, list, false);
}

bool outgoing_method_ok(const char *method)
{
    static const char *const refused[] = {"CONNECT", "TRACE", "TRACK", NULL};

    return headers_name_ok(method) && strlen(method) <= OUTGOING_METHOD_MAX &&
           !is_listed(method, refused);
}
