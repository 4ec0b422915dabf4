// SPDX-License-Identifier: MIT
/* incoming.c: see incoming.h. */
#include "daemon/queue/incoming.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/queue/head.h"
#include "engine/reason.h"

void incoming_key(char out[static INCOMING_KEY], const char *source, const char *id)
{
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_state state;

    (void)crypto_generichash_init(&state, NULL, 0, sizeof(hash));
    (void)crypto_generichash_update(&state, (const unsigned char *)source, strlen(source) + 1);
    (void)crypto_generichash_update(&state, (const unsigned char *)id, strlen(id));
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    memcpy(out, "ce:", 3);
    (void)sodium_bin2hex(out + 3, INCOMING_KEY - 3, hash, sizeof(hash));
}

int incoming_request_key(const char *given, const char *source, const char *id,
                         char buf[static INCOMING_KEY], const char **key, struct uf_err *err)
{
    if (given != NULL && (*given == '\0' || strlen(given) > INCOMING_KEY_MAX))
        return uf_fail(err, -EINVAL, "Idempotency-Key: must have 1 to %u bytes", INCOMING_KEY_MAX);
    *key = given;
    if (given == NULL && source != NULL && id != NULL) {
        incoming_key(buf, source, id);
        *key = buf;
    }
    return 0;
}

int incoming_lines(const char *text, size_t size, const char *head, incoming_visit *visit,
                   void *ctx, struct uf_err *err)
{
    const char *end = text + size;
    int r = 0;

    while (text < end && r == 0) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t len = (size_t)((stop != NULL ? stop : end) - text);
        struct incoming i = {.head = head, .body = text, .size = len};

        if (i.size > 0 && text[i.size - 1] == '\r')
            i.size--;
        if (i.size > 0)
            r = visit(ctx, &i, err);
        text += stop != NULL ? len + 1 : len;
    }
    return r;
}

/* ---- CloudEvents ------------------------------------------------------------------------------- */

#define NAME_MAX_BYTES 64

/* "ce-NAME", if it can be one: lower-case letters and digits (CloudEvents 1.0.2). */
static bool attribute_name(char out[static NAME_MAX_BYTES], const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > NAME_MAX_BYTES - 4 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") != len)
        return false;
    (void)snprintf(out, NAME_MAX_BYTES, "ce-%s", name);
    return true;
}

static int add_attribute(struct head_text *t, const char *name, const json_t *v, struct uf_err *err)
{
    char header[NAME_MAX_BYTES];
    char number[32];
    const char *text = json_string_value(v);

    if (json_is_null(v))
        return 0;
    if (json_is_integer(v)) {
        (void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
        text = number;
    } else if (json_is_boolean(v)) {
        text = json_is_true(v) ? "true" : "false";
    }
    if (text == NULL || !attribute_name(header, name))
        return uf_fail(err, -EINVAL,
                       "attribute %.64s: a name is of a-z and 0-9, a value a string, a whole "
                       "number, true or false",
                       name);
    if (strcmp(name, "datacontenttype") == 0)
        head_add(t, "content-type", text);
    else
        head_add(t, header, text);
    return 0;
}

static int add_attributes(struct head_text *t, json_t *o, struct uf_err *err)
{
    const char *name;
    json_t *v;
    int r = 0;

    json_object_foreach(o, name, v)
    {
        if (strcmp(name, "data") != 0 && strcmp(name, "data_base64") != 0)
            r = add_attribute(t, name, v, err);
        if (r < 0)
            return r;
    }
    /* Data in JSON is JSON unless it says otherwise. */
    if (json_object_get(o, "data") != NULL && json_object_get(o, "datacontenttype") == NULL)
        head_add(t, "content-type", "application/json");
    return t->is_lost ? uf_fail(err, -ENOMEM, "%s", reason_words(REASON_MEMORY)) : 0;
}

static int check_required(const json_t *o, struct uf_err *err)
{
    static const char *const required[] = {"specversion", "id", "source", "type"};

    if (!json_is_object(o))
        return uf_fail(err, -EINVAL, "must be an object");
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        const char *v = json_string_value(json_object_get(o, required[i]));

        if (v == NULL || *v == '\0')
            return uf_fail(err, -EINVAL, "%s: is missing, or no string", required[i]);
    }
    return 0;
}

/* Is a string its own body, or the JSON text of one? */
static bool is_plain(const json_t *o)
{
    const char *type = json_string_value(json_object_get(o, "datacontenttype"));

    return type != NULL && strstr(type, "json") == NULL;
}

/* The body; *owned is to be freed. */
static int take_data(const json_t *o, struct incoming *i, void **owned, struct uf_err *err)
{
    const json_t *data = json_object_get(o, "data");
    const json_t *coded = json_object_get(o, "data_base64");
    const char *text = json_string_value(coded);

    if (coded != NULL) {
        size_t cap = text == NULL ? 0 : strlen(text) / 4 * 3 + 1;
        unsigned char *out = malloc(cap + 1);

        *owned = out;
        i->body = out;
        if (out == NULL)
            return uf_fail(err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
        if (text == NULL || sodium_base642bin(out, cap, text, strlen(text), NULL, &i->size, NULL,
                                              sodium_base64_VARIANT_ORIGINAL) != 0)
            return uf_fail(err, -EINVAL, "data_base64: must be a string in base64");
    } else if (json_is_string(data) && is_plain(o)) {
        i->body = json_string_value(data);
        i->size = json_string_length(data);
    } else if (data != NULL) {
        *owned = json_dumps(data, JSON_COMPACT | JSON_ENCODE_ANY);
        if (*owned == NULL)
            return uf_fail(err, -ENOMEM, "%s", reason_words(REASON_MEMORY));
        i->body = *owned;
        i->size = strlen(*owned);
    }
    return 0;
}

static int take_one(json_t *o, incoming_visit *visit, void *ctx, struct uf_err *err)
{
    struct head_text head = {.text = NULL};
    struct incoming i = {.body = ""};
    char key[INCOMING_KEY];
    void *owned = NULL;
    int r = check_required(o, err);

    if (r == 0)
        r = add_attributes(&head, o, err);
    if (r == 0)
        r = take_data(o, &i, &owned, err);
    if (r == 0) {
        incoming_key(key, json_string_value(json_object_get(o, "source")),
                     json_string_value(json_object_get(o, "id")));
        i.key = key;
        i.head = head_string(&head);
        r = visit(ctx, &i, err);
    }
    free(owned);
    head_text_free(&head);
    return r;
}

int incoming_cloudevents(const char *text, size_t size, incoming_visit *visit, void *ctx,
                         struct uf_err *err)
{
    json_error_t e;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &e);
    size_t n;
    json_t *o;
    int r = 0;

    if (root == NULL)
        return uf_fail(err, -EINVAL, "not JSON: line %d column %d: %s", e.line, e.column, e.text);
    if (!json_is_array(root))
        r = take_one(root, visit, ctx, err);
    json_array_foreach(root, n, o)
    {
        r = take_one(o, visit, ctx, err);
        if (r < 0) {
            (void)uf_wrap(err, r, "event %zu", n);
            break;
        }
    }
    json_decref(root);
    return r;
}
