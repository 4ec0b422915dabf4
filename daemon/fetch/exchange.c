// SPDX-License-Identifier: MIT
/* exchange.c: see exchange.h. */
#include "daemon/fetch/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/text.h"
#include "base/version.h"

/* ---- what libcurl asks while it works ------------------------------------------------------ */

static bool may_connect(struct exchange *x, const struct sockaddr *a)
{
    if (reach_includes(x->reach, address_kind(a)))
        return true;
    (void)address_format(a, x->refused);
    return false;
}

static curl_socket_t on_open(void *ctx, curlsocktype purpose, struct curl_sockaddr *a)
{
    struct exchange *x = ctx;

    (void)purpose;
    if (!may_connect(x, &a->addr))
        return CURL_SOCKET_BAD;
    x->has_connected = true;
    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* A connection is there, new or kept: is its other end within reach of this request? */
// NOLINTNEXTLINE(readability-non-const-parameter): as libcurl calls it
static int on_connected(void *ctx, char *peer, char *own, int peer_port, int own_port)
{
    struct sockaddr_storage a;

    (void)own;
    (void)peer_port;
    (void)own_port;
    if (address_parse(peer, &a) < 0 || !may_connect(ctx, (const struct sockaddr *)&a))
        return CURL_PREREQFUNC_ABORT;
    return CURL_PREREQFUNC_OK;
}

static size_t on_header(char *line, size_t one, size_t size, void *ctx)
{
    struct exchange *x = ctx;

    (void)one;
    if (!intake_header(&x->intake, line, size))
        return 0;
    return size;
}

static bool is_redirect(const struct exchange *x)
{
    unsigned status = exchange_status(x);

    return x->is_followed &&
           (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

static size_t on_body(char *data, size_t one, size_t size, void *ctx)
{
    struct exchange *x = ctx;

    (void)one;
    if (!x->intake.is_body)
        x->intake.is_redirect = is_redirect(x) && intake_has(&x->intake, "location");
    return intake_body(&x->intake, data, size) ? size : 0;
}

/* ---- what it is given ------------------------------------------------------------------------ */

static bool add_line(const struct curl *c, struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = c->curl_slist_append(*list, line);

    if (longer != NULL)
        *list = longer;
    return longer != NULL;
}

static bool add_header(const struct curl *c, struct curl_slist **list, const char *name,
                       const char *value)
{
    /* libcurl reads "Name:" as "leave it out", and "Name;" as an empty value. */
    char *line = NULL;
    bool ok = asprintf(&line, "%s%s%s", name, *value == '\0' ? ";" : ": ", value) >= 0 &&
              add_line(c, list, line);

    free(line);
    return ok;
}

/* One of the platform's, which the caller's own replaces. */
static bool add_default(const struct curl *c, struct curl_slist **list, const struct outgoing *head,
                        const char *name, const char *value)
{
    return value == NULL || outgoing_has(head, name) || add_header(c, list, name, value);
}

static bool add_headers(struct exchange *x, const struct exchange_request *q)
{
    const struct curl *c = x->multi->curl;
    struct curl_slist **list = &x->headers;
    bool ok = add_line(c, list, "Expect:");

    for (size_t i = 0; ok && i < q->head->n; i++)
        ok = add_header(c, list, q->head->line[i].name, q->head->line[i].value);
    ok = ok && add_default(c, list, q->head, "User-Agent", "UniFaaS/" UNIFAAS_VERSION) &&
         add_default(c, list, q->head, "Idempotency-Key", q->key) &&
         add_default(c, list, q->head, "traceparent", q->traceparent);
    /* No content type that nobody chose. */
    if (ok && !outgoing_has(q->head, "Content-Type"))
        ok = add_line(c, list, "Content-Type:");
    return ok;
}

/* "host:port:address,address": libcurl looks up nothing. */
static bool add_addresses(struct exchange *x, const struct exchange_request *q)
{
    char text[URL_HOST_MAX + RESOLVE_ADDRESSES * (ADDRESS_TEXT + 3) + 16];
    struct text t = text_over(text, sizeof(text));
    char one[ADDRESS_TEXT];

    if (q->naddresses == 0)
        return true;
    text_add(&t, "%s:%" PRIu16 ":", q->url->host, q->url->port);
    for (size_t i = 0; i < q->naddresses; i++) {
        const struct sockaddr *a = (const struct sockaddr *)&q->address[i];
        bool is_v6 = a->sa_family == AF_INET6;

        text_add(&t, "%s%s%s%s", i > 0 ? "," : "", is_v6 ? "[" : "", address_format(a, one),
                 is_v6 ? "]" : "");
    }
    return add_line(x->multi->curl, &x->addresses, text);
}

/* What libcurl knows of names is this request's alone. */
static bool own_names(struct exchange *x)
{
    const struct curl *c = x->multi->curl;

    x->names = c->curl_share_init();
    return x->names != NULL &&
           c->curl_share_setopt(x->names, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS) == CURLSHE_OK;
}

#define SET(option, value) (failed |= (unsigned)c->curl_easy_setopt(x->easy, option, value))

static bool set_where(struct exchange *x, const struct exchange_request *q)
{
    const struct curl *c = x->multi->curl;
    unsigned failed = 0;

    SET(CURLOPT_URL, q->url->text);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_SHARE, x->names);
    SET(CURLOPT_RESOLVE, x->addresses);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
    SET(CURLOPT_OPENSOCKETDATA, x);
    SET(CURLOPT_PREREQFUNCTION, on_connected);
    SET(CURLOPT_PREREQDATA, x);
    SET(CURLOPT_FRESH_CONNECT, q->is_fresh ? 1L : 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (q->ca_path != NULL)
        SET(CURLOPT_CAPATH, q->ca_path);
    if (q->ca_path != NULL || q->ca_file != NULL)
        SET(CURLOPT_CAINFO, q->ca_file);
    return failed == 0;
}

static bool set_what(struct exchange *x, const struct exchange_request *q, void *ctx)
{
    const struct curl *c = x->multi->curl;
    bool is_head = strcmp(q->method, "HEAD") == 0;
    /* A request that usually has a body says so when it has none. */
    bool has_body = q->size > 0 || strcmp(q->method, "POST") == 0 ||
                    strcmp(q->method, "PUT") == 0 || strcmp(q->method, "PATCH") == 0;
    unsigned failed = 0;

    if (is_head) {
        SET(CURLOPT_NOBODY, 1L);
    } else if (has_body) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, q->size > 0 ? q->body : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->size);
    }
    if (!is_head)
        SET(CURLOPT_CUSTOMREQUEST, q->method);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTPHEADER, x->headers);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROGRESS, 1L);
    SET(CURLOPT_ERRORBUFFER, x->words);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, x);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, x);
    SET(CURLOPT_PRIVATE, ctx);
    return failed == 0;
}

static bool prepare(struct exchange *x, void *ctx, const struct exchange_request *q)
{
    x->easy = x->multi->curl->curl_easy_init();
    return x->easy != NULL && add_headers(x, q) && add_addresses(x, q) && own_names(x) &&
           set_where(x, q) && set_what(x, q, ctx);
}

int exchange_open(struct exchange *x, struct multi *m, void *ctx, const struct exchange_request *q,
                  struct uf_err *err)
{
    x->multi = m;
    x->reach = q->reach;
    x->is_followed = q->is_followed;
    int r = prepare(x, ctx, q) ? multi_add(m, x->easy, err)
                               : uf_fail(err, -ENOMEM, "no memory for a request");
    x->is_added = r == 0;
    if (r < 0)
        exchange_close(x);
    return r;
}

void exchange_close(struct exchange *x)
{
    if (x->multi != NULL) {
        const struct curl *c = x->multi->curl;

        if (x->is_added)
            multi_remove(x->multi, x->easy);
        if (x->easy != NULL)
            c->curl_easy_cleanup(x->easy);
        if (x->names != NULL)
            (void)c->curl_share_cleanup(x->names);
        c->curl_slist_free_all(x->headers);
        c->curl_slist_free_all(x->addresses);
    }
    intake_reset(&x->intake);
    *x = (struct exchange){.intake = x->intake};
}

unsigned exchange_status(const struct exchange *x)
{
    long status = 0;

    (void)x->multi->curl->curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
    return (unsigned)status;
}

const char *exchange_redirect(const struct exchange *x)
{
    const char *to = NULL;

    if (is_redirect(x))
        (void)x->multi->curl->curl_easy_getinfo(x->easy, CURLINFO_REDIRECT_URL, &to);
    return to;
}
