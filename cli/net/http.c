// SPDX-License-Identifier: MIT
/* http.c: see http.h. */
#include "cli/net/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/auto.h"
#include "engine/curl.h"

#define DEFAULT_GATEWAY "http://127.0.0.1:8080"
#define CONNECT_MS      5000L
#define HEADERS_MAX     ((size_t)1 << 20)

struct buffer {
    char *at;
    size_t size;
    size_t room;
    size_t max;
};

struct transfer {
    const struct curl *curl;
    CURL *easy;
    const struct http_request *q;
    const struct credentials *as; /* NULL: none are sent */
    struct buffer headers;
    struct buffer body;
};

bool http_gateway_is_named(void)
{
    const char *named = getenv("UNIFAAS_GATEWAY");

    return named != NULL && *named != '\0';
}

const char *http_gateway(const char *given)
{
    if (given != NULL)
        return given;
    return http_gateway_is_named() ? getenv("UNIFAAS_GATEWAY") : DEFAULT_GATEWAY;
}

static bool append(struct buffer *b, const char *data, size_t size)
{
    if (size > b->max - b->size)
        return false;
    if (b->size + size + 1 > b->room) {
        size_t room = 2 * (b->size + size) + 256;
        char *grown = realloc(b->at, room);

        if (grown == NULL)
            return false;
        b->at = grown;
        b->room = room;
    }
    memcpy(b->at + b->size, data, size);
    b->size += size;
    b->at[b->size] = '\0';
    return true;
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;

    /* An interim answer (100 Continue) is followed by the real one. */
    if (n > 5 && memcmp(data, "HTTP/", 5) == 0)
        t->headers.size = 0;
    return append(&t->headers, data, size * n) ? size * n : 0;
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
    struct transfer *t = arg;
    long status = 0;

    (void)t->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    if (t->q->on_data != NULL && status >= 200 && status < 300)
        return t->q->on_data(t->q->arg, data, size * n) == 0 ? size * n : 0;
    return append(&t->body, data, size * n) ? size * n : 0;
}

static char *join_url(const struct http_request *q)
{
    const char *gateway = http_gateway(q->gateway);
    size_t len = strlen(gateway);
    const char *scheme = strstr(gateway, "://") != NULL ? "" : "http://";
    char *url;

    while (len > 0 && gateway[len - 1] == '/')
        len--;
    if (asprintf(&url, "%s%.*s%s", scheme, (int)len, gateway, q->path) < 0)
        abort();
    return url;
}

static struct curl_slist *list_headers(const struct transfer *t)
{
    const struct http_request *q = t->q;
    /* No wait for "100 Continue", and no content type that nobody chose. */
    struct curl_slist *list = t->curl->curl_slist_append(NULL, "Expect:");
    bool typed = false;

    for (size_t i = 0; i < q->nheaders; i++) {
        UF_AUTO_FREE char *line = NULL;
        bool empty = q->headers[i].value[0] == '\0';

        /* libcurl reads "Name:" as "leave it out", "Name;" as an empty value. */
        if (asprintf(&line, "%s%s%s", q->headers[i].name, empty ? ";" : ": ", q->headers[i].value) <
            0)
            abort();
        list = t->curl->curl_slist_append(list, line);
        typed = typed || strcasecmp(q->headers[i].name, "Content-Type") == 0;
    }
    return typed ? list : t->curl->curl_slist_append(list, "Content-Type:");
}

static void set_options(const struct transfer *t, const char *url, struct curl_slist *headers)
{
    const struct curl *c = t->curl;
    const struct http_request *q = t->q;

    (void)c->curl_easy_setopt(t->easy, CURLOPT_URL, url);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    (void)c->curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST, q->method);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, headers);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_PATH_AS_IS, 1L);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, t);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)c->curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
    if (t->as != NULL) {
        (void)c->curl_easy_setopt(t->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        (void)c->curl_easy_setopt(t->easy, CURLOPT_USERNAME, t->as->user);
        (void)c->curl_easy_setopt(t->easy, CURLOPT_PASSWORD, t->as->password);
    }
    if (strcmp(q->method, "HEAD") == 0)
        (void)c->curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
    if (q->has_body) {
        (void)c->curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, q->body);
        (void)c->curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_size);
    }
    /* A proxy of the environment is for the world outside, not for this machine. */
    if (strstr(url, "://127.") != NULL || strstr(url, "://localhost") != NULL ||
        strstr(url, "://[::1]") != NULL)
        (void)c->curl_easy_setopt(t->easy, CURLOPT_NOPROXY, "*");
}

static int explain(const struct transfer *t, CURLcode code, const char *said, struct uf_err *err)
{
    const char *gateway = http_gateway(t->q->gateway);
    const char *why = *said != '\0' ? said : t->curl->curl_easy_strerror(code);

    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        return uf_fail(err, -EINVAL, "%s: not an address; it must be like http://HOST:PORT",
                       gateway);
    if (code == CURLE_WRITE_ERROR)
        return uf_fail(err, -EIO, "the answer cannot be taken: too large, or nobody reads it");
    if (code == CURLE_COULDNT_CONNECT)
        return uf_fail(err, -EHOSTUNREACH,
                       "%s: nobody answers there; is unifaasd running? Start it, or name another "
                       "address with --gateway or $UNIFAAS_GATEWAY",
                       gateway);
    return uf_fail(err, -EHOSTUNREACH, "%s: %s", gateway, why);
}

static int perform(struct transfer *t, struct http_response *p, struct uf_err *err)
{
    UF_AUTO_FREE char *url = join_url(t->q);
    struct curl_slist *headers = list_headers(t);
    char said[CURL_ERROR_SIZE] = "";

    set_options(t, url, headers);
    (void)t->curl->curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, said);
    CURLcode code = t->curl->curl_easy_perform(t->easy);
    int r = code == CURLE_OK ? 0 : explain(t, code, said, err);
    (void)t->curl->curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &p->status);
    (void)t->curl->curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME, &p->seconds);
    t->curl->curl_slist_free_all(headers);
    return r;
}

static int ask(const struct http_request *q, const struct credentials *as, struct http_response *p,
               struct uf_err *err)
{
    struct transfer t = {.curl = curl_load(err),
                         .q = q,
                         .as = as,
                         .headers.max = HEADERS_MAX,
                         .body.max = HTTP_BODY_MAX};

    *p = (struct http_response){.had_credentials = as != NULL};
    if (t.curl == NULL)
        return -ELIBACC;
    t.easy = t.curl->curl_easy_init();
    if (t.easy == NULL)
        return uf_fail(err, -ENOMEM, "out of memory");
    int r = perform(&t, p, err);
    t.curl->curl_easy_cleanup(t.easy);
    p->headers = t.headers.at != NULL ? t.headers.at : xcopy("");
    p->headers_size = t.headers.size;
    p->body = t.body.at != NULL ? t.body.at : xcopy("");
    p->body_size = t.body.size;
    if (r < 0)
        http_response_fini(p);
    return r;
}

/* Not a function's own 401: those cannot have this header. */
static bool is_platforms(const struct http_response *p)
{
    char text[16];

    return p->status == 401 && *http_header(p, "X-OpenFaaS-Internal", text, sizeof(text)) != '\0';
}

int http_do(const struct http_request *q, struct http_response *p, struct uf_err *err)
{
    bool is_function = strncmp(q->path, "/system/", 8) != 0;
    struct credentials found;

    if (q->as != NULL)
        return ask(q, q->as, p, err);
    int r = credentials_find(http_gateway(q->gateway), &found, err);
    if (r < 0)
        return r;
    r = ask(q, r > 0 && !is_function ? &found : NULL, p, err);
    if (r == 0 && is_function && found.user[0] != '\0' && is_platforms(p)) {
        http_response_fini(p);
        r = ask(q, &found, p, err);
    }
    credentials_wipe(&found);
    return r;
}

const char *http_header(const struct http_response *p, const char *name, char *out, size_t cap)
{
    size_t len = strlen(name);

    out[0] = '\0';
    for (const char *line = p->headers; line != NULL && *line != '\0';) {
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " \t");
            size_t n = strcspn(value, "\r\n");

            while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
                n--;
            (void)snprintf(out, cap, "%.*s", (int)n, value);
            return out;
        }
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return out;
}

void http_response_fini(struct http_response *p)
{
    free(p->headers);
    free(p->body);
    *p = (struct http_response){0};
}

char *http_encode(const char *text)
{
    char *out = xnew(3 * strlen(text) + 1);
    char *at = out;

    for (; *text != '\0'; text++) {
        char c = *text;

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            strchr("-._~", c) != NULL)
            *at++ = c;
        else
            at += sprintf(at, "%%%02X", (unsigned)(unsigned char)c);
    }
    return out;
}
