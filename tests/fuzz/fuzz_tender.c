// SPDX-License-Identifier: MIT
// LINK: engine/tender.c engine/hostcall.c engine/event.c engine/memfile.c engine/reason.c
// LINK: daemon/gateway/headers.c daemon/record/logring.c daemon/record/level.c
// LIBS: jansson libsodium
/*
 * fuzz_tender: whatever a tender sends and leaves in the exchange, the platform
 * reads it within its bounds, and what it passes on is text and in range.
 *
 * The input is a number of frames, each with its length before it in two
 * bytes; then struct uf_result; then what follows the result in the exchange,
 * from the headers on.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "abi/image.h"
#include "base/utf8.h"
#include "daemon/gateway/headers.h"
#include "daemon/record/logring.h"
#include "engine/tender.h"

#define FRAMES_MAX 4u
#define SEQ        3u

static const struct uf_limits limits = {
    .event_max = UF_ALIGN, .log_max = 200, .body_max = 300, .memory = UF_MEMORY_MIN};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* Ended, valid, and without control characters but those in `but`. */
static void must_be_text(const char *text, size_t cap, const char *but)
{
    must(memchr(text, '\0', cap) != NULL);
    for (const char *p = text; *p != '\0'; p++)
        must(utf8_is_plain(p, utf8_length(p, strlen(p))) || strchr(but, *p) != NULL);
    json_t *s = json_string(text);
    must(s != NULL);
    json_decref(s);
}

static void hear(struct tender *t, int theirs, const uint8_t *frame, size_t size)
{
    struct uf_frame f;
    struct uf_err err = {0};

    must(send(theirs, frame, size, MSG_DONTWAIT) == (ssize_t)size);
    int r = tender_recv(t, &f, 0, &err);
    if (r < 0) {
        must_be_text(err.msg, sizeof(err.msg), "");
        return;
    }
    must(r == 1 && size == sizeof(f));
    must(f.type == UF_FRAME_READY || f.type == UF_FRAME_BOOTED || f.type == UF_FRAME_LOADED ||
         f.type == UF_FRAME_ERROR || (f.type == UF_FRAME_DONE && f.seq == SEQ));
    must(f.code <= 0 && f.code >= -4095);
    must_be_text(f.text, sizeof(f.text), "");
}

static void use_headers(const struct result *res)
{
    struct headers_line line;
    char *copy = calloc(1, (size_t)res->r.headers_size + 1);
    char *at = copy;

    must(copy != NULL);
    memcpy(copy, res->headers, res->r.headers_size);
    for (int r = 1; r != 0; r = headers_next(&at, &line))
        ;
    free(copy);
}

static void use(const struct result *res)
{
    struct logring *ring = logring_new();
    unsigned sum = 0;

    must_be_text(res->r.message, sizeof(res->r.message), "");
    must_be_text(res->r.trace, sizeof(res->r.trace), "\n");
    must(res->r.headers_size <= UF_HEADERS_MAX && res->r.log_size <= limits.log_max &&
         res->r.body_size <= limits.body_max);
    must(strcmp(outcome_word(res->r.outcome), "unknown") != 0);
    must(res->r.http_status == 0 || (res->r.http_status >= 100 && res->r.http_status < 600));
    use_headers(res);
    logring_add_lines(ring, 0, "fuzz", res->log, res->r.log_size);
    logring_put(ring);
    for (uint32_t i = 0; i < res->r.body_size; i++)
        sum += res->body[i];
    must(sum <= 255u * res->r.body_size);
}

/* The exchange, of exactly its size, so that the sanitizer sees its end. */
static uint8_t *make_exchange(const uint8_t *data, size_t size)
{
    const size_t head = sizeof(struct uf_result);
    const size_t room = uf_exchange_size(&limits) - uf_exchange_headers(&limits);
    uint8_t *exchange = calloc(1, uf_exchange_size(&limits));

    must(exchange != NULL);
    memcpy(exchange + limits.event_max, data, size < head ? size : head);
    if (size > head)
        memcpy(exchange + uf_exchange_headers(&limits), data + head,
               size - head < room ? size - head : room);
    return exchange;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int pair[2] = {-1, -1};
    struct result res;
    struct uf_err err = {0};

    if (pair[0] < 0)
        must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    if (size < 1)
        return 0;
    struct tender t = {.sock = pair[0], .exchange = -1, .limits = limits, .seq = SEQ};
    unsigned n = *data++ % (FRAMES_MAX + 1);
    for (size--; n > 0 && size >= 2; n--) {
        size_t len = (size_t)data[0] | (size_t)(data[1] & 3) << 8;

        data += 2;
        size -= 2;
        len = len < size ? len : size;
        hear(&t, pair[1], data, len);
        data += len;
        size -= len;
    }
    t.map = make_exchange(data, size);
    if (tender_result(&t, &res, &err) == 0)
        use(&res);
    else
        must_be_text(err.msg, sizeof(err.msg), "");
    free(t.map);
    return 0;
}
