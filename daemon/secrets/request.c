// SPDX-License-Identifier: MIT
/* request.c: see request.h. */
#include "daemon/secrets/request.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base64.h"

/* Of base64, for the largest value. */
#define BASE64_MAX (((size_t)SECRET_SIZE_MAX + 2) / 3 * 4)

/* A member that is text: NULL when it is missing, null or empty. */
static int take_text(const json_t *root, const char *name, const char **out, struct uf_err *err)
{
    const json_t *v = json_object_get(root, name);

    *out = json_string_value(v);
    if (v != NULL && !json_is_string(v) && !json_is_null(v))
        return uf_fail(err, -EINVAL, "%s: must be a string", name);
    if (*out != NULL && **out == '\0')
        *out = NULL;
    return 0;
}

static int copy_text(const json_t *root, const char *name, char *out, size_t cap,
                     struct uf_err *err)
{
    const char *text = NULL;
    int r = take_text(root, name, &text, err);

    if (r == 0 && text != NULL && strlen(text) >= cap)
        r = uf_fail(err, -EINVAL, "%s: is longer than %zu bytes", name, cap - 1);
    if (r == 0 && text != NULL)
        memcpy(out, text, strlen(text) + 1);
    return r;
}

static int too_large(struct uf_err *err)
{
    return uf_fail(err, -E2BIG, "a secret has at most %u bytes", SECRET_SIZE_MAX);
}

static int take_raw(struct secret_request *q, const char *base64, struct uf_err *err)
{
    size_t len = strlen(base64);

    if (len > BASE64_MAX)
        return too_large(err);
    q->value = malloc(len);
    if (q->value == NULL)
        return uf_fail(err, -ENOMEM, "no memory for it now");
    if (base64_decode(base64, len, q->value, len, &q->size) == 0)
        return q->size <= SECRET_SIZE_MAX ? 0 : too_large(err);
    q->size = len; /* to be wiped */
    return uf_fail(err, -EINVAL, "rawValue: must be base64");
}

static int take_value(struct secret_request *q, const json_t *root, struct uf_err *err)
{
    const char *raw = NULL;
    const char *text = NULL;
    int r = take_text(root, "rawValue", &raw, err);

    if (r == 0)
        r = take_text(root, "value", &text, err);
    if (r < 0)
        return r;
    if (raw != NULL)
        return take_raw(q, raw, err);
    if (text == NULL)
        return 0;
    if (strlen(text) > SECRET_SIZE_MAX)
        return too_large(err);
    q->size = strlen(text);
    q->value = malloc(q->size);
    if (q->value == NULL)
        return uf_fail(err, -ENOMEM, "no memory for it now");
    memcpy(q->value, text, q->size);
    return 0;
}

/* jansson gives its strings back to the heap as they are. */
static void wipe(const json_t *root, const char *name)
{
    const json_t *v = json_object_get(root, name);
    union {
        const char *text;
        char *bytes;
    } u = {json_string_value(v)};

    if (u.text != NULL)
        sodium_memzero(u.bytes, json_string_length(v));
}

int secret_request_parse(struct secret_request *q, const char *text, size_t size,
                         struct uf_err *err)
{
    json_error_t e;
    json_t *root = json_loadb(text != NULL ? text : "", size, JSON_REJECT_DUPLICATES, &e);
    int r = 0;

    *q = (struct secret_request){.value = NULL};
    /* The parser's own words may quote what it stumbled over. */
    if (!json_is_object(root))
        r = uf_fail(err, -EINVAL, "the request is no JSON object: line %d column %d",
                    root != NULL ? 1 : e.line, root != NULL ? 1 : e.column);
    if (r == 0)
        r = copy_text(root, "namespace", q->space, sizeof(q->space), err);
    if (r == 0)
        r = copy_text(root, "name", q->name, sizeof(q->name), err);
    if (r == 0 && q->name[0] == '\0')
        r = uf_fail(err, -EINVAL, "name: is missing");
    if (r == 0)
        r = take_value(q, root, err);
    wipe(root, "value");
    wipe(root, "rawValue");
    json_decref(root);
    if (r < 0)
        secret_request_fini(q);
    return r;
}

void secret_request_fini(struct secret_request *q)
{
    if (q->value != NULL)
        sodium_memzero(q->value, q->size);
    free(q->value);
    *q = (struct secret_request){.value = NULL};
}
