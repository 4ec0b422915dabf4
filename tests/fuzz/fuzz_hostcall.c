// SPDX-License-Identifier: MIT
// LINK: engine/hostcall.c
/*
 * fuzz_hostcall: whatever a tender leaves in the exchange as a question or as
 * effects, it is read within its bounds, and what is passed on is in range.
 *
 * The input is struct uf_ask and what follows it; or, when its first byte is
 * odd, a list of effects.
 */
#include <stdlib.h>
#include <string.h>

#include "engine/hostcall.h"

#define EFFECTS 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void read_effects(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1); /* of its size, so that its end is seen */
    struct host_effect e;
    struct uf_err err;
    size_t at = 0;
    unsigned sum = 0;
    int r;

    must(copy != NULL);
    memcpy(copy, data, size);
    while ((r = hostcall_effect(copy, size, &at, &e, &err)) > 0) {
        must(at <= size && at % 8 == 0 && hostcall_name_ok(e.name, strlen(e.name)));
        must(e.size <= UF_VALUE_MAX && e.data >= copy && e.data + e.size <= copy + size);
        for (size_t i = 0; i < e.size; i++)
            sum += e.data[i];
    }
    must(r == 0 ? at == size : r < 0);
    must(sum <= 255u * size);
    free(copy);
}

static void read_question(const uint8_t *data, size_t size)
{
    uint8_t *area = calloc(1, UF_ASK_MAX);
    struct host_request h;
    struct uf_err err;

    must(area != NULL);
    memcpy(area, data, size < UF_ASK_MAX ? size : UF_ASK_MAX);
    if (hostcall_take(area, EFFECTS, &h, &err) == 0) {
        size_t total = h.part[0] + h.part[1] + h.part[2] + h.part[3];

        must(h.effects <= EFFECTS && total <= UF_VALUE_MAX);
        must((h.data != NULL) == (h.op == UF_OP_FETCH));
        must(h.op == UF_OP_FETCH || h.op == UF_OP_KV_LIST ||
             hostcall_name_ok(h.name, strlen(h.name)));
    }
    free(h.data);
    free(area);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && (data[0] & 1) != 0)
        read_effects(data + 1, size - 1);
    else if (size > 0)
        read_question(data + 1, size - 1);
    return 0;
}
