// SPDX-License-Identifier: MIT
/* event.c: see event.h. */
#include "engine/event.h"

#include <errno.h>
#include <string.h>

#include <sodium.h>

#include "abi/event.h"

/* Appends; once something didn't fit, overflow stays set and nothing is written. */
struct writer {
    uint8_t *base;
    size_t cap;
    size_t at;
    int overflow;
};

static void *reserve(struct writer *w, size_t len, size_t align)
{
    size_t at = (w->at + align - 1) / align * align;

    if (w->overflow || at > w->cap || len > w->cap - at) {
        w->overflow = 1;
        return NULL;
    }
    memset(w->base + w->at, 0, at - w->at);
    w->at = at + len;
    return w->base + at;
}

static struct uf_slice put(struct writer *w, const void *data, size_t len)
{
    uint8_t *p = len < UINT32_MAX ? reserve(w, len + 1, 1) : NULL;

    if (p == NULL) {
        w->overflow = 1;
        return (struct uf_slice){0};
    }
    if (len > 0)
        memcpy(p, data, len);
    p[len] = '\0';
    return (struct uf_slice){.off = (uint32_t)(p - w->base), .len = (uint32_t)len};
}

static struct uf_slice put_string(struct writer *w, const char *s)
{
    return put(w, s, strlen(s));
}

static struct uf_slice put_lower(struct writer *w, const char *s)
{
    struct uf_slice r = put_string(w, s);

    for (uint32_t i = 0; !w->overflow && i < r.len; i++) {
        uint8_t *c = w->base + r.off + i;

        if (*c >= 'A' && *c <= 'Z')
            *c = (uint8_t)(*c + 'a' - 'A');
    }
    return r;
}

static struct uf_slice put_headers(struct writer *w, const struct event *e)
{
    struct uf_event_header all[UF_EVENT_HEADERS_MAX];
    size_t len = e->nheaders * sizeof(all[0]);

    for (uint32_t i = 0; i < e->nheaders; i++) {
        all[i].name = put_lower(w, e->headers[i].name);
        all[i].value = put_string(w, e->headers[i].value);
    }
    uint8_t *p = reserve(w, len, 8);
    if (p == NULL || len == 0)
        return (struct uf_slice){0};
    memcpy(p, all, len);
    return (struct uf_slice){.off = (uint32_t)(p - w->base), .len = (uint32_t)len};
}

static void put_all(struct writer *w, const struct event *e, struct uf_event_layout *l)
{
    (void)reserve(w, sizeof(*l), 8);
    l->id = put_string(w, e->id);
    l->trigger = put_string(w, e->trigger);
    l->method = put_string(w, e->method);
    l->path = put_string(w, e->path);
    l->query = put_string(w, e->query);
    l->headers = put_headers(w, e);
    /* Functions may want to read numbers in place. */
    (void)reserve(w, 0, 16);
    l->body = put(w, e->body, e->body_size);
}

int64_t event_format(void *dst, size_t cap, size_t before, const struct event *e,
                     struct uf_err *err)
{
    struct writer w = {.base = dst, .cap = cap};
    struct uf_event_layout l = {
        .magic = UF_EVENT_MAGIC,
        .now_ns = e->now_ns,
        .timeout_ns = e->timeout_ns,
        .attempt = e->attempt,
        .nheaders = e->nheaders,
    };
    int code = 0;

    if (e->nheaders > UF_EVENT_HEADERS_MAX)
        code = uf_fail(err, -EINVAL, "%u headers, at most %u are passed on", e->nheaders,
                       UF_EVENT_HEADERS_MAX);
    else
        put_all(&w, e, &l);
    randombytes_buf(l.entropy, sizeof(l.entropy));
    if (code == 0 && w.overflow)
        code = uf_fail(err, -E2BIG,
                       "event with %zu bytes of body and %u headers needs more than "
                       "the %zu bytes of the event area",
                       e->body_size, e->nheaders, cap);
    size_t dirty = w.at > before ? w.at : before;
    if (code < 0) {
        memset(dst, 0, dirty);
        return code;
    }
    l.size = (uint32_t)w.at;
    memcpy(dst, &l, sizeof(l));
    memset(w.base + w.at, 0, dirty - w.at);
    return (int64_t)w.at;
}
