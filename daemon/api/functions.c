// SPDX-License-Identifier: MIT
/* functions.c: /system/functions and /system/function/NAME; see api.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "daemon/api/api.h"
#include "daemon/gateway/name.h"

#define DEPLOY_STATUS_POST 202u
#define DEPLOY_STATUS_PUT  200u
#define LOG_SHOWN          1024u /* bytes of the log of an init that failed */

struct list {
    json_t *all;
    char space[FUNCTION_NAME_MAX + 1];
};

static void append(struct fn *fn, void *ctx)
{
    const struct list *l = ctx;

    if (strcmp(fn->conf.space, l->space) == 0)
        (void)json_array_append_new(l->all, api_status(fn));
}

/* A namespace that there is not is empty, and no mistake. */
void functions_list(struct http_request *r)
{
    struct list l = {.all = json_array()};
    struct uf_err err;

    if (api_query_space(r, l.space, &err) == 0)
        fleet_each(api_of(r)->fleet, append, &l);
    api_json(r, 200, l.all);
}

void functions_describe(struct http_request *r)
{
    struct fn *fn = api_find(r, r->rest, "");

    if (fn != NULL)
        api_json(r, 200, api_status(fn));
}

struct fn *api_find(struct http_request *r, const char *text, const char *said)
{
    struct name name;
    struct fn *fn = NULL;
    struct uf_err err;

    if (name_parse(&name, text) && strcmp(name.path, "/") == 0) {
        int code = 0;

        if (!name.has_space)
            code = api_space(r, said, name.space, &err);
        if (code < 0) {
            api_text(r, code == -ENOENT ? 404 : 400, "%s", err.msg);
            return NULL;
        }
        fn = fleet_find(api_of(r)->fleet, name.space, name.function);
    }
    if (fn == NULL && strcmp(name.space, FUNCTION_SPACE) != 0)
        api_text(r, 404, "no function is called %s in namespace %s", name.function, name.space);
    else if (fn == NULL)
        api_text(r, 404, "no function is called %s", name.function);
    return fn;
}

/* ---- deploying --------------------------------------------------------------------- */

/* The end of a log, for a terminal, which a function may not command. */
static void copy_end(const char *log, size_t size, char out[static LOG_SHOWN + 1])
{
    size_t n = size < LOG_SHOWN ? size : LOG_SHOWN;

    if (n > 0)
        memcpy(out, log + (size - n), n);
    out[n] = '\0';
    utf8_mend(out, n, "\n\t");
}

/* The answer to a request whose init failed: outcome, why, where, and the end of what
 * it said, such as the line of a script that is none. */
static void tell_failure(struct http_request *r, const struct deploy_end *e)
{
    const struct uf_result *res = &e->result->r;
    char said[LOG_SHOWN + 1];

    copy_end(e->result->log, res->log_size, said);
    http_text(r, e->http, "%s: %s: %s\n%s%s", "init failed", outcome_word(res->outcome),
              res->message, res->trace, said);
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

static int check_image(const struct api *a, const struct deploy_job *j, struct uf_err *err)
{
    if (j->source == NULL || deploy_is_short_hash(j->source) || a->deploys->image_dir[0] != '\0')
        return 0;
    return uf_fail(
        err, -EINVAL,
        "image: \"%.80s\" is not valid; it must be sha256: and the 64 hexadecimal digits "
        "that /system/images answers, or 8 or more of them; with --image-dir also a "
        "file below that folder",
        j->source);
}

/* 0, or the status with the reason. */
static unsigned check_deployment(const struct http_request *r, struct deploy_job *j,
                                 struct uf_err *err)
{
    const struct api *a = api_of(r);

    if (request_parse(j, r->body, r->size, err) < 0 || check_image(a, j, err) < 0)
        return 400;
    if (api_space(r, j->conf.space, j->conf.space, err) < 0)
        return 400;
    for (uint32_t i = 0; i < j->conf.secrets.n; i++)
        if (!secrets_has(a->secrets, j->conf.space, j->conf.secrets.item[i])) {
            (void)uf_fail(err, -EINVAL, "unable to find secret: %s", j->conf.secrets.item[i]);
            return 400;
        }
    if (strcmp(r->method, "PUT") != 0 || fleet_find(a->fleet, j->conf.space, j->conf.name) != NULL)
        return 0;
    (void)uf_fail(err, -ENOENT, "no function is called %s; POST makes a new one", j->conf.name);
    return 404;
}

void functions_deploy(struct http_request *r)
{
    struct api *a = api_of(r);
    struct deploy_job *j = deploy_new();
    struct uf_err err;

    unsigned status = check_deployment(r, j, &err);

    if (status != 0) {
        api_text(r, status, "%s", err.msg);
        deploy_free(j);
        return;
    }
    j->created_s = a->loop->wall_ns / 1000000000u;
    j->done = on_deployed;
    j->ctx = r;
    deploy_submit(a->deploys, j);
}

/* ---- removing ------------------------------------------------------------------------ */

/* Which function is meant; NULL after an answer. */
static struct fn *read_name(struct http_request *r)
{
    json_error_t e;
    json_t *root = json_loadb(r->body != NULL ? r->body : "", r->size, 0, &e);
    const char *text = json_string_value(json_object_get(root, "functionName"));
    const char *said = json_string_value(json_object_get(root, "namespace"));
    char space[FUNCTION_NAME_MAX + 1];
    struct fn *fn = NULL;
    struct uf_err err;
    int code = api_space(r, said != NULL ? said : "", space, &err);

    if (root == NULL)
        api_text(r, 400, "the request is not JSON: line %d: %s", e.line, e.text);
    else if (text == NULL)
        api_text(r, 400, "functionName: is missing");
    else if (code < 0)
        api_text(r, code == -ENOENT ? 404 : 400, "%s", err.msg);
    else if ((fn = fleet_find(api_of(r)->fleet, space, text)) == NULL)
        api_text(r, 404, "no function is called %.100s%s%s", text,
                 strcmp(space, FUNCTION_SPACE) != 0 ? " in namespace " : "",
                 strcmp(space, FUNCTION_SPACE) != 0 ? space : "");
    json_decref(root);
    return fn;
}

static void on_removed(void *ctx, const char *name, int code, const struct uf_err *err)
{
    struct http_request *r = ctx;

    if (code == 0)
        api_text(r, 202, "%s is removed", name);
    else
        api_text(r, store_http(code), "%s", err->msg);
}

void functions_delete(struct http_request *r)
{
    struct fn *fn = read_name(r);

    if (fn != NULL)
        deploy_remove(api_of(r)->deploys, fn, on_removed, r);
}
