// SPDX-License-Identifier: MIT
/* api.c: the table of routes, and what their servers share; see api.h. */
#include "daemon/api/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct http_route table[] = {
    /* First, as what is pushed may be much. */
    {"POST", "/system/queues/", API_PUSH_MAX, .serve = push_serve, .is_brief = true,
     .query = "namespace delay not_before batch"},
    {"GET", "/system/functions", .serve = functions_list},
    {"POST", "/system/functions", API_JSON_MAX, .serve = functions_deploy},
    {"PUT", "/system/functions", API_JSON_MAX, .serve = functions_deploy},
    {"DELETE", "/system/functions", API_JSON_MAX, .serve = functions_delete},
    {"GET", "/system/function/", .serve = functions_describe},
    {"POST", "/system/scale-function/", API_JSON_MAX, .serve = scale_serve},
    {"POST", "/system/images", API_IMAGE_MAX, .begin = images_begin, .chunk = images_chunk,
     .serve = images_serve, .forget = images_forget, .query = "namespace"},
    {"GET", "/system/logs", .serve = logs_serve, .forget = logs_forget},
    {"GET", "/system/invocations", .serve = invocations_list, .forget = invocations_forget,
     .query = "namespace name limit since before outcome logs"},
    {"GET", "/system/invocation/", .serve = invocations_describe, .forget = invocations_forget,
     .query = "namespace"},
    {"GET", "/system/kv", .serve = kv_list_serve, .query = "namespace prefix after limit"},
    {"GET", "/system/kv/", .serve = kv_serve, .query = "namespace"},
    {"PUT", "/system/kv/", UF_VALUE_MAX, .serve = kv_serve, .query = "namespace ttl"},
    {"DELETE", "/system/kv/", .serve = kv_serve, .query = "namespace"},
    {"GET", "/system/queues", .serve = queues_serve, .query = "namespace"},
    {"GET", "/system/queues/", .serve = queues_serve, .query = "namespace limit after"},
    {"DELETE", "/system/queues/", .serve = queues_serve, .query = "namespace"},
    {"GET", "/system/dead", .serve = dead_serve_all, .query = "namespace function before limit"},
    {"DELETE", "/system/dead", .serve = dead_serve_all, .query = "namespace function"},
    {"GET", "/system/dead/", .serve = dead_serve, .query = "namespace"},
    {"POST", "/system/dead/", .serve = dead_serve, .query = "namespace"},
    {"DELETE", "/system/dead/", .serve = dead_serve, .query = "namespace"},
    {"GET", "/system/info", .serve = info_serve},
    {"GET", "/system/namespaces", .serve = space_list},
    {"GET", "/system/namespace/", .serve = space_describe},
    {"POST", "/system/namespace/", API_JSON_MAX, .serve = space_change},
    {"PUT", "/system/namespace/", API_JSON_MAX, .serve = space_change},
    {"DELETE", "/system/namespace/", API_JSON_MAX, .serve = space_change},
    {"GET", "/system/secrets", .serve = secrets_serve_list},
    {"POST", "/system/secrets", API_JSON_MAX, .serve = secrets_serve_change},
    {"PUT", "/system/secrets", API_JSON_MAX, .serve = secrets_serve_change},
    {"DELETE", "/system/secrets", API_JSON_MAX, .serve = secrets_serve_change},
    {"PUT", "/system/password", API_PASSWORD_MAX, .serve = password_serve, .query = "namespace"},
    {"GET", "/metrics", .check = api_check_password, .serve = metrics_serve},
    {"GET", "/healthz", .serve = info_healthz},
};
#define NTABLE (sizeof(table) / sizeof(table[0]))
_Static_assert(NTABLE + 3 <= API_ROUTES, "room for the gateway's routes");

void api_init(struct api *a, uint64_t body_max)
{
    a->nroutes = 0;
    /* What is asked most comes first. */
    a->routes[a->nroutes++] = (struct http_route){.path = "/function/",
                                                  .body_max = body_max,
                                                  .option = " (--max-body)",
                                                  .serve = gateway_serve,
                                                  .forget = gateway_forget,
                                                  .ctx = a->gateway};
    a->routes[a->nroutes++] = (struct http_route){.method = "POST",
                                                  .path = "/async-function/",
                                                  .body_max = body_max,
                                                  .option = " (--max-body)",
                                                  .serve = gateway_serve_async,
                                                  .ctx = a->gateway};
    a->routes[a->nroutes++] = (struct http_route){.method = "DELETE",
                                                  .path = "/async-function/",
                                                  .serve = gateway_serve_async,
                                                  .ctx = a->gateway};
    for (size_t i = 0; i < NTABLE; i++) {
        struct http_route *r = &a->routes[a->nroutes++];

        *r = table[i];
        r->ctx = a;
        if (strncmp(r->path, "/system/", 8) == 0)
            r->check = api_check;
    }
}

void api_text(struct http_request *r, unsigned status, const char *fmt, ...)
{
    char text[2048];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    http_text(r, status, "%s\n", text);
    http_send(r);
}

void api_json(struct http_request *r, unsigned status, json_t *j)
{
    char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);

    json_decref(j);
    if (text == NULL) {
        api_text(r, 500, "no memory for the answer");
        return;
    }
    http_bytes(r, status, "application/json", text, strlen(text));
    http_send(r);
}
