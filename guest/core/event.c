// SPDX-License-Identifier: MIT
/* event.c: reading an event; see unifaas.h and abi/event.h. */
#include <string.h>
#include <strings.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

static const char *at(const struct uf_event *e, struct uf_slice s)
{
    return (const char *)e + s.off;
}

static const struct uf_event_header *headers(const struct uf_event *e)
{
    return (const struct uf_event_header *)(const void *)at(e, e->l.headers);
}

const char *uf_event_id(const struct uf_event *event)
{
    return at(event, event->l.id);
}

const char *uf_event_trigger(const struct uf_event *event)
{
    return at(event, event->l.trigger);
}

const char *uf_event_method(const struct uf_event *event)
{
    return at(event, event->l.method);
}

const char *uf_event_path(const struct uf_event *event)
{
    return at(event, event->l.path);
}

const char *uf_event_query(const struct uf_event *event)
{
    return at(event, event->l.query);
}

const char *uf_event_body(const struct uf_event *event)
{
    return at(event, event->l.body);
}

size_t uf_event_body_size(const struct uf_event *event)
{
    return event->l.body.len;
}

unsigned uf_event_attempt(const struct uf_event *event)
{
    return event->l.attempt;
}

unsigned uf_event_header_count(const struct uf_event *event)
{
    return event->l.nheaders;
}

const char *uf_event_header_name(const struct uf_event *event, unsigned index)
{
    return index < event->l.nheaders ? at(event, headers(event)[index].name) : NULL;
}

const char *uf_event_header_value(const struct uf_event *event, unsigned index)
{
    return index < event->l.nheaders ? at(event, headers(event)[index].value) : NULL;
}

const char *uf_event_header(const struct uf_event *event, const char *name)
{
    for (unsigned i = 0; i < event->l.nheaders; i++)
        if (strcasecmp(at(event, headers(event)[i].name), name) == 0)
            return at(event, headers(event)[i].value);
    return NULL;
}

const char *uf_event_attribute(const struct uf_event *event, const char *name)
{
    for (unsigned i = 0; i < event->l.nheaders; i++) {
        const char *h = at(event, headers(event)[i].name);

        if (strncmp(h, "ce-", 3) == 0 && strcasecmp(h + 3, name) == 0)
            return at(event, headers(event)[i].value);
    }
    return NULL;
}

uint64_t uf_event_time_left(const struct uf_event *event)
{
    uint64_t end = event->l.now_ns + event->l.timeout_ns;
    uint64_t now = uf_now();

    return now < end ? end - now : 0;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Take one decoded character off *p, which ends at `end`. -1: a bad escape. */
static int decode(const char **p, const char *end)
{
    const char *s = *p;

    *p = s + 1;
    if (*s == '+')
        return ' ';
    if (*s != '%')
        return (unsigned char)*s;
    if (end - s < 3 || hex(s[1]) < 0 || hex(s[2]) < 0)
        return -1;
    *p = s + 3;
    int c = hex(s[1]) * 16 + hex(s[2]);
    return c != 0 ? c : -1;
}

static bool name_is(const char *p, const char *end, const char *name)
{
    while (p < end && *name != '\0')
        if (decode(&p, end) != (unsigned char)*name++)
            return false;
    return p == end && *name == '\0';
}

/* Decode [p, end); with buf NULL only measure. */
static int decode_value(const char *p, const char *end, char *buf)
{
    int n = 0;

    while (p < end) {
        int c = decode(&p, end);

        if (c < 0)
            return UF_INVALID;
        if (buf != NULL)
            buf[n] = (char)c;
        n++;
    }
    if (buf != NULL)
        buf[n] = '\0';
    return n;
}

int uf_event_query_param(const struct uf_event *event, const char *name, char *buf, size_t cap)
{
    const char *p = at(event, event->l.query);
    const char *stop = p + event->l.query.len;

    while (p < stop) {
        const char *end = memchr(p, '&', (size_t)(stop - p));

        if (end == NULL)
            end = stop;
        const char *eq = memchr(p, '=', (size_t)(end - p));
        const char *value = eq != NULL ? eq + 1 : end;
        if (name_is(p, eq != NULL ? eq : end, name)) {
            int n = decode_value(value, end, NULL);

            if (n >= 0 && (size_t)n >= cap)
                return UF_TOO_LARGE;
            return n < 0 ? n : decode_value(value, end, buf);
        }
        p = end < stop ? end + 1 : stop;
    }
    return UF_NOT_FOUND;
}
