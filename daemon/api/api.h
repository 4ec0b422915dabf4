// SPDX-License-Identifier: MIT
/*
 * api.h: the routes below /system, /metrics and /healthz; docs/http-api.md
 * describes them. Error bodies are plain text, for people.
 */
#ifndef DAEMON_API_API_H
#define DAEMON_API_API_H

#include <jansson.h>

#include "daemon/deploy/deploy.h"
#include "daemon/gateway/gateway.h"
#include "daemon/http/http.h"

#define API_JSON_MAX  (UINT64_C(1) << 20)  /* bytes of a request        */
#define API_IMAGE_MAX (UINT64_C(64) << 20) /* bytes of an image         */
#define API_ROUTES    20u

struct api {
    struct loop *loop;
    struct fleet *fleet;
    struct deploys *deploys;
    struct store *store;
    struct gateway *gateway;
    bool is_local; /* listens on a loopback address only */
    struct http_route routes[API_ROUTES];
    size_t nroutes;
};

/* Fill in the table of routes, the gateway's included. */
void api_init(struct api *a, uint64_t body_max);

/* ---- guard.c --------------------------------------------------------------------- */

/* May this request use /system? Browsers let any web page send requests to
 * loopback addresses; such a request is refused (answered 403). */
void api_guard(struct http_request *r);
/* Is `host` (a Host header) a name of this machine's loopback? Pure. */
bool guard_host_is_local(const char *host);
/* Does an Origin header name the host that a request was sent to? Pure. */
bool guard_same_origin(const char *origin, const char *host);

/* ---- one file each ------------------------------------------------------------------ */

void functions_list(struct http_request *r);
void functions_describe(struct http_request *r);
void functions_deploy(struct http_request *r); /* POST and PUT */
void functions_delete(struct http_request *r);
void images_begin(struct http_request *r);
int images_chunk(struct http_request *r, const char *data, size_t size);
void images_serve(struct http_request *r);
void images_forget(struct http_request *r);
void logs_serve(struct http_request *r);
void logs_forget(struct http_request *r);
void metrics_serve(struct http_request *r);
void info_serve(struct http_request *r);
void info_namespaces(struct http_request *r);
void info_healthz(struct http_request *r);

/* ---- helpers ------------------------------------------------------------------------ */

static inline struct api *api_of(const struct http_request *r)
{
    return r->route->ctx;
}

/* Text and send. */
void api_text(struct http_request *r, unsigned status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Takes over j. */
void api_json(struct http_request *r, unsigned status, json_t *j);
/* A function as FunctionStatus; the caller's. */
json_t *api_status(struct fn *fn);

/* ---- request.c: what a client wants deployed. Pure but for memory ------------------ */

struct deploy_job;
/* Read a FunctionDeployment into conf, image and deployment of j. 0 or -EINVAL
 * with the reason. */
int request_parse(struct deploy_job *j, const char *text, size_t size, struct uf_err *err);

/* RFC 3339 -> nanoseconds since 1970. 0 or -EINVAL. Pure. */
int rfc3339_parse(const char *text, uint64_t *ns);
#define RFC3339_TEXT 40
void rfc3339_format(char out[static RFC3339_TEXT], uint64_t ns);

#endif
