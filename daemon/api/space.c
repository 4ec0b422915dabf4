// SPDX-License-Identifier: MIT
/*
 * space.c: /system/namespaces and /system/namespace/NAME; see api.h.
 *
 *	GET    /system/namespaces        200, ["NAME", ...]
 *	GET    /system/namespace/NAME    200, {name, labels, annotations}; 404
 *	POST   /system/namespace/        201; 409 when it is there. NAME here or in the body
 *	PUT    /system/namespace/NAME    200; 404
 *	DELETE /system/namespace/NAME    202; 404; 409 when something is left in it
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/http/query.h"

/* ---- for all that have a namespace ------------------------------------------------------ */

int api_space(const struct http_request *r, const char *said, char *out, struct uf_err *err)
{
    char asked[FUNCTION_NAME_MAX + 1];

    if (query_get(r->query, "namespace", asked, sizeof(asked)) < 0)
        return uf_fail(err, -ENOENT, "there is no such namespace");
    if (said[0] != '\0' && asked[0] != '\0' && strcmp(said, asked) != 0)
        return uf_fail(err, -EINVAL, "namespace: the body says %.64s, the query %s", said, asked);
    const char *meant = said[0] != '\0' ? said : asked[0] != '\0' ? asked : FUNCTION_SPACE;
    if (spaces_find(api_of(r)->spaces, meant) == NULL)
        return uf_fail(err, -ENOENT, "there is no namespace %.64s", meant);
    memmove(out, meant, strlen(meant) + 1);
    return 0;
}

int api_query_space(const struct http_request *r, char *out, struct uf_err *err)
{
    return api_space(r, "", out, err);
}

/* ---- the namespaces --------------------------------------------------------------------- */

static json_t *describe(const struct space *s)
{
    json_t *o = json_loads(s->details, 0, NULL);

    if (o == NULL)
        o = json_object();
    (void)json_object_set_new(o, "name", json_string(s->name));
    return o;
}

void space_list(struct http_request *r)
{
    const struct spaces *s = api_of(r)->spaces;
    json_t *list = json_array();

    for (uint32_t i = 0; i < s->n; i++)
        (void)json_array_append_new(list, json_string(s->all[i].name));
    api_json(r, 200, list);
}

void space_describe(struct http_request *r)
{
    const struct space *s = spaces_find(api_of(r)->spaces, r->rest);

    if (s == NULL)
        api_text(r, 404, "there is no namespace %.100s", r->rest);
    else
        api_json(r, 200, describe(s));
}

/* What a client wants. */
struct wanted {
    char name[FUNCTION_NAME_MAX + 2]; /* one more, so that too long a name is refused */
    char *details;                    /* owned */
};

/* A member {"KEY": "TEXT", ...}, into details. */
static int take_map(json_t *root, const char *name, json_t *details, struct uf_err *err)
{
    json_t *map = json_object_get(root, name);
    const char *key;
    json_t *v;

    if (map == NULL || json_is_null(map))
        return 0;
    if (!json_is_object(map))
        return uf_fail(err, -EINVAL, "%s: must be an object", name);
    json_object_foreach(map, key, v) if (!json_is_string(v)) return uf_fail(
        err, -EINVAL, "%s: the value of %.64s must be a string", name, key);
    return json_object_set(details, name, map) < 0 ? uf_fail(err, -ENOMEM, "no memory now") : 0;
}

static int take_name(const struct http_request *r, const json_t *root, struct wanted *w,
                     struct uf_err *err)
{
    const char *name = json_string_value(json_object_get(root, "name"));

    if (r->rest[0] != '\0' && name != NULL && name[0] != '\0' && strcmp(name, r->rest) != 0)
        return uf_fail(err, -EINVAL, "the path says %.64s, the request %.64s", r->rest, name);
    if (r->rest[0] != '\0')
        name = r->rest;
    if (name == NULL || name[0] == '\0')
        return uf_fail(err, -EINVAL, "name: is missing");
    size_t len = strlen(name);
    if (len > sizeof(w->name) - 1)
        len = sizeof(w->name) - 1;
    memcpy(w->name, name, len);
    w->name[len] = '\0';
    return 0;
}

static int read_wanted(const struct http_request *r, struct wanted *w, struct uf_err *err)
{
    /* The path says it all, unless it is labels that change. */
    bool is_short = r->size == 0 && strcmp(r->method, "PUT") != 0;
    json_error_t e;
    json_t *root =
        is_short ? json_object()
                 : json_loadb(r->body != NULL ? r->body : "", r->size, JSON_REJECT_DUPLICATES, &e);
    json_t *details = json_object();
    int code = 0;

    *w = (struct wanted){.details = NULL};
    if (!json_is_object(root))
        code = uf_fail(err, -EINVAL, "the request is no JSON object");
    if (code == 0)
        code = take_name(r, root, w, err);
    if (code == 0)
        code = take_map(root, "labels", details, err);
    if (code == 0)
        code = take_map(root, "annotations", details, err);
    if (code == 0 && (w->details = json_dumps(details, JSON_COMPACT)) == NULL)
        code = uf_fail(err, -ENOMEM, "no memory for it now");
    json_decref(details);
    json_decref(root);
    return code;
}

static unsigned status_of(int code)
{
    switch (code) {
    case -EINVAL:
        return 400;
    case -ENOENT:
        return 404;
    case -EEXIST:
    case -ENOTEMPTY:
        return 409;
    case -ENOMEM:
        return 503;
    default:
        return store_http(code);
    }
}

struct asked {
    struct http_request *request;
    char name[FUNCTION_NAME_MAX + 1];
};

static void on_changed(void *ctx, int code, const char *why)
{
    struct asked *a = ctx;
    struct http_request *r = a->request;

    if (code < 0) {
        api_text(r, status_of(code), "%s", why);
    } else if (strcmp(r->method, "POST") == 0) {
        api_text(r, 201, "namespace %s is made", a->name);
    } else if (strcmp(r->method, "PUT") == 0) {
        api_text(r, 200, "namespace %s is changed", a->name);
    } else {
        secrets_drop_space(api_of(r)->secrets, a->name);
        api_text(r, 202, "namespace %s is removed", a->name);
    }
    free(a);
}

/* What such an event writes would be there for whoever makes a namespace of that name
 * next. */
static int check_still(const struct http_request *r, const char *name, struct uf_err *err)
{
    uint32_t n = strcmp(r->method, "DELETE") == 0 ? fleet_still_runs(api_of(r)->fleet, name) : 0;

    if (n == 0)
        return 0;
    return uf_fail(err, -ENOTEMPTY,
                   "in namespace %.64s %u event%s of functions that were removed still run%s: "
                   "try again after %s end",
                   name, n, n == 1 ? "" : "s", n == 1 ? "s" : "", n == 1 ? "its" : "their");
}

static int submit(struct http_request *r, const struct wanted *w, struct uf_err *err)
{
    int still = check_still(r, w->name, err);
    struct asked *a = still < 0 ? NULL : calloc(1, sizeof(*a));

    if (still < 0)
        return still;
    if (a == NULL)
        return uf_fail(err, -ENOMEM, "no memory for it now");
    a->request = r;
    (void)snprintf(a->name, sizeof(a->name), "%.*s", FUNCTION_NAME_MAX, w->name);
    const struct space_change c = {
        .verb = strcmp(r->method, "POST") == 0  ? SPACE_CREATE
                : strcmp(r->method, "PUT") == 0 ? SPACE_UPDATE
                                                : SPACE_REMOVE,
        .name = w->name,
        .details = w->details,
        .done = on_changed,
        .ctx = a,
    };
    int code = spaces_change(api_of(r)->spaces, &c, err);
    if (code < 0)
        free(a);
    return code;
}

void space_change(struct http_request *r)
{
    struct wanted w;
    struct uf_err err;
    int code = read_wanted(r, &w, &err);

    if (code == 0)
        code = submit(r, &w, &err);
    if (code < 0)
        api_text(r, status_of(code), "%s", err.msg);
    free(w.details);
}
