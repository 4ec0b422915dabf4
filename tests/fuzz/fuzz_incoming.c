// SPDX-License-Identifier: MIT
/* fuzz_incoming.c: requests with several events, and the heads that come of them. The
 * first byte says how the rest is read. */
// LINK: daemon/queue/incoming.c daemon/queue/head.c engine/reason.c
// LIBS: jansson libsodium
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/queue/head.h"
#include "daemon/queue/incoming.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink;

static void check(bool is_right)
{
    if (!is_right)
        abort();
}

/* Whatever is sent, nothing of it becomes a word of the platform's. */
static int take(void *ctx, const struct incoming *i, struct uf_err *err)
{
    struct event_header headers[8];
    struct head h;
    char *copy = strdup(i->head);
    size_t *n = ctx;

    (void)err;
    check(copy != NULL);
    for (size_t k = 0; k < i->size; k++)
        sink ^= ((const uint8_t *)i->body)[k];
    head_parse(&h, copy, headers, 8);
    check(h.callback == NULL && h.cause == NULL && h.step == NULL);
    check(strcmp(h.trigger, "queue") == 0 && strcmp(h.path, "/") == 0);
    for (uint32_t k = 0; k < h.nheaders && k < 8; k++)
        check(headers[k].name[0] != ':' && strchr(headers[k].value, '\n') == NULL);
    check(i->key == NULL || strlen(i->key) < INCOMING_KEY);
    free(copy);
    (*n)++;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct uf_err err;
    size_t n = 0;

    if (size == 0)
        return 0;
    if (data[0] == 'l') {
        check(incoming_lines((const char *)data + 1, size - 1, "content-type: x\n", take, &n,
                             &err) == 0);
        check(n <= size);
        return 0;
    }
    int r = incoming_cloudevents((const char *)data + 1, size - 1, take, &n, &err);
    check(r == 0 || strlen(err.msg) > 0);
    return 0;
}
