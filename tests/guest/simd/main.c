// SPDX-License-Identifier: MIT
/* simd: vector registers are zero when an event starts, and compute. */
#include "../check.h"

typedef float v4 __attribute__((vector_size(16)));
typedef unsigned char v16 __attribute__((vector_size(16)));

static volatile v4 a = {1, 2, 3, 4};
static volatile v16 dirt;

int handle(const struct uf_event *event, struct uf_response *response)
{
    (void)event;
    v4 b = a * a + 1.0f;
    v16 d = {0};

    CHECK(response, b[0] == 2 && b[1] == 5 && b[2] == 10 && b[3] == 17);
    for (int i = 0; i < 16; i++)
        d[i] = (unsigned char)(dirt[i] + i);
    dirt = d;
    CHECK(response, dirt[15] == 15);
    return finish(response);
}
