// SPDX-License-Identifier: MIT
/* api.c: the table of routes, and what their servers share; see api.h. */
#include "daemon/api/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct http_route table[] = {
    {"GET", "/system/functions", .serve = functions_list},
    {"POST", "/system/functions", API_JSON_MAX, .serve = functions_deploy},
    {"PUT", "/system/functions", API_JSON_MAX, .serve = functions_deploy},
    {"DELETE", "/system/functions", API_JSON_MAX, .serve = functions_delete},
    {"GET", "/system/function/", .serve = functions_describe},
    {"POST", "/system/images", API_IMAGE_MAX, images_begin, images_chunk, images_serve,
     images_forget, NULL},
    {"GET", "/system/logs", .serve = logs_serve, .forget = logs_forget},
    {"GET", "/system/info", .serve = info_serve},
    {"GET", "/system/namespaces", .serve = info_namespaces},
    {"GET", "/metrics", .serve = metrics_serve},
    {"GET", "/healthz", .serve = info_healthz},
};
#define NTABLE (sizeof(table) / sizeof(table[0]))
_Static_assert(NTABLE + 1 <= API_ROUTES, "room for the gateway's route");

void api_init(struct api *a, uint64_t body_max)
{
    a->nroutes = 0;
    /* What is asked most comes first. */
    a->routes[a->nroutes++] = (struct http_route){.path = "/function/",
                                                  .body_max = body_max,
                                                  .serve = gateway_serve,
                                                  .forget = gateway_forget,
                                                  .ctx = a->gateway};
    for (size_t i = 0; i < NTABLE; i++) {
        struct http_route *r = &a->routes[a->nroutes++];

        *r = table[i];
        r->ctx = a;
        if (r->begin == NULL && strncmp(r->path, "/system/", 8) == 0)
            r->begin = api_guard;
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
