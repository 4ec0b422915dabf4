// SPDX-License-Identifier: MIT
/*
 * fetch: asks another service. Body: a URL; when it is empty, the one in the variable
 * URL. Answer: the status and how many bytes of headers and body came. Which URLs may
 * be asked stands in function.yaml, under `allow`; any other is denied.
 */
#include <stdlib.h>

#include <unifaas.h>

#define MS UINT64_C(1000000)

static char answer[65536];

int handle(const struct uf_event *event, struct uf_response *response)
{
    const char *url = uf_event_body_size(event) > 0 ? uf_event_body(event) : getenv("URL");
    struct uf_http_request request = {.url = url, .timeout = 2000 * MS};
    struct uf_http_response got = {.buf = answer, .cap = sizeof(answer)};
    int code = uf_http_fetch(&request, &got);

    if (code != UF_OK) {
        (void)uf_respond_status(response, code == UF_DENIED ? 403 : 502);
        return uf_respond_printf(response, "%s: %s\n", url, uf_code_text(code));
    }
    return uf_respond_printf(response, "%d, %zu bytes of headers, %zu of body\n", (int)got.status,
                             got.headers_size, got.body_size);
}
