// SPDX-License-Identifier: MIT
/* functions.c: /system/functions and /system/function/NAME; see api.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/gateway/name.h"
#include "daemon/http/query.h"

#define DEPLOY_STATUS_POST 202u
#define DEPLOY_STATUS_PUT  200u

static void append(struct fn *fn, void *ctx)
{
    (void)json_array_append_new(ctx, api_status(fn));
}

/* A namespace that is not ours is empty, and no mistake. */
static bool is_our_namespace(const struct http_request *r)
{
    char space[128];

    return query_get(r->query, "namespace", space, sizeof(space)) == 0 || space[0] == '\0' ||
           strcmp(space, NAME_NAMESPACE) == 0;
}

void functions_list(struct http_request *r)
{
    json_t *list = json_array();

    if (is_our_namespace(r))
        fleet_each(api_of(r)->fleet, append, list);
    api_json(r, 200, list);
}

void functions_describe(struct http_request *r)
{
    struct name name;
    struct fn *fn = name_parse(&name, r->rest) && strcmp(name.path, "/") == 0 && is_our_namespace(r)
                        ? fleet_find(api_of(r)->fleet, name.function)
                        : NULL;

    if (fn == NULL)
        api_text(r, 404, "no function is called %s", name.function);
    else
        api_json(r, 200, api_status(fn));
}

/* ---- deploying --------------------------------------------------------------------- */

/* The answer to a request whose init failed: outcome, why, where. */
static void tell_failure(struct http_request *r, const struct deploy_end *e)
{
    const struct uf_result *res = &e->result->r;

    http_text(r, e->http, "%s: %s: %s\n%s", "init failed", outcome_word(res->outcome), res->message,
              res->trace);
    http_add(r, "X-UniFaaS-Outcome", outcome_word(res->outcome));
    http_send(r);
}

static void on_deployed(void *ctx, const struct deploy_end *e)
{
    struct http_request *r = ctx;

    if (e->http == 200)
        api_json(r, strcmp(r->method, "PUT") == 0 ? DEPLOY_STATUS_PUT : DEPLOY_STATUS_POST,
                 api_status(e->fn));
    else if (e->result != NULL && e->result->r.outcome != UF_OUTCOME_OK)
        tell_failure(r, e);
    else
        api_text(r, e->http, "%s", e->reason);
}

void functions_deploy(struct http_request *r)
{
    struct api *a = api_of(r);
    struct deploy_job *j = deploy_new();
    struct uf_err err;

    if (request_parse(j, r->body, r->size, &err) < 0) {
        api_text(r, 400, "%s", err.msg);
        deploy_free(j);
        return;
    }
    if (strcmp(r->method, "PUT") == 0 && fleet_find(a->fleet, j->conf.name) == NULL) {
        api_text(r, 404, "no function is called %s; POST makes a new one", j->conf.name);
        deploy_free(j);
        return;
    }
    j->created_s = a->loop->wall_ns / 1000000000u;
    j->done = on_deployed;
    j->ctx = r;
    deploy_submit(a->deploys, j);
}

/* ---- removing ------------------------------------------------------------------------ */

static int read_name(const struct http_request *r, char *name, size_t cap, struct uf_err *err)
{
    json_error_t e;
    json_t *root = json_loadb(r->body != NULL ? r->body : "", r->size, 0, &e);
    const char *text = json_string_value(json_object_get(root, "functionName"));
    const char *space = json_string_value(json_object_get(root, "namespace"));
    int code = 0;

    if (root == NULL)
        code = uf_fail(err, -EINVAL, "the request is not JSON: line %d: %s", e.line, e.text);
    else if (text == NULL)
        code = uf_fail(err, -EINVAL, "functionName: is missing");
    else if (strlen(text) >= cap ||
             (space != NULL && space[0] != '\0' && strcmp(space, NAME_NAMESPACE) != 0))
        code = uf_fail(err, -ENOENT, "no function is called %.100s", text);
    else
        memcpy(name, text, strlen(text) + 1);
    json_decref(root);
    return code;
}

void functions_delete(struct http_request *r)
{
    struct api *a = api_of(r);
    char name[FUNCTION_NAME_MAX + 1];
    struct uf_err err;
    int code = read_name(r, name, sizeof(name), &err);

    if (code < 0) {
        api_text(r, code == -ENOENT ? 404 : 400, "%s", err.msg);
        return;
    }
    struct fn *fn = fleet_find(a->fleet, name);
    if (fn == NULL) {
        api_text(r, 404, "no function is called %s", name);
        return;
    }
    if (deploy_remove(a->deploys, fn, &err) < 0)
        api_text(r, 500, "%s", err.msg);
    else
        api_text(r, 202, "%s is removed", name);
}
