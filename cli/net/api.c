// SPDX-License-Identifier: MIT
/* api.c: see api.h. */
#include "cli/net/api.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/units.h"
#include "engine/function.h"

int api_unreachable(int code, const struct uf_err *err)
{
    switch (code) {
    case -EHOSTUNREACH:
        return cli_report(CLI_UNREACHABLE, err);
    case -EINVAL:
        return cli_report(CLI_USAGE, err);
    default:
        return cli_report(CLI_FAILED, err);
    }
}

int api_refused(const struct http_response *p)
{
    size_t n = p->body_size;

    if (p->status == 401)
        return cli_fail(CLI_FAILED,
                        p->had_credentials
                            ? "the daemon does not take this password; unifaas login asks for "
                              "another"
                            : "the daemon asks for a password: unifaas login, or set "
                              "$UNIFAAS_PASSWORD");
    if (n == 0)
        return cli_fail(p->status == 404 ? CLI_NOT_FOUND : CLI_FAILED, "the daemon answered %ld",
                        p->status);
    (void)fflush(stdout);
    (void)fwrite(p->body, 1, n, stderr);
    if (p->body[n - 1] != '\n')
        (void)fputc('\n', stderr);
    return p->status == 404 ? CLI_NOT_FOUND : CLI_FAILED;
}

static int parse(const struct http_response *p, json_t **out)
{
    json_error_t e;

    *out = json_loadb(p->body, p->body_size, 0, &e);
    if (*out == NULL)
        return cli_fail(CLI_FAILED, "the daemon's answer is not JSON: line %d: %s; is it one?",
                        e.line, e.text);
    return OPTS_GO;
}

int api_get(const char *gateway, const char *path, json_t **out)
{
    const struct http_request q = {.gateway = gateway, .method = "GET", .path = path};
    struct http_response p;
    struct uf_err err;
    int r = http_do(&q, &p, &err);

    if (r < 0)
        return api_unreachable(r, &err);
    r = p.status == 200 ? parse(&p, out) : api_refused(&p);
    http_response_fini(&p);
    return r;
}

int api_list(const char *gateway, const char *path, const char *space, json_t **out)
{
    UF_AUTO_FREE char *encoded = http_encode(space != NULL ? space : "");
    UF_AUTO_FREE char *there = NULL;
    json_t *doc = NULL;
    int r = api_get(gateway, path, out);

    if (r != OPTS_GO || space == NULL || json_array_size(*out) > 0)
        return r;
    if (asprintf(&there, "/system/namespace/%s", encoded) < 0)
        abort();
    r = api_get(gateway, there, &doc);
    json_decref(doc);
    if (r != OPTS_GO)
        json_decref(*out);
    return r;
}

int api_send(const char *gateway, const char *method, const char *path, const json_t *doc,
             struct http_response *p)
{
    static const struct event_header type = {"Content-Type", "application/json"};
    UF_AUTO_FREE char *text = json_dumps(doc, JSON_COMPACT);
    struct uf_err err;

    if (text == NULL)
        return cli_fail(CLI_FAILED, "out of memory");
    const struct http_request q = {
        .gateway = gateway,
        .method = method,
        .path = path,
        .headers = &type,
        .nheaders = 1,
        .body = text,
        .body_size = strlen(text),
        .has_body = true,
    };
    int r = http_do(&q, p, &err);
    return r < 0 ? api_unreachable(r, &err) : OPTS_GO;
}

static int change(const char *gateway, const char *method, const char *path,
                  struct http_response *p)
{
    const struct http_request q = {.gateway = gateway, .method = method, .path = path};
    struct uf_err err;
    int r = http_do(&q, p, &err);

    return r < 0 ? api_unreachable(r, &err) : OPTS_GO;
}

int api_change(const char *gateway, const char *method, const char *path)
{
    struct http_response p;
    int r = change(gateway, method, path, &p);

    if (r != OPTS_GO)
        return r;
    r = p.status >= 200 && p.status < 300 ? CLI_OK : api_refused(&p);
    http_response_fini(&p);
    return r;
}

int api_remove(const char *gateway, const char *path)
{
    struct http_response p;
    char n[24];
    int r = change(gateway, "DELETE", path, &p);

    if (r != OPTS_GO)
        return r;
    if (p.status == 200) {
        json_t *doc = json_loadb(p.body, p.body_size, 0, NULL);

        printf("%s removed\n", api_text(doc, "removed", n, sizeof(n)));
        json_decref(doc);
        r = CLI_OK;
    } else {
        r = api_refused(&p);
    }
    http_response_fini(&p);
    return r;
}

char *api_path(const char *path, const char *space)
{
    UF_AUTO_FREE char *encoded = http_encode(space != NULL ? space : "");
    char *out;

    if (asprintf(&out, "%s%s%s", path,
                 space == NULL               ? ""
                 : strchr(path, '?') != NULL ? "&namespace="
                                             : "?namespace=",
                 encoded) < 0)
        abort();
    return out;
}

int api_for_each(const struct operands *names, const char *gateway, const char *space,
                 int (*one)(const char *gateway, const char *space, const char *name))
{
    int worst = CLI_OK;

    for (int i = 0; i < names->n && worst != CLI_UNREACHABLE; i++) {
        int r = one(gateway, space, names->at[i]);

        if (r != CLI_OK)
            worst = r;
    }
    return worst;
}

int api_check_name(const struct command *c, const char *name)
{
    return function_name_ok(name)
               ? OPTS_GO
               : opts_usage(c, "\"%s\" is not valid; a name is 1 to %d of a-z, 0-9 and -", name,
                            FUNCTION_NAME_MAX);
}

const char *api_text(const json_t *doc, const char *path, char *out, size_t cap)
{
    char key[64];

    while (doc != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");

        (void)snprintf(key, sizeof(key), "%.*s", (int)len, path);
        doc = json_object_get(doc, key);
        path += len + (path[len] == '.');
    }
    if (json_is_string(doc))
        (void)snprintf(out, cap, "%s", json_string_value(doc));
    else if (json_is_integer(doc))
        (void)snprintf(out, cap, "%" JSON_INTEGER_FORMAT, json_integer_value(doc));
    else if (json_is_real(doc))
        (void)snprintf(out, cap, "%.0f", json_real_value(doc));
    else
        (void)snprintf(out, cap, "-");
    return out;
}

char *api_since(const char *since)
{
    uint64_t ago;
    char at[API_TIME];

    if (units_parse_duration(since, &ago) < 0)
        return http_encode(since);
    return http_encode(api_time(((int64_t)time(NULL) - (int64_t)(ago / 1000000000u)) * 1000, at));
}

const char *api_time(int64_t ms, char out[static API_TIME])
{
    time_t s = (time_t)(ms / 1000);
    struct tm tm;

    if (gmtime_r(&s, &tm) == NULL)
        (void)gmtime_r(&(time_t){0}, &tm);
    size_t n = strftime(out, API_TIME, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + n, API_TIME - n, ".%03dZ", (int)(ms % 1000));
    return out;
}
