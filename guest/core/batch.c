// SPDX-License-Identifier: MIT
/*
 * batch.c: the items of a batch; see unifaas.h and abi/event.h. Whoever may call the
 * function can send something that only looks like one, so nothing here is believed.
 */
#include <string.h>
#include <strings.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

static const char *body_of(const struct uf_event *e)
{
    return (const char *)e + e->l.body.off;
}

/* Is it in the body, with the NUL that follows it? */
static bool fits(const struct uf_event *e, struct uf_slice s)
{
    return s.off < e->l.body.len && s.len < e->l.body.len - s.off &&
           body_of(e)[s.off + s.len] == '\0';
}

/* Headers end with a NUL of their own. */
static bool headers_fit(const struct uf_event *e, struct uf_slice s)
{
    return s.off <= e->l.body.len && s.len <= e->l.body.len - s.off &&
           (s.len == 0 || body_of(e)[s.off + s.len - 1] == '\0');
}

static const struct uf_batch_layout *check(const struct uf_event *e)
{
    const struct uf_batch_layout *b = (const void *)body_of(e);
    const char *type = uf_event_header(e, "content-type");

    if (type == NULL || strcmp(type, UF_BATCH_TYPE) != 0 || e->l.body.off % 8 != 0 ||
        e->l.body.len < sizeof(*b) || b->magic != UF_BATCH_MAGIC || b->count == 0 ||
        b->count > (e->l.body.len - sizeof(*b)) / sizeof(b->item[0]))
        return NULL;
    for (uint32_t i = 0; i < b->count; i++)
        if (!fits(e, b->item[i].id) || !headers_fit(e, b->item[i].headers) ||
            !fits(e, b->item[i].body))
            return NULL;
    return b;
}

/* What check() said of the event with this entropy, which no other has. */
static UF_HOT struct {
    bool is_known;
    uint8_t entropy[sizeof(((struct uf_event *)0)->l.entropy)];
    const struct uf_batch_layout *batch;
} checked;

/* NULL: it is none. */
static const struct uf_batch_layout *batch_of(const struct uf_event *e)
{
    if (!checked.is_known || memcmp(checked.entropy, e->l.entropy, sizeof(checked.entropy)) != 0) {
        checked.batch = check(e);
        memcpy(checked.entropy, e->l.entropy, sizeof(checked.entropy));
        checked.is_known = true;
    }
    return checked.batch;
}

static const struct uf_batch_item *item_of(const struct uf_event *e, unsigned index)
{
    const struct uf_batch_layout *b = batch_of(e);

    return b != NULL && index < b->count ? &b->item[index] : NULL;
}

/* Is the event itself the item that is meant? */
static bool is_whole(const struct uf_event *e, unsigned index)
{
    return index == 0 && batch_of(e) == NULL;
}

unsigned uf_event_item_count(const struct uf_event *event)
{
    const struct uf_batch_layout *b = batch_of(event);

    return b != NULL ? b->count : 1;
}

const void *uf_event_item(const struct uf_event *event, unsigned index, size_t *size)
{
    const struct uf_batch_item *i = item_of(event, index);
    struct uf_slice s = i != NULL ? i->body : event->l.body;

    if (i == NULL && !is_whole(event, index))
        return NULL;
    if (size != NULL)
        *size = s.len;
    return body_of(event) + (i != NULL ? s.off : 0);
}

const char *uf_event_item_id(const struct uf_event *event, unsigned index)
{
    const struct uf_batch_item *i = item_of(event, index);

    if (i != NULL)
        return body_of(event) + i->id.off;
    return is_whole(event, index) ? uf_event_id(event) : NULL;
}

const char *uf_event_item_header(const struct uf_event *event, unsigned index, const char *name)
{
    const struct uf_batch_item *i = item_of(event, index);

    if (i == NULL)
        return is_whole(event, index) ? uf_event_header(event, name) : NULL;
    const char *at = body_of(event) + i->headers.off;
    const char *end = at + i->headers.len;
    while (at < end) {
        const char *value = at + strlen(at) + 1;

        if (value >= end)
            return NULL;
        if (strcasecmp(at, name) == 0)
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}
