// SPDX-License-Identifier: MIT
/*
 * api.h: the routes below /system, /metrics and /healthz; docs/http-api.md
 * describes them. Error bodies are plain text, for people.
 */
#ifndef DAEMON_API_API_H
#define DAEMON_API_API_H

#include <jansson.h>

#include "daemon/auth/admit.h"
#include "daemon/deploy/deploy.h"
#include "daemon/gateway/gateway.h"
#include "daemon/http/http.h"
#include "daemon/record/records.h"
#include "daemon/secrets/secrets.h"
#include "daemon/spaces/spaces.h"

#define API_JSON_MAX     (UINT64_C(1) << 20)  /* bytes of a request        */
#define API_IMAGE_MAX    (UINT64_C(64) << 20) /* bytes of an image         */
#define API_PASSWORD_MAX UINT64_C(4096)       /* bytes of a new password   */
#define API_PUSH_MAX     (UINT64_C(16) << 20) /* bytes of events together  */
#define API_ROUTES       64u

struct api {
    struct loop *loop;
    struct fleet *fleet;
    struct deploys *deploys;
    struct store *store;
    struct gateway *gateway;
    struct auth *auth;
    struct secrets *secrets;
    struct spaces *spaces;
    struct queues *queues;
    struct records *records;
    struct metrics *metrics;
    struct metrics_source own; /* among metrics */
    bool is_local;             /* listens on a loopback address only */
    struct http_route routes[API_ROUTES];
    size_t nroutes;
};

/* Fill in the table of routes, the gateway's included. */
void api_init(struct api *a, uint64_t body_max);

/* ---- guard.c --------------------------------------------------------------------- */

/* For route.check: may this request use /system? Browsers let any web page send
 * requests to loopback addresses, with the password that they know; such a request is
 * refused (403). Any other needs the password (401). */
void api_check(struct http_request *r);
/* Only the password, for programs that collect metrics. */
void api_check_password(struct http_request *r);
/* Is `host` (a Host header) a name of this machine's loopback? Pure. */
bool guard_host_is_local(const char *host);
/* Does an Origin header name the host that a request was sent to? Pure. */
bool guard_same_origin(const char *origin, const char *host);

/* ---- one file each ------------------------------------------------------------------ */

void functions_list(struct http_request *r);
void functions_describe(struct http_request *r);
void functions_deploy(struct http_request *r); /* POST and PUT */
void functions_delete(struct http_request *r);
void scale_serve(struct http_request *r);
void images_begin(struct http_request *r);
int images_chunk(struct http_request *r, const char *data, size_t size);
void images_serve(struct http_request *r);
void images_forget(struct http_request *r);
void logs_serve(struct http_request *r);
void logs_forget(struct http_request *r);
void metrics_serve(struct http_request *r);
void api_metrics(struct api *a, struct metrics *m);
void invocations_list(struct http_request *r);
void invocations_describe(struct http_request *r);
void invocations_forget(struct http_request *r);
void kv_serve(struct http_request *r); /* GET, PUT and DELETE */
void kv_list_serve(struct http_request *r);
void push_serve(struct http_request *r);
void queues_serve(struct http_request *r);   /* GET and DELETE */
void dead_serve_all(struct http_request *r); /* GET and DELETE */
void dead_serve(struct http_request *r);     /* GET, POST and DELETE */
void info_serve(struct http_request *r);
void info_healthz(struct http_request *r);
void password_serve(struct http_request *r);
void secrets_serve_list(struct http_request *r);
void secrets_serve_change(struct http_request *r); /* POST, PUT and DELETE */
void space_list(struct http_request *r);
void space_describe(struct http_request *r);
void space_change(struct http_request *r); /* POST, PUT and DELETE */

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
/*
 * space.c: the namespace that is meant: what the body said, or the parameter of the query
 * where it said nothing (""), or else the usual one.
 *
 * out      FUNCTION_NAME_MAX + 1 bytes; it may be `said`.
 * Returns  0, -ENOENT when there is none of that name, or -EINVAL when both say one and
 *          not the same.
 */
int api_space(const struct http_request *r, const char *said, char *out, struct uf_err *err);
/* The same where no body says one. */
int api_query_space(const struct http_request *r, char *out, struct uf_err *err);

/* functions.c: the function that NAME[.NAMESPACE] means. Where it has none the namespace
 * is api_space()'s. NULL after a 404 or 400. */
struct fn *api_find(struct http_request *r, const char *text, const char *said);

/* A whole number of the query: *out stays as it is without one. 0 or -EINVAL. */
int api_query_number(const struct http_request *r, const char *name, uint64_t max, uint64_t *out);
/* For removal_done: ctx is the request. */
void api_answer_removal(void *ctx, int code, uint64_t n, const struct uf_err *err);
/* Into o: what an event's head says; and bytes, as text if they are, else in base64 as
 * "NAME_base64". */
void api_event_head(json_t *o, const char *head);
void api_event_body(json_t *o, const char *name, const void *body, size_t size);
/* A function as FunctionStatus; the caller's. */
json_t *api_status(struct fn *fn);
/* A record as OpenWhisk's activation, and the short form of it; the caller's. */
json_t *activation_json(const struct record *r, bool with_logs);
json_t *activation_summary(const struct record *r);

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
