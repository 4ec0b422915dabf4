// SPDX-License-Identifier: MIT
/* response.c: see response.h and unifaas.h. */
#include "guest/core/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/core/core.h"
#include "guest/include/unifaas.h"

void response_init(struct uf_response *r)
{
    /* Unused, it costs no memory: the page is never touched. */
    static char headers[UF_HEADERS_MAX];

    r->status = 0;
    r->failed = 0;
    r->call = NULL;
    r->headers = headers;
    r->headers_size = 0;
    r->body = r->small;
    r->body_size = 0;
    r->body_cap = sizeof(r->small);
}

static int failed(struct uf_response *r, const char *call, int result)
{
    if (r->failed == 0) {
        r->failed = result;
        r->call = call;
    }
    return result;
}

int response_judge(const struct uf_response *r, int returned)
{
    if (r->failed == 0 || returned != 0)
        return returned;
    struct uf_message m = {.size = 0};
    uf_message_add(&m, "error: the response is not whole: ");
    uf_message_add(&m, r->call);
    uf_message_add(&m, ": ");
    uf_message_add(&m, uf_code_text(r->failed));
    uf_message_add(&m, "\n");
    uf_log_fresh_line();
    uf_log_bytes(m.text, m.size);
    return r->failed;
}

int uf_respond_status(struct uf_response *response, int status)
{
    if (status < 100 || status > 599)
        return failed(response, "uf_respond_status", UF_INVALID);
    response->status = (unsigned)status;
    return UF_OK;
}

/* RFC 9110, 5.6.2: token. */
static bool is_token(const char *s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";
    const char *p = s;

    for (; *p != '\0'; p++) {
        char lower = (char)(*p | 0x20);

        if (!(lower >= 'a' && lower <= 'z') && !(*p >= '0' && *p <= '9') &&
            strchr(marks, *p) == NULL)
            return false;
    }
    return p != s;
}

/* RFC 9110, 5.5: no control characters but the tab. */
static bool is_field_value(const char *s)
{
    for (; *s != '\0'; s++)
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
            return false;
    return true;
}

int uf_respond_header(struct uf_response *response, const char *name, const char *value)
{
    struct uf_response *r = response;

    if (name == NULL || value == NULL || !is_token(name) || !is_field_value(value))
        return failed(r, "uf_respond_header", UF_INVALID);
    size_t nname = strlen(name);
    size_t nvalue = strlen(value);
    size_t room = UF_HEADERS_MAX - r->headers_size;
    if (nname > room || nvalue > room || nname + nvalue + 3 > room)
        return failed(r, "uf_respond_header", UF_TOO_LARGE);
    char *p = r->headers + r->headers_size;
    memcpy(p, name, nname);
    memcpy(p + nname, ": ", 2);
    memcpy(p + nname + 2, value, nvalue);
    p[nname + 2 + nvalue] = '\n';
    r->headers_size += nname + nvalue + 3;
    return UF_OK;
}

static bool is_allocated(const struct uf_response *r)
{
    return r->body_cap > 0 && r->body != r->small;
}

/* Move the body to where `cap` bytes fit. */
static bool move(struct uf_response *r, size_t cap)
{
    char *old = is_allocated(r) ? (char *)(uintptr_t)r->body : NULL;
    char *new = realloc(old, cap);

    if (new == NULL)
        return false;
    if (old == NULL && r->body != NULL)
        memcpy(new, r->body, r->body_size);
    r->body = new;
    r->body_cap = cap;
    return true;
}

/* Make room for `more` bytes at the end of the body; NULL without memory. */
static char *grow(struct uf_response *r, size_t more)
{
    size_t cap = r->body_cap > 0 ? r->body_cap : RESPONSE_SMALL;

    if (more > SIZE_MAX / 4 - r->body_size)
        return NULL;
    size_t need = r->body_size + more;
    while (cap < need)
        cap *= 2;
    /* When memory is short there is no reserve. */
    if (cap != r->body_cap && !move(r, cap) && !move(r, need))
        return NULL;
    return (char *)(uintptr_t)r->body + r->body_size;
}

static int append(struct uf_response *r, const char *call, const void *data, size_t size)
{
    if (size == 0)
        return UF_OK;
    if (data == NULL)
        return failed(r, call, UF_INVALID);
    char *to = grow(r, size);
    if (to == NULL)
        return failed(r, call, UF_NO_MEMORY);
    memcpy(to, data, size);
    r->body_size += size;
    return UF_OK;
}

int uf_respond_write(struct uf_response *response, const void *data, size_t size)
{
    return append(response, "uf_respond_write", data, size);
}

int uf_respond_text(struct uf_response *response, const char *text)
{
    if (text == NULL)
        return failed(response, "uf_respond_text", UF_INVALID);
    return append(response, "uf_respond_text", text, strlen(text));
}

int uf_respond_printf(struct uf_response *response, const char *format, ...)
{
    static const char call[] = "uf_respond_printf";
    char small[256];
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(small, sizeof(small), format, ap);
    va_end(ap);
    if (n < 0)
        return failed(response, call, UF_INVALID);
    if ((size_t)n < sizeof(small))
        return append(response, call, small, (size_t)n);
    char *to = grow(response, (size_t)n + 1);
    if (to == NULL)
        return failed(response, call, UF_NO_MEMORY);
    va_start(ap, format);
    (void)vsnprintf(to, (size_t)n + 1, format, ap);
    va_end(ap);
    response->body_size += (size_t)n;
    return UF_OK;
}

/* Forget the body that was there. */
static void drop(struct uf_response *r)
{
    if (is_allocated(r))
        free((void *)(uintptr_t)r->body);
    r->body = r->small;
    r->body_size = 0;
    r->body_cap = sizeof(r->small);
}

int uf_respond_body(struct uf_response *response, const void *data, size_t size)
{
    static const char call[] = "uf_respond_body";
    struct uf_response *r = response;

    if (data == NULL && size > 0)
        return failed(r, call, UF_INVALID);
    if (size <= sizeof(r->small)) {
        /* data may be a part of the body that it replaces: move, then drop. */
        if (size > 0)
            memmove(r->small, data, size);
        drop(r);
        r->body_size = size;
        return UF_OK;
    }
    char *copy = malloc(size);
    if (copy == NULL)
        return failed(r, call, UF_NO_MEMORY);
    memcpy(copy, data, size);
    drop(r);
    r->body = copy;
    r->body_size = size;
    r->body_cap = size;
    return UF_OK;
}

static bool is_stack(uint64_t addr)
{
    return addr >= UF_DOOR_BASE + UF_DOOR_SIZE && addr < UF_IMAGE_BASE;
}

int uf_respond_borrow(struct uf_response *response, const void *data, size_t size)
{
    if ((data == NULL && size > 0) || is_stack(uf_addr(data)))
        return failed(response, "uf_respond_borrow", UF_INVALID);
    drop(response);
    response->body = data;
    response->body_size = size;
    response->body_cap = 0;
    return UF_OK;
}
