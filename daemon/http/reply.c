// SPDX-License-Identifier: MIT
/* reply.c: answers; see http.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/owner.h"
#include "daemon/http/http.h"

#define TEXT_MAX 8192

const char *http_header(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->conn, MHD_HEADER_KIND, name);
}

static void set_response(struct http_request *r, unsigned status, struct MHD_Response *response)
{
    if (r->response != NULL)
        MHD_destroy_response(r->response);
    r->response = response;
    r->status = status;
}

static struct MHD_Response *copy_of(char *data, size_t size)
{
    return MHD_create_response_from_buffer(size, data, MHD_RESPMEM_MUST_COPY);
}

void http_text(struct http_request *r, unsigned status, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list ap;

    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    set_response(r, status, copy_of(text, n > 0 ? strlen(text) : 0));
    http_add(r, "Content-Type", "text/plain; charset=utf-8");
}

void http_bytes(struct http_request *r, unsigned status, const char *type, char *data, size_t size)
{
    struct MHD_Response *response =
        size == 0 ? NULL : MHD_create_response_from_buffer(size, data, MHD_RESPMEM_MUST_FREE);
    char nothing = '\0';

    if (response == NULL) {
        free(data);
        response = copy_of(&nothing, 0);
    }
    set_response(r, status, response);
    if (type != NULL)
        http_add(r, "Content-Type", type);
}

void http_add(struct http_request *r, const char *name, const char *value)
{
    /* MHD refuses what could end a header or forge one, but takes an answer for
     * which there was no memory for one. */
    if (r->response != NULL)
        (void)MHD_add_response_header(r->response, name, value);
}

void http_send(struct http_request *r)
{
    r->state = HTTP_ANSWERED;
    http_unwatch_peer(r);
    if (r->is_asked) {
        http_ask_no_more(r);
        r->http->is_due = true;
    }
    if (r->conn == NULL)
        http_end(r);
    else
        http_resume(r);
}

static void on_peer(struct loop_fd *w, uint32_t events)
{
    struct http_request *r = UF_OWNER(w, struct http_request, peer);

    (void)events;
    http_unwatch_peer(r);
    r->on_gone(r);
}

void http_watch_peer(struct http_request *r, void (*on_gone)(struct http_request *r))
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->conn, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info == NULL || r->peer.is_watched)
        return;
    r->on_gone = on_gone;
    r->peer = (struct loop_fd){.on_ready = on_peer, .fd = info->connect_fd};
    /* Without the watch nothing but the early notice is lost. */
    (void)loop_watch(r->http->loop, &r->peer, EPOLLRDHUP, NULL);
}

void http_unwatch_peer(struct http_request *r)
{
    loop_unwatch(r->http->loop, &r->peer);
}
