// SPDX-License-Identifier: MIT
/*
 * echo: the event, as JSON (RFC 8259). Bytes that are no UTF-8 come back as
 * U+FFFD. Headers with the same name are joined with commas (RFC 9110, 5.3).
 */
#include <stdbool.h>
#include <string.h>

#include <unifaas.h>

/* Bytes of the UTF-8 character at p, or 0 (RFC 3629, 4). */
static size_t utf8_size(const unsigned char *p, const unsigned char *end)
{
    static const struct {
        unsigned char lo, hi;   /* first byte  */
        unsigned char lo2, hi2; /* second byte */
        unsigned char size;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t n = forms[i].size;

        if (p[0] < forms[i].lo || p[0] > forms[i].hi)
            continue;
        if ((size_t)(end - p) < n || (n > 1 && (p[1] < forms[i].lo2 || p[1] > forms[i].hi2)))
            return 0;
        for (size_t k = 2; k < n; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return n;
    }
    return 0;
}

/* The inside of a JSON string. */
static void put_escaped(struct uf_response *r, const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    const unsigned char *end = p + size;

    while (p < end) {
        size_t n = utf8_size(p, end);

        if (n == 0)
            (void)uf_respond_text(r, "\\ufffd");
        else if (*p == '"' || *p == '\\')
            (void)uf_respond_printf(r, "\\%c", *p);
        else if (*p < 0x20)
            (void)uf_respond_printf(r, "\\u%04x", *p);
        else
            (void)uf_respond_write(r, p, n);
        p += n != 0 ? n : 1;
    }
}

static void put_string(struct uf_response *r, const char *text, size_t size)
{
    (void)uf_respond_text(r, "\"");
    put_escaped(r, text, size);
    (void)uf_respond_text(r, "\"");
}

static void put_member(struct uf_response *r, const char *name, const char *text, size_t size)
{
    put_string(r, name, strlen(name));
    (void)uf_respond_text(r, ":");
    put_string(r, text, size);
    (void)uf_respond_text(r, ",");
}

static bool is_repeated(const struct uf_event *e, unsigned index)
{
    for (unsigned i = 0; i < index; i++)
        if (strcmp(uf_event_header_name(e, i), uf_event_header_name(e, index)) == 0)
            return true;
    return false;
}

static void put_headers(struct uf_response *r, const struct uf_event *e)
{
    unsigned n = uf_event_header_count(e);
    const char *gap = "";

    (void)uf_respond_text(r, "\"headers\":{");
    for (unsigned i = 0; i < n; i++) {
        const char *name = uf_event_header_name(e, i);

        if (is_repeated(e, i))
            continue;
        (void)uf_respond_text(r, gap);
        put_string(r, name, strlen(name));
        (void)uf_respond_text(r, ":\"");
        for (unsigned k = i; k < n; k++) {
            const char *value = uf_event_header_value(e, k);

            if (strcmp(uf_event_header_name(e, k), name) != 0)
                continue;
            if (k != i)
                (void)uf_respond_text(r, ", ");
            put_escaped(r, value, strlen(value));
        }
        (void)uf_respond_text(r, "\"");
        gap = ",";
    }
    (void)uf_respond_text(r, "},");
}

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *method = uf_event_method(event);
    const char *path = uf_event_path(event);
    const char *query = uf_event_query(event);

    (void)uf_respond_header(response, "Content-Type", "application/json");
    (void)uf_respond_text(response, "{");
    put_member(response, "method", method, strlen(method));
    put_member(response, "path", path, strlen(path));
    put_member(response, "query", query, strlen(query));
    put_headers(response, event);
    (void)uf_respond_text(response, "\"body\":");
    put_string(response, uf_event_body(event), uf_event_body_size(event));
    return uf_respond_text(response, "}\n");
}
