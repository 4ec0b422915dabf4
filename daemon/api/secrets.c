// SPDX-License-Identifier: MIT
/*
 * secrets.c: /system/secrets; see api.h. Values come in and never go out.
 *
 *	GET                 200, [{name, namespace}]
 *	POST   a Secret     201; 409 when it is there already
 *	PUT    a Secret     200; 404
 *	DELETE a Secret     200; 404. The text says which functions still name it
 */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "daemon/api/api.h"
#include "daemon/secrets/request.h"

#define USERS_TEXT 1024u

struct secret_ask {
    struct http_request *request;
    char space[SECRET_SPACE_MAX + 1];
    char name[SECRET_NAME_MAX + 1];
};

/* ---- who names it ---------------------------------------------------------------------- */

struct users {
    const struct secret_ask *ask;
    struct text text;
};

static void add_user(struct fn *fn, void *ctx)
{
    struct users *u = ctx;

    if (strcmp(fn->conf.space, u->ask->space) != 0)
        return;
    for (uint32_t i = 0; i < fn->conf.secrets.n; i++)
        if (strcmp(fn->conf.secrets.item[i], u->ask->name) == 0)
            text_add(&u->text, "%s%s", u->text.len > 0 ? ", " : "", fn->conf.name);
}

/* ---- changing -------------------------------------------------------------------------- */

static unsigned status_of(int code)
{
    switch (code) {
    case -EINVAL:
        return 400;
    case -ENOENT:
        return 404;
    case -EEXIST:
        return 409;
    case -E2BIG:
        return 413;
    case -EKEYREJECTED:
    case -ENOMEM:
        return 503;
    default:
        return store_http(code);
    }
}

static void tell_removed(const struct secret_ask *a)
{
    char names[USERS_TEXT];
    struct users u = {.ask = a, .text = text_over(names, sizeof(names))};

    fleet_each(api_of(a->request)->fleet, add_user, &u);
    if (u.text.len > 0)
        api_text(a->request, 200, "secret %s is removed; these functions still ask for it: %s",
                 a->name, names);
    else
        api_text(a->request, 200, "secret %s is removed", a->name);
}

static void on_changed(void *ctx, int code, const char *why)
{
    struct secret_ask *a = ctx;
    const char *method = a->request->method;

    if (code < 0)
        api_text(a->request, status_of(code), "%s", why);
    else if (strcmp(method, "DELETE") == 0)
        tell_removed(a);
    else if (strcmp(method, "POST") == 0)
        api_text(a->request, 201, "secret %s is made", a->name);
    else
        api_text(a->request, 200, "secret %s is changed", a->name);
    free(a);
}

static int submit(struct http_request *r, const struct secret_request *q, struct uf_err *err)
{
    struct secret_ask *a = calloc(1, sizeof(*a));

    if (a == NULL)
        return uf_fail(err, -ENOMEM, "no memory for it now");
    a->request = r;
    memcpy(a->space, q->space, sizeof(a->space));
    memcpy(a->name, q->name, sizeof(a->name));
    const struct secret_change c = {
        .verb = strcmp(r->method, "POST") == 0  ? SECRET_CREATE
                : strcmp(r->method, "PUT") == 0 ? SECRET_UPDATE
                                                : SECRET_REMOVE,
        .space = a->space,
        .name = a->name,
        .data = q->value,
        .size = q->size,
        .done = on_changed,
        .ctx = a,
    };
    int code = secrets_change(api_of(r)->secrets, &c, err);
    if (code < 0)
        free(a);
    return code;
}

void secrets_serve_change(struct http_request *r)
{
    struct secret_request q;
    struct uf_err err;
    int code = secret_request_parse(&q, r->body, r->size, &err);

    /* Nothing of it is needed any more. */
    if (r->body != NULL)
        sodium_memzero(r->body, r->size);
    if (code == 0)
        code = api_space(r, q.space, q.space, &err);
    if (code == 0)
        code = submit(r, &q, &err);
    if (code < 0)
        api_text(r, status_of(code), "%s", err.msg);
    secret_request_fini(&q);
}

/* ---- listing --------------------------------------------------------------------------- */

struct list {
    json_t *all;
    const char *space;
};

static void append(void *ctx, const char *name)
{
    const struct list *l = ctx;

    (void)json_array_append_new(l->all,
                                json_pack("{s:s,s:s}", "name", name, "namespace", l->space));
}

void secrets_serve_list(struct http_request *r)
{
    char space[SECRET_SPACE_MAX + 1];
    struct list l = {.all = json_array(), .space = space};
    struct uf_err err;

    if (api_query_space(r, space, &err) == 0)
        secrets_each(api_of(r)->secrets, space, append, &l);
    api_json(r, 200, l.all);
}
