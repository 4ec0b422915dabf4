// SPDX-License-Identifier: MIT
/* fuzz_batch.c: what a function reads as a batch, for anybody may send it one. */
// LINK: guest/core/batch.c guest/core/event.c engine/batch.c engine/event.c
// LIBS: libsodium
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "abi/event.h"
#include "engine/event.h"
#include "guest/core/core.h"
#include "guest/include/unifaas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink;

/* The library OS asks the door. */
uint64_t uf_now(void)
{
    return 0;
}

static void read_item(const struct uf_event *e, unsigned index)
{
    size_t size = 0;
    const uint8_t *body = uf_event_item(e, index, &size);
    const char *id = uf_event_item_id(e, index);
    const char *type = uf_event_item_header(e, index, "content-type");

    if (body == NULL || id == NULL)
        abort();
    for (size_t i = 0; i <= size; i++)
        sink ^= body[i];
    sink ^= (uint8_t)strlen(id);
    if (type != NULL)
        sink ^= (uint8_t)strlen(type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event_header type = {"content-type", UF_BATCH_TYPE};
    struct event e = {.id = "id",
                      .trigger = "http",
                      .method = "POST",
                      .path = "/",
                      .query = "",
                      .headers = &type,
                      .nheaders = 1,
                      .body = data,
                      .body_size = size};
    struct uf_err err;
    size_t cap = size + 4096;
    /* Exactly as large as it is: what is read behind it is seen. */
    void *area = aligned_alloc(16, (cap + 15) / 16 * 16);
    int64_t used = area == NULL ? -1 : event_format(area, cap, cap, &e, &err);
    void *exact = used < 0 ? NULL : malloc((size_t)used);

    if (exact != NULL) {
        memcpy(exact, area, (size_t)used);
        unsigned n = uf_event_item_count(exact);
        for (unsigned i = 0; i < n; i++)
            read_item(exact, i);
        if (uf_event_item(exact, n, NULL) != NULL)
            abort();
    }
    free(exact);
    free(area);
    return 0;
}
